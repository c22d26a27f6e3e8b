import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { devNull } from 'node:os';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';

type Environment = Readonly<Record<string, string>>;
type Child = ChildProcessByStdio<null, Readable, Readable>;

/** An operator's credentials and Region. */
export const OPERATOR: Environment = {
  AWS_REGION: 'eu-west-1',
  AWS_ACCESS_KEY_ID: 'operator',
  AWS_SECRET_ACCESS_KEY: 'local',
};

/** Starts a command in a process of its own, with no configuration of AWS but the variables given. */
export function startCli(file: string, args: readonly string[], environment: Environment): Child {
  const offline = {
    AWS_EC2_METADATA_DISABLED: 'true',
    AWS_CONFIG_FILE: devNull,
    AWS_SHARED_CREDENTIALS_FILE: devNull,
  };
  return spawn(process.execPath, [file, ...args], {
    env: { ...offline, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

/** Waits until a command has ended. */
export async function ended(child: Child) {
  const [[code], stdout, stderr] = await Promise.all([
    once(child, 'close'),
    text(child.stdout),
    text(child.stderr),
  ]);
  return { code, stdout, stderr };
}

/** Runs a command to its end, as {@link startCli}. */
export const runCli = (file: string, args: readonly string[], environment: Environment) =>
  ended(startCli(file, args, environment));
