import { CreateTopicCommand, SNSClient, SubscribeCommand } from '@aws-sdk/client-sns';
import {
  CreateQueueCommand,
  DeleteMessageBatchCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { buildApp } from 'fauxqs';
import { clientSettings, REGION } from './client.ts';

/** A message of the topic as its subscriber reads it. */
export interface Mail {
  readonly subject: string;
  readonly body: string;
  readonly attributes: Readonly<Record<string, string>>;
}

export interface Messaging {
  readonly endpoint: string;
  readonly topicArn: string;
  readonly deadLetterQueueArn: string;
  readonly deadLetterQueueUrl: string;
  /** Takes up to ten messages out of the mailbox, each with its id in SNS. */
  takeMails(): Promise<(Mail & { readonly id: string })[]>;
  /** Takes the oldest message out of the mailbox, a queue that subscribes to the topic. */
  nextMail(): Promise<Mail | undefined>;
  /** Takes the oldest message out of the dead-letter queue. */
  nextDeadLetter(): Promise<unknown>;
  /** Puts a message into the dead-letter queue. */
  sendDeadLetter(message: unknown): Promise<void>;
  stop(): Promise<void>;
}

/** Starts SNS and SQS on 127.0.0.1, with a topic, a mailbox that subscribes to it, and a dead-letter queue. */
export async function startMessaging(): Promise<Messaging> {
  await using starting = new AsyncDisposableStack();
  // Not startFauxqs, because that listens on all interfaces.
  const app = buildApp({ logger: false, defaultRegion: REGION });
  const endpoint = await app.listen({ host: '127.0.0.1', port: 0 });
  starting.defer(() => app.close());
  const settings = clientSettings(endpoint, 'messaging');
  const sns = new SNSClient(settings);
  const sqs = new SQSClient(settings);

  const { TopicArn: topicArn = '' } = await sns.send(new CreateTopicCommand({ Name: 'alerts' }));
  const mailbox = await createQueue(sqs, 'mailbox');
  await sns.send(
    new SubscribeCommand({ TopicArn: topicArn, Protocol: 'sqs', Endpoint: mailbox.arn }),
  );
  const deadLetterQueue = await createQueue(sqs, 'dead-letter-queue');

  const running = starting.move();
  return {
    endpoint,
    topicArn,
    deadLetterQueueArn: deadLetterQueue.arn,
    // Its own answer names a host that only its own clients can reach.
    deadLetterQueueUrl: new URL(new URL(deadLetterQueue.url).pathname, endpoint).href,
    async nextMail() {
      const [notification] = await take(sqs, mailbox, 1);
      return notification ? readMail(notification as Notification) : undefined;
    },
    async takeMails() {
      const notifications = (await take(sqs, mailbox, 10)) as Notification[];
      return notifications.map((each) => ({ ...readMail(each), id: each.MessageId }));
    },
    nextDeadLetter: async () => (await take(sqs, deadLetterQueue, 1))[0],
    async sendDeadLetter(message) {
      const MessageBody = JSON.stringify(message);
      await sqs.send(new SendMessageCommand({ QueueUrl: deadLetterQueue.url, MessageBody }));
    },
    async stop() {
      sns.destroy();
      sqs.destroy();
      await running.disposeAsync();
    },
  };
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
 * Takes the oldest messages out of a queue, up to `max`, ten at most. If there is none, waits for one: by
 * default not at all, at most for 20 seconds.
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
