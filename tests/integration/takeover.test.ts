import type { Attempt } from '../../lib/attempt/attempt.ts';
import { attemptItem } from '../../lib/attempt/item.ts';
import { putItem, updateItem } from '../../lib/aws/table.ts';
import { identifySecret } from '../../lib/cloudtrail/secret-id.ts';
import type { Lookup } from '../../lib/deletion/describe.ts';
import { changeItem, partitionKey } from '../../lib/deletion/ledger.ts';
import { incidentKey } from '../../lib/incident/incidents.ts';
import { pairKey } from '../../lib/incident/pairs.ts';
import { addDays, DAY_MS, HOUR_MS, MINUTE_MS } from '../../lib/time.ts';
import { attempt, deletion, found, NOW } from '../testing/attempts.ts';
import { linesOf, newsIn } from '../testing/notices.ts';
import { type State, useState } from '../testing/state.ts';

const state = useState();
const run = async (overrides: Parameters<State['sumUp']>[0] = {}) =>
  linesOf(await state.sumUp(overrides));

const NAME = 'prod/db/password';
/** An attempt made an hour before the update. */
const before = (id: string, overrides: Partial<Attempt> = {}) =>
  attempt({ id, time: new Date(NOW.getTime() - HOUR_MS), ...overrides });
const by = (name: string) => ({
  ...attempt().caller,
  key: `arn:aws:iam::111122223333:role/${name}`,
  name: `role ${name}`,
});

/** An attempt as the version before wrote it. */
async function left(one: Attempt, attributes: Record<string, unknown>): Promise<void> {
  const {
    recordedAt: _,
    issuerArn: __,
    ...item
  } = attemptItem(one, NOW) as Record<string, unknown>;
  await putItem(state.table, { ...item, ...attributes } as Parameters<typeof putItem>[1]);
}

/** A pair that the version before had alerted. */
async function leftPair(one: Attempt, attributes: Record<string, unknown> = {}): Promise<void> {
  const claimedAt = one.time.getTime();
  const of = { token: 'old', claimedAt, leaseUntil: claimedAt + 45_000, sent: one.secret.sent };
  await putItem(state.table, { ...pairKey(one), ...of, expiresAt: 4e9, ...attributes });
}

const UNTOLD = { tell: 'untold', heldBack: 'quiet-window' };
const UNNAMED = { tell: 'unnamed', heldBack: 'budget' };
const lease = (ms: number) => ({ tell: 'alerting', token: 'old', leaseUntil: NOW.getTime() + ms });

/** Runs until nothing is left for a day. @returns what was sent. */
async function runs(): Promise<string[]> {
  const lines: string[] = [];
  for (let n = 0; n < 10; n++) {
    lines.push(...(await run()));
    state.pass(2 * MINUTE_MS);
  }
  state.pass(DAY_MS);
  return [...lines, ...(await run())];
}

test.each<[string, Record<string, unknown>, boolean]>([
  ['deferred in a quiet window', UNTOLD, true],
  ['over the budget', UNNAMED, true],
  ['whose alert failed', { tell: 'unnamed', heldBack: 'failed' }, true],
  ['whose alert died', lease(-1), true],
  ['taken up by a summary that was not sent', { tell: 'summary#unsent' }, true],
  ['reported by a summary', { tell: 'summary#sent' }, false],
  ['reported by its alert', { alertedAt: NOW.toISOString() }, false],
  ['of an ignored caller', { tell: 'ignored', heldBack: 'ignored' }, false],
  ['read from the event history', { backfilled: true }, false],
])(
  'an attempt of the version before, %s, is reported once or not at all: %s',
  async (_, attributes, isReported) => {
    await updateItem(
      state.table,
      { pk: 'summary', sk: 'state' },
      { set: { summary: 'summary#unsent' } },
    );
    await left(before('1'), attributes);
    await leftPair(before('0'));
    expect(await runs()).toEqual(isReported ? [`digest new ${NAME}: 1 x role app-server`] : []);
  },
);

/** How many attempts the runs report in forty minutes, and then a day later. */
async function reportedInADay(): Promise<number> {
  const sent: number[] = [];
  for (let n = 0; n < 20; n++) {
    state.pass(2 * MINUTE_MS);
    sent.push(newsIn(await state.sumUp()));
  }
  state.pass(DAY_MS);
  sent.push(newsIn(await state.sumUp()));
  return sent.reduce((total, count) => total + count, 0);
}

test('all that the version before left of many secrets is reported once, by mails of several', async () => {
  for (let n = 0; n < 30; n++) {
    const secret = identifySecret(`secret-${n % 3}`, {});
    await left(before(`${n}`, { secret }), n % 2 ? UNTOLD : UNNAMED);
  }
  const sent: number[] = [];
  for (let n = 0; n < 5; n++) {
    sent.push(newsIn(await state.sumUp()));
    state.pass(2 * MINUTE_MS);
  }
  expect(sent).toEqual([0, 30, 0, 0, 0]);
});

test('an attempt whose alert is under way in the version before is left to it', async () => {
  await left(before('1'), lease(MINUTE_MS));
  expect(await run()).toEqual([]);
  await updateItem(
    state.table,
    { pk: attemptItem(before('1'), NOW).pk, sk: attemptItem(before('1'), NOW).sk },
    { set: { alertedAt: NOW.toISOString() }, remove: ['tell', 'token', 'leaseUntil'] },
  );
  await leftPair(before('1'));
  expect(await runs()).toEqual([]);
});

test.each<[string, Record<string, unknown>, string, string[]]>([
  ['its alert failed', UNNAMED, 'alert', []],
  ['its run died', lease(-1), 'alert', []],
  ['its run is at work, and dies', lease(MINUTE_MS), 'repeated', ['new 1 x role app-server']],
  ['it was alerted', { alertedAt: NOW.toISOString() }, 'repeated', []],
  ['it was read from the event history', { backfilled: true }, 'alert', []],
])(
  'an attempt of the version before that is delivered again, where %s',
  async (_, attributes, outcome, lines) => {
    await left(before('1'), attributes);
    expect(await state.comes(before('1'))).toBe(outcome);
    expect(await runs()).toEqual(lines.map((line) => `digest ${NAME}: ${line}`));
  },
);

test('a caller that the version before had alerted is known, and reported as such', async () => {
  await leftPair(before('1'));
  expect(await state.comes(before('2'))).toBe('known-caller');
  expect(await state.comes(before('3', { caller: by('batch') }))).toBe('alert');
  state.pass(2 * HOUR_MS);
  expect(await run()).toEqual([`digest ${NAME}: 1 x role app-server`]);
});

test('a pair that the version before had claimed and not alerted is claimed anew', async () => {
  await leftPair(before('1'), { unconfirmed: true });
  expect(await state.comes(before('2'))).toBe('alert');
});

test('a caller that the version before would have alerted again as the end nears is alerted then', async () => {
  await leftPair(before('1'), { renewAt: NOW.getTime() + HOUR_MS });
  expect(await state.comes(before('2'))).toBe('known-caller');
  state.pass(HOUR_MS);
  expect(await state.comes(before('3'))).toBe('alert');
  state.pass(HOUR_MS);
  expect(await state.comes(before('4'))).toBe('known-caller');
});

test('a caller that the version before had not named is named', async () => {
  await left(before('1', { caller: by('batch') }), UNNAMED);
  expect(await runs()).toEqual([`digest new ${NAME}: new 1 x role batch`]);
});

test('a run that dies as it takes over leaves the others to the next', async () => {
  for (let n = 0; n < 40; n++) await left(before(`${n}`), UNTOLD);
  let taken = 0;
  const { attempts } = state.stores;
  const takeOver: typeof attempts.takeOver = async (...args) => {
    if (++taken > 10) throw new Error('killed');
    return attempts.takeOver(...args);
  };
  await expect(run({ attempts: { takeOver } })).rejects.toThrow('killed');
  expect(await reportedInADay()).toBe(40);
});

test('what there is no time for is taken over by the next run', async () => {
  for (let n = 0; n < 40; n++)
    await left(before(`${n}`), n < 20 ? UNTOLD : { tell: 'summary#unsent' });
  const key = { pk: 'summary', sk: 'state' };
  await updateItem(state.table, key, { set: { summary: 'summary#unsent' } });
  let taken = 0;
  const { attempts } = state.stores;
  const takeOver: typeof attempts.takeOver = async (...args) => {
    taken++;
    return attempts.takeOver(...args);
  };
  const timeLeft = () => (taken < 5 ? 300_000 : 149_999);
  await run({ timeLeft, attempts: { takeOver } });
  expect(taken).toBeLessThan(40);
  expect(await reportedInADay()).toBe(40);
});

describe('a secret of which the version before has reported all attempts, and that is not read again', () => {
  const DELETED = addDays(NOW, -5);
  const ALERTED = { alertedAt: NOW.toISOString() };
  const SUMMED_UP = { tell: 'summary#sent', heldBack: 'quiet-window' };
  const IGNORED = { tell: 'ignored', heldBack: 'ignored' };
  const days = (n: number) => addDays(NOW, n);
  const at = (id: string, day: number, overrides: Partial<Attempt> = {}) =>
    attempt({ id, time: days(day), ...overrides });
  /** It is pending since five days, by AWS's date, and for the ledger with a window of so many days. */
  async function isPending(windowDays: number, secret = attempt().secret): Promise<void> {
    const date = addDays(DELETED, windowDays);
    const change = deletion({ secret, requestedAt: DELETED, date, windowDays });
    await state.stores.ledger.putItem(changeItem(change, partitionKey(secret) ?? ''));
  }
  const PENDING = found({ deletedDate: DELETED });
  const find = (secret = attempt().secret) => state.stores.incidents.find(incidentKey(secret));

  /** Runs twice a day until a day. @returns what they sent, with the day. */
  async function until(day: number, lookup: Lookup = PENDING): Promise<string[]> {
    const lines: string[] = [];
    while (state.now() < days(day)) {
      const passed = Math.floor((state.now().getTime() - NOW.getTime()) / DAY_MS);
      for (const line of await run({ describeSecret: async () => lookup }))
        lines.push(`day ${passed}: ${line}`);
      state.pass(12 * HOUR_MS);
    }
    return lines;
  }

  test('has its last calls, which count all that was read since it was deleted', async () => {
    await isPending(30);
    await left(at('before its deletion', -6), ALERTED);
    await left(at('1', -4), ALERTED);
    await left(at('2', -3), SUMMED_UP);
    await left(at('3', -2), SUMMED_UP);
    await left(at('4', -2, { caller: by('ignored') }), IGNORED);
    await left(at('5', -2, { caller: by('past') }), { backfilled: true });
    await leftPair(at('1', -4));
    expect(await until(24)).toEqual([
      `day 18: last-call ${NAME}: 3 x role app-server (0 new)`,
      `day 23: last-call ${NAME}: 3 x role app-server (0 new)`,
    ]);
  });

  test('begins anew with a deletion of which it is heard only after a later attempt', async () => {
    await isPending(30);
    await left(at('1', -4), ALERTED);
    await leftPair(at('1', -4));
    await until(1);
    await state.comes(attempt({ id: '2', time: state.now() }));
    expect(await state.stores.incidents.reopen(attempt().secret, days(-1))).toBe(true);
  });

  test('has the last call at once whose time has come since it was read', async () => {
    await isPending(11);
    await left(at('1', -4), ALERTED);
    await leftPair(at('1', -4));
    expect(await until(5)).toEqual([
      `day 0: last-call ${NAME}: 1 x role app-server (0 new)`,
      `day 4: last-call ${NAME}: 1 x role app-server (0 new)`,
    ]);
  });

  test('has no last call whose time had come when it was last read', async () => {
    await isPending(11);
    await left(at('1', -4), ALERTED);
    await left(at('2', -0.5), SUMMED_UP);
    await leftPair(at('1', -4));
    expect(await until(5)).toEqual([`day 4: last-call ${NAME}: 2 x role app-server (0 new)`]);
  });

  test.each<[string, () => Promise<unknown>, Lookup]>([
    ['restored since', () => left(at('1', -4), ALERTED), found({ deletedDate: undefined })],
    ['gone', () => left(at('1', -4), ALERTED), { kind: 'not-found' }],
    ['pending, but read only before that', () => left(at('1', -6), ALERTED), PENDING],
    ['read by ignored callers alone', () => left(at('1', -4), IGNORED), PENDING],
    ['known from the event history alone', () => left(at('1', -4), { backfilled: true }), PENDING],
  ])('that is %s has none', async (_, isLeft, lookup) => {
    await isPending(30);
    await isLeft();
    expect(await until(26, lookup)).toEqual([]);
    expect(await find()).toBeUndefined();
  });

  test('counts what is read after the update too, if it is read again', async () => {
    await isPending(30);
    await left(at('1', -4), ALERTED);
    await leftPair(at('1', -4));
    expect(await state.comes(at('2', 0))).toBe('known-caller');
    expect(await until(19)).toEqual([
      `day 0: digest ${NAME}: 1 x role app-server`,
      `day 18: last-call ${NAME}: 2 x role app-server (0 new)`,
    ]);
  });

  test('is found among many, by as many runs as it takes, though some die; and then nothing is searched any more', async () => {
    const secrets = Array.from({ length: 60 }, (_, n) => identifySecret(`secret-${n}`, {}));
    for (const secret of secrets) {
      await Promise.all(
        Array.from({ length: 10 }, (_, n) => left(at(`${n}`, -4, { secret }), SUMMED_UP)),
      );
    }
    const { attempts } = state.stores;
    let pages = 0;
    const ofVersionBefore: typeof attempts.ofVersionBefore = async function* (...args) {
      for await (const page of attempts.ofVersionBefore(...args)) {
        pages++;
        yield page;
      }
    };
    let looks = 0;
    const describeSecret = async (): Promise<Lookup> => {
      if (++looks === 30) throw new Error('killed');
      return { kind: 'unavailable', reason: 'Nobody asked.' };
    };
    const search = () => {
      const before = looks;
      const timeLeft = () => (looks < before + 10 ? 300_000 : 149_999);
      return run({ attempts: { ofVersionBefore }, describeSecret, timeLeft });
    };
    await search();
    expect(looks).toBe(0);
    state.pass(15 * MINUTE_MS);
    let deaths = 0;
    for (let n = 0; n < 10; n++) await search().catch(() => deaths++);
    expect(deaths).toBe(1);
    const opened = await state.stores.incidents.all();
    expect(opened).toHaveLength(60);
    expect(opened.every(({ lookAt }) => lookAt && lookAt > state.now())).toBe(true);
    const searched = pages;
    await search();
    expect(pages).toBe(searched);
  });
});
