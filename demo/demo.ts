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
import { storyteller } from './steps.ts';
import {
  attempt,
  callers,
  checkLedger,
  recovery,
  retries,
  type Scene,
  scheduleDeletion,
} from './story.ts';

const DIRECTORY = join(import.meta.dirname, '../.build/demo');
const SETTINGS = { alertEmails: 'oncall@example.com', cloudTrailLogGroup: 'CloudTrail/Demo' };

/**
 * Tells the whole story on this machine: a secret that is in use is scheduled for deletion, the packaged
 * service alerts of it, sums up the retries, and then, set so, saves the secret too. Leaves nothing behind.
 * @throws if anything is not as told, or when `signal` is aborted.
 */
async function demo(signal: AbortSignal): Promise<void> {
  const tell = storyteller(signal);
  await using resources = new AsyncDisposableStack();
  resources.defer(() => rm(DIRECTORY, { recursive: true, force: true }));

  const aws = await tell('Start the AWS services that it uses on 127.0.0.1', async (note) => {
    const started = await startLocalAws({ callers, now: () => new Date() });
    note('Secrets Manager, CloudTrail event history, DynamoDB, SNS, SQS');
    resources.defer(() => started.stop());
    return started;
  });

  async function act(
    autoCancelDeletion: string,
    play: (scene: Scene) => Promise<void>,
  ): Promise<void> {
    const title = `Package the service with autoCancelDeletion=${autoCancelDeletion}`;
    const notifier = await tell(title, async () => {
      const packageDirectory = join(DIRECTORY, autoCancelDeletion);
      await packageService(packageDirectory, { ...SETTINGS, autoCancelDeletion }, signal);
      const deployed = await deployNotifier({ packageDirectory, aws, accessKeyId: 'notifier' });
      resources.defer(() => deployed.stop());
      return deployed;
    });
    try {
      await play({ tell, aws, notifier, signal });
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
    printMail(await retries(scene, 'app', 499));
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
    'Tells the whole story on this machine: a deletion, a failed read, the mail, retries and their summary, auto-cancel.',
  )
  .addHelpText(
    'after',
    '\nExit code: 0, 1 if anything is not as told, 2 for wrong use, 130 if\ninterrupted by Ctrl-C.',
  )
  .action(async () => {
    const signal = interruption();
    try {
      await demo(signal);
      print(`All as told, in ${process.uptime().toFixed(1)} s. Nothing is left running.`);
    } catch (error) {
      if (!signal.aborted) throw error;
      printNote('Nothing is left running.');
    }
  });

await runCommand(command, process.argv);
