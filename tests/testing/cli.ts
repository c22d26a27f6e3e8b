import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { devNull } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { expected } from '../../cli/aws-errors.ts';
import { findCommand } from '../../cli/commands.ts';
import { execute } from '../../cli/run-command.ts';
import { BUILD } from '../../emulators/serverless.ts';

type Environment = Readonly<Record<string, string>>;
type Child = ChildProcessByStdio<null, Readable, Readable>;

/** An operator's credentials and Region. */
export const OPERATOR: Environment = {
  AWS_REGION: 'eu-west-1',
  AWS_ACCESS_KEY_ID: 'operator',
  AWS_SECRET_ACCESS_KEY: 'local',
};

/** No configuration of AWS but the variables that a test gives. */
const OFFLINE: Environment = {
  AWS_EC2_METADATA_DISABLED: 'true',
  AWS_CONFIG_FILE: devNull,
  AWS_SHARED_CREDENTIALS_FILE: devNull,
};

/** What a command has printed, and the exit code. */
interface Ended {
  readonly code: unknown;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a command to its end in this process, with no other variables of the environment than those given. */
export const runCli = (name: string, args: readonly string[], environment: Environment) =>
  captured(environment, async () => {
    const command = await findCommand(name);
    if (!command) throw new Error(`Expected a command, got ${name}`);
    await execute(command, ['node', name, ...args], expected);
  });

/** Runs something as a command is run that prints to no terminal. @throws what it throws. */
export async function captured(environment: Environment, run: () => Promise<void>): Promise<Ended> {
  const printed = { log: '', error: '' };
  const spies = (['log', 'error'] as const).map((method) =>
    import.meta.jest.spyOn(console, method).mockImplementation((...[line]) => {
      // Jest has its workers print colours if its own terminal takes them.
      printed[method] += `${String(line).replaceAll(COLOUR, '')}\n`;
    }),
  );
  const { env } = process;
  const { isTTY } = process.stdout;
  process.env = { ...OFFLINE, ...environment };
  process.stdout.isTTY = false;
  try {
    await run();
    return { code: process.exitCode ?? 0, stdout: printed.log, stderr: printed.error };
  } finally {
    process.exitCode = undefined;
    process.stdout.isTTY = isTTY;
    process.env = env;
    for (const spy of spies) spy.mockRestore();
  }
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: it is what colours begin with.
const COLOUR = /\u001b\[\d+m/g;

/** Starts a command in a process of its own, with the environment of {@link runCli}. */
export const startCli = (name: string, args: readonly string[], environment: Environment) =>
  startNode(['cli/main.ts', name, ...args], environment);

/** Starts Node in the same way. */
export const startNode = (args: readonly string[], environment: Environment): Child =>
  spawn(process.execPath, args, {
    // More than half of a command's start goes into compiling its modules.
    env: { ...OFFLINE, NODE_COMPILE_CACHE: join(BUILD, 'compile-cache'), ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });

/** Waits until a command in a process of its own has ended. */
export async function ended(child: Child): Promise<Ended> {
  const [[code], stdout, stderr] = await Promise.all([
    once(child, 'close'),
    text(child.stdout),
    text(child.stderr),
  ]);
  return { code, stdout, stderr };
}
