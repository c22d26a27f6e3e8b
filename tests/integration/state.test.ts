import { DeleteItemCommand, ScanCommand } from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import { attemptItem } from '../../lib/attempt/item.ts';
import { identifySecret } from '../../lib/cloudtrail/secret-id.ts';
import { changeItem, partitionKey } from '../../lib/deletion/ledger.ts';
import type { GatePolicy } from '../../lib/incident/gate.ts';
import { pairKey } from '../../lib/incident/pairs.ts';
import type { SummaryPorts } from '../../lib/incident/summarize.ts';
import { DAY_MS, MINUTE_MS } from '../../lib/time.ts';
import { attempt, deletion, nth } from '../testing/attempts.ts';
import { GATE_POLICY } from '../testing/gate.ts';
import { type State, useState } from '../testing/state.ts';

const state = useState();
const comes: State['comes'] = (...args) => state.comes(...args);
const published = () => state.published.map(({ body }) => body);

describe('a run that must have ended, but has not', () => {
  test.each([
    ['the first alert of its pair', false],
    ['an alert after a quiet window', true],
  ])('takes nothing back of what its retry has told: %s', async (_, hasEarlier) => {
    if (hasEarlier) await comes(nth(0));
    state.pass(61 * MINUTE_MS);
    const zombie = await state.underWay(nth(1));
    state.pass(MINUTE_MS + 1);
    expect(await comes(nth(1))).toBe('alert');
    await zombie.fails();
    expect(await state.sumUp()).toMatchObject({ outcome: 'nothing' });
    expect(await comes(nth(2))).toBe('quiet-window');
  });
});

test('a repeat whose run dies does not keep the pair of a run that is at work', async () => {
  const first = await state.underWay(nth(1));
  const dies = () => Promise.reject(new Error('killed'));
  await comes(nth(1), { attempts: { recordAlerting: dies }, pairs: { release: dies } }).catch(
    () => undefined,
  );
  await first.fails();
  expect(await comes(nth(2))).toBe('alert');
});

test('a summary that failed goes on after 30 seconds, when the index shows what it had taken up', async () => {
  await comes(nth(1));
  await comes(nth(2));
  const publish = () => Promise.reject(new Error('SNS is down'));
  await expect(state.sumUp({ publish })).rejects.toThrow('SNS is down');
  state.pass(29_000);
  expect(await state.sumUp()).toEqual({ outcome: 'busy' });
  state.pass(2000);
  expect(await state.sumUp()).toMatchObject({ outcome: 'sent' });
});

test('a summary whose further try finds no budget goes out no second time', async () => {
  await comes(nth(1));
  await comes(nth(2));
  let tries = 0;
  const publish: SummaryPorts['publish'] = async (_, beforeAgain) => {
    tries++;
    await beforeAgain();
    tries++;
  };
  const left = ['taken', 'minute'] as const;
  const budget = { takeTurn: async () => left[tries] ?? 'minute' };
  await expect(state.sumUp({ publish, budget })).rejects.toMatchObject({ code: 'NO_BUDGET' });
  expect(tries).toBe(1);
});

test('what another run said of a pair is believed for five minutes at most', async () => {
  const { memory } = state.gate();
  const { client, name } = state.table;
  await comes(nth(1));
  state.pass(2 * MINUTE_MS);
  expect(await comes(nth(2), { memory })).toBe('quiet-window');
  // As when an operator deletes the item, or a claim is given back late.
  await client.send(new DeleteItemCommand({ TableName: name, Key: marshall(pairKey(nth(1))) }));
  state.pass(5 * MINUTE_MS);
  expect(await comes(nth(3), { memory })).toBe('alert');
});

describe('no item expires', () => {
  const LONGEST_WINDOW_MS = 30 * DAY_MS;
  const expiryOf = (item: Record<string, unknown>) => Number(item.expiresAt) * 1000;

  async function items() {
    const { client, name } = state.table;
    const { Items = [] } = await client.send(new ScanCommand({ TableName: name }));
    return Items.map((item) => unmarshall(item));
  }

  test('while a quiet window or a minute lasts that it is of, but then', async () => {
    const policy: GatePolicy = { ...GATE_POLICY, quietWindowMinutes: 50 };
    await comes(nth(1), { policy });
    const now = state.now().getTime();
    const [least, most] = [now + 50 * MINUTE_MS, now + 90 * DAY_MS];
    const expiries = (await items()).map(expiryOf);
    expect(expiries.length).toBeGreaterThanOrEqual(3);
    expect(expiries.filter((expiry) => !(expiry > least && expiry < most))).toEqual([]);
  });

  test('that tells of an attempt or a deletion, while the secret can be saved', async () => {
    await comes(nth(1));
    await comes(nth(2));
    const { requestedAt, secret } = deletion();
    await state.stores.ledger.putIfNewer(changeItem(deletion(), partitionKey(secret) ?? ''));
    const kept = (await items()).filter((item) => 'callerKey' in item || 'requestedAt' in item);
    expect(kept).toHaveLength(3);
    const least = Math.max(nth(1).time.getTime(), requestedAt.getTime()) + LONGEST_WINDOW_MS;
    expect(kept.filter((item) => !(expiryOf(item) > least))).toEqual([]);
  });
});

test('names too long for a key are kept, and told apart by their last letter', async () => {
  const long = (end: string) => 'x'.repeat(3000) + end;
  const secret = (end: string) => identifySecret(long(end), {});
  const caller = (end: string) => ({ ...attempt().caller, key: long(end) });
  const attempts = [
    attempt({ id: long('a'), secret: secret('a'), caller: caller('a') }),
    attempt({ id: long('a'), secret: secret('b'), caller: caller('a') }),
    attempt({ id: long('b'), secret: secret('a'), caller: caller('b') }),
  ];
  for (const each of attempts) expect(await comes(each)).toBe('alert');
  for (const each of attempts) expect(await comes(each)).toBe('known');
});

test('a summary reads the index to its end, page by page', async () => {
  // A page of DynamoDB has at most 1 MB: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Query.Pagination.html
  const filler = 'x'.repeat(100_000);
  const record = (n: number, why: 'quiet-window' | 'ignored') =>
    state.stores.attempts.recordDeferred({ ...attemptItem(nth(n)), filler }, why);
  for (let n = 0; n < 25; n++) {
    await record(n, 'quiet-window');
    await record(1000 + n, 'ignored');
  }
  await state.sumUp();
  expect(published()).toEqual([
    expect.stringMatching(/^25 attempts [\s\S]*Ignored callers made 25 attempts/),
  ]);
});
