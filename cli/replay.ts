import { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { type Message, SQSClient } from '@aws-sdk/client-sqs';
import { Command, InvalidArgumentError } from 'commander';
import { readDeadLetter } from '../lib/replay.ts';
import { oneLine } from '../lib/text.ts';
import { expected } from './aws-errors.ts';
import { print, printNote } from './print.ts';
import { withProgress } from './progress.ts';
import { functionFinder, invoke } from './replay/functions.ts';
import { countMessages, receiveAll, release, remove } from './replay/queue.ts';
import { runCommand } from './run-command.ts';

interface Options {
  queueUrl: URL;
  dryRun?: boolean;
}

const command = new Command('replay')
  .description(
    'Hands the events in the dead-letter queue to their functions again, and removes each that succeeds.',
  )
  .requiredOption('--queue-url <url>', "the stack's output DeadLetterQueueUrl", toUrl)
  .option('--dry-run', 'say what would be done, and change nothing')
  .addHelpText('after', '\nExit code: 0, or 1 if an event failed again, or 2 for wrong use.')
  .action(replay);

async function replay({ queueUrl, dryRun = false }: Options): Promise<void> {
  const lines: string[] = [];
  const counts = { replayed: 0, failed: 0, left: 0 };
  try {
    await replayAll(queueUrl, dryRun, counts, (line) => void lines.push(oneLine(line, 1000)));
  } catch (error) {
    throw expected(error);
  } finally {
    for (const line of lines) printNote(line);
  }
  print(
    Object.entries(counts)
      .map(([name, count]) => `${name}: ${count}`)
      .join('\n'),
  );
  if (counts.failed > 0) process.exitCode = 1;
}

type Counts = Record<'replayed' | 'failed' | 'left', number>;

/** Counts what becomes of the messages, and notes all that is worth a line. */
async function replayAll(
  { href: queueUrl, hostname, origin }: URL,
  dryRun: boolean,
  counts: Counts,
  note: (line: string) => void,
): Promise<void> {
  // The queue tells its Region, so that of the shell does not matter.
  const region = /^sqs\.([a-z\d-]+)\.amazonaws\./.exec(hostname)?.[1];
  const sqs = new SQSClient({ region, endpoint: origin });
  const lambda = new LambdaClient({ region });
  const functionOf = functionFinder(new CloudFormationClient({ region }), queueUrl);
  const left = new Set<Message>();

  async function handle(message: Message): Promise<void> {
    try {
      const letter = readDeadLetter(message.Body ?? '');
      if (!letter) throw new Error('it is no event of this service');
      const name = await functionOf(letter.target);
      if (dryRun) return note(`${message.MessageId} would go to ${name}`);
      await invoke(lambda, name, letter.event);
      await remove(sqs, queueUrl, message);
      left.delete(message);
      counts.replayed++;
    } catch (error) {
      counts.failed++;
      note(`${message.MessageId} failed: ${(error as Error).message}`);
    }
  }

  const total = await countMessages(sqs, queueUrl);
  await withProgress(dryRun ? 'Reading' : 'Replaying', total, async (advance) => {
    try {
      for await (const messages of receiveAll(sqs, queueUrl)) {
        for (const message of messages) left.add(message);
        await Promise.all(messages.map((message) => handle(message).then(advance)));
      }
    } finally {
      counts.left = left.size;
      await Promise.all(Array.from(left, (message) => release(sqs, queueUrl, message)));
    }
  });
}

function toUrl(value: string): URL {
  const url = URL.parse(value);
  if (url) return url;
  throw new InvalidArgumentError(
    'Expected a URL such as https://sqs.eu-west-1.amazonaws.com/111122223333/queue.',
  );
}

await runCommand(command, process.argv);
