import { PutItemCommand } from '@aws-sdk/client-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import type { Attempt } from '../../lib/attempt/attempt.ts';
import { identifySecret } from '../../lib/cloudtrail/secret-id.ts';
import { changeItem, partitionKey } from '../../lib/deletion/ledger.ts';
import { DRILL_PREFIX } from '../../lib/drill.ts';
import { shareOf } from '../../lib/incident/budget.ts';
import type { Mute } from '../../lib/incident/incident.ts';
import { incidentKey } from '../../lib/incident/incidents.ts';
import { pairKey } from '../../lib/incident/pairs.ts';
import { type SummarizePorts, summarize } from '../../lib/incident/summarize.ts';
import { type TrackPorts, track } from '../../lib/incident/track.ts';
import { addDays, DAY_MS, HOUR_MS, MINUTE_MS } from '../../lib/time.ts';
import { attempt, cancellation, deletion, found, NOW, nth } from '../testing/attempts.ts';
import { GATE_POLICY } from '../testing/gate.ts';
import { linesOf, newsIn } from '../testing/notices.ts';
import { type State, SUMMARIZE_POLICY, useState, wrapCalls } from '../testing/state.ts';

const state = useState();
const comes: State['comes'] = (...args) => state.comes(...args);
const run = async (overrides: Parameters<State['sumUp']>[0] = {}) =>
  linesOf(await state.sumUp(overrides));

/** As often as the function runs. */
const RUN_MS = 2 * MINUTE_MS;

const NAME = 'prod/db/password';
const { secret: SECRET } = attempt();
const callerOf = (name: string) => ({
  ...attempt().caller,
  key: `arn:aws:iam::111122223333:role/${name}`,
  name: `role ${name}`,
});
/** An attempt of another caller, made just now. */
const by = (name: string, id: string | number, overrides: Partial<Attempt> = {}) =>
  attempt({ id: `${name}-${id}`, time: state.now(), caller: callerOf(name), ...overrides });
const secretOf = (name: string) =>
  identifySecret(name, { accountId: '111122223333', region: 'eu-west-1' });

/** Attempts 1 to `count` of one pair: the first is alerted, the others are deferred. */
async function storm(count: number) {
  for (let n = 1; n <= count; n++) await comes(nth(n));
}

const find = (secret = SECRET) => state.stores.incidents.find(incidentKey(secret));

describe('a known caller of one secret', () => {
  let attempts = 0;
  const reads = () => comes(by('app-server', ++attempts));

  test.each([
    [1, [1, 1, 1]],
    [24, [1, 2, 4, 8, 16, 24, 24]],
    [168, [1, 2, 4, 8, 16, 24, 48, 96, 168]],
  ])('is reported at pauses of up to %d hours: %j', async (maxDigestPauseHours, pauses) => {
    const policy = { ...SUMMARIZE_POLICY, maxDigestPauseHours };
    const sum = async () => linesOf(await summarize(policy, state.summary()));
    expect(await reads()).toBe('alert');
    let noticeAt = state.now();
    state.pass(RUN_MS);
    expect(await sum()).toEqual([]);
    for (const pause of pauses) {
      expect(await reads()).toBe('known-caller');
      const due = new Date(noticeAt.getTime() + pause * HOUR_MS);
      state.pass(due.getTime() - state.now().getTime() - 1);
      expect(await sum()).toEqual([]);
      state.pass(1);
      expect(await sum()).toEqual([`digest ${NAME}: 1 x role app-server`]);
      noticeAt = due;
    }
  });

  test('is not reported where nothing is new', async () => {
    await reads();
    for (let hour = 0; hour < 30; hour++) {
      expect(await run()).toEqual([]);
      state.pass(HOUR_MS);
    }
    await reads();
    state.pass(RUN_MS);
    expect(await run()).toEqual([`digest ${NAME}: 1 x role app-server`]);
  });

  test('is reported eight hours after a last call, then sixteen', async () => {
    const ends = { state: 'pending', schedule: exact(8) } as const;
    await comes(by('app-server', 'first'), { state: ends });
    state.pass(22 * HOUR_MS);
    await reads();
    state.pass(HOUR_MS);
    expect(await run()).toEqual([`digest ${NAME}: 1 x role app-server`]);
    state.pass(HOUR_MS);
    expect(await run()).toEqual([`last-call ${NAME}: 2 x role app-server (0 new)`]);
    for (const pause of [8, 16]) {
      await reads();
      state.pass(pause * HOUR_MS - 1);
      expect(await run()).toEqual([]);
      state.pass(1);
      expect(await run()).toEqual([`digest ${NAME}: 1 x role app-server`]);
    }
  });
});

/** The end of a window, in so many days from the start of the tests. */
const exact = (days: number) => ({ kind: 'exact', date: addDays(NOW, days) }) as const;

describe('a digest', () => {
  test('reports all that nothing has reported, and not again', async () => {
    await storm(60);
    state.pass(HOUR_MS);
    expect(await run()).toEqual([`digest ${NAME}: 59 x role app-server`]);
    state.pass(30 * HOUR_MS);
    expect(await run()).toEqual([]);
  });

  test('takes along what is due soon', async () => {
    for (const [name, minutes] of [
      ['a', 25],
      ['b', 10],
      ['c', 0],
    ] as const) {
      for (const n of [1, 2]) await comes(by('app-server', n, { secret: secretOf(name) }));
      state.pass(minutes * MINUTE_MS);
    }
    state.pass(25 * MINUTE_MS);
    expect(await run()).toEqual(['digest a: 1 x role app-server', 'digest b: 1 x role app-server']);
  });

  test('leaves an attempt that is just being recorded to the next', async () => {
    await storm(2);
    state.pass(HOUR_MS);
    await comes(nth(3));
    expect(await run()).toEqual([`digest ${NAME}: 1 x role app-server`]);
    state.pass(2 * HOUR_MS);
    expect(await run()).toEqual([`digest ${NAME}: 1 x role app-server`]);
  });

  test('does not report again an attempt that is delivered again', async () => {
    await storm(3);
    state.pass(HOUR_MS);
    await run();
    await comes(nth(2));
    state.pass(30 * HOUR_MS);
    expect(await run()).toEqual([]);
  });

  test('counts ignored callers, and is none for them alone', async () => {
    const policy = { ...GATE_POLICY, ignoredCallers: ['*:role/scanner'] };
    await comes(by('scanner', 1), { policy });
    state.pass(HOUR_MS);
    expect(await run()).toEqual([]);
    await comes(by('app-server', 2), { policy });
    await comes(by('scanner', 3), { policy });
    state.pass(HOUR_MS);
    expect(await run()).toEqual([]);
    await comes(by('app-server', 4), { policy });
    state.pass(8 * HOUR_MS);
    expect(await run()).toEqual([`digest ${NAME}: 1 x role app-server, 2 ignored`]);
  });

  test('is none for attempts on the secret of a drill', async () => {
    const secret = identifySecret(`${DRILL_PREFIX}1f3a9c0e`, {});
    for (let n = 1; n <= 3; n++) await comes(nth(n, { secret }));
    state.pass(HOUR_MS);
    expect(await run()).toEqual([]);
    expect(await state.stores.incidents.all()).toEqual([]);
  });

  test('is stopped by no item changed by hand', async () => {
    await storm(3);
    const { client, name } = state.table;
    const { pk, sk } = { pk: `attempt#${incidentKey(SECRET)}`, sk: '1' };
    for (const item of [
      { pk, sk, recordedAt: NOW.toISOString() },
      { pk: 'incidents', sk, openedAt: 'long ago' },
      { pk: 'attempt#x', sk, tell: 'untold' },
    ]) {
      await client.send(new PutItemCommand({ TableName: name, Item: marshall(item) }));
    }
    state.pass(HOUR_MS);
    expect(await run()).toEqual([`digest ${NAME}: 2 x role app-server`]);
  });

  test('that finds no room in the budget is sent in the next hour', async () => {
    await storm(3);
    state.pass(RUN_MS);
    await run();
    state.pass(HOUR_MS);
    const most = shareOf('digest', SUMMARIZE_POLICY);
    for (let n = 0; n < most; n++) {
      await state.stores.budget.takeTurn(new Date(state.now().getTime() + n * 1000), most);
    }
    expect(await run()).toEqual([]);
    state.pass(HOUR_MS);
    expect(await run()).toEqual([`digest ${NAME}: 2 x role app-server`]);
  });

  test('two runs at a time report nothing twice', async () => {
    await storm(30);
    state.pass(HOUR_MS);
    const lines = await Promise.all([run(), run(), run()]);
    expect(lines.flat().sort()).toEqual(['busy', 'busy', `digest ${NAME}: 29 x role app-server`]);
  });

  test('that finds no room in one mail is sent in several, each noted, as far as the budget goes', async () => {
    for (const name of ['a', 'b', 'c']) {
      for (const n of [1, 2]) await comes(by('app-server', n, { secret: secretOf(name) }));
    }
    const publish: SummarizePorts['publish'] = async (notice) =>
      notice.secrets.length > 1 ? { ...notice, secrets: notice.secrets.slice(1) } : undefined;
    state.pass(HOUR_MS);
    let turns = 2;
    const budget = { takeTurn: async () => (turns-- > 0 ? 'taken' : 'hour') as 'taken' | 'hour' };
    const both = ['digest a: 1 x role app-server', 'digest b: 1 x role app-server'];
    expect(await run({ publish, budget })).toEqual(both);
    state.pass(30 * MINUTE_MS);
    expect(await run({ publish })).toEqual(['digest c: 1 x role app-server']);
    expect(await run({ publish })).toEqual([]);
  });
});

describe('whom no alert names', () => {
  test('is named within minutes where the run that was to alert it died before it noted that', async () => {
    await comes(by('first', 1));
    state.pass(2 * RUN_MS);
    expect(await run()).toEqual([]);
    const killed = { token: 'killed', now: state.now().getTime() };
    const leaseUntil = killed.now + 45_000;
    await state.stores.pairs.claim(pairKey(by('second', 1)), { ...killed, leaseUntil });
    expect(await comes(by('second', 2))).toBe('known-caller');
    state.pass(2 * RUN_MS);
    expect(await run()).toEqual([`digest ${NAME}: new 1 x role second`]);
    state.pass(RUN_MS);
    expect(await run()).toEqual([]);
  });

  test('a digest names within minutes, and what known callers did waits', async () => {
    for (let n = 1; n <= 6; n++) await comes(by(`caller-${n}`, n));
    await comes(by('caller-1', 7));
    state.pass(RUN_MS);
    const named = ['new 1 x role caller-5', 'new 1 x role caller-6'];
    const lines = await run();
    expect(lines).toHaveLength(1);
    for (const caller of [...named, '1 x role caller-1']) expect(lines[0]).toContain(caller);
    await comes(by('caller-5', 8));
    await comes(by('caller-6', 9));
    for (let n = 0; n < 30; n++) {
      state.pass(RUN_MS);
      expect(await run()).toEqual([]);
    }
    state.pass(HOUR_MS);
    expect(await run()).toEqual([`digest ${NAME}: 1 x role caller-5, 1 x role caller-6`]);
  });

  test('where all have been named by alerts nothing is sent before an hour', async () => {
    await storm(5);
    await comes(by('other', 6));
    for (let n = 0; n < 29; n++) {
      state.pass(RUN_MS);
      expect(await run()).toEqual([]);
    }
    state.pass(RUN_MS);
    expect(await run()).toEqual([`digest ${NAME}: 4 x role app-server`]);
  });

  test('because the budget is used up, a digest names within minutes', async () => {
    const budget = { takeTurn: async () => 'hour' as const };
    expect(await comes(by('app-server', 1), { budget })).toBe('budget');
    state.pass(RUN_MS);
    expect(await run()).toEqual([`digest new ${NAME}: new 1 x role app-server`]);
    expect(await find()).toMatchObject({ namedAt: state.now(), notices: 1, pauseHours: 1 });
  });

  test('because his alert failed, a digest names within minutes, and the alert goes out no more', async () => {
    await (await state.underWay(nth(1))).fails();
    state.pass(RUN_MS);
    expect(await run()).toEqual([`digest new ${NAME}: new 1 x role app-server`]);
    expect(await comes(nth(1))).toBe('repeated');
    expect(await comes(nth(2))).toBe('known-caller');
  });

  test('because the run of his alert died, a digest names within minutes', async () => {
    await state.underWay(nth(1));
    expect(await run()).toEqual([]);
    expect((await find())?.namedAt).toBeUndefined();
    state.pass(RUN_MS);
    expect(await run()).toEqual([`digest new ${NAME}: new 1 x role app-server`]);
  });

  test('while others flood the mailbox, a digest names in time', async () => {
    const maxMailsPerHour = 20;
    const policy = { ...GATE_POLICY, maxMailsPerHour };
    await comes(by('app-server', 0), { policy });
    /** Whom no alert has named, and since when. */
    const waiting = new Map<string, number>();
    const latest = { secret: 0, caller: 0 };
    for (let minute = 0; minute < 80; minute++) {
      const now = state.now().getTime();
      const flood = secretOf(`flood-${minute}`);
      await comes(by('attacker', minute, { secret: flood }), { policy });
      await comes(by(`session-${minute}`, minute), { policy });
      if (minute % 10 === 5) {
        const secret = secretOf(`secret-${minute}`);
        const opened = await comes(by('app-server', minute, { secret }), { policy });
        if (opened !== 'alert') waiting.set(`new ${secret.name}:`, now);
        const other = await comes(by(`caller-${minute}`, minute), { policy });
        if (other !== 'alert') waiting.set(`new 1 x role caller-${minute}`, now);
      }
      if (minute % 2 === 1) {
        const sum = summarize({ ...SUMMARIZE_POLICY, maxMailsPerHour }, state.summary());
        const lines = `${linesOf(await sum).join()},`;
        for (const [text, since] of waiting) {
          const kind = text.endsWith(':') ? 'secret' : 'caller';
          latest[kind] = Math.max(latest[kind], now - since);
          if (lines.includes(text)) waiting.delete(text);
        }
      }
      state.pass(MINUTE_MS);
    }
    expect(latest.secret).toBeGreaterThan(0);
    expect(latest.secret).toBeLessThan(10 * MINUTE_MS);
    expect(latest.caller).toBeGreaterThan(0);
    expect(latest.caller).toBeLessThan(HOUR_MS);
  });
});

describe('attempts on a secret that was restored and deleted anew some seconds before', () => {
  const happens = (change: Parameters<typeof track>[0]) =>
    track(change, undefined, state.stores as unknown as TrackPorts);
  const noBudget = { takeTurn: async () => 'hour' as const };

  /** A known caller's secret, restored and deleted anew. @returns what lets the events of that come. */
  async function deletedAnew(memory = state.gate().memory) {
    await happens(deletion({ requestedAt: NOW, date: addDays(NOW, 30), windowDays: 30 }));
    state.pass(MINUTE_MS);
    await comes(by('app-server', 1), { memory });
    state.pass(2 * HOUR_MS);
    await comes(by('app-server', 2), { memory });
    expect(await run()).toEqual([]);
    state.pass(RUN_MS);
    expect(await run()).toEqual([`digest ${NAME}: 1 x role app-server`]);
    await comes(by('app-server', 3), { memory });
    const restore = cancellation({ requestedAt: state.now() });
    state.pass(20_000);
    const requestedAt = state.now();
    const anew = deletion({ id: 'anew', requestedAt, date: addDays(requestedAt, 30) });
    state.pass(10_000);
    return async () => {
      await happens(restore);
      await happens(anew);
    };
  }

  /** What the runs of ten minutes send. */
  async function inTenMinutes() {
    const lines: string[] = [];
    for (let minutes = 0; minutes < 10; minutes += 2) {
      state.pass(RUN_MS);
      lines.push(...(await run()));
    }
    return lines.join();
  }

  /** The day of each last call within a month. */
  async function lastCalls() {
    const days: number[] = [];
    const start = state.now().getTime();
    while (state.now().getTime() < start + 29 * DAY_MS) {
      state.pass(12 * HOUR_MS);
      const day = Math.floor((state.now().getTime() - start) / DAY_MS);
      for (const line of await run()) if (line.startsWith('last-call')) days.push(day);
    }
    return days;
  }

  test('by a caller whom a process takes for known are named within minutes, and a last call is made', async () => {
    const { memory } = state.gate();
    const eventsCome = await deletedAnew(memory);
    await eventsCome();
    state.pass(10_000);
    expect(await comes(by('app-server', 4), { memory })).toBe('known-caller');
    expect(await inTenMinutes()).toContain('role app-server');
    expect(await lastCalls()).toEqual([23, 28]);
  });

  test('that come before the events of that are named within minutes, and a last call is made', async () => {
    const eventsCome = await deletedAnew();
    expect(await comes(by('batch', 1), { budget: noBudget })).toBe('budget');
    state.pass(10_000);
    await eventsCome();
    expect(await inTenMinutes()).toContain('role batch');
    expect(await lastCalls()).toEqual([23, 28]);
  });

  test('that are alerted before the events of that are followed by a last call', async () => {
    const eventsCome = await deletedAnew();
    expect(await comes(by('batch', 1))).toBe('alert');
    state.pass(10_000);
    await eventsCome();
    await inTenMinutes();
    expect(await lastCalls()).toEqual([23, 28]);
  });
});

describe('a mute', () => {
  const mute = (overrides: Partial<Mute> = {}) =>
    state.stores.incidents.mute(SECRET, {
      id: 'mute',
      by: 'alice',
      reason: 'we know',
      from: state.now(),
      ...overrides,
    });

  test('of a secret lets no digest go out, and the next one after it counts what it hid', async () => {
    await comes(by('app-server', 1));
    state.pass(HOUR_MS);
    await mute({ until: addDays(NOW, 2) });
    for (let n = 2; n < 20; n++) {
      await comes(by(n % 2 ? 'app-server' : 'batch', n));
      state.pass(2 * HOUR_MS);
      expect(await run()).toEqual([]);
    }
    state.pass(2 * DAY_MS);
    expect(await run()).toEqual([]);
    await comes(by('app-server', 20));
    state.pass(DAY_MS);
    expect(await run()).toEqual([`digest ${NAME}: 1 x role app-server, 18 muted by alice`]);
  });

  test('of a secret lets it go along in a digest of others, once, and for all that came since', async () => {
    const other = secretOf('other');
    await mute();
    await comes(by('app-server', 1));
    await comes(by('app-server', 2));
    await comes(by('app-server', 3, { secret: other }));
    await comes(by('app-server', 4, { secret: other }));
    state.pass(HOUR_MS + MINUTE_MS);
    const along = [`digest other: 1 x role app-server`, `digest new ${NAME}: 2 muted by alice`];
    expect(await run()).toEqual(along);
    expect(state.published.at(-1)?.body).toMatch(
      /^prod\/db\/password, .*: muted by alice: 2 attempts$/m,
    );
    await comes(by('app-server', 5, { secret: other }));
    state.pass(3 * HOUR_MS);
    expect(await run()).toEqual([`digest other: 1 x role app-server`]);
    await comes(by('app-server', 6));
    state.pass(DAY_MS);
    expect(await run()).toEqual([]);
    await state.stores.incidents.unmute(incidentKey(SECRET), ['mute'], state.now());
    await comes(by('app-server', 7));
    state.pass(10 * MINUTE_MS);
    expect(await run()).toEqual([`digest new ${NAME}: new 1 x role app-server, 1 muted by alice`]);
  });

  test('of a caller is counted beside what others did', async () => {
    await mute({ caller: '*:role/app-*' });
    await comes(by('app-server', 1));
    await comes(by('app-server', 2));
    await comes(by('batch', 3));
    await comes(by('batch', 4));
    state.pass(2 * HOUR_MS);
    expect(await run()).toEqual([`digest ${NAME}: 1 x role batch, 2 muted by alice`]);
  });

  test.each([
    ['is over', { until: new Date(NOW.getTime() + HOUR_MS) }],
    ['is removed', {}],
  ])('that %s lets the caller be named', async (_, overrides) => {
    await mute(overrides);
    await comes(by('app-server', 1));
    state.pass(HOUR_MS);
    expect(await run()).toEqual([]);
    await state.stores.incidents.unmute(incidentKey(SECRET), ['mute'], state.now());
    await comes(by('app-server', 2));
    state.pass(10 * MINUTE_MS);
    expect(await run()).toEqual([`digest new ${NAME}: new 1 x role app-server, 1 muted by alice`]);
  });

  test('takes the place of the oldest that has ended where an item has as many as it keeps', async () => {
    const { find } = state.stores.incidents;
    const until = new Date(NOW.getTime() + MINUTE_MS);
    for (let n = 0; n < 50; n++) await mute({ id: `m${n}`, until: n === 3 ? until : undefined });
    await expect(mute({ id: 'more' })).rejects.toMatchObject({ code: 'TOO_MANY_MUTES' });
    state.pass(MINUTE_MS);
    await mute({ id: 'more' });
    const ids = (await find(incidentKey(SECRET)))?.mutes.map(({ id }) => id) ?? [];
    expect([ids.length, ids.includes('m3'), ids.at(-1)]).toEqual([50, false, 'more']);
  });

  test('that is removed while another is made stays removed', async () => {
    for (const id of ['a', 'b']) await mute({ id });
    const key = incidentKey(SECRET);
    await Promise.all([state.stores.incidents.unmute(key, ['b'], state.now()), mute({ id: 'c' })]);
    const mutes = (await state.stores.incidents.find(key))?.mutes ?? [];
    expect(mutes.map(({ id, endedAt }) => [id, endedAt !== undefined])).toEqual([
      ['a', false],
      ['b', true],
      ['c', false],
    ]);
  });

  test('ends with the deletion that it was made for', async () => {
    await comes(by('app-server', 1));
    await mute();
    state.pass(DAY_MS);
    const requestedAt = state.now();
    const ports = state.stores as unknown as TrackPorts;
    await track(deletion({ requestedAt, date: addDays(requestedAt, 20) }), undefined, ports);
    expect(await comes(by('app-server', 2))).toBe('alert');
  });
});

describe('a run that dies', () => {
  /** Lets a run die when it has made so many calls. @returns their names. */
  async function dyingAfter(calls: number): Promise<{ made: string[]; told: number }> {
    const made: string[] = [];
    let told = 0;
    const die = () => Promise.reject(new Error('killed'));
    const ports = state.summary();
    const dying = wrapCalls(ports, (name, call) => async (...args) => {
      if (made.length >= calls) return die();
      made.push(name);
      const answer = await call(...args);
      return made.length >= calls ? die() : answer;
    });
    const publish: SummarizePorts['publish'] = async (notice) => {
      if (made.length >= calls) return die();
      made.push('publish');
      told += newsIn({ outcome: 'done', sent: [notice], clashes: [], overdue: 0 });
      return made.length >= calls ? die() : undefined;
    };
    await summarize(SUMMARIZE_POLICY, { ...dying, publish }).catch(() => undefined);
    return { made, told };
  }

  test('after any of its calls loses nothing, and what it told is told again only where it was not noted', async () => {
    for (let calls = 1; ; calls++) {
      const secrets = [secretOf(`a-${calls}`), secretOf(`b-${calls}`)];
      for (const secret of secrets) {
        for (let n = 1; n <= 2; n++) await comes(by('caller', n, { secret }));
      }
      await (await state.underWay(by('failed', 7, { secret: secrets[0] }))).fails();
      state.pass(HOUR_MS);
      const { made, told } = await dyingAfter(calls);
      state.pass(5 * MINUTE_MS);
      let again = 0;
      for (let n = 0; n < 3; n++) {
        again += newsIn(await state.sumUp());
        state.pass(40 * MINUTE_MS);
      }
      const incidents = await Promise.all(secrets.map((secret) => find(secret)));
      const total = told + again;
      const isNoted = made.indexOf('publish') < 0 || made.lastIndexOf('end') === made.length - 1;
      const recorded = await recordedUnalerted(secrets);
      if (isNoted) expect([calls, total]).toEqual([calls, recorded]);
      else expect(total).toBeGreaterThanOrEqual(recorded);
      for (const incident of incidents) expect(incident?.unnamedSince).toBeUndefined();
      if (made.length < calls) break;
      state.pass(24 * HOUR_MS);
    }
  });

  /** How many attempts on secrets are recorded that no alert has reported. */
  async function recordedUnalerted(secrets: readonly (typeof SECRET)[]): Promise<number> {
    let count = 0;
    for (const secret of secrets) {
      const pages = state.stores.attempts.read(`attempt#${incidentKey(secret)}`, {
        unreportedAfter: new Date(0),
        until: state.now(),
      });
      for await (const page of pages) count += page.length;
    }
    return count;
  }

  test('while it works keeps others away until it must have ended', async () => {
    await storm(5);
    state.pass(HOUR_MS);
    const { made } = await dyingAfter(3);
    expect(made).toHaveLength(3);
    expect(await run()).toEqual(['busy']);
    state.pass(45_001);
    expect(await run()).toEqual([`digest ${NAME}: 4 x role app-server`]);
  });

  test('because SNS is down leaves all to the next', async () => {
    await storm(5);
    state.pass(HOUR_MS);
    const publish = () => Promise.reject(new Error('SNS is down'));
    await expect(run({ publish })).rejects.toThrow('SNS is down');
    expect(await run()).toEqual([`digest ${NAME}: 4 x role app-server`]);
  });
});

describe('a run that must come to its end', () => {
  test('sends what it has, and leaves the others', async () => {
    for (const name of ['a', 'b']) {
      for (const n of [1, 2]) await comes(by('app-server', n, { secret: secretOf(name) }));
    }
    state.pass(HOUR_MS);
    expect(await run({ timeLeft: () => 89_999 })).toEqual([]);
    expect(await run()).toEqual(['digest a: 1 x role app-server', 'digest b: 1 x role app-server']);
  });

  test('before it came to anything new takes nothing as reported', async () => {
    await storm(3);
    state.pass(HOUR_MS);
    let left = 90_000;
    const { attempts } = state.stores;
    const read: typeof attempts.read = async function* (...args) {
      left = 0;
      yield [];
      yield* attempts.read(...args);
    };
    expect(await run({ timeLeft: () => left, attempts: { read } })).toEqual([]);
    // An incident too large to be read must not take the time of others in each run.
    expect(await run()).toEqual([]);
    state.pass(2 * HOUR_MS);
    expect(await run()).toEqual([`digest ${NAME}: 2 x role app-server`]);
  });
});

describe('the date of a secret', () => {
  const pk = partitionKey(deletion().secret) ?? '';
  const bodyOf = async (overrides: Parameters<State['sumUp']>[0] = {}) => {
    await storm(2);
    state.pass(HOUR_MS);
    await run(overrides);
    return state.published[0]?.body;
  };
  const bodyAfter = async (...changes: Parameters<typeof changeItem>[0][]) => {
    for (const change of changes) await state.stores.ledger.putIfNewer(changeItem(change, pk));
    return bodyOf();
  };

  test('is that of the ledger', async () => {
    expect(await bodyAfter(deletion())).toContain('Deletion: 2026-11-29 14:03 UTC, 6 days');
  });

  test('comes with the complete ARN, though the callers sent the name', async () => {
    const secret = secretOf(NAME);
    await state.stores.ledger.putIfNewer(changeItem(deletion(), pk));
    for (const n of [1, 2]) await comes(nth(n, { secret }));
    state.pass(HOUR_MS);
    await run();
    expect(state.published[0]?.body).toContain(`--secret-id ${deletion().secret.arn} `);
  });

  test('is past for a secret restored since', async () => {
    expect(await bodyAfter(deletion(), cancellation())).toContain(
      'Deletion: cancelled by user alice',
    );
  });

  test('is past for one deleted by force', async () => {
    const body = await bodyAfter(deletion({ forced: true }));
    expect(body).toContain('  Deletion: done, without a recovery window\n');
  });

  test('is past for one that AWS does not find, whose window may simply have ended', async () => {
    const body = await bodyOf({ describeSecret: async () => ({ kind: 'not-found' }) });
    expect(body).toContain('  Deletion: done, as far as AWS tells\n');
  });

  test('is a range after that of DescribeSecret where the ledger does not know', async () => {
    const lookup = found({ deletedDate: deletion().requestedAt });
    expect(await bodyOf({ describeSecret: async () => lookup })).toContain(
      'Deletion: between 2026-11-29 14:03 UTC and 2026-12-22 14:03 UTC',
    );
  });

  test('is that of a deletion since the attempts which DescribeSecret says is pending', async () => {
    const requestedAt = new Date(attempt().time.getTime() + MINUTE_MS);
    const since = deletion({ requestedAt, date: addDays(requestedAt, 14) });
    await state.stores.ledger.putIfNewer(changeItem(since, pk));
    const lookup = found({ deletedDate: requestedAt });
    expect(await bodyOf({ describeSecret: async () => lookup })).toContain(
      'Deletion: 2026-12-06 17:04 UTC, 13 days',
    );
  });

  test('is unknown where the ledger knows nothing, or only of an earlier time', async () => {
    const earlier = cancellation({ requestedAt: addDays(attempt().time, -1) });
    expect(await bodyAfter(earlier)).toContain('Deletion: date unknown, at the latest 2026-12-22');
  });
});
