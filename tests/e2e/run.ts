import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Command } from 'commander';
import { interruption } from '../../cli/interruption.ts';
import { printNote } from '../../cli/print.ts';
import { runCommand } from '../../cli/run-command.ts';
import { stepRunner } from '../../demo/steps.ts';
import {
  type EmulatorAddress,
  emulatorVariables,
  startEmulator,
} from '../../emulators/emulator.ts';
import { BUILD, ROOT } from '../../emulators/serverless.ts';

const DIRECTORY = join(BUILD, 'e2e');
const JEST = join(ROOT, 'node_modules/jest/bin/jest.js');

const command = new Command('e2e')
  .description(
    'Deploys the service into an AWS emulator on this machine, and plays scenarios there.',
  )
  .option('--only <pattern>', 'only scenarios whose name matches this regular expression')
  .addHelpText(
    'after',
    '\nExit code: 0, or 1 if a scenario failed, or 2 for wrong use or a program that is missing.',
  )
  .action(async ({ only }: { only?: string }) => {
    const signal = interruption();
    try {
      await e2e(signal, only);
    } catch (error) {
      if (!signal.aborted) throw error;
      printNote('Nothing is left running.');
    }
  });

/** Leaves the logs of all that it started in .build/e2e, and nothing running. */
async function e2e(signal: AbortSignal, only?: string): Promise<void> {
  const step = stepRunner(signal);
  await rm(DIRECTORY, { recursive: true, force: true });
  await mkdir(join(DIRECTORY, 'tmp'), { recursive: true });
  await using resources = new AsyncDisposableStack();
  resources.defer(removeAllButLogs);
  const emulator = await step('Start the emulator', async () => {
    const started = await startEmulator({ directory: DIRECTORY, signal });
    resources.defer(() => started.stop());
    return started;
  });
  const passed = await playScenarios(emulator, signal, only);
  signal.throwIfAborted();
  if (passed) return;
  await printLogs();
  process.exitCode = 1;
}

/** @returns whether all went well. The scenarios print their own results. */
async function playScenarios(
  emulator: EmulatorAddress,
  signal: AbortSignal,
  only?: string,
): Promise<boolean> {
  signal.throwIfAborted();
  const args = ['--experimental-vm-modules', '--disable-warning=ExperimentalWarning', JEST];
  args.push('--config', join(import.meta.dirname, 'jest.config.js'));
  if (only !== undefined) args.push('--testNamePattern', only);
  const child = spawn(process.execPath, args, {
    cwd: ROOT,
    env: {
      ...process.env,
      ...emulatorVariables(emulator),
      TMPDIR: join(DIRECTORY, 'tmp'),
      E2E_DIRECTORY: DIRECTORY,
      CI: 'true', // so that Jest adds nothing of its own to a terminal
    },
    stdio: ['ignore', 'inherit', 'inherit'],
    detached: true, // a process group of its own, to be stopped with all that it starts
  });
  const stop = () => child.pid && process.kill(-child.pid, 'SIGKILL');
  signal.addEventListener('abort', stop);
  const [code] = await once(child, 'exit');
  signal.removeEventListener('abort', stop);
  return code === 0;
}

const isLog = (name: string) => name.endsWith('.log');

async function removeAllButLogs(): Promise<void> {
  for (const name of await readdir(DIRECTORY)) {
    if (!isLog(name)) await rm(join(DIRECTORY, name), { recursive: true, maxRetries: 5 });
  }
}

async function printLogs(): Promise<void> {
  for (const name of (await readdir(DIRECTORY)).filter(isLog)) {
    const lines = (await readFile(join(DIRECTORY, name), 'utf8')).trimEnd().split('\n');
    printNote(`\nThe end of .build/e2e/${name}:\n${lines.slice(-100).join('\n')}`);
  }
}

await runCommand(command, process.argv);
