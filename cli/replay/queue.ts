import type { Message, SQS } from '@aws-sdk/client-sqs';

/** For how long nobody else gets a message that is being replayed, in seconds: as long as a function may run. */
const VISIBILITY_TIMEOUT = 15 * 60;

/** How many messages it holds that nobody has received, about. @throws whatever the SDK throws. */
export async function countMessages(sqs: SQS, QueueUrl: string): Promise<number> {
  const { Attributes = {} } = await sqs.getQueueAttributes({
    QueueUrl,
    AttributeNames: ['ApproximateNumberOfMessages'],
  });
  return Number(Attributes.ApproximateNumberOfMessages ?? 0);
}

/**
 * The messages of a queue, up to ten at a time, each once, until it has no more.
 * @throws whatever the SDK throws.
 */
export async function* receiveAll(sqs: SQS, QueueUrl: string): AsyncGenerator<Message[]> {
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

/** @throws whatever the SDK throws. */
export async function remove(
  sqs: SQS,
  QueueUrl: string,
  { ReceiptHandle }: Message,
): Promise<void> {
  await sqs.deleteMessage({ QueueUrl, ReceiptHandle });
}

/** Lets others receive a message again, at once. @throws whatever the SDK throws. */
export async function release(
  sqs: SQS,
  QueueUrl: string,
  { ReceiptHandle }: Message,
): Promise<void> {
  await sqs.changeMessageVisibility({ QueueUrl, ReceiptHandle, VisibilityTimeout: 0 });
}
