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
import { readTemplate } from '../emulators/template.ts';
import { chatOf, chatText, type Threads } from './chat.ts';
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
const SETTINGS = {
  alertEmails: 'oncall@example.com',
  cloudTrailLogGroup: 'CloudTrail/Demo',
  slackWorkspaceId: 'T012ABCDEFG',
  slackChannelId: 'C012ABCDEFG',
};

/**
 * Plays the whole story on this machine: a secret that is in use is scheduled for deletion, the packaged
 * service sends an alert, an hour later a digest of the retries, and a last call before the end, each by mail and to a chat;
 * it reports attempts in another account and another Region; then, with auto-cancel, it saves the secret too. Hours and days
 * pass in simulated time. Leaves nothing behind.
 * @throws if anything is not as expected, or when `signal` is aborted.
 */
async function demo(signal: AbortSignal): Promise<void> {
  const step = stepRunner(signal);
  const clock = startClock();
  const threads: Threads = new Map();
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
    play: (scene: Scene, show: Show) => Promise<void>,
  ): Promise<void> {
    const title = `Package the service with autoCancelDeletion=${autoCancelDeletion}`;
    const packageDirectory = join(DIRECTORY, autoCancelDeletion);
    const notifier = await step(title, async () => {
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
    const scene = { step, clock, aws, notifier, signal };
    const template = await readTemplate(packageDirectory);
    try {
      await play(scene, async (...mails) => {
        for (const mail of mails) printMail(mail);
        const messages = await chatOf(scene, mails.length);
        for (const message of messages) print(`\n${chatText(message, threads, template)}\n`);
      });
    } catch (error) {
      if (!signal.aborted) printNote(`The functions' log:\n${notifier.log()}`);
      throw error;
    }
  }

  await act('off', async (scene, show) => {
    const date = await scheduleDeletion(scene);
    const mail = await attempt(scene, 'app');
    await checkLedger(scene, mail, date);
    await show(mail);
    await retries(scene, 'app', 499);
    await show(await digest(scene, 499));
    await show(await lastCall(scene, 'app', date));
    await show(...(await attemptsElsewhere(scene)));
  });
  await act('all', async (scene, show) => {
    const mail = await attempt(scene, 'report');
    await recovery(scene, 'report');
    await show(mail);
  });
}

/** Shows mails and, below them, what the chat has got with them. */
type Show = (...mails: readonly Mail[]) => Promise<void>;

function printMail({ subject, body }: Mail): void {
  const line = '-'.repeat(76);
  print(`\n${line}\nSubject: ${subject}\n\n${body}\n${line}\n`);
}

const command = new Command('demo')
  .description(
    'Plays the whole story on this machine: a deletion, a failed read, the mail and the message of a chat, retries and their digest, a last call, other accounts and Regions, auto-cancel.',
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
