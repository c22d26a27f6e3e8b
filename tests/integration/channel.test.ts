import { createBudgetStore, createChatBudgetStore } from '../../lib/incident/budget.ts';
import { createSentStore } from '../../lib/notice/channel.ts';
import type { IncidentNotice } from '../../lib/notice/incident-notice.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../lib/time.ts';
import { NOW } from '../testing/attempts.ts';
import { channelOf } from '../testing/channels.ts';
import { useState } from '../testing/state.ts';

const state = useState();
const ID = 'alert/1';
const LEASE_MS = 45_000;

const claim = (token: string, id = ID, channel = 'chat') => {
  const now = state.now().getTime();
  return createSentStore(state.table).claim(channel, id, {
    token,
    now,
    leaseUntil: now + LEASE_MS,
  });
};

describe('the sending of a notice', () => {
  test('is claimed by one run, and by no other while that may be at work', async () => {
    expect(await claim('one')).toBe('claimed');
    expect(await claim('other')).toBe('busy');
    state.pass(LEASE_MS);
    expect(await claim('other')).toBe('busy');
    state.pass(1);
    expect(await claim('other')).toBe('claimed');
    expect(await claim('one')).toBe('busy');
  });

  test('is claimed again by a retry of the same invocation', async () => {
    await claim('one');
    expect(await claim('one')).toBe('claimed');
  });

  test('is claimed of each channel and each notice on its own', async () => {
    await claim('one');
    expect(await claim('other', ID, 'bus')).toBe('claimed');
    expect(await claim('other', 'alert/2')).toBe('claimed');
  });

  test('is claimed no more once it is noted, whoever did it', async () => {
    const { note } = createSentStore(state.table);
    await claim('one');
    await note('chat', ID, state.now());
    state.pass(30 * DAY_MS);
    for (const token of ['one', 'other']) expect(await claim(token)).toBe('sent');
  });

  test('is claimed at once after it was given back by its own run, not by another', async () => {
    const { release, note } = createSentStore(state.table);
    await claim('one');
    await release('chat', ID, 'other');
    expect(await claim('other')).toBe('busy');
    await release('chat', ID, 'one');
    expect(await claim('other')).toBe('claimed');
    await note('chat', ID, state.now());
    await release('chat', ID, 'other');
    expect(await claim('one')).toBe('sent');
  });

  test('is kept by an id of any length', async () => {
    const id = 'x'.repeat(5000);
    expect(await claim('one', id)).toBe('claimed');
    expect(await claim('other', id)).toBe('busy');
  });
});

test('of two deliveries at a time one sends, and the other is tried again', async () => {
  const chat = channelOf(state);
  const notices = ['a', 'b', 'c'].map((id) => ({ id }) as IncidentNotice);
  const handedOn = [{ notices, isMailed: true, stack: {} }];
  const deliveries = await Promise.allSettled([chat.run(handedOn), chat.run(handedOn)]);
  expect(chat.sent.map(({ id }) => id).sort()).toEqual(['a', 'b', 'c']);
  state.pass(MINUTE_MS);
  await chat.run(handedOn);
  expect(chat.sent).toHaveLength(3);
  for (const one of deliveries.filter(({ status }) => status === 'rejected')) {
    expect(one).toMatchObject({ reason: { code: 'BUSY' } });
  }
});

describe('the budget of the chat', () => {
  const after = (ms: number) => new Date(NOW.getTime() + ms);

  test('is one message a second, and so many an hour, of which what is urgent takes none', async () => {
    const { takeTurn } = createChatBudgetStore(state.table);
    const turns = [
      [0, 2],
      [999, 2],
      [1000, 2],
      [2000, 2],
      [2000, 'whatever'],
      [2000, 'whatever'],
      [3000, 'whatever'],
      [HOUR_MS, 2],
    ] as const;
    const taken: string[] = [];
    for (const [ms, limit] of turns) taken.push(await takeTurn(after(ms), limit));
    expect(taken).toEqual([
      'taken',
      'second',
      'taken',
      'hour',
      'taken',
      'second',
      'taken',
      'taken',
    ]);
  });

  test('takes nothing from that of mails, nor they from it', async () => {
    const [mails, chat] = [createBudgetStore(state.table), createChatBudgetStore(state.table)];
    expect(await chat.takeTurn(NOW, 1)).toBe('taken');
    expect(await mails.takeTurn(NOW, 1)).toBe('taken');
    expect(await chat.takeTurn(after(1000), 1)).toBe('hour');
    expect(await mails.takeTurn(after(1000), 1)).toBe('hour');
  });
});
