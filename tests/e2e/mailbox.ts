import { randomUUID } from 'node:crypto';
import { SNSClient, SubscribeCommand, UnsubscribeCommand } from '@aws-sdk/client-sns';
import { DeleteQueueCommand, SQSClient } from '@aws-sdk/client-sqs';
import {
  createQueue,
  type Mail,
  type Notification,
  type Queue,
  readMail,
  take,
} from '../../emulators/messaging.ts';
import { policyDocument } from '../../stack/cloudformation.ts';
import { aws } from './world.ts';

const sns = new SNSClient(aws);
const sqs = new SQSClient(aws);

/** A queue that gets what is published on a topic from now on. */
export interface Mailbox {
  /** Waits for the next message. @throws Error if none comes within 20 seconds. */
  next(): Promise<Mail>;
  /** Takes the messages that are there, ten at most. */
  rest(): Promise<Mail[]>;
  close(): Promise<void>;
}

export async function openMailbox(topicArn: string | undefined): Promise<Mailbox> {
  const queue = await createReceivingQueue();
  const { SubscriptionArn } = await sns.send(
    new SubscribeCommand({ TopicArn: topicArn, Protocol: 'sqs', Endpoint: queue.arn }),
  );
  const receive = async (max: number, waitSeconds?: number) =>
    ((await take(sqs, queue, max, waitSeconds)) as Notification[]).map(readMail);
  return {
    async next() {
      const [mail] = await receive(1, 20);
      if (mail) return mail;
      throw new Error('No mail came within 20 seconds');
    },
    rest: () => receive(10),
    async close() {
      await sns.send(new UnsubscribeCommand({ SubscriptionArn }));
      await sqs.send(new DeleteQueueCommand({ QueueUrl: queue.url }));
    },
  };
}

/** A queue that takes messages of topics and events of rules. */
export function createReceivingQueue(): Promise<Queue> {
  const Policy = policyDocument({
    Sid: 'Receive',
    Effect: 'Allow',
    Principal: '*',
    Action: 'sqs:SendMessage',
    Resource: '*',
  });
  return createQueue(sqs, randomUUID(), { Policy: JSON.stringify(Policy) });
}

/** For the tests of a scenario: a mailbox on the topic that `topicArn` returns. */
export function useMailbox(topicArn: () => Promise<string | undefined>): () => Mailbox {
  let mailbox: Mailbox | undefined;
  beforeAll(async () => {
    mailbox = await openMailbox(await topicArn());
  });
  afterAll(() => mailbox?.close());
  return () => {
    if (mailbox) return mailbox;
    throw new Error('The mailbox is not open yet');
  };
}
