import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFile, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { devNull } from 'node:os';
import { dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { unzipSync } from 'fflate';
import { REGION } from './client.ts';

/** The service's directory. */
export const ROOT = join(import.meta.dirname, '..');

/** The directory for temporary builds. */
export const BUILD = join(ROOT, '.build');

const SERVERLESS = fileURLToPath(import.meta.resolve('serverless/bin/serverless.js'));

interface ServerlessOptions extends Pick<RunOptions, 'signal' | 'log'> {
  /** Variables besides the usual ones. */
  readonly env?: RunOptions['env'];
  /** The directory of its temporary files. */
  readonly temporary?: string;
}

/**
 * Runs `npx serverless` without the user's AWS configuration. Waits while another process does, because the bundler's
 * work directory is shared.
 * @param settings As in serverless.yml's `params`.
 * @returns what Serverless printed. @throws as {@link run}.
 */
export async function runServerless(
  args: readonly string[],
  settings: Readonly<Record<string, string>>,
  { temporary = BUILD, ...options }: ServerlessOptions,
): Promise<string> {
  const params = Object.entries(settings).map(([name, value]) => `--param=${name}=${value}`);
  // A directory of its own, because a run that is stopped by `signal` leaves its temporary files behind.
  await mkdir(temporary, { recursive: true });
  const directory = await mkdtemp(join(temporary, 'serverless-'));
  try {
    await using _turn = await lock(join(BUILD, 'serverless.lock'), options.signal);
    return await run(process.execPath, [SERVERLESS, ...args, ...params], {
      cwd: ROOT,
      ...options,
      env: { ...ENVIRONMENT, HOME: directory, TMPDIR: directory, ...options.env },
    });
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

/**
 * Waits until no living process holds a lock, and takes it.
 * @param file what holds the lock, by the id of its process
 * @returns what gives it back. @throws the reason of `signal` if that comes first.
 */
export async function lock(file: string, signal: AbortSignal): Promise<AsyncDisposable> {
  await mkdir(dirname(file), { recursive: true });
  for (;;) {
    signal.throwIfAborted();
    try {
      await writeFile(file, String(process.pid), { flag: 'wx' });
      return { [Symbol.asyncDispose]: () => rm(file) };
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
    const holder = Number(await readFile(file, 'utf8').catch(() => ''));
    if (holder > 0 && !isAlive(holder)) await rm(file, { force: true });
    else await sleep(100, undefined, { signal }).catch(() => {});
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'; // another user's
  }
}

const ENVIRONMENT = {
  PATH: dirname(process.execPath),
  AWS_REGION: REGION,
  AWS_CONFIG_FILE: devNull,
  AWS_SHARED_CREDENTIALS_FILE: devNull,
  SLS_NOTIFICATIONS_MODE: 'off',
  // A quarter of a run goes into compiling its modules, and packaging has a run for each combination of settings.
  NODE_COMPILE_CACHE: join(BUILD, 'compile-cache'),
};

/**
 * Packages the service as `serverless package` does for a deployment, and unpacks each function beside its zip, in a
 * directory of the same name. Needs no AWS account. Waits as {@link runServerless} does.
 * @param settings As in serverless.yml's `params`.
 * @param env Variables besides the usual ones.
 * @throws Error with what Serverless printed if it fails, or the reason of `signal` once all is stopped.
 */
export async function packageService(
  directory: string,
  settings: Readonly<Record<string, string>>,
  signal: AbortSignal,
  env?: RunOptions['env'],
): Promise<void> {
  await runServerless(['package', '--package', directory], settings, { signal, env });
  for (const zip of (await readdir(directory)).filter((name) => name.endsWith('.zip'))) {
    const files = Object.entries(unzipSync(await readFile(join(directory, zip))));
    for (const [name, content] of files) {
      const file = join(directory, zip.replace(/\.zip$/, ''), name);
      await mkdir(dirname(file), { recursive: true });
      await writeFile(file, content);
    }
  }
}

export interface RunOptions {
  readonly cwd?: string;
  /** All of its environment. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Stops it when aborted. */
  readonly signal: AbortSignal;
  /** A file to which its output is appended. */
  readonly log?: string;
}

/**
 * Runs a program to its end, with no input.
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
    // `close`, not `exit`: a child process may hold these streams a little longer.
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
