import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { devNull } from 'node:os';
import { text } from 'node:stream/consumers';

/** Runs a command in a process of its own, with no configuration of AWS but the variables given. */
export async function runCli(
  file: string,
  args: readonly string[],
  environment: Readonly<Record<string, string>>,
) {
  const offline = {
    AWS_EC2_METADATA_DISABLED: 'true',
    AWS_CONFIG_FILE: devNull,
    AWS_SHARED_CREDENTIALS_FILE: devNull,
  };
  const child = spawn(process.execPath, [file, ...args], {
    env: { ...offline, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const [[code], stdout, stderr] = await Promise.all([
    once(child, 'close'),
    text(child.stdout),
    text(child.stderr),
  ]);
  return { code, stdout, stderr };
}
