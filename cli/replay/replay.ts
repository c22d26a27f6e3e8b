import type { Lambda } from '@aws-sdk/client-lambda';
import type { Message, SQS } from '@aws-sdk/client-sqs';
import { withProgress } from '../progress.ts';
import type { Stack } from '../service.ts';
import { judge } from './dead-letter.ts';

export interface ReplayOptions {
  /** Shows what would happen to each message, and changes nothing. */
  readonly dryRun: boolean;
  /** Removes messages that are no event for one of the stack's functions. */
  readonly dropForeign: boolean;
  /** Removes log events that no function can read; the trail's log group keeps them. */
  readonly dropUnreadable: boolean;
}

/** The number of messages by outcome; those `left` are still in the queue. */
export type Counts = Record<'replayed' | 'dropped' | 'failed' | 'foreign' | 'left', number>;

/**
 * Sends the events in the stack's dead-letter queue to their functions again, and removes each that succeeds.
 * @param counts is updated with each message, so that it holds for a run that failed, too
 * @param note prints a line
 * @throws whatever the SDK throws.
 */
export async function replayAll(
  { sqs, lambda }: { readonly sqs: SQS; readonly lambda: Lambda },
  stack: Stack,
  { dryRun, dropForeign, dropUnreadable }: ReplayOptions,
  counts: Counts,
  note: (outcome: string, text: string) => void,
): Promise<void> {
  const QueueUrl = stack.output('DeadLetterQueueUrl');
  const left = new Set<Message>();

  async function remove(message: Message): Promise<void> {
    await sqs.deleteMessage({ QueueUrl, ReceiptHandle: message.ReceiptHandle });
    left.delete(message);
  }

  /** Lets others receive a message again, at once. */
  const release = ({ ReceiptHandle }: Message) =>
    sqs.changeMessageVisibility({ QueueUrl, ReceiptHandle, VisibilityTimeout: 0 });

  async function handle(message: Message): Promise<void> {
    const letter = judge(message.Body ?? '', stack);
    if (letter.kind !== 'ours') {
      const { kind, text } = letter;
      const isDropped = kind === 'foreign' ? dropForeign : dropUnreadable;
      if (kind === 'foreign') counts.foreign++;
      note(isDropped && dryRun ? 'drop' : kind, `${message.MessageId}: ${text}`);
      if (!isDropped || dryRun) return;
      await remove(message);
      counts.dropped++;
      return;
    }
    if (dryRun) return note('replay', letter.text);
    const failures = await invokeAll(lambda, letter.functionNames, letter.event);
    if (failures.length > 0) {
      counts.failed++;
      return note('failed', `${letter.text}: ${failures.join('; ')}`);
    }
    await remove(message);
    counts.replayed++;
  }

  const total = await countMessages(sqs, QueueUrl);
  await withProgress(dryRun ? 'Reading' : 'Replaying', total, async (advance) => {
    try {
      for await (const messages of receiveAll(sqs, QueueUrl)) {
        for (const message of messages) left.add(message);
        await Promise.all(messages.map((message) => handle(message).then(() => advance())));
      }
    } finally {
      counts.left = left.size;
      await Promise.all(Array.from(left, release));
    }
  });
}

/** About how many messages can be received. */
async function countMessages(sqs: SQS, QueueUrl: string): Promise<number> {
  const { Attributes } = await sqs.getQueueAttributes({
    QueueUrl,
    AttributeNames: ['ApproximateNumberOfMessages'],
  });
  return Number(Attributes?.ApproximateNumberOfMessages ?? 0);
}

/** How long a message that is being replayed is hidden from others, in seconds: as long as a function may run. */
const VISIBILITY_TIMEOUT = 15 * 60;

/** The messages of a queue, up to ten at a time, each once, until it has no more. */
async function* receiveAll(sqs: SQS, QueueUrl: string): AsyncGenerator<Message[]> {
  const seen = new Set<string>();
  for (;;) {
    const { Messages = [] } = await sqs.receiveMessage({
      QueueUrl,
      MaxNumberOfMessages: 10,
      VisibilityTimeout: VISIBILITY_TIMEOUT,
      WaitTimeSeconds: 1,
    });
    const fresh = Messages.filter(({ MessageId = '' }) => !seen.has(MessageId));
    if (fresh.length === 0) return;
    for (const { MessageId = '' } of fresh) seen.add(MessageId);
    yield fresh;
  }
}

/** Invokes functions and waits for them, each whatever becomes of the others. @returns what failed, and of which if there are several. */
async function invokeAll(
  lambda: Lambda,
  names: readonly string[],
  event: unknown,
): Promise<string[]> {
  const outcomes = await Promise.allSettled(names.map((name) => invoke(lambda, name, event)));
  return outcomes.flatMap((outcome, i) => {
    if (outcome.status === 'fulfilled') return [];
    const { message } = outcome.reason as Error;
    return names.length > 1 ? `${names[i]}: ${message}` : message;
  });
}

/** Invokes a function and waits for it. @throws Error if it fails. */
async function invoke(lambda: Lambda, FunctionName: string, event: unknown): Promise<void> {
  const request = { FunctionName, Payload: JSON.stringify(event) };
  const { FunctionError, Payload } = await lambda.invoke(request);
  if (!FunctionError) return;
  const { errorType = FunctionError, errorMessage = '' } = JSON.parse(
    Payload?.transformToString() || '{}',
  );
  throw new Error(`it threw ${errorType}: ${errorMessage}`);
}
