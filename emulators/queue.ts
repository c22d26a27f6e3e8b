import {
  CreateQueueCommand,
  DeleteMessageBatchCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs';

/** A message of the topic as its subscriber reads it. */
export interface Mail {
  readonly subject: string;
  readonly body: string;
  readonly attributes: Readonly<Record<string, string>>;
}

export interface Queue {
  readonly url: string;
  readonly arn: string;
}

/** @param Attributes As in SQS's CreateQueue. */
export async function createQueue(
  sqs: SQSClient,
  name: string,
  Attributes?: Record<string, string>,
): Promise<Queue> {
  const command = new CreateQueueCommand({ QueueName: name, Attributes });
  const { QueueUrl: url = '' } = await sqs.send(command);
  const created = await sqs.send(
    new GetQueueAttributesCommand({ QueueUrl: url, AttributeNames: ['QueueArn'] }),
  );
  return { url, arn: created.Attributes?.QueueArn ?? '' };
}

/**
 * Takes the oldest messages out of a queue, up to `max`, ten at most; if there is none, waits for one, by
 * default not at all, for 20 seconds at most.
 * @returns their bodies, read as JSON.
 */
export async function take(
  sqs: SQSClient,
  { url: QueueUrl }: Pick<Queue, 'url'>,
  max: number,
  waitSeconds = 0,
): Promise<unknown[]> {
  const { Messages = [] } = await sqs.send(
    new ReceiveMessageCommand({
      QueueUrl,
      MaxNumberOfMessages: max,
      WaitTimeSeconds: waitSeconds,
    }),
  );
  if (Messages.length === 0) return [];
  const Entries = Messages.map(({ MessageId: Id, ReceiptHandle }) => ({ Id, ReceiptHandle }));
  await sqs.send(new DeleteMessageBatchCommand({ QueueUrl, Entries }));
  return Messages.map(({ Body = '' }) => JSON.parse(Body));
}

/** Source: https://docs.aws.amazon.com/sns/latest/dg/sns-message-and-json-formats.html */
export interface Notification {
  readonly MessageId: string;
  readonly Subject: string;
  readonly Message: string;
  readonly MessageAttributes?: Readonly<Record<string, { readonly Value: string }>>;
}

export function readMail({ Subject, Message, MessageAttributes = {} }: Notification): Mail {
  const attributes = Object.entries(MessageAttributes).map(([name, { Value }]) => [name, Value]);
  return { subject: Subject, body: Message, attributes: Object.fromEntries(attributes) };
}
