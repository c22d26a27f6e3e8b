import { DeleteItemCommand, ScanCommand } from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import { attemptItem } from '../../lib/attempt/item.ts';
import { identifySecret } from '../../lib/cloudtrail/secret-id.ts';
import { changeItem, partitionKey } from '../../lib/deletion/ledger.ts';
import { admit, noteSent, takeTurn } from '../../lib/incident/gate.ts';
import { pairKey } from '../../lib/incident/pairs.ts';
import type { SummarizePorts } from '../../lib/incident/summarize.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../lib/time.ts';
import { attempt, deletion, nth } from '../testing/attempts.ts';
import { GATE_POLICY } from '../testing/gate.ts';
import { linesOf, newsIn } from '../testing/notices.ts';
import { type State, startState, useState, wrapCalls } from '../testing/state.ts';

const state = useState();
const comes: State['comes'] = (...args) => state.comes(...args);
const run = async (overrides: Parameters<State['sumUp']>[0] = {}) =>
  linesOf(await state.sumUp(overrides));

test('a run that must have ended, but has not, takes nothing back of what its retry has reported', async () => {
  const zombie = await state.underWay(nth(1));
  state.pass(MINUTE_MS + 1);
  expect(await comes(nth(1))).toBe('alert');
  await zombie.fails();
  state.pass(HOUR_MS);
  expect(await run()).toEqual([]);
  expect(await comes(nth(2))).toBe('known-caller');
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

describe('a run of an alert that dies after any of its calls', () => {
  /** Two attempts of one caller and one of another; the first one's run dies after so many calls. @returns whether it did. */
  async function diesAfter(calls: number, isRetried: boolean): Promise<boolean> {
    await using own = await startState();
    const made: string[] = [];
    let alerts = 0;
    const die = () => Promise.reject(new Error('killed'));
    const ports = wrapCalls(own.gate(), (name, call) => async (...args) => {
      if (made.length >= calls) return die();
      made.push(name);
      const answer = await call(...args);
      return made.length >= calls ? die() : answer;
    });
    const alert = async () => {
      const { deferred, ...admitted } = await admit(nth(1), GATE_POLICY, ports);
      if (!admitted.claim || !(await takeTurn(admitted, GATE_POLICY, ports))) return;
      if (made.length >= calls) return;
      made.push('publish');
      alerts++;
      if (made.length >= calls) return;
      const found = { state: { state: 'gone' }, isRestored: false } as const;
      await noteSent(nth(1), admitted, found, ports).catch(() => undefined);
    };
    await alert().catch(() => undefined);
    const comes = async (attempt: Parameters<State['comes']>[0]) => {
      if ((await own.comes(attempt)) === 'alert') alerts++;
    };
    own.pass(MINUTE_MS);
    if (isRetried) await comes(nth(1));
    await comes(nth(2));
    await comes(nth(3, { caller: { ...attempt().caller, key: 'arn:aws:iam::1:role/other' } }));
    let told = 0;
    let isFirstTold = isRetried;
    for (const minutes of [2, 2, 2, 2, 60, 120, 240]) {
      own.pass(minutes * MINUTE_MS);
      const summarized = await own.sumUp();
      told += newsIn(summarized);
      if (linesOf(summarized).join().includes('app-server')) isFirstTold = true;
    }
    const recorded = made.includes('recordAlerting') || isRetried ? 3 : 2;
    // Between sending and noting.
    const twice = made.at(-1) === 'publish' ? 1 : 0;
    expect([calls, alerts + told]).toEqual([calls, recorded + twice]);
    expect([calls, isFirstTold || alerts > 0]).toEqual([calls, true]);
    return made.length >= calls;
  }

  test.each([
    ['is made up for by its retry', true],
    ['and is not tried again, is made up for by a digest', false],
  ])('%s', async (_, isRetried) => {
    let calls = 1;
    while (await diesAfter(calls, isRetried)) calls++;
    expect(calls).toBeGreaterThan(8);
  });
});

test('a digest whose further try finds no budget goes out no second time', async () => {
  await comes(nth(1));
  await comes(nth(2));
  state.pass(HOUR_MS);
  let tries = 0;
  const publish: SummarizePorts['publish'] = async (_, beforeAgain) => {
    tries++;
    await beforeAgain();
    tries++;
    return undefined;
  };
  const left = ['taken', 'hour'] as const;
  const budget = { takeTurn: async () => left[tries] ?? 'hour' };
  await expect(state.sumUp({ publish, budget })).rejects.toMatchObject({ code: 'NO_BUDGET' });
  expect(tries).toBe(1);
});

test('what another run said of a pair is cached for five minutes at most', async () => {
  const { memory } = state.gate();
  const { client, name } = state.table;
  await comes(nth(1));
  state.pass(2 * MINUTE_MS);
  expect(await comes(nth(2), { memory })).toBe('known-caller');
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

  test('while the hour lasts that it is of, but then', async () => {
    await comes(nth(1));
    const now = state.now().getTime();
    const [least, most] = [now + HOUR_MS, now + 90 * DAY_MS];
    const expiries = (await items()).map(expiryOf);
    expect(expiries.length).toBeGreaterThanOrEqual(4);
    expect(expiries.filter((expiry) => !(expiry > least && expiry < most))).toEqual([]);
  });

  test('of a caller or of an incident, while the secret can be saved after the last that was noted', async () => {
    await comes(nth(1));
    await state.stores.pairs.name({ ...pairKey(nth(1)), sk: 'named by a digest' }, state.now());
    const kept = (await items()).filter(({ pk }) => /^(pair#|incidents$)/.test(String(pk)));
    expect(kept).toHaveLength(3);
    const least = state.now().getTime() + LONGEST_WINDOW_MS;
    expect(kept.filter((item) => !(expiryOf(item) > least))).toEqual([]);
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
  for (const each of attempts) expect(await comes(each)).toBe('repeated');
});

test('a digest reads the attempts to their end, page by page', async () => {
  // A page of DynamoDB has at most 1 MB: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Query.Pagination.html
  const filler = 'x'.repeat(100_000);
  await comes(nth(1000));
  for (let n = 0; n < 25; n++) {
    const item = { ...attemptItem(nth(n), state.now()), filler };
    await state.stores.attempts.record(item);
    await state.stores.attempts.record({ ...item, sk: `${item.sk}-i`, ignored: true });
  }
  state.pass(HOUR_MS);
  expect(await run()).toEqual(['digest prod/db/password: 25 x role app-server, 25 ignored']);
});
