import { PutItemCommand } from '@aws-sdk/client-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import type { Attempt } from '../../lib/attempt/attempt.ts';
import { identifySecret } from '../../lib/cloudtrail/secret-id.ts';
import { changeItem, partitionKey } from '../../lib/deletion/ledger.ts';
import { DRILL_PREFIX } from '../../lib/drill.ts';
import { addDays, MINUTE_MS } from '../../lib/time.ts';
import { attempt, cancellation, deletion, found, nth } from '../testing/attempts.ts';
import { GATE_POLICY } from '../testing/gate.ts';
import { type State, useState } from '../testing/state.ts';

const state = useState();
const comes: State['comes'] = (...args) => state.comes(...args);
const run: State['sumUp'] = (...args) => state.sumUp(...args);

/** Attempts 1 to `count` of one pair: the first is alerted, the others are deferred. */
async function storm(count: number) {
  for (let n = 1; n <= count; n++) await comes(nth(n));
}

const told = () =>
  state.published.map(({ body }) => Number(/^(\d+) attempts? to read/.exec(body)?.[1]));

test('all that nothing has told is told in one message, and not again', async () => {
  await storm(60);
  expect(await run()).toMatchObject({ outcome: 'sent' });
  expect(await run()).toEqual({ outcome: 'nothing' });
  expect(told()).toEqual([59]);
});

test('where nothing is untold there is no message', async () => {
  await storm(1);
  expect(await run()).toEqual({ outcome: 'nothing' });
  expect(state.published).toEqual([]);
});

test('two runs at a time tell nothing twice', async () => {
  await storm(30);
  const outcomes = await Promise.all([run(), run(), run()]);
  expect(outcomes.filter(({ outcome }) => outcome === 'sent')).toHaveLength(1);
  expect(outcomes.filter(({ outcome }) => outcome === 'busy')).toHaveLength(2);
  expect(told()).toEqual([29]);
});

test('an attempt that is delivered again after its summary is not told again', async () => {
  await storm(3);
  await run();
  state.pass(61 * MINUTE_MS);
  await comes(nth(2));
  expect(await run()).toEqual({ outcome: 'nothing' });
  await comes(nth(4));
  expect(told()).toEqual([2]);
});

test('an attempt whose alert is under way is left to it, until its run must have ended', async () => {
  await state.underWay(nth(1));
  expect(await run()).toEqual({ outcome: 'nothing' });
  state.pass(MINUTE_MS + 1);
  expect(await run()).toMatchObject({ outcome: 'sent' });
  expect(state.published[0]?.body).toContain('whose alert');
});

test('attempts over the budget, or whose alert failed, are told, and found before repeats', async () => {
  await storm(2);
  const [over, failed] = [nth(3), nth(4)].map((one, n) => ({
    ...one,
    secret: identifySecret(`secret-${n}`, {}),
  })) as [Attempt, Attempt];
  await comes(over, { budget: { takeTurn: async () => 'minute' } });
  await (await state.underWay(failed)).fails();
  const { toTell } = state.stores.attempts;
  const count = async (tell: string) => {
    let found = 0;
    for await (const page of toTell(tell)) found += page.length;
    return found;
  };
  expect([await count('unnamed'), await count('untold')]).toEqual([2, 1]);
  await run();
  expect(told()).toEqual([3]);
  expect([await count('unnamed'), await count('untold')]).toEqual([0, 0]);
});

test('an alert whose attempt a summary has taken up does not go out', async () => {
  await state.underWay(nth(1));
  state.pass(MINUTE_MS + 1);
  await run();
  expect(await comes(nth(1))).toBe('known');
});

describe('a run that dies', () => {
  test('while it takes up attempts leaves them to the next, once it must have ended', async () => {
    await storm(40);
    let taken = 0;
    const { attempts } = state.stores;
    const takeUp: typeof attempts.takeUp = async (...args) => {
      if (++taken > 10) return new Promise(() => {});
      return attempts.takeUp(...args);
    };
    void run({ attempts: { takeUp } });
    while (taken <= 10) await new Promise(setImmediate);
    expect(await run()).toEqual({ outcome: 'busy' });
    state.pass(MINUTE_MS + 1);
    await run();
    expect(told()).toEqual([39]);
  });

  test('after it has taken up all leaves them to the next', async () => {
    await storm(5);
    await expect(run({ publish: () => Promise.reject(new Error('SNS is down')) })).rejects.toThrow(
      'SNS is down',
    );
    await comes(nth(6));
    expect(await run()).toEqual({ outcome: 'busy' });
    state.pass(MINUTE_MS);
    await run();
    expect(told()).toEqual([5]);
  });

  test('after it has taken up all, where the index lags, has nothing counted twice', async () => {
    await storm(5);
    const stale: Record<string, unknown>[][] = [];
    const { attempts } = state.stores;
    for await (const page of attempts.toTell('untold')) stale.push(page);
    await expect(
      run({ publish: () => Promise.reject(new Error('SNS is down')) }),
    ).rejects.toThrow();
    state.pass(MINUTE_MS);
    const toTell: typeof attempts.toTell = (tell) =>
      tell === 'untold' ? (stale.values() as never) : attempts.toTell(tell);
    await run({ attempts: { toTell } });
    expect(told()).toEqual([4]);
  });

  test('waits for nobody whose write is still under way', async () => {
    await storm(30);
    let underWay = 0;
    const { attempts } = state.stores;
    const takeUp: typeof attempts.takeUp = async (...args) => {
      underWay++;
      const taken = await attempts.takeUp(...args);
      underWay--;
      if (args[0].sk.endsWith('attempt-2')) throw new Error('no table');
      return taken;
    };
    await expect(run({ attempts: { takeUp } })).rejects.toThrow('no table');
    expect(underWay).toBe(0);
    state.pass(MINUTE_MS);
    await run();
    expect(told()).toEqual([29]);
  });

  test('between sending and noting is the only one that is repeated', async () => {
    await storm(5);
    const end = () => Promise.reject(new Error('no table'));
    await expect(run({ summaries: { end } })).rejects.toThrow('no table');
    state.pass(MINUTE_MS + 1);
    await run();
    expect(await run()).toEqual({ outcome: 'nothing' });
    expect(told()).toEqual([4, 4]);
  });
});

test('a run that must come to its end tells what it has, and leaves the others', async () => {
  await storm(4);
  expect(await run({ timeLeft: () => 74_999 })).toEqual({
    outcome: 'nothing',
    oldestLeft: attempt().time,
  });
  expect(await run()).toMatchObject({ outcome: 'sent' });
  expect(told()).toEqual([3]);
});

test('ignored callers make no message, and a count in the next one', async () => {
  const policy = { ...GATE_POLICY, ignoredCallers: ['*:role/scanner'] };
  const caller = { ...attempt().caller, key: 'arn:aws:iam::1:role/scanner' };
  await comes(nth(1, { caller }), { policy });
  expect(await run()).toEqual({ outcome: 'nothing' });
  await comes(nth(2), { policy });
  await comes(nth(3), { policy });
  await run();
  expect(state.published[0]?.body).toMatch(/Ignored callers made 1 attempt besides\.$/);
  await comes(nth(4), { policy });
  await run();
  expect(state.published[1]?.body).not.toContain('Ignored');
  expect(told()).toEqual([1, 1]);
});

describe('the date of a secret', () => {
  const pk = partitionKey(deletion().secret) ?? '';
  const bodyAfter = async (...changes: Parameters<typeof changeItem>[0][]) => {
    for (const change of changes) await state.stores.ledger.putIfNewer(changeItem(change, pk));
    await storm(2);
    await run();
    return state.published[0]?.body;
  };

  test('is that of the ledger', async () => {
    expect(await bodyAfter(deletion())).toContain('Deletion: 2026-11-29 14:03 UTC, 6 days');
  });

  test('comes with the complete ARN, though the callers sent the name', async () => {
    const secret = identifySecret('prod/db/password', {
      accountId: '111122223333',
      region: 'eu-west-1',
    });
    const arn = `${deletion().secret.arn}`;
    await state.stores.ledger.putIfNewer(changeItem(deletion(), pk));
    for (const n of [1, 2]) await comes(nth(n, { secret }));
    await run();
    expect(state.published[0]?.body).toContain(`--secret-id ${arn} `);
  });

  test('is past for a secret restored since', async () => {
    expect(await bodyAfter(deletion(), cancellation())).toContain('Deletion: cancelled since');
  });

  test('is past for one deleted by force', async () => {
    const body = await bodyAfter(deletion({ forced: true }));
    expect(body).toContain('  Deletion: done, without a recovery window\n');
  });

  test('is past for one that AWS does not find, whose window may simply have ended', async () => {
    await storm(2);
    await run({ describeSecret: async () => ({ kind: 'not-found' }) });
    expect(state.published[0]?.body).toContain('  Deletion: done, as far as AWS tells\n');
  });

  test('is a range after that of DescribeSecret where the ledger does not know', async () => {
    await storm(2);
    await run({ describeSecret: async () => found({ deletedDate: deletion().requestedAt }) });
    expect(state.published[0]?.body).toContain(
      'Deletion: between 2026-11-29 14:03 UTC and 2026-12-22 14:03 UTC',
    );
  });

  test('is that of a deletion since the attempts which DescribeSecret says is pending', async () => {
    const requestedAt = new Date(attempt().time.getTime() + MINUTE_MS);
    const pk = partitionKey(deletion().secret) ?? '';
    const since = deletion({ requestedAt, date: addDays(requestedAt, 14) });
    await state.stores.ledger.putIfNewer(changeItem(since, pk));
    await storm(2);
    await run({ describeSecret: async () => found({ deletedDate: requestedAt }) });
    expect(state.published[0]?.body).toContain('Deletion: 2026-12-06 17:04 UTC, 13 days');
  });

  test('is unknown where the ledger knows nothing, or only of an earlier time', async () => {
    const earlier = cancellation({ requestedAt: addDays(attempt().time, -1) });
    expect(await bodyAfter(earlier)).toContain('Deletion: date unknown, at the latest 2026-12-22');
  });
});

test('an item changed by hand stops no summary', async () => {
  await storm(3);
  const { client, name } = state.table;
  const item = { pk: 'attempt#x', sk: '1', tell: 'untold' };
  await client.send(new PutItemCommand({ TableName: name, Item: marshall(item) }));
  await run();
  expect(told()).toEqual([2]);
});

test('attempts on the secret of a drill are taken up once, and make no message', async () => {
  const secret = identifySecret(`${DRILL_PREFIX}1f3a9c0e`, {});
  for (let n = 1; n <= 3; n++) await comes(nth(n, { secret }));
  expect(await run()).toEqual({ outcome: 'nothing' });
  for await (const page of state.stores.attempts.toTell('untold')) expect(page).toEqual([]);
});

test('a summary needs a message of the budget', async () => {
  await storm(3);
  const budget = { takeTurn: async () => 'minute' as const };
  await expect(run({ budget })).rejects.toThrow('No message is left in the budget');
  state.pass(MINUTE_MS);
  await run();
  expect(told()).toEqual([2]);
});
