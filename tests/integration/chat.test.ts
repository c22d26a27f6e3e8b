import { createChatBudgetStore } from '../../lib/incident/budget.ts';
import { type ChatPorts, tellChat } from '../../lib/incident/chat.ts';
import { createSentStore } from '../../lib/notice/channel.ts';
import type { ChatMessage } from '../../lib/notice/chat/message.ts';
import type { HandedOn, IncidentNotice } from '../../lib/notice/incident-notice.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../lib/time.ts';
import { digested, opened, STACK } from '../testing/chat.ts';
import { known, named, role } from '../testing/digests.ts';
import { useState } from '../testing/state.ts';

const state = useState();
const POLICY = { maxChatMessagesPerHour: 15, chatButtons: true };

/** A digest of as many secrets. */
const digestOf = (secrets: number): IncidentNotice[] =>
  digested(
    'digest',
    Array.from({ length: secrets }, (_, i) =>
      known([role('app')], { secret: named(`secret-${i}`) }),
    ),
  );

const handedOn = (
  notices: readonly IncidentNotice[],
  isMailed = true,
  isContinued?: boolean,
): HandedOn => ({
  notices,
  isMailed,
  isContinued,
  stack: STACK,
});

/** Messages as their publishing was asked for: the names of their secrets, `+` of one of many; and when, in seconds. */
function chat(overrides: Partial<ChatPorts> = {}) {
  const published: string[] = [];
  const times: number[] = [];
  const { sleep } = state.gate();
  const ports = (token = 'run'): ChatPorts => ({
    now: state.now,
    sleep,
    token,
    leaseUntil: state.now().getTime() + 60_000,
    timeLeft: () => 60_000,
    sent: createSentStore(state.table),
    budget: createChatBudgetStore(state.table),
    async publish({ metadata }, notices) {
      const names = notices.map(({ secret }) => secret.name?.replace('secret-', ''));
      const isThread = metadata.threadId === notices[0]?.incident;
      published.push(isThread ? names.join() : `+${names.join()}`);
      times.push(Math.floor(state.now().getTime() / 1000));
    },
    ...overrides,
  });
  return { published, times, ports };
}

const upTo = (count: number, from = 0) => Array.from({ length: count }, (_, i) => String(from + i));

test('what is handed on twice is sent once, and another notice besides', async () => {
  const { published, ports } = chat();
  const notice = opened();
  await tellChat(handedOn([notice]), POLICY, ports('one'));
  await tellChat(handedOn([notice]), POLICY, ports('other'));
  expect(published).toEqual(['prod/db/password']);
});

test('of many the first get a message each, a second apart, and the others share one', async () => {
  const { published, times, ports } = chat();
  await tellChat(handedOn(digestOf(20)), POLICY, ports());
  expect(published).toEqual([...upTo(12), `+${upTo(8, 12).join()}`]);
  expect(new Set(times).size).toBe(13);
});

test('of what goes on with a mail none gets a message of its own', async () => {
  const { published, ports } = chat();
  const digest = digestOf(30);
  await tellChat(handedOn(digest.slice(0, 15)), POLICY, ports());
  await tellChat(handedOn(digest.slice(15), true, true), POLICY, ports());
  expect(published).toEqual([...upTo(12), `+${upTo(3, 12).join()}`, `+${upTo(15, 15).join()}`]);
});

test('more than one message has room for are named in several, each noted with its own alone', async () => {
  const { published, ports } = chat();
  let fails = true;
  const { publish } = ports();
  const failing = () => ({
    ...ports(),
    publish: (...[message, notices]: Parameters<ChatPorts['publish']>) => {
      const isLost = fails && notices.some(({ secret }) => secret.name === 'secret-290');
      return isLost ? Promise.reject(new Error('SNS is down')) : publish(message, notices);
    },
  });
  const digest = handedOn(digestOf(300));
  await expect(tellChat(digest, POLICY, failing())).rejects.toThrow('SNS is down');
  const sent = published.length;
  expect(sent).toBe(14);
  fails = false;
  await tellChat(digest, POLICY, failing());
  const names = published.flatMap((one) => one.replace('+', '').split(','));
  expect(names).toEqual(upTo(300));
  expect(published).toHaveLength(sent + 1);
});

test('an hour has its messages and one more a mail', async () => {
  const { published, ports } = chat();
  await tellChat(handedOn(digestOf(12)), POLICY, ports());
  await tellChat(handedOn(digestOf(30).slice(20)), POLICY, ports());
  expect(published.slice(12)).toEqual([...upTo(3, 20), `+${upTo(7, 23).join()}`]);
  // One that is left alone stands in its own thread.
  await tellChat(
    handedOn(digestOf(42).slice(40)),
    { ...POLICY, maxChatMessagesPerHour: 16 },
    ports(),
  );
  expect(published.slice(16)).toEqual(['40', '41']);
});

test('in an hour that is used up what is mailed is sent, and what is not is left to a digest', async () => {
  const { published, ports } = chat();
  const policy = { ...POLICY, maxChatMessagesPerHour: 1 };
  const [first, second, third] = digestOf(3).map(({ id, secret }) => ({ ...opened(), id, secret }));
  if (!first || !second || !third) throw new Error('no notices');
  expect(await tellChat(handedOn([first], false), policy, ports())).toEqual([]);
  expect(await tellChat(handedOn([second], false), policy, ports())).toEqual([second]);
  expect(await tellChat(handedOn([third]), policy, ports())).toEqual([]);
  expect(published).toEqual(['0', '2']);
  // It has not been sent, so that it can be.
  state.pass(HOUR_MS);
  expect(await tellChat(handedOn([second], false), policy, ports('later'))).toEqual([]);
  expect(published).toEqual(['0', '2', '1']);
});

test('a message that fails keeps no other from being sent, and is sent by the retry alone', async () => {
  const { published, ports } = chat();
  let fails = true;
  const { publish } = ports();
  const failing = () => ({
    ...ports(),
    publish: (...[message, notices]: Parameters<ChatPorts['publish']>) => {
      const isLost = fails && notices[0]?.secret.name === 'secret-3';
      return isLost ? Promise.reject(new Error('SNS is down')) : publish(message, notices);
    },
  });
  const digest = handedOn(digestOf(14));
  await expect(tellChat(digest, POLICY, failing())).rejects.toThrow('SNS is down');
  expect(published).toEqual([...upTo(3), ...upTo(8, 4), '+12,13']);
  fails = false;
  await tellChat(digest, POLICY, failing());
  expect(published.slice(12)).toEqual(['3']);
});

test('what the hour has no room for is named in an overview, even if another fails', async () => {
  const { published, ports } = chat();
  const failing = (): ChatPorts => {
    const { publish, ...others } = ports();
    return {
      ...others,
      publish: async (message, notices) => {
        if (notices[0]?.secret.name === 'secret-1') throw new Error('SNS is down');
        return publish(message, notices);
      },
    };
  };
  const policy = { ...POLICY, maxChatMessagesPerHour: 3 };
  const digest = handedOn(digestOf(6));
  await expect(tellChat(digest, policy, failing())).rejects.toThrow('SNS is down');
  expect(published).toEqual(['0', '2', '+3,4,5']);
  // Lambda tries twice more, and the one alone is then left to the dead-letter queue.
  for (const _ of [1, 2]) {
    await expect(tellChat(digest, policy, failing())).rejects.toThrow('SNS is down');
  }
  expect(published).toHaveLength(3);
});

test('what is handed on again days later, or replayed, says as of when it is', async () => {
  const { ports } = chat();
  const titles: string[] = [];
  const publish = async ({ content }: ChatMessage) => void titles.push(content.title);
  state.pass(14 * DAY_MS);
  await tellChat(handedOn([opened()]), POLICY, { ...ports(), publish });
  await tellChat(handedOn(digestOf(14), true, true), POLICY, { ...ports(), publish });
  expect(titles).toEqual([
    expect.stringMatching(/ left, as of 2026-11-22 17:05 UTC$/),
    '🟠 14 more secrets, a line each, as of 2026-11-22 17:05 UTC',
  ]);
});

test('one that has waited for its turn says how late it is then', async () => {
  const titles: string[] = [];
  const { ports } = chat({ publish: async ({ content }) => void titles.push(content.title) });
  const [first, second] = digestOf(2).map((one) => ({ ...one, now: state.now() }));
  if (!first || !second) throw new Error('no notices');
  state.pass(10 * MINUTE_MS);
  await tellChat(handedOn([first, second]), POLICY, ports());
  expect(titles.map((title) => / as of /.test(title))).toEqual([false, true]);
});

test('without a second left in the run, the retry sends it', async () => {
  const { published, ports } = chat();
  await tellChat(handedOn([opened()]), POLICY, ports());
  const late = { ...ports(), leaseUntil: state.now().getTime() + 15_000 };
  const digest = handedOn(digestOf(2));
  await expect(tellChat(digest, POLICY, late)).rejects.toMatchObject({ code: 'OUT_OF_TIME' });
  expect(published).toEqual(['prod/db/password']);
  await tellChat(digest, POLICY, ports());
  expect(published.slice(1)).toEqual(['0', '1']);
});
