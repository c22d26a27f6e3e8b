import {
  CreateEventBusCommand,
  EventBridgeClient,
  PutRuleCommand,
  PutTargetsCommand,
} from '@aws-sdk/client-eventbridge';
import { CreateTopicCommand, SNSClient } from '@aws-sdk/client-sns';
import { SQSClient } from '@aws-sdk/client-sqs';
import { type Queue, take } from '../../emulators/messaging.ts';
import type { Detail } from '../../lib/notice/bus/schema.ts';
import type { ChatMessage } from '../../lib/notice/chat/message.ts';
import { eventually } from './eventually.ts';
import { createReceivingQueue, openMailbox } from './mailbox.ts';
import { aws, CHANNELS } from './world.ts';

const sns = new SNSClient(aws);
const sqs = new SQSClient(aws);
const eventBridge = new EventBridgeClient(aws);

/** An event as a target of a rule gets it. */
interface BusEvent {
  readonly source: string;
  readonly 'detail-type': string;
  readonly resources: readonly string[];
  readonly detail: Detail;
}

/** What a topic that is connected to a chat, and a bus of somebody's, get from now on of the secrets `prod/channels…`. */
export interface Channels {
  /** Waits until so many messages have come. @returns them, in no order. @throws Error if they do not within 20 seconds. */
  chat(count: number): Promise<ChatMessage[]>;
  bus(count: number): Promise<BusEvent[]>;
  /** Takes what is there. @returns how many that are. */
  rest(): Promise<number>;
}

/** Makes the topic and the bus of {@link CHANNELS}, each with a queue that listens. */
export async function openChannels(): Promise<Channels> {
  await sns.send(new CreateTopicCommand({ Name: CHANNELS.chatTopicArn.split(':').at(-1) }));
  const mailbox = await openMailbox(CHANNELS.chatTopicArn);
  const EventBusName = CHANNELS.eventBusName;
  await eventBridge.send(new CreateEventBusCommand({ Name: EventBusName }));
  const events = await createReceivingQueue();
  const rule = { EventBusName, Name: 'e2e-all' };
  const EventPattern = JSON.stringify({ source: ['deleted-secret-notifier'] });
  await eventBridge.send(new PutRuleCommand({ ...rule, EventPattern }));
  const Targets = [{ Id: '1', Arn: events.arn }];
  await eventBridge.send(new PutTargetsCommand({ EventBusName, Rule: rule.Name, Targets }));
  const messages = async () =>
    (await mailbox.rest()).map(({ body }) => JSON.parse(body)).filter(isOurs);
  return {
    chat: collect(messages),
    bus: collect(() => takeEvents(events)),
    rest: async () => (await messages()).length + (await takeEvents(events)).length,
  };
}

const takeEvents = async (queue: Queue) =>
  ((await take(sqs, queue, 10)) as BusEvent[]).filter(isOurs);

/** Ends of other scenarios' secrets may be told meanwhile. */
const isOurs = (told: object) => JSON.stringify(told).includes('prod/channels');

/** @param more takes what has come since */
function collect<T>(more: () => Promise<T[]>) {
  return async (count: number): Promise<T[]> => {
    const found: T[] = [];
    await eventually(
      async () => found.push(...(await more())),
      (length) => length >= count,
    );
    return found;
  };
}
