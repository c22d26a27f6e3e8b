import { SNSClient } from '@aws-sdk/client-sns';
import { HttpResponse } from '@smithy/core/protocols';
import {
  createSentStore,
  type DeliverPorts,
  deliver,
  type Group,
  type Sending,
} from '../../lib/notice/channel.ts';
import { decode, type HandedOn, type IncidentNotice } from '../../lib/notice/incident-notice.ts';
import {
  createLeftStore,
  createNoticeTopic,
  type NoticeTopic,
} from '../../lib/notice/notice-topic.ts';
import type { State } from './state.ts';

const TAKEN =
  '<PublishResponse><PublishResult><MessageId>1</MessageId></PublishResult></PublishResponse>';

/** An SNS without a network, whose topic takes what is published, and throws what `fault` returns, if anything. */
export function fakeSns(fault: () => Error | undefined = () => undefined) {
  const texts: string[] = [];
  const handle = async ({ body }: { body: string }) => {
    const failure = fault();
    if (failure) throw failure;
    texts.push(new URLSearchParams(body).get('Message') ?? '');
    const response = new HttpResponse({ statusCode: 200, headers: {} });
    response.body = new TextEncoder().encode(TAKEN);
    return { response };
  };
  const client = new SNSClient({
    region: 'eu-west-1',
    credentials: { accessKeyId: 'key', secretAccessKey: 'secret' },
    maxAttempts: 1,
    requestHandler: { handle } as never,
  });
  /** What the topic has taken since this was last asked. */
  const taken = (): HandedOn[] => texts.splice(0).map(decode);
  return { client, taken };
}

const TOPIC_ARN = 'arn:aws:sns:eu-west-1:111122223333:notices';

/** A topic that keeps what it does not take in the table of a state. */
export function topicOf(state: State, client: SNSClient, notTaken: unknown[] = []): NoticeTopic {
  const topic = createNoticeTopic(client, TOPIC_ARN, {
    left: createLeftStore(state.table),
    stack: { stage: 'dev', region: 'eu-west-1', accountId: '111122223333' },
    now: state.now,
    notTaken: (error) => notTaken.push(error),
  });
  if (!topic) throw new Error('Expected a topic.');
  return topic;
}

/** A channel of a state: a run of it sends what it is handed, unless it throws. */
export function channelOf(state: State, name = 'chat') {
  let runs = 0;
  const sent: IncidentNotice[] = [];
  const portsOf = (overrides: Partial<DeliverPorts>): DeliverPorts => ({
    sent: createSentStore(state.table),
    token: `${name}-${++runs}`,
    leaseUntil: state.now().getTime() + 45_000,
    now: state.now,
    sleep: async (ms) => state.pass(ms),
    timeLeft: () => 45_000,
    ...overrides,
  });
  return {
    sent,
    portsOf,
    async run(
      handedOn: readonly HandedOn[],
      send: (notice: IncidentNotice) => Promise<Sending> = async () => 'sent',
      overrides: Partial<DeliverPorts> = {},
    ): Promise<void> {
      for (const { notices } of handedOn) {
        const sending = async ([notice]: Group) => {
          const outcome = await send(notice);
          if (outcome === 'sent') sent.push(notice);
          return outcome;
        };
        const groups = notices.map((notice) => [notice]);
        await deliver(name, groups, sending, portsOf(overrides));
      }
    },
  };
}
