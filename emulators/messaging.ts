import type { IncomingHttpHeaders } from 'node:http';
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
import { FAULT_HEADER, RUN_HEADER, TIME_HEADER } from './faults.ts';

/** A message of the topic as its subscriber reads it. */
export interface Mail {
  readonly subject: string;
  readonly body: string;
  readonly attributes: Readonly<Record<string, string>>;
}

/** A message as SNS has taken it. */
export interface Published {
  readonly topicArn: string;
  readonly id: string;
  readonly subject?: string;
  readonly message: string;
  /** In ms since 1970, simulated if its sender's time is. */
  readonly time: number;
  /** The simulated run of a function that has published it. */
  readonly run?: number;
  /** The answer got lost, so that the sender published again. */
  readonly isLost: boolean;
}

export interface Messaging {
  readonly endpoint: string;
  readonly topicArn: string;
  /** What hands notices on to the functions of the channels beside the mail. */
  readonly noticeTopicArn: string;
  readonly chatTopicArn: string;
  readonly deadLetterQueueArn: string;
  readonly deadLetterQueueUrl: string;
  /** Takes up to ten messages out of the mailbox, each with its id in SNS. */
  takeMails(): Promise<(Mail & { readonly id: string })[]>;
  /** Takes the oldest message out of the mailbox, a queue that subscribes to the topic. */
  nextMail(): Promise<Mail | undefined>;
  /** Calls `receive` with each message that a topic takes. @returns what ends this. */
  onPublished(topicArn: string, receive: (published: Published) => void): () => void;
  /** Makes a topic take nothing at those times, in ms since 1970, simulated if the sender's are. */
  failWhile(topicArn: string, isDown: (time: number) => boolean): void;
  /** Takes up to ten messages of the chat's topic, read as JSON, each with its id in SNS. */
  takeChat(): Promise<{ readonly id: string; readonly message: unknown }[]>;
  /** Takes the oldest message of the chat's topic, read as JSON. */
  nextChat(): Promise<unknown>;
  /** Takes the oldest message out of the dead-letter queue. */
  nextDeadLetter(): Promise<unknown>;
  /** Puts a message into the dead-letter queue. */
  sendDeadLetter(message: unknown): Promise<void>;
  stop(): Promise<void>;
}

/** The ARN of {@link Messaging.chatTopicArn}, to package the service with. */
export const CHAT_TOPIC_ARN = `arn:aws:sns:${REGION}:000000000000:chat`;

/**
 * Starts SNS and SQS on 127.0.0.1, with the topics of alerts, notices and the chat, a mailbox that subscribes to the first and
 * a queue that subscribes to the last, and a dead-letter queue.
 */
export async function startMessaging(): Promise<Messaging> {
  await using starting = new AsyncDisposableStack();
  // Not startFauxqs, because that listens on all interfaces.
  const app = buildApp({ logger: false, defaultRegion: REGION });
  const receivers = new Set<(published: Published) => void>();
  const outages = new Map<string, (time: number) => boolean>();
  app.addHook('preHandler', async ({ body, headers }, reply) => {
    const { Action, TopicArn = '' } = (body ?? {}) as Partial<PublishRequest>;
    const isDown = Action === 'Publish' && outages.get(TopicArn)?.(timeIn(headers));
    if (isDown) return reply.code(503).send();
  });
  // It delivers to queues only.
  app.addHook('onSend', async ({ body, headers }, _reply, answer) => {
    const published = publishedBy((body ?? {}) as Partial<PublishRequest>, headers, answer);
    if (published) for (const receive of receivers) receive(published);
  });
  const endpoint = await app.listen({ host: '127.0.0.1', port: 0 });
  starting.defer(() => app.close());
  const settings = clientSettings(endpoint, 'messaging');
  const sns = new SNSClient(settings);
  const sqs = new SQSClient(settings);

  async function createTopic(Name: string): Promise<string> {
    const { TopicArn = '' } = await sns.send(new CreateTopicCommand({ Name }));
    return TopicArn;
  }

  async function subscribe(TopicArn: string, queueName: string): Promise<Queue> {
    const queue = await createQueue(sqs, queueName);
    await sns.send(new SubscribeCommand({ TopicArn, Protocol: 'sqs', Endpoint: queue.arn }));
    return queue;
  }

  const topicArn = await createTopic('alerts');
  const mailbox = await subscribe(topicArn, 'mailbox');
  const noticeTopicArn = await createTopic('notices');
  const chatTopicArn = await createTopic('chat');
  const chat = await subscribe(chatTopicArn, 'chat');
  const deadLetterQueue = await createQueue(sqs, 'dead-letter-queue');

  const running = starting.move();
  return {
    endpoint,
    topicArn,
    noticeTopicArn,
    chatTopicArn,
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
    onPublished(publishedOn, receive) {
      const receiver = (published: Published) =>
        published.topicArn === publishedOn && receive(published);
      receivers.add(receiver);
      return () => void receivers.delete(receiver);
    },
    failWhile: (topic, isDown) => void outages.set(topic, isDown),
    async takeChat() {
      const notifications = (await take(sqs, chat, 10)) as Notification[];
      return notifications.map(({ MessageId: id, Message }) => {
        return { id, message: JSON.parse(Message) as unknown };
      });
    },
    async nextChat() {
      const [notification] = (await take(sqs, chat, 1)) as Notification[];
      return notification && JSON.parse(notification.Message);
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

/** A form, as SNS's Query protocol has it. */
interface PublishRequest {
  readonly Action: string;
  readonly TopicArn: string;
  readonly Message: string;
  readonly Subject: string;
}

/** What a request to SNS has published, if it has, by SNS's answer: that may get lost for all that. */
function publishedBy(
  {
    Action,
    TopicArn: topicArn = '',
    Message: message = '',
    Subject: subject,
  }: Partial<PublishRequest>,
  headers: IncomingHttpHeaders,
  answer: unknown,
): Published | undefined {
  if (Action !== 'Publish') return undefined;
  const [, id] = /<PublishResult>\s*<MessageId>([^<]+)/.exec(String(answer)) ?? [];
  if (!id) return undefined;
  const run = headers[RUN_HEADER] === undefined ? undefined : Number(headers[RUN_HEADER]);
  const time = timeIn(headers);
  return { topicArn, id, subject, message, time, run, isLost: FAULT_HEADER in headers };
}

/** In ms since 1970. */
const timeIn = (headers: IncomingHttpHeaders) => Number(headers[TIME_HEADER] ?? Date.now());

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
