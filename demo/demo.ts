import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Command } from 'commander';
import { interruption } from '../cli/interruption.ts';
import { print, printNote } from '../cli/print.ts';
import { runCommand } from '../cli/run-command.ts';
import { startLocalAws } from '../emulators/aws.ts';
import type { Mail } from '../emulators/messaging.ts';
import { deployNotifier } from '../emulators/notifier.ts';
import { packageService } from '../emulators/serverless.ts';
import { attemptsElsewhere } from './elsewhere.ts';
import { stepRunner } from './steps.ts';
import {
  attempt,
  callers,
  checkLedger,
  digest,
  lastCall,
  recovery,
  retries,
  type Scene,
  scheduleDeletion,
  startClock,
} from './story.ts';

const DIRECTORY = join(import.meta.dirname, '../.build/demo');
const SETTINGS = { alertEmails: 'oncall@example.com', cloudTrailLogGroup: 'CloudTrail/Demo' };

/**
 * Plays the whole story on this machine: a secret that is in use is scheduled for deletion, the packaged
 * service sends an alert, an hour later a digest of the retries, and a last call before the end; it reports attempts in
 * another account and another Region; then, with auto-cancel, it saves the secret too. Hours and days pass in simulated time. Leaves nothing behind.
 * @throws if anything is not as expected, or when `signal` is aborted.
 */
async function demo(signal: AbortSignal): Promise<void> {
  const step = stepRunner(signal);
  const clock = startClock();
  await using resources = new AsyncDisposableStack();
  resources.defer(() => rm(DIRECTORY, { recursive: true, force: true }));

  const aws = await step('Start the AWS services that it uses on 127.0.0.1', async (note) => {
    const started = await startLocalAws({ callers, now: clock.now });
    note('Secrets Manager, CloudTrail event history, DynamoDB, SNS, SQS');
    resources.defer(() => started.stop());
    return started;
  });

  async function act(
    autoCancelDeletion: string,
    play: (scene: Scene) => Promise<void>,
  ): Promise<void> {
    const title = `Package the service with autoCancelDeletion=${autoCancelDeletion}`;
    const notifier = await step(title, async () => {
      const packageDirectory = join(DIRECTORY, autoCancelDeletion);
      await packageService(packageDirectory, { ...SETTINGS, autoCancelDeletion }, signal);
      const deployed = await deployNotifier({
        packageDirectory,
        aws,
        accessKeyId: 'notifier',
        clock: clock.now,
      });
      resources.defer(() => deployed.stop());
      return deployed;
    });
    try {
      await play({ step, clock, aws, notifier, signal });
    } catch (error) {
      if (!signal.aborted) printNote(`The functions' log:\n${notifier.log()}`);
      throw error;
    }
  }

  await act('off', async (scene) => {
    const date = await scheduleDeletion(scene);
    const mail = await attempt(scene, 'app');
    await checkLedger(scene, mail, date);
    printMail(mail);
    await retries(scene, 'app', 499);
    printMail(await digest(scene, 499));
    printMail(await lastCall(scene, 'app', date));
    for (const elsewhere of await attemptsElsewhere(scene)) printMail(elsewhere);
  });
  await act('all', async (scene) => {
    const mail = await attempt(scene, 'report');
    await recovery(scene, 'report');
    printMail(mail);
  });
}

function printMail({ subject, body }: Mail): void {
  const line = '-'.repeat(76);
  print(`\n${line}\nSubject: ${subject}\n\n${body}\n${line}\n`);
}

const command = new Command('demo')
  .description(
    'Plays the whole story on this machine: a deletion, a failed read, the mail, retries and their digest, a last call, other accounts and Regions, auto-cancel.',
  )
  .addHelpText(
    'after',
    '\nExit code: 0, 1 if anything is not as expected, 2 for wrong use, 130 if\ninterrupted by Ctrl-C.',
  )
  .action(async () => {
    const signal = interruption();
    try {
      await demo(signal);
      print(`All as expected, in ${process.uptime().toFixed(1)} s. Nothing is left running.`);
    } catch (error) {
      if (!signal.aborted) throw error;
      printNote('Nothing is left running.');
    }
  });

await runCommand(command, process.argv);
