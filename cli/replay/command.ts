import { CloudFormation } from '@aws-sdk/client-cloudformation';
import { Lambda } from '@aws-sdk/client-lambda';
import { SQS } from '@aws-sdk/client-sqs';
import { type Command, InvalidArgumentError } from 'commander';
import { NotifierError } from '../../lib/errors.ts';
import { defang, oneLine } from '../../lib/text.ts';
import { SERVICE } from '../../stack/names.ts';
import { awsSettings } from '../aws-settings.ts';
import { print } from '../print.ts';
import { findStack, type ServiceOptions, serviceCommand } from '../service.ts';
import { renderTable } from '../table.ts';
import { type Counts, replayAll } from './replay.ts';

interface Options extends ServiceOptions {
  queueUrl?: URL;
  dryRun?: boolean;
  dropForeign?: boolean;
  dropUnreadable?: boolean;
}

export const replayCommand = serviceCommand('replay')
  .description(
    'Sends the events in the dead-letter queue to their functions again, and removes each that succeeds.',
  )
  .option('--dry-run', 'show what would happen to each message, and change nothing')
  .option('--drop-foreign', "remove messages that are no event for one of the stack's functions")
  .option('--drop-unreadable', 'remove log events that no function can read')
  .option('--queue-url <url>', "the stack's queue, which names its stage and Region too", toUrl)
  .addHelpText(
    'after',
    '\nExit code: 0, or 1 if an event failed again or a message is left,\nor 2 for wrong use.',
  )
  .action((options: Options, command: Command) =>
    replay(options, command.getOptionValueSource('stage') === 'cli'),
  );

async function replay({ queueUrl, ...options }: Options, isStageGiven: boolean): Promise<void> {
  const { dryRun = false, dropForeign = false, dropUnreadable = false } = options;
  const stage = (!isStageGiven && queueUrl && stageOf(queueUrl)) || options.stage;
  const region = options.region ?? (queueUrl && regionOf(queueUrl));
  const aws = await awsSettings({ ...options, region });
  const stack = await findStack(new CloudFormation(aws), stage);
  const queue = new URL(stack.output('DeadLetterQueueUrl'));
  if (queueUrl && queueUrl.href !== queue.href) {
    const what = `Expected the queue of the stack ${stack.name}, ${queue.href}, got ${queueUrl.href}.`;
    throw new NotifierError('FOREIGN_QUEUE', `${what} Give the stage by --stage instead.`);
  }
  const clients = {
    sqs: new SQS({ ...aws, endpoint: queue.origin }),
    // An answer takes as long as the function does.
    lambda: new Lambda({ ...aws, requestHandler: undefined }),
  };
  const rows: string[][] = [];
  const counts: Counts = { replayed: 0, dropped: 0, failed: 0, foreign: 0, left: 0 };
  try {
    await replayAll(
      clients,
      stack,
      { dryRun, dropForeign, dropUnreadable },
      counts,
      (outcome, text) => rows.push([outcome, defang(oneLine(text, 1000))]),
    );
  } finally {
    if (rows.length > 0) print(`${renderTable(rows)}\n`);
  }
  print(
    Object.entries(counts)
      .map(([name, count]) => `${name}: ${count}`)
      .join('\n'),
  );
  if (counts.left > 0 && !dryRun) process.exitCode = 1;
}

function toUrl(value: string): URL {
  const url = URL.parse(value);
  if (url) return url;
  throw new InvalidArgumentError(
    'Expected a URL such as https://sqs.eu-west-1.amazonaws.com/111122223333/queue.',
  );
}

/** The stage in the queue's name, which CloudFormation takes from the stack's, unless it had to shorten that. */
const stageOf = ({ pathname }: URL) =>
  RegExp(`/${SERVICE}-([A-Za-z\\d-]+)-DeadLetterQueue-\\w+$`).exec(pathname)?.[1];

const regionOf = ({ hostname }: URL) => /^sqs\.([a-z\d-]+)\.amazonaws\./.exec(hostname)?.[1];
