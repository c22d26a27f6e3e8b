import { DeleteItemCommand, ScanCommand } from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import type { Attempt } from '../../lib/attempt/attempt.ts';
import { attemptItem, pairKey } from '../../lib/attempt/item.ts';
import { identifySecret } from '../../lib/cloudtrail/secret-id.ts';
import { changeItem, partitionKey } from '../../lib/deletion/ledger.ts';
import {
  admit,
  type GatePolicy,
  type GatePorts,
  noteFailed,
  noteSent,
  takeTurn,
} from '../../lib/incident/gate.ts';
import { type SummaryPorts, summarize } from '../../lib/incident/summarize.ts';
import { DAY_MS, MINUTE_MS } from '../../lib/time.ts';
import { attempt, deletion } from '../testing/attempts.ts';
import { GATE_POLICY } from '../testing/gate.ts';
import { type Overrides, type State, startState } from '../testing/state.ts';

let state: State;
beforeEach(async () => {
  state = await startState();
});
afterEach(() => state[Symbol.asyncDispose]());

const nth = (n: number, overrides: Partial<Attempt> = {}) =>
  attempt({ id: `attempt-${n}`, ...overrides });

/** An attempt comes: `alert`, with its sending noted, or why it is held back. */
async function comes(told: Attempt, ports: GatePorts = state.gate(), policy = GATE_POLICY) {
  const { claim, heldBack } = await admit(told, policy, ports);
  if (!claim) return heldBack;
  if (!(await takeTurn(told, claim, policy, ports))) return 'budget';
  await noteSent(told, claim, {}, policy, ports);
  return 'alert';
}

/** An attempt is admitted. @returns what lets its alert fail, however late. */
async function underWay(told: Attempt) {
  const ports = state.gate();
  const { claim } = await admit(told, GATE_POLICY, ports);
  if (!claim) throw new Error('Expected the attempt to be admitted');
  return { fails: () => noteFailed(told, claim, ports) };
}

const sumUp = (overrides: Overrides<SummaryPorts> = {}) =>
  summarize(GATE_POLICY, state.summary(overrides));
const published = () => state.published.map(({ body }) => body);

describe('a run that must have ended, but has not', () => {
  test.each([
    ['the first alert of its pair', false],
    ['an alert after a quiet window', true],
  ])('takes nothing back of what its retry has told: %s', async (_, hasEarlier) => {
    if (hasEarlier) await comes(nth(0));
    state.pass(61 * MINUTE_MS);
    const zombie = await underWay(nth(1));
    state.pass(MINUTE_MS + 1);
    expect(await comes(nth(1))).toBe('alert');
    await zombie.fails();
    expect(await sumUp()).toMatchObject({ outcome: 'nothing' });
    expect(await comes(nth(2))).toBe('quiet-window');
  });
});

test('a repeat whose run dies does not keep the pair of a run that is at work', async () => {
  const first = await underWay(nth(1));
  const dies = () => Promise.reject(new Error('killed'));
  const dying = state.gate({ attempts: { recordAlerting: dies }, pairs: { release: dies } });
  await comes(nth(1), dying).catch(() => undefined);
  await first.fails();
  expect(await comes(nth(2))).toBe('alert');
});

test('a summary that failed goes on after 30 seconds, when the index shows what it had taken up', async () => {
  await comes(nth(1));
  await comes(nth(2));
  const publish = () => Promise.reject(new Error('SNS is down'));
  await expect(sumUp({ publish })).rejects.toThrow('SNS is down');
  state.pass(29_000);
  expect(await sumUp()).toEqual({ outcome: 'busy' });
  state.pass(2000);
  expect(await sumUp()).toMatchObject({ outcome: 'sent' });
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
  await expect(sumUp({ publish, budget })).rejects.toMatchObject({ code: 'NO_BUDGET' });
  expect(tries).toBe(1);
});

test('what another run said of a pair is believed for five minutes at most', async () => {
  const { memory } = state.gate();
  const { client, name } = state.dynamoDb.table;
  await comes(nth(1));
  state.pass(2 * MINUTE_MS);
  expect(await comes(nth(2), state.gate({ memory }))).toBe('quiet-window');
  // As when an operator deletes the item, or a claim is given back late.
  await client.send(new DeleteItemCommand({ TableName: name, Key: marshall(pairKey(nth(1))) }));
  state.pass(5 * MINUTE_MS);
  expect(await comes(nth(3), state.gate({ memory }))).toBe('alert');
});

describe('no item expires', () => {
  const LONGEST_WINDOW_MS = 30 * DAY_MS;
  const expiryOf = (item: Record<string, unknown>) => Number(item.expiresAt) * 1000;

  async function items() {
    const { client, name } = state.dynamoDb.table;
    const { Items = [] } = await client.send(new ScanCommand({ TableName: name }));
    return Items.map((item) => unmarshall(item));
  }

  test('while a quiet window or a minute lasts that it is of, but then', async () => {
    const policy: GatePolicy = { ...GATE_POLICY, quietWindowMinutes: 50 };
    await comes(nth(1), state.gate(), policy);
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
  const caller = { ...attempt().caller, key: 'k'.repeat(2000) };
  const secret = identifySecret('s'.repeat(2000), {});
  const record = (n: number, why: 'quiet-window' | 'ignored') =>
    state.stores.attempts.recordHeldBack(attemptItem(nth(n, { caller, secret })), why);
  const numbers = Array.from({ length: 450 }, (_, n) => n);
  await Promise.all(numbers.map((n) => record(n, 'quiet-window')));
  await Promise.all(numbers.map((n) => record(1000 + n, 'ignored')));
  await sumUp();
  expect(published()).toEqual([
    expect.stringMatching(/^450 attempts [\s\S]*Ignored callers made 450 attempts/),
  ]);
});
