import { createHash } from 'node:crypto';
import { ACCOUNT, REGION } from './client.ts';
import { createQueue, type QueueMessage } from './queue.ts';
import { resourceOf, type Template } from './template.ts';

/** The queue of an event source mapping, and what Lambda makes of its messages; times in ms since 1970. */
export interface EventSource {
  /** The logical ids of the queue and of the function that gets its messages. */
  readonly queue: string;
  readonly function: string;
  /** How many batches are handled at a time, at most. */
  readonly maxConcurrency: number;
  /** How long a message waits at most until it is handed over, unless the function has no room for it; in ms. */
  readonly wait: number;
  /** @returns the message's id. */
  send(body: string, time: number): string;
  /** When the next batch is handed over; undefined if there are no messages. */
  due(): number | undefined;
  /** Takes the batch that is due by then, if one is. */
  take(time: number): Batch | undefined;
  /** Notes what came of a batch: what was handled is deleted, all else comes again. */
  settle(batch: Batch, answer: Answer): void;
}

export interface Batch {
  readonly messages: readonly QueueMessage[];
  /** What the function gets. */
  readonly event: ReturnType<typeof queueEvent>;
}

/** The answer of the function, if it has not failed. */
type Answer = { readonly result?: unknown } | { readonly error: unknown };

/** Of all messages of an invocation. Source: https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html */
const MAX_BYTES = 6 * 1024 * 1024;

/**
 * The event source mappings of a template whose sources are queues.
 * @param onDead takes the body of a message that was received too often
 */
export function eventSourcesOf(
  template: Template,
  onDead: (body: string) => void,
): readonly EventSource[] {
  return Object.values(template.Resources)
    .filter(({ Type }) => Type === 'AWS::Lambda::EventSourceMapping')
    .map(({ Properties }) => openSource(template, Properties, onDead));
}

function openSource(
  template: Template,
  mapping: Template['Resources'][string]['Properties'],
  onDead: (body: string) => void,
): EventSource {
  const [queueId] = mapping.EventSourceArn['Fn::GetAtt'];
  const { Properties: settings } = resourceOf(template, queueId);
  const delay = 1000 * (settings.DelaySeconds ?? 0);
  const queue = createQueue(
    {
      delay,
      visibility: 1000 * (settings.VisibilityTimeout ?? 30),
      maxReceives: settings.RedrivePolicy?.maxReceiveCount ?? Number.POSITIVE_INFINITY,
    },
    onDead,
  );
  const { BatchSize: size = 10, MaximumBatchingWindowInSeconds: window = 0 } = mapping;
  const isPartial = mapping.FunctionResponseTypes?.includes('ReportBatchItemFailures') ?? false;

  /** A batch is complete once it is full, or the window since its first message has passed. */
  function due(): number | undefined {
    const visible = queue.visibleAt(size);
    const [first] = visible;
    if (first === undefined) return undefined;
    return Math.min(first + 1000 * window, visible[size - 1] ?? Number.POSITIVE_INFINITY);
  }

  return {
    queue: queueId,
    function: mapping.FunctionName.Ref ?? mapping.FunctionName['Fn::GetAtt'][0],
    maxConcurrency: mapping.ScalingConfig?.MaximumConcurrency ?? Number.POSITIVE_INFINITY,
    wait: delay + 1000 * window,
    send: queue.send,
    due,
    take(time) {
      if ((due() ?? Number.POSITIVE_INFINITY) > time) return undefined;
      const messages = queue.receive(size, MAX_BYTES, time);
      return messages.length > 0 ? { messages, event: queueEvent(messages, queueId) } : undefined;
    },
    settle({ messages }, answer) {
      const failed = failedOf(messages, answer, isPartial);
      const handled = messages.filter(({ id }) => !failed.has(id));
      queue.delete(new Set(handled.map(({ id }) => id)));
    },
  };
}

/**
 * The ids of the messages that come again. A list that names what is not in the batch is taken for the failure of all of it.
 * Source: https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html
 */
function failedOf(
  messages: readonly QueueMessage[],
  answer: Answer,
  isPartial: boolean,
): ReadonlySet<string> {
  const ids = new Set(messages.map(({ id }) => id));
  if ('error' in answer) return ids;
  const { batchItemFailures } = (answer.result ?? {}) as { batchItemFailures?: unknown };
  if (!isPartial || batchItemFailures === undefined || batchItemFailures === null) return new Set();
  if (!Array.isArray(batchItemFailures)) return ids;
  const failed = batchItemFailures.map((failure) => String(failure?.itemIdentifier));
  return failed.every((id) => ids.has(id)) ? new Set(failed) : ids;
}

/** Source: https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html */
export function queueEvent(messages: readonly Omit<QueueMessage, 'visibleAt'>[], queueId: string) {
  return {
    Records: messages.map(({ id, body, sentAt, receives }) => ({
      messageId: id,
      receiptHandle: `${id}#${receives}`,
      body,
      attributes: {
        ApproximateReceiveCount: String(receives),
        SentTimestamp: String(sentAt),
        SenderId: 'AIDAEXAMPLE',
        ApproximateFirstReceiveTimestamp: String(sentAt),
      },
      messageAttributes: {},
      md5OfBody: createHash('md5').update(body).digest('hex'),
      eventSource: 'aws:sqs',
      eventSourceARN: `arn:aws:sqs:${REGION}:${ACCOUNT}:${queueId}`,
      awsRegion: REGION,
    })),
  };
}
