import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFile } from 'node:fs/promises';
import { text } from 'node:stream/consumers';

export interface RunOptions {
  readonly cwd?: string;
  /** All of its environment. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Stops it when aborted. */
  readonly signal: AbortSignal;
  /** A file to which its output is added. */
  readonly log?: string;
}

/**
 * Runs a program to its end, with nothing to read.
 * @returns what it printed. @throws Error with that if it fails, or the reason of `signal` once it is stopped.
 */
export async function run(
  command: string,
  args: readonly string[],
  { cwd, env, signal, log }: RunOptions,
): Promise<string> {
  signal.throwIfAborted();
  const child = spawn(command, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
  const stop = () => child.kill('SIGKILL');
  signal.addEventListener('abort', stop);
  try {
    // `close`, not `exit`: a process that it started may hold these streams a little longer.
    const [[code], ...output] = await Promise.all([
      once(child, 'close'),
      text(child.stdout),
      text(child.stderr),
    ]);
    const printed = output.join('');
    if (log) await appendFile(log, printed);
    signal.throwIfAborted();
    if (code !== 0) throw new Error(`${[command, ...args].join(' ')} failed: ${printed}`);
    return printed;
  } finally {
    signal.removeEventListener('abort', stop);
  }
}
