import { identifySecret, type SecretId } from '../../lib/cloudtrail/secret-id.ts';
import type { Lookup } from '../../lib/deletion/describe.ts';
import type { DeletionSchedule } from '../../lib/deletion/schedule.ts';
import { shareOf } from '../../lib/incident/budget.ts';
import type { Mute } from '../../lib/incident/incident.ts';
import { incidentKey } from '../../lib/incident/incidents.ts';
import { summarize } from '../../lib/incident/summarize.ts';
import { type TrackPorts, track } from '../../lib/incident/track.ts';
import { addDays, DAY_MS, HOUR_MS, MINUTE_MS } from '../../lib/time.ts';
import { attempt, cancellation, deletion, found, NOW } from '../testing/attempts.ts';
import { GATE_POLICY } from '../testing/gate.ts';
import { linesOf } from '../testing/notices.ts';
import { type State, SUMMARIZE_POLICY, useState } from '../testing/state.ts';

const state = useState();
const run = async (overrides: Parameters<State['sumUp']>[0] = {}) =>
  linesOf(await state.sumUp(overrides));

const NAME = 'prod/db/password';
const { secret: SECRET } = attempt();
const secretOf = (name: string) =>
  identifySecret(name, { accountId: '111122223333', region: 'eu-west-1' });
const exact = (days: number): DeletionSchedule => ({ kind: 'exact', date: addDays(NOW, days) });
const range = (from: number, to: number): DeletionSchedule => ({
  kind: 'estimated',
  earliest: addDays(NOW, from),
  latest: addDays(NOW, to),
  reason: 'because.',
});
const find = (secret = SECRET) => state.stores.incidents.find(incidentKey(secret));
const mute = (overrides: Partial<Mute> = {}, secret = SECRET) =>
  state.stores.incidents.mute(secret, {
    id: 'mute',
    by: 'alice',
    reason: 'we know',
    from: state.now(),
    ...overrides,
  });
/** The event of a change comes. */
const happens = (change: Parameters<typeof track>[0]) =>
  track(change, undefined, state.stores as unknown as TrackPorts);

const callerOf = (name: string) => ({
  ...attempt().caller,
  key: `arn:aws:iam::1:role/${name}`,
  name: `role ${name}`,
});

let ids = 0;
/** A caller reads a secret just now; if that is alerted, the alert finds this schedule. */
const reads = (caller: string, schedule: DeletionSchedule = exact(30), secret: SecretId = SECRET) =>
  state.comes(
    attempt({
      id: `${caller}-${++ids}`,
      time: state.now(),
      secret,
      caller: callerOf(caller),
    }),
    { state: { state: 'pending', schedule } },
  );

/** Lets so many days pass from the start, with a run each twelve hours. @returns what they sent, with the day. */
async function until(days: number, overrides: Parameters<State['sumUp']>[0] = {}) {
  const lines: string[] = [];
  while (state.now() < addDays(NOW, days)) {
    state.pass(12 * HOUR_MS);
    const day = (state.now().getTime() - NOW.getTime()) / DAY_MS;
    for (const line of await run(overrides)) lines.push(`day ${day}: ${line}`);
  }
  return lines;
}

/** A line of {@link until} with the full day. */
const byDay = (line: string) => line.replace(/^(day \d+)\.\d+/, '$1');

/** A run that has no time to look a secret up once it has read what there is of it. */
function runInHaste(): Promise<string[]> {
  let left = 90_000;
  const { attempts } = state.stores;
  const read: typeof attempts.read = async function* (...args) {
    yield* attempts.read(...args);
    left = 59_999;
  };
  return run({ timeLeft: () => left, attempts: { read } });
}

const UNAVAILABLE: Lookup = { kind: 'unavailable', reason: 'DescribeSecret was refused.' };
const looking = (lookup: Lookup) => ({ describeSecret: async () => lookup });

describe('a last call', () => {
  test.each<[string, DeletionSchedule, number[]]>([
    ['the exact date', exact(30), [23, 28]],
    ['an exact date in ten days', exact(10), [3, 8]],
    ['the earliest end', range(9, 32), [2, 7]],
    [
      'the latest date where that is all that is known',
      { kind: 'unknown', latest: addDays(NOW, 30), reason: '' },
      [23, 28],
    ],
  ])(
    'goes out 7 and 2 days before %s, though the last read was long ago',
    async (_, schedule, days) => {
      await reads('app-server', schedule);
      expect(await until(29)).toEqual(
        days.map((day) => `day ${day}: last-call ${NAME}: 1 x role app-server (0 new)`),
      );
    },
  );

  test('is not made for a mark that had passed when the incident was opened', async () => {
    await reads('app-server', exact(6));
    expect(await until(5.5)).toEqual([`day 4: last-call ${NAME}: 1 x role app-server (0 new)`]);
  });

  test('is made though another caller was alerted right after its mark', async () => {
    await reads('app-server', exact(8));
    state.pass(DAY_MS + MINUTE_MS);
    await reads('other', exact(8));
    state.pass(2 * MINUTE_MS);
    expect(await run()).toEqual([
      `last-call ${NAME}: 1 x role app-server (0 new), 1 x role other (0 new)`,
    ]);
  });

  test('tells all that was read since the incident was opened, and what is new of it', async () => {
    await reads('app-server', exact(10));
    await reads('app-server');
    state.pass(2 * HOUR_MS);
    expect(await run()).toEqual([`digest ${NAME}: 1 x role app-server`]);
    await reads('app-server');
    await reads('batch');
    state.pass(3 * DAY_MS);
    expect(await run()).toEqual([
      `last-call ${NAME}: 3 x role app-server (1 new), 1 x role batch (0 new)`,
    ]);
    state.pass(DAY_MS);
    expect(await run()).toEqual([]);
  });

  test('is one mail for several secrets', async () => {
    for (const name of ['a', 'b', 'c']) await reads('app-server', exact(10), secretOf(name));
    state.pass(3 * DAY_MS);
    const summarized = await state.sumUp();
    expect(summarized).toMatchObject({ sent: [{ kind: 'last-call', secrets: { length: 3 } }] });
    expect(state.published.map(({ subject }) => subject)).toEqual([
      'LAST CALL: 3 deleted secrets were read',
    ]);
  });

  test('is not made of a muted secret, but as soon as the mute is over', async () => {
    await reads('app-server', exact(10));
    state.pass(12 * HOUR_MS);
    await mute({ until: addDays(NOW, 5) });
    expect(await until(9)).toEqual([
      `day 5: last-call ${NAME}: 1 x role app-server (0 new)`,
      `day 8: last-call ${NAME}: 1 x role app-server (0 new)`,
    ]);
  });

  test('is made when a mute of some hours over its mark ends', async () => {
    await reads('app-server', exact(10));
    state.pass(3 * DAY_MS - HOUR_MS);
    await mute({ until: new Date(state.now().getTime() + 2 * HOUR_MS) });
    state.pass(HOUR_MS + MINUTE_MS);
    expect(await run()).toEqual([]);
    state.pass(HOUR_MS);
    expect(await run()).toEqual([`last-call ${NAME}: 1 x role app-server (0 new)`]);
    expect(await run()).toEqual([]);
  });

  test('of others names a muted secret whose end is near, with all its attempts, and leaves it for the next digest', async () => {
    const other = secretOf('other');
    await mute();
    await reads('app-server');
    await reads('app-server');
    await reads('batch', exact(30), other);
    expect((await until(24)).map(byDay)).toEqual([
      'day 23: last-call other: 1 x role batch (0 new)',
      `day 23: last-call new ${NAME}: 2 muted by alice`,
    ]);
    await reads('app-server');
    await reads('batch', exact(30), other);
    expect((await until(25)).map(byDay)).toEqual([
      'day 24: digest other: 1 x role batch',
      `day 24: digest new ${NAME}: 1 muted by alice`,
    ]);
  });

  test('is made when a mute of its only caller over the mark ends, and the caller reads again', async () => {
    const date = addDays(NOW, 10);
    await happens(deletion({ requestedAt: addDays(NOW, -1), date }));
    await mute({ caller: '*:role/app-*', until: addDays(NOW, 3.5) });
    await reads('app-server', exact(10));
    // It goes along in the digest of another.
    for (let n = 0; n < 2; n++) await reads('batch', exact(30), secretOf('other'));
    expect(await until(3.5)).toHaveLength(2);
    expect(await find()).toMatchObject({ endsAt: date });
    await reads('app-server', exact(10));
    state.pass(HOUR_MS);
    expect((await run()).join()).toMatch(/^last-call .*1 x role app-server/);
  });

  test('is not made where all that was read was by muted callers', async () => {
    await mute({ caller: '*:role/app-*' });
    await reads('app-server', exact(10));
    expect(await until(9)).toEqual([]);
  });

  test('goes by the date that was found out since', async () => {
    await reads('app-server', range(6, 29));
    await happens(deletion({ requestedAt: addDays(NOW, -1), date: addDays(NOW, 29) }));
    expect(await until(28)).toEqual([
      `day 22: last-call ${NAME}: 1 x role app-server (0 new)`,
      `day 27: last-call ${NAME}: 1 x role app-server (0 new)`,
    ]);
  });

  test('is made at once where the date turns out to be near', async () => {
    await reads('app-server', { kind: 'unknown', latest: addDays(NOW, 30), reason: '' });
    await reads('app-server');
    await happens(deletion({ requestedAt: addDays(NOW, -1), date: addDays(NOW, 6) }));
    state.pass(HOUR_MS);
    expect(await run()).toEqual([`last-call ${NAME}: 2 x role app-server (1 new)`]);
    expect(await run()).toEqual([]);
  });

  describe('of a secret of which nobody knew the end when it was first named', () => {
    const UNKNOWN: DeletionSchedule = { kind: 'unknown', latest: addDays(NOW, 30), reason: '' };
    const calls = [3, 8].map((day) => `day ${day}: last-call ${NAME}: 1 x role app-server (0 new)`);

    test('goes by the date that a record of the deletion tells later', async () => {
      await reads('app-server', UNKNOWN);
      const date = addDays(NOW, 10);
      await happens(deletion({ requestedAt: new Date(NOW.getTime() - HOUR_MS), date }));
      expect(await until(9)).toEqual(calls);
    });

    test('goes by the date that the alert of another caller found out', async () => {
      await reads('app-server', UNKNOWN);
      state.pass(MINUTE_MS);
      await reads('other', exact(10));
      const { attempts } = state.stores;
      const known = { ...looking(found({ deletedDate: addDays(NOW, 10) })), attempts };
      state.pass(MINUTE_MS);
      expect(await run(known)).toEqual([]);
      expect(await find()).toMatchObject({ endsAt: addDays(NOW, 10), lookAt: addDays(NOW, 3) });
    });

    test('goes by the date that a look some hours later finds out, however it was named', async () => {
      await state.comes(attempt({ caller: callerOf('app-server') }), {
        budget: { takeTurn: async () => 'hour' },
      });
      state.pass(2 * MINUTE_MS);
      expect(await run(looking(UNAVAILABLE))).toHaveLength(1);
      const soon = looking(found({ deletedDate: addDays(NOW, 10) }));
      expect((await until(9, soon)).map(byDay)).toEqual(calls);
    });

    test('is looked for every six hours, and no more often', async () => {
      await reads('app-server', UNKNOWN);
      let looks = 0;
      const describeSecret = async () => {
        looks++;
        return UNAVAILABLE;
      };
      while (state.now() < addDays(NOW, 2)) {
        state.pass(30 * MINUTE_MS);
        await run({ describeSecret });
      }
      expect(looks).toBe(8);
    });
  });

  test('that finds no time to look the secret up goes out once', async () => {
    await reads('app-server', exact(10));
    state.pass(3 * DAY_MS);
    expect([...(await runInHaste()), ...(await run()), ...(await run())]).toEqual([
      `last-call ${NAME}: 1 x role app-server (0 new)`,
    ]);
    expect(state.published[0]?.body).toContain('not looked up');
  });

  test('is made of an incident that a digest opened which found no time to look it up', async () => {
    await state.comes(attempt(), { budget: { takeTurn: async () => 'hour' } });
    await happens(deletion({ date: addDays(NOW, 20) }));
    state.pass(2 * MINUTE_MS);
    expect(await runInHaste()).toEqual([`digest new ${NAME}: new 1 x role app-server`]);
    const calls = [13, 18].map(() => `last-call ${NAME}: 1 x role app-server (0 new)`);
    expect((await until(19)).map((line) => line.replace(/^day \S+: /, ''))).toEqual(calls);
  });

  test('is not made for a mark that had passed when the alert was sent but not noted', async () => {
    const noteAlert = () => Promise.reject(new Error('no table'));
    await happens(deletion({ requestedAt: NOW, date: addDays(NOW, 7) }));
    await state.comes(attempt({ caller: callerOf('app-server') }), { incidents: { noteAlert } });
    const sent: string[] = [];
    for (let minute = 0; minute < 20; minute += 2) {
      state.pass(2 * MINUTE_MS);
      sent.push(...(await run()));
      await reads('app-server');
    }
    expect(sent).toEqual([`digest ${NAME}: 1 x role app-server`]);
  });

  test('is made of an incident whose alert was sent but not noted', async () => {
    const noteAlert = () => Promise.reject(new Error('no table'));
    const caller = { ...attempt().caller, name: 'role app-server' };
    await state.comes(attempt({ caller }), { incidents: { noteAlert } });
    await happens(deletion({ date: addDays(NOW, 20) }));
    expect(await until(19)).toEqual([
      `day 13: last-call ${NAME}: 1 x role app-server (0 new)`,
      `day 18: last-call ${NAME}: 1 x role app-server (0 new)`,
    ]);
  });
});

describe('many ends that come one after another', () => {
  /** What is sent in so many minutes, with a run every two. */
  async function sentIn(minutes: number, happening: (minute: number) => Promise<unknown>) {
    const sent: string[] = [];
    for (let minute = 0; minute < minutes; minute += 2) {
      await happening(minute);
      const summarized = await state.sumUp();
      if (summarized.outcome === 'done') {
        for (const { kind, secrets } of summarized.sent) {
          sent.push(`minute ${minute}: ${kind} of ${secrets.length}`);
        }
      }
      state.pass(2 * MINUTE_MS);
    }
    return sent;
  }
  const names = Array.from({ length: 25 }, (_, n) => secretOf(`secret-${n}`));

  test('are reported together, the first at once, the others within half an hour', async () => {
    for (const [n, secret] of names.entries()) {
      await reads(
        'job',
        { kind: 'exact', date: new Date(NOW.getTime() + 6 * DAY_MS + 2 * n * MINUTE_MS) },
        secret,
      );
      state.pass(1000);
    }
    state.pass(4 * DAY_MS - (state.now().getTime() - NOW.getTime()));
    expect(await sentIn(100, async () => {})).toEqual([
      'minute 0: last-call of 1',
      'minute 2: last-call of 1',
      'minute 6: last-call of 2',
      'minute 14: last-call of 4',
      'minute 30: last-call of 8',
      'minute 60: last-call of 9',
    ]);
  });

  test('find room beside what was alerted in the hour, where one comes alone', async () => {
    const maxMailsPerHour = 20;
    const sum = async () =>
      linesOf(await summarize({ ...SUMMARIZE_POLICY, maxMailsPerHour }, state.summary()));
    const [first, second] = names;
    if (!first || !second) throw new Error('Expected two secrets');
    for (const secret of [first, second]) await reads('job', exact(30), secret);
    state.pass(60 * MINUTE_MS - (state.now().getTime() % HOUR_MS));
    const share = shareOf('end', { maxMailsPerHour });
    for (let n = 0; n < share; n++) {
      await state.stores.budget.takeTurn(new Date(state.now().getTime() + n * 1000), share);
    }
    await happens(cancellation({ id: 'first', secret: first, requestedAt: state.now() }));
    state.pass(4 * MINUTE_MS);
    expect(await sum()).toHaveLength(1);
    await happens(cancellation({ id: 'second', secret: second, requestedAt: state.now() }));
    state.pass(4 * MINUTE_MS);
    expect(await sum()).toEqual([]);
    state.pass(HOUR_MS);
    expect(await sum()).toHaveLength(1);
  });

  test('leave catch-ups the room to name a new secret within ten minutes', async () => {
    const policy = { ...GATE_POLICY, maxMailsPerHour: 20 };
    for (const secret of names) {
      await reads('job', exact(30), secret);
      state.pass(1000);
    }
    state.pass(60 * MINUTE_MS - (state.now().getTime() % HOUR_MS));
    const restores = names.values();
    const waiting = new Map<string, number>();
    let latest = 0;
    for (let minute = 0; minute < 60; minute += 2) {
      const since = state.now().getTime();
      const restored = restores.next().value;
      if (restored) {
        await happens(
          cancellation({ id: restored.name, secret: restored, requestedAt: state.now() }),
        );
      }
      const secret = secretOf(`new-${minute}`);
      const late = attempt({ id: `new-${minute}`, time: state.now(), secret });
      if ((await state.comes(late, { policy })) !== 'alert') waiting.set(`new-${minute}:`, since);
      state.pass(2 * MINUTE_MS);
      const summary = { ...SUMMARIZE_POLICY, maxMailsPerHour: 20 };
      const lines = linesOf(await summarize(summary, state.summary())).join();
      for (const [name, from] of waiting) {
        latest = Math.max(latest, state.now().getTime() - from);
        if (lines.includes(name)) waiting.delete(name);
      }
    }
    expect(latest).toBeGreaterThan(MINUTE_MS);
    expect(latest).toBeLessThan(10 * MINUTE_MS);
  });

  test('are reported together where secrets are restored', async () => {
    for (const secret of names) {
      await reads('job', exact(30), secret);
      state.pass(1000);
    }
    const restores = names.values();
    const restore = async () => {
      const secret = restores.next().value;
      if (secret)
        await happens(cancellation({ id: secret.name, secret, requestedAt: state.now() }));
    };
    expect(await sentIn(100, restore)).toEqual([
      'minute 2: resolved of 1',
      'minute 4: resolved of 1',
      'minute 8: resolved of 2',
      'minute 16: resolved of 4',
      'minute 32: resolved of 8',
      'minute 62: resolved of 9',
    ]);
  });
});

describe('the restore of a secret', () => {
  const restored = () => happens(cancellation({ requestedAt: state.now() }));

  test('is reported some minutes later, once, with who did it and who had read the secret', async () => {
    await reads('app-server');
    await reads('app-server');
    state.pass(3 * HOUR_MS);
    await run();
    await reads('app-server');
    await restored();
    state.pass(2 * MINUTE_MS - 1);
    expect(await run()).toEqual([]);
    state.pass(1);
    expect(await run()).toEqual([`resolved ${NAME}: 3 x role app-server (1 new)`]);
    expect(state.published.at(-1)?.subject).toBe(`Resolved: secret ${NAME} is restored`);
    expect(state.published.at(-1)?.body).toContain('alice');
    expect(await until(30)).toEqual([]);
  });

  test('is not reported where an alert has said so', async () => {
    const ports = { state: { state: 'restored' } } as const;
    await state.comes(attempt(), ports);
    state.pass(MINUTE_MS);
    await restored();
    expect(await until(3)).toEqual([]);
  });

  test('is not reported where auto-cancel did it, and its alert says so', async () => {
    const underWay = await state.underWay(attempt());
    await state.stores.ledger.noteRestoring(SECRET, attempt().id, state.now());
    await restored();
    expect(await find()).toMatchObject({ ended: 'restored', isEndReported: true });
    await underWay.fails();
  });

  test('is reported where auto-cancel was refused right before, and somebody did it by hand', async () => {
    await reads('app-server');
    await state.stores.ledger.noteRestoring(SECRET, 'app-server', state.now());
    await state.stores.ledger.noteRefused(SECRET, 'another attempt');
    await state.stores.ledger.noteRefused(SECRET, 'app-server');
    state.pass(MINUTE_MS);
    await restored();
    state.pass(2 * MINUTE_MS);
    expect(await run()).toEqual([`resolved ${NAME}: 1 x role app-server (0 new)`]);
  });

  test('that is told late does not end the incident of a deletion since', async () => {
    await happens(deletion({ requestedAt: addDays(NOW, -1), date: addDays(NOW, 29) }));
    state.pass(HOUR_MS);
    const restore = cancellation({ requestedAt: state.now() });
    state.pass(MINUTE_MS);
    const requestedAt = state.now();
    state.pass(10_000);
    await reads('app-server');
    await happens(restore);
    await happens(deletion({ id: 'again', requestedAt, date: addDays(requestedAt, 30) }));
    expect((await find())?.ended).toBeUndefined();
    expect((await until(29)).map(byDay)).toEqual(
      [23, 28].map((day) => `day ${day}: last-call ${NAME}: 1 x role app-server (0 new)`),
    );
  });

  test('reports what nothing has of a deletion before', async () => {
    await reads('app-server');
    state.pass(MINUTE_MS);
    for (let n = 0; n < 7; n++) await reads('app-server');
    state.pass(MINUTE_MS);
    await restored();
    state.pass(MINUTE_MS);
    const date = addDays(state.now(), 30);
    await happens(deletion({ id: 'again', requestedAt: state.now(), date }));
    state.pass(MINUTE_MS);
    await reads('batch');
    state.pass(MINUTE_MS);
    await happens(cancellation({ id: 'again', requestedAt: state.now() }));
    state.pass(2 * MINUTE_MS);
    expect((await run()).join()).toMatch(/^resolved .*x role app-server .*1 x role batch/);
    expect(await until(3)).toEqual([]);
  });

  test('is not reported of a muted secret', async () => {
    await reads('app-server');
    await mute();
    state.pass(HOUR_MS);
    await restored();
    expect(await until(2)).toEqual([]);
  });

  test('is not reported of a secret that nobody read', async () => {
    await restored();
    await mute();
    expect(await until(2)).toEqual([]);
  });

  test('tells only who has read the secret since it was deleted anew', async () => {
    await reads('early');
    await restored();
    state.pass(2 * MINUTE_MS);
    expect(await run()).toEqual([`resolved ${NAME}: 1 x role early (0 new)`]);
    state.pass(DAY_MS);
    await happens(deletion({ id: 'again', requestedAt: state.now(), date: addDays(NOW, 20) }));
    await reads('late');
    state.pass(HOUR_MS);
    await happens(cancellation({ id: 'again', requestedAt: state.now() }));
    state.pass(2 * MINUTE_MS);
    expect(await run()).toEqual([`resolved ${NAME}: 1 x role late (0 new)`]);
  });

  test('that a run has no time to look up is reported once', async () => {
    await reads('app-server');
    await restored();
    state.pass(2 * MINUTE_MS);
    expect([...(await runInHaste()), ...(await run())]).toEqual([
      `resolved ${NAME}: 1 x role app-server (0 new)`,
    ]);
  });

  test('that no record told is found out when the last call is due', async () => {
    await reads('app-server', exact(10));
    expect(await until(9, looking(found({ deletedDate: undefined })))).toEqual([
      `day 3: resolved ${NAME}: 1 x role app-server (0 new)`,
    ]);
  });

  test('that a digest finds out does not end the incident of a deletion that comes while it is sent', async () => {
    await reads('app-server', exact(10));
    await reads('app-server');
    state.pass(HOUR_MS + MINUTE_MS);
    const publish = async () => {
      state.pass(10_000);
      const date = addDays(NOW, 12);
      await happens(deletion({ id: 'anew', requestedAt: state.now(), date }));
      await reads('app-server', { kind: 'exact', date });
      return undefined;
    };
    const restoredBefore = looking(found({ deletedDate: undefined }));
    expect(await run({ publish, ...restoredBefore })).toEqual([
      `digest ${NAME}: 1 x role app-server`,
    ]);
    expect(await find()).toMatchObject({ openedAt: state.now(), endsAt: addDays(NOW, 12) });
    expect((await find())?.ended).toBeUndefined();
    const calls = [5, 10].map(
      (day) => `day ${day}: last-call ${NAME}: 1 x role app-server (0 new)`,
    );
    expect((await until(11)).map(byDay)).toEqual(calls);
  });

  test('leaves what is delivered late to a digest', async () => {
    await reads('app-server');
    await reads('app-server');
    await restored();
    state.pass(3 * MINUTE_MS);
    await run();
    const late = attempt({ id: 'late', time: new Date(state.now().getTime() - 5 * MINUTE_MS) });
    const caller = { ...late.caller, key: 'arn:aws:iam::1:role/app-server' };
    expect(await state.comes({ ...late, caller })).toBe('known-caller');
    expect((await until(3)).join()).toMatch(
      /^day \S+: digest prod\/db\/password: 1 x role app-server$/,
    );
  });
});

describe('a secret that is deleted for good', () => {
  const GONE = looking({ kind: 'not-found' });

  test('is reported once, after its end, and only when AWS no longer finds it', async () => {
    await reads('app-server', exact(6));
    await happens(deletion({ requestedAt: addDays(NOW, -1), date: addDays(NOW, 6) }));
    const call = `day 4: last-call ${NAME}: 1 x role app-server (0 new)`;
    const still = looking(found({ deletedDate: addDays(NOW, -1) }));
    expect(await until(6.5, still)).toEqual([call]);
    state.pass(DAY_MS);
    expect(await run(GONE)).toEqual([`gone ${NAME}: 1 x role app-server (0 new)`]);
    expect(state.published.at(-1)?.subject).toBe(`GONE: secret ${NAME} was read`);
    expect(await until(30, GONE)).toEqual([]);
  });

  test('is not reported where it is muted', async () => {
    await mute();
    await reads('app-server', exact(6));
    await happens(deletion({ requestedAt: addDays(NOW, -1), date: addDays(NOW, 6) }));
    expect(await until(8, GONE)).toEqual([]);
  });

  test('is not reported, nor what was read until then, where it was muted to the end, however late AWS purges it', async () => {
    await reads('app-server', exact(6));
    await happens(deletion({ requestedAt: addDays(NOW, -1), date: addDays(NOW, 6) }));
    state.pass(MINUTE_MS);
    await mute();
    const still = looking(found({ deletedDate: addDays(NOW, -1) }));
    expect(await until(6, still)).toEqual([]);
    await reads('app-server');
    expect([...(await until(7, still)), ...(await until(9, GONE))]).toEqual([]);
    expect(await find()).toMatchObject({ ended: 'gone', mutes: [{ endedAt: expect.any(Date) }] });
  });

  test('by force is reported some minutes later', async () => {
    await reads('app-server');
    state.pass(HOUR_MS);
    await happens(deletion({ requestedAt: state.now(), forced: true, windowDays: 0 }));
    state.pass(2 * MINUTE_MS);
    expect(await run(GONE)).toEqual([`gone ${NAME}: 1 x role app-server (0 new)`]);
    expect(await run(GONE)).toEqual([]);
  });

  test('of which nobody can find out is closed a week after, without a word', async () => {
    await reads('app-server', exact(6));
    await until(6, looking(UNAVAILABLE));
    expect(await until(12.5, looking(UNAVAILABLE))).toEqual([]);
    expect((await find())?.ended).toBeUndefined();
    expect(await until(14, looking(UNAVAILABLE))).toEqual([]);
    expect(await find()).toMatchObject({ ended: 'closed', isEndReported: true });
  });

  test('is reported again where another takes its name, and is deleted too', async () => {
    await reads('app-server', exact(1));
    await until(2, GONE);
    expect(await find()).toMatchObject({ ended: 'gone' });
    state.pass(DAY_MS);
    expect(await reads('app-server', exact(10))).toBe('alert');
    expect(await find()).toMatchObject({ openedAt: state.now(), isEndReported: false });
  });

  test('is gone with the owner that its tags named when it was deleted', async () => {
    await reads('app-server', exact(6));
    const tags = { owner: 'payments' };
    await happens(deletion({ requestedAt: state.now(), forced: true, windowDays: 0, tags }));
    state.pass(2 * MINUTE_MS);
    expect(await run(GONE)).toEqual([`gone ${NAME}: 1 x role app-server (0 new)`]);
    expect(state.published.at(-1)?.body).toContain('\n  Owner: payments (tag owner)\n');
  });

  describe('and made anew under its name', () => {
    const BY_NAME = secretOf(NAME);
    const ANEW = SECRET.arn?.replace('AbC123', 'NeW456') ?? '';
    /** By the ARN of the first AWS finds nothing, by its name the new one. */
    const finds = (overrides: Parameters<typeof found>[0]) => ({
      describeSecret: async (id: string) =>
        id === SECRET.arn ? ({ kind: 'not-found' } as const) : found({ arn: ANEW, ...overrides }),
    });

    test('is reported as gone, not as restored', async () => {
      await reads('app-server', exact(6), BY_NAME);
      const still = finds({ deletedDate: addDays(NOW, -1), createdDate: addDays(NOW, -9) });
      const made = finds({ deletedDate: undefined, createdDate: addDays(NOW, 6) });
      expect([...(await until(5.5, still)), ...(await until(7, made))]).toEqual([
        `day 4: last-call ${NAME}: 1 x role app-server (0 new)`,
        `day 6: gone ${NAME}: 1 x role app-server (0 new)`,
      ]);
      expect(state.published.at(-1)?.body).toContain('made anew on 2026-11-28 17:05 UTC');
    });

    test('right after a deletion by force is reported as gone', async () => {
      await reads('app-server', exact(6), BY_NAME);
      await happens(deletion({ requestedAt: state.now(), forced: true, windowDays: 0 }));
      state.pass(2 * MINUTE_MS);
      // By the clocks alone it might be the one that was read.
      const made = finds({ deletedDate: undefined, createdDate: new Date(NOW.getTime() + 10_000) });
      expect(await run(made)).toEqual([`gone ${NAME}: 1 x role app-server (0 new)`]);
      expect(state.published.at(-1)?.body).toContain('\n  Deletion: done, ');
      expect(await find()).toMatchObject({ ended: 'gone', isEndReported: true });
    });

    test('before the mail could be sent is reported as gone', async () => {
      await reads('app-server', exact(1), BY_NAME);
      state.pass(2 * DAY_MS);
      const publish = () => Promise.reject(new Error('SNS is down'));
      await expect(run({ ...GONE, publish })).rejects.toThrow('SNS is down');
      state.pass(2 * MINUTE_MS);
      expect(await run(finds({ deletedDate: undefined }))).toHaveLength(1);
      expect(state.published.at(-1)?.body).toContain('\n  Deletion: done, ');
    });

    test('is not looked up by the ARN of the first once it is deleted too', async () => {
      const known = { arn: SECRET.arn ?? '' };
      await state.comes(attempt({ secret: BY_NAME, time: NOW }), {
        state: { state: 'gone' },
        known,
      });
      state.pass(DAY_MS);
      const [requestedAt, date] = [state.now(), addDays(state.now(), 10)];
      await happens(deletion({ secret: identifySecret(ANEW, {}), requestedAt, date }));
      state.pass(MINUTE_MS);
      const late = attempt({ id: 'late', secret: BY_NAME, time: state.now() });
      await state.comes(late, { budget: { takeTurn: async () => 'hour' } });
      const pending = finds({ deletedDate: requestedAt, createdDate: addDays(NOW, 0.5) });
      expect((await until(10, pending)).map(byDay)).toEqual([
        `day 1: digest new ${NAME}: new 1 x role app-server`,
        `day 4: last-call ${NAME}: 1 x role app-server (0 new)`,
        `day 9: last-call ${NAME}: 1 x role app-server (0 new)`,
      ]);
      expect((await find())?.ended).toBeUndefined();
    });
  });

  test('where the mail of that cannot be sent is reported by the next run', async () => {
    await reads('app-server', exact(1));
    state.pass(2 * DAY_MS);
    const publish = () => Promise.reject(new Error('SNS is down'));
    await expect(run({ ...GONE, publish })).rejects.toThrow('SNS is down');
    state.pass(2 * MINUTE_MS);
    expect(await run(GONE)).toEqual([`gone ${NAME}: 1 x role app-server (0 new)`]);
  });

  test('is reported although a digest fails, of which the run then tells', async () => {
    await reads('app-server', exact(1));
    for (let n = 0; n < 2; n++) await reads('app-server', exact(30), secretOf('other'));
    state.pass(2 * DAY_MS);
    const failing = {
      ...GONE,
      pairs: {
        list: (partition: string, now: Date) =>
          partition.includes('other')
            ? Promise.reject(new Error('throttled'))
            : state.stores.pairs.list(partition, now),
      },
    };
    await expect(run(failing)).rejects.toThrow('throttled');
    expect(state.published.map(({ subject }) => subject)).toEqual([
      `GONE: secret ${NAME} was read`,
    ]);
  });
});

describe('a secret whose id is taken for that of another', () => {
  const PREFIX = 'arn:aws:secretsmanager:eu-west-1:111122223333:secret:';
  const APP = secretOf('app');
  /** The partial ARN of `app-config` ends like the complete one of `app`. */
  const AS_APP = identifySecret(`${PREFIX}app-config`, {});
  const CONFIG = identifySecret(`${PREFIX}app-config-ZzZ999`, {});
  const calls = [23, 28].map((day) => `day ${day}: last-call app: 1 x role app-server (0 new)`);

  beforeEach(async () => {
    const secret = identifySecret(`${PREFIX}app-AbC123`, {});
    await happens(deletion({ secret, requestedAt: NOW, date: addDays(NOW, 30), windowDays: 30 }));
    state.pass(MINUTE_MS);
  });

  const configIsDeleted = async () => {
    state.pass(HOUR_MS);
    const date = addDays(state.now(), 30);
    await happens(deletion({ id: 'config', secret: CONFIG, requestedAt: state.now(), date }));
  };

  test('leaves the incident of the other as it is when it is deleted', async () => {
    await reads('app-server', exact(30), APP);
    await configIsDeleted();
    expect((await until(29)).map(byDay)).toEqual(calls);
  });

  test('leaves the mutes of the other in force when it is deleted', async () => {
    await mute({}, APP);
    await configIsDeleted();
    expect(await reads('app-server', exact(30), APP)).toBe('muted');
  });

  test('does not end the incident of the other where an alert finds it gone', async () => {
    await reads('app-server', exact(30), APP);
    state.pass(MINUTE_MS);
    await state.comes(attempt({ secret: AS_APP, time: state.now(), caller: callerOf('other') }), {
      state: { state: 'gone' },
      known: { arn: CONFIG.arn },
    });
    expect((await find(APP))?.ended).toBeUndefined();
  });

  test('does not end the incident of the other where a digest finds it restored', async () => {
    await reads('app-server', exact(30), APP);
    const late = attempt({ secret: AS_APP, time: state.now(), caller: callerOf('other') });
    await state.comes(late, { budget: { takeTurn: async () => 'hour' } });
    state.pass(HOUR_MS);
    const config = found({ arn: CONFIG.arn, name: 'app-config', deletedDate: undefined });
    expect(await run(looking(config))).toHaveLength(1);
    expect((await find(APP))?.ended).toBeUndefined();
  });
});
