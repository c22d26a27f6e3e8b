import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { SNSClient } from '@aws-sdk/client-sns';
import fc from 'fast-check';
import { sentBy } from '../../cli/preview/sent.ts';
import { printable } from '../../cli/print.ts';
import { createChatBudgetStore } from '../../lib/incident/budget.ts';
import { tellChat } from '../../lib/incident/chat.ts';
import { busChannel } from '../../lib/notice/bus/delivery.ts';
import { renderEvent } from '../../lib/notice/bus/event.ts';
import { createSentStore } from '../../lib/notice/channel.ts';
import { chatChannel } from '../../lib/notice/chat/delivery.ts';
import type { HandedOn, IncidentNotice } from '../../lib/notice/incident-notice.ts';
import { defaultOf } from '../../stack/settings.ts';
import { digested, STACK } from '../testing/chat.ts';
import { known, named, role } from '../testing/digests.ts';
import { hostileNotices } from '../testing/hostile-notices.ts';
import { NOTICES } from '../testing/incident-notices.ts';
import { useState } from '../testing/state.ts';

const state = useState();

const handedOn = (...notices: IncidentNotice[]): HandedOn => ({
  notices,
  isMailed: true,
  stack: STACK,
});
const eachKind = Object.values(NOTICES).map((notice) => handedOn(notice));
/** More than the chat has threads for. */
const digest = handedOn(
  ...digested(
    'digest',
    Array.from({ length: 20 }, (_, i) => known([role('app')], { secret: named(`secret-${i}`) })),
  ),
);
const all = [...eachKind, digest];

type Client = SNSClient | EventBridgeClient;

/** Lets the SDK write requests that nobody gets. @returns their bodies */
function bodiesOf(client: Client, output: object): string[] {
  const bodies: string[] = [];
  (client as SNSClient).middlewareStack.add(
    () =>
      async ({ request }: { request: unknown }) => {
        const { body } = request as { body: string | Uint8Array };
        bodies.push(typeof body === 'string' ? body : new TextDecoder().decode(body));
        return { response: {}, output: { $metadata: {}, ...output } } as never;
      },
    { step: 'build' },
  );
  return bodies;
}

const options = {
  region: 'eu-west-1',
  credentials: { accessKeyId: 'nobody', secretAccessKey: 'none' },
};

test('of the chat, preview prints what its function publishes', async () => {
  const client = new SNSClient(options);
  const bodies = bodiesOf(client, { MessageId: 'taken' });
  const publish = chatChannel(client, 'arn:aws:sns:eu-west-1:111122223333:chat');
  const policy = { chatButtons: true, maxChatMessagesPerHour: defaultOf('maxChatMessagesPerHour') };
  for (const one of all) {
    await tellChat(one, policy, {
      now: state.now,
      sleep: state.gate().sleep,
      token: 'run',
      leaseUntil: Number.MAX_SAFE_INTEGER,
      timeLeft: () => 60_000,
      sent: createSentStore(state.table),
      budget: createChatBudgetStore(state.table),
      publish: async (message) => void (await publish(message)),
    });
  }
  const published = bodies.map((body) => new URLSearchParams(body).get('Message'));
  expect(await sentBy('chat', all)).toEqual(published);
  expect(published).toHaveLength(eachKind.length + 13);
});

test('of the bus, preview prints what its function puts there', async () => {
  const client = new EventBridgeClient(options);
  const bodies = bodiesOf(client, { FailedEntryCount: 0, Entries: [{ EventId: 'taken' }] });
  const putEvent = busChannel(client, 'EVENT-BUS-NAME');
  for (const { notices, stack } of all) {
    for (const notice of notices) await putEvent(renderEvent(notice, stack));
  }
  const put = bodies.flatMap((body) => JSON.parse(body).Entries);
  expect((await sentBy('bus', all)).map((json) => JSON.parse(json))).toEqual(put);
  expect(put).toHaveLength(eachKind.length + 20);
});

test('each is one line, of which no terminal makes anything, and the same JSON as printed', async () => {
  const hostile = fc
    .sample(hostileNotices, { numRuns: 30, seed: 1 })
    // What is reported at once has been looked up.
    .filter(({ kind, state: { state } }) => !(/opened|caller/.test(kind) && /not/.test(state)))
    .map((notice) => handedOn(notice));
  for (const channel of ['chat', 'bus'] as const) {
    for (const json of await sentBy(channel, hostile)) {
      expect(printable(json)).not.toMatch(/[\p{C}\p{Zl}\p{Zp}]/u);
      expect(JSON.parse(printable(json))).toEqual(JSON.parse(json));
    }
  }
});
