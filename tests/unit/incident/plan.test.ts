import type { RecordedClash } from '../../../lib/deletion/clashes.ts';
import type { Incident } from '../../../lib/incident/incident.ts';
import {
  digestDue,
  endOf,
  goesAlong,
  isEndDue,
  isLookDue,
  isToTellUnmailed,
  lastCallAt,
  lastCallOf,
  mayHaveNews,
  mayReportEnds,
  mayTellUnmailed,
  nextEnd,
  nextPause,
  overdue,
  type Pace,
  paceAfter,
  paceAfterEnds,
  pauseAfterLastCall,
} from '../../../lib/incident/plan.ts';
import { addDays, DAY_MS, HOUR_MS, MINUTE_MS } from '../../../lib/time.ts';
import { attempt, NOW } from '../../testing/attempts.ts';
import { named } from '../../testing/digests.ts';
import { newIncident } from '../../testing/gate.ts';

const SECOND_MS = 1000;
const before = (ms: number) => new Date(NOW.getTime() - ms);
const after = (ms: number) => before(-ms);

/** A secret's incident, opened two days ago, named, with all reported. */
const incident = (name: string, overrides: Partial<Incident> = {}): Incident => ({
  ...newIncident(named(name)),
  openedAt: addDays(NOW, -2),
  namedAt: addDays(NOW, -2),
  newsAt: before(2 * HOUR_MS),
  reportedUntil: before(HOUR_MS),
  digestAt: after(8 * HOUR_MS),
  pauseHours: 16,
  ...overrides,
});
const WITH_NEWS = { newsAt: before(MINUTE_MS) };
const DUE = { ...WITH_NEWS, digestAt: NOW };
/** That nothing has named since so long. */
const unnamedFor = (ms: number, others: Partial<Incident> = {}): Partial<Incident> => ({
  ...WITH_NEWS,
  unnamedSince: before(ms),
  unnamedAt: before(ms),
  ...others,
});
const OPENED = { namedAt: undefined, digestAt: undefined, pauseHours: undefined };

describe('the pauses between the digests of an incident', () => {
  test.each([
    [1, [1, 1, 1, 1]],
    [24, [1, 2, 4, 8, 16, 24, 24, 24]],
    [30, [1, 2, 4, 8, 16, 24, 30, 30]],
    [168, [1, 2, 4, 8, 16, 24, 48, 96, 168, 168]],
  ])('with a longest one of %d hours are %j', (maxDigestPauseHours, expected) => {
    const pauses: number[] = [];
    for (const _ of expected) pauses.push(nextPause(pauses.at(-1), { maxDigestPauseHours }));
    expect(pauses).toEqual(expected);
  });

  test.each([
    [1, 1, 1],
    [24, 8, 16],
    [168, 8, 16],
  ])(
    'with a longest one of %d hours go on after a last call with %d and %d',
    (most, pause, next) => {
      const policy = { maxDigestPauseHours: most };
      expect(pauseAfterLastCall(policy)).toBe(pause);
      expect(nextPause(pause, policy)).toBe(next);
    },
  );
});

test.each<[string, Partial<Incident>, boolean]>([
  ['with no attempt', { newsAt: undefined }, false],
  ['with an attempt, where nothing was reported', { reportedUntil: undefined }, true],
  ['with an attempt after what was reported', { newsAt: before(MINUTE_MS) }, true],
  [
    'read by a process that need not note it yet',
    { newsAt: before(6 * MINUTE_MS), reportedUntil: before(SECOND_MS) },
    true,
  ],
  ['in which all was reported since', { newsAt: before(6 * MINUTE_MS), reportedUntil: NOW }, false],
])('an incident %s may have news: %s', (_, overrides, expected) => {
  expect(mayHaveNews(incident('a', overrides))).toBe(expected);
});

describe('a digest', () => {
  const due = (incidents: Record<string, Partial<Incident>>, pace: Pace = {}, now = NOW) => {
    const all = Object.entries(incidents).map(([name, one]) => incident(name, one));
    const plan = digestDue(all, pace, now);
    return plan && [plan.kind, ...plan.incidents.map(({ secret }) => secret.name)];
  };

  test.each<[string, Record<string, Partial<Incident>>, Pace, string[] | undefined]>([
    ['is not due where nothing is new', { a: { digestAt: before(1) } }, {}, undefined],
    ['is not due before its time', { a: { ...WITH_NEWS, digestAt: after(1) } }, {}, undefined],
    ['is due at its time', { a: DUE }, {}, ['digest', 'a']],
    [
      'waits for half an hour after the last one',
      { a: DUE },
      { digestAt: before(30 * MINUTE_MS - 1) },
      undefined,
    ],
    [
      'is due half an hour after the last one',
      { a: DUE },
      { digestAt: before(30 * MINUTE_MS) },
      ['digest', 'a'],
    ],
    [
      'takes along what is due within half an hour, or a quarter of its pause',
      {
        late: { ...WITH_NEWS, digestAt: after(4 * HOUR_MS + 1) },
        soon: { ...WITH_NEWS, digestAt: after(4 * HOUR_MS) },
        first: { ...WITH_NEWS, digestAt: after(30 * MINUTE_MS), pauseHours: 1 },
        second: { ...WITH_NEWS, digestAt: after(30 * MINUTE_MS + 1), pauseHours: 2 },
        calm: { digestAt: NOW },
        due: DUE,
      },
      {},
      ['digest', 'due', 'first', 'soon'],
    ],
    [
      'is due for what the version before knew',
      { a: { ...OPENED, ...WITH_NEWS } },
      {},
      ['digest', 'a'],
    ],
    [
      'leaves a secret that an alert is about to name to a catch-up',
      { a: { ...OPENED, ...unnamedFor(MINUTE_MS) } },
      {},
      undefined,
    ],
  ])('%s', (_, incidents, pace, expected) => {
    expect(due(incidents, pace)).toEqual(expected);
  });

  describe('that catches up', () => {
    const LONG: Pace = { catchUpAt: before(MINUTE_MS), catchUpPause: 40 * MINUTE_MS };

    test.each<[string, Partial<Incident>, Pace, boolean]>([
      ['a secret, not at once', { ...OPENED, ...unnamedFor(75 * SECOND_MS - 1) }, {}, false],
      ['a secret, after 75 seconds', { ...OPENED, ...unnamedFor(75 * SECOND_MS) }, {}, true],
      ['a caller, not at once', unnamedFor(75 * SECOND_MS - 1), {}, false],
      ['a caller, after 75 seconds', unnamedFor(75 * SECOND_MS), {}, true],
      [
        'a secret, not yet after many others',
        { ...OPENED, ...unnamedFor(6.5 * MINUTE_MS - 1) },
        LONG,
        false,
      ],
      [
        'a secret, some minutes after many others',
        { ...OPENED, ...unnamedFor(6.5 * MINUTE_MS) },
        LONG,
        true,
      ],
      ['a caller, not yet after many others', unnamedFor(40 * MINUTE_MS - 1), LONG, false],
      ['a caller, 40 minutes after many others', unnamedFor(40 * MINUTE_MS), LONG, true],
      [
        'a caller, soon again two hours after the last',
        unnamedFor(75 * SECOND_MS),
        { ...LONG, catchUpAt: before(2 * HOUR_MS) },
        true,
      ],
      [
        'a caller, not soon again before that',
        unnamedFor(75 * SECOND_MS),
        { ...LONG, catchUpAt: before(2 * HOUR_MS - 1) },
        false,
      ],
    ])('names %s', (_, one, pace, isDue) => {
      expect(due({ a: one }, pace)).toEqual(isDue ? ['catch-up', 'a'] : undefined);
    });

    test('waits for no other digest, and takes along what waits, secrets first', () => {
      const incidents = {
        soon: { ...WITH_NEWS, digestAt: after(4 * HOUR_MS) },
        late: { ...WITH_NEWS, digestAt: after(5 * HOUR_MS) },
        due: DUE,
        caller: unnamedFor(MINUTE_MS),
        longer: unnamedFor(2 * MINUTE_MS),
        opened: { ...OPENED, ...unnamedFor(MINUTE_MS) },
        justNow: { ...OPENED, ...unnamedFor(MINUTE_MS - 1) },
      };
      const names = ['opened', 'longer', 'caller', 'due', 'soon'];
      expect(due(incidents, { digestAt: before(1) })).toEqual(['catch-up', ...names]);
    });

    test('leaves twice the pause after it, up to 40 minutes', () => {
      let pace: Pace = {};
      const pauses = Array.from({ length: 7 }, () => {
        pace = paceAfter(pace, 'catch-up', NOW);
        return (pace.catchUpPause ?? 0) / MINUTE_MS;
      });
      expect(pauses).toEqual([2.5, 5, 10, 20, 40, 40, 40]);
      expect(paceAfter(pace, 'digest', after(1))).toEqual({ ...pace, digestAt: after(1) });
    });
  });

  test.each([
    ['a known caller made', { ...WITH_NEWS }, false],
    ['is due', DUE, true],
    ['is due soon', { ...WITH_NEWS, digestAt: after(4 * HOUR_MS) }, true],
  ])('reports what %s though all callers are named: %s', (_, one, expected) => {
    expect(goesAlong(incident('a', one), NOW)).toBe(expected);
  });
});

/** What a run finds every two minutes, while an attacker adds what is unnamed. @returns after how long the last is named, in minutes. */
function namedAfter(fails: (run: number) => boolean, isSecret: boolean): number {
  let pace: Pace = {};
  const waiting = new Map<string, Date>();
  let latest = 0;
  for (let run = 0; run < 2000; run++) {
    // A run that fails is tried again a minute later.
    const now = after(2 * run * MINUTE_MS + (fails(run) ? MINUTE_MS : 0));
    // One comes just after each run, so that the next is too early for it.
    const incidents = [...waiting].map(([name, since]) =>
      incident(name, { unnamedSince: since, ...(isSecret && OPENED), newsAt: since }),
    );
    const plan = digestDue(incidents, pace, now);
    if (plan) {
      for (const { secret } of plan.incidents) {
        const since = waiting.get(secret.name ?? '') ?? now;
        latest = Math.max(latest, now.getTime() - since.getTime());
        waiting.delete(secret.name ?? '');
      }
      pace = paceAfter(pace, plan.kind, now);
    }
    waiting.set(`flood-${run}`, now);
  }
  return latest / MINUTE_MS;
}

describe('whatever comes', () => {
  test.each([
    ['with each run', () => false],
    ['though every other run fails at first', (run: number) => run % 2 === 0],
    ['though all runs fail at first', () => true],
  ])(
    'a secret is named in less than 10 minutes, and a caller in less than an hour, %s',
    (_, fails) => {
      expect(namedAfter(fails, true)).toBeLessThan(10);
      expect(namedAfter(fails, false)).toBeLessThan(60);
    },
  );
});

test.each<[string, Pace, boolean, number]>([
  ['where none came before', {}, true, 2],
  [
    'not right after others',
    { endAt: before(2 * MINUTE_MS - 1), endPause: 2 * MINUTE_MS },
    false,
    4,
  ],
  [
    'two minutes after the first',
    { endAt: before(2 * MINUTE_MS), endPause: 2 * MINUTE_MS },
    true,
    4,
  ],
  [
    'not within the pause',
    { endAt: before(16 * MINUTE_MS - 1), endPause: 16 * MINUTE_MS },
    false,
    30,
  ],
  [
    'half an hour after many',
    { endAt: before(30 * MINUTE_MS), endPause: 30 * MINUTE_MS },
    true,
    30,
  ],
  ['two hours after many', { endAt: before(2 * HOUR_MS), endPause: 30 * MINUTE_MS }, true, 2],
])('last calls and ends are reported %s', (_, pace, isTime, minutes) => {
  expect(mayReportEnds(pace, NOW)).toBe(isTime);
  expect(paceAfterEnds(pace, NOW)).toEqual({ endAt: NOW, endPause: minutes * MINUTE_MS });
});

describe('what cannot be mailed', () => {
  test.each([
    ['the first time', undefined, true],
    ['within ten minutes of other such news', before(10 * MINUTE_MS - 1), false],
    ['after ten minutes', before(10 * MINUTE_MS), true],
  ])('is told to the other channels %s: %s', (_, unmailedAt, isTime) => {
    expect(mayTellUnmailed({ unmailedAt }, NOW)).toBe(isTime);
  });

  test.each([
    ['that they never heard of', {}, true],
    ['within the hour', { unmailedAs: 'digest', unmailedAt: before(HOUR_MS - 1) }, false],
    ['after an hour', { unmailedAs: 'digest', unmailedAt: before(HOUR_MS) }, true],
    ['as other news', { unmailedAs: 'last-call 7', unmailedAt: before(MINUTE_MS) }, true],
  ])('is told of an incident %s: %s', (_, told, isToTell) => {
    expect(isToTellUnmailed(incident('app', told), 'digest', NOW)).toBe(isToTell);
  });
});

describe('the end of a recovery window', () => {
  const pending = (days: number) =>
    ({ state: 'pending', schedule: { kind: 'exact', date: addDays(NOW, days) } }) as const;
  const range = {
    state: 'pending',
    schedule: {
      kind: 'estimated',
      earliest: addDays(NOW, 8),
      latest: addDays(NOW, 31),
      reason: '',
    },
  } as const;

  test.each([
    [30, undefined],
    [7 + 1 / DAY_MS, undefined],
    [7, 7],
    [3, 7],
    [2, 2],
    [0.1, 2],
    [-1, 2],
  ])('in %d days is near enough for the last call at %s days', (days, expected) => {
    expect(lastCallAt(addDays(NOW, days), NOW)).toBe(expected);
  });

  test.each([
    ['30 days ahead is looked at 7 days before', pending(30), undefined, 23],
    ['6 days ahead is looked at 2 days before: its first mark had passed', pending(6), 7, 4],
    ['a day ahead is looked at when it has come', pending(1), 2, 1],
    ['that has passed is looked at in an hour', pending(-0.01), 2, 1 / 24],
    ['of a range is its earliest', range, undefined, 1],
  ])('%s, for who learns of it now', (_, state, lastCall, days) => {
    const { endsAt, ...found } = lastCallOf(state, NOW) as Required<ReturnType<typeof nextEnd>>;
    expect(found).toEqual({ lastCall, lookAt: addDays(NOW, days) });
  });

  test('is not kept of a secret that is not pending', () => {
    expect(endOf({ state: 'restored' }, NOW)).toEqual({});
    expect(lastCallOf({ state: 'gone' }, NOW)).toEqual({});
  });

  test.each([
    [10, 7, 8],
    [10, undefined, 3],
    [2, 2, 2],
    [0, 2, 1 / 24],
    [-1, 2, 0.5],
    [-1.5, 2, 0.75],
    [-5, 2, 1],
  ] as const)(
    'in %d days, after the last call at %s, is looked at in %d days',
    (days, lastCall, next) => {
      const endsAt = addDays(NOW, days);
      expect(nextEnd({ ...incident('a'), endsAt, lastCall }, NOW)).toEqual({
        endsAt,
        lastCall,
        lookAt: addDays(NOW, next),
      });
    },
  );
});

test.each<[string, Partial<Incident>, boolean]>([
  ['that has not ended', {}, false],
  ['restored just now', { ended: 'restored', endedAt: before(2 * MINUTE_MS - 1) }, false],
  ['restored two minutes ago', { ended: 'restored', endedAt: before(2 * MINUTE_MS) }, true],
  [
    'whose end is reported',
    { ended: 'gone', endedAt: before(HOUR_MS), isEndReported: true },
    false,
  ],
  ['that nobody opened', { ended: 'gone', endedAt: before(HOUR_MS), openedAt: undefined }, false],
  [
    'on what is gone, and has no name yet',
    { ended: 'gone', endedAt: before(HOUR_MS), ...unnamedFor(HOUR_MS), namedAt: undefined },
    false,
  ],
])('the end of an incident %s is to be reported: %s', (_, overrides, expected) => {
  expect(isEndDue(incident('a', overrides), NOW)).toBe(expected);
});

test.each<[string, Partial<Incident>, boolean]>([
  ['of which nobody knows the end', {}, false],
  ['before its time', { lookAt: after(1) }, false],
  ['at its time', { lookAt: NOW }, true],
  ['that has ended', { lookAt: NOW, ended: 'restored' }, false],
  ['that nobody opened', { lookAt: NOW, openedAt: undefined }, false],
])('an incident %s is looked at: %s', (_, overrides, expected) => {
  expect(isLookDue(incident('a', overrides), NOW)).toBe(expected);
});

test.each<[string, Partial<Incident>, number]>([
  ['nothing is due', {}, 0],
  ['a digest is due', DUE, 0],
  ['a digest was due two hours ago', { ...DUE, digestAt: before(2 * HOUR_MS) }, HOUR_MS],
  ['it was, but nothing is new', { digestAt: before(2 * HOUR_MS) }, 0],
  ['a secret has no name for 10 minutes', { ...OPENED, ...unnamedFor(10 * MINUTE_MS) }, 0],
  [
    'a secret has no name for 12 minutes',
    { ...OPENED, ...unnamedFor(12 * MINUTE_MS) },
    2 * MINUTE_MS,
  ],
  ['a caller has no name for an hour', unnamedFor(HOUR_MS), 0],
  ['a caller has no name for two hours', unnamedFor(2 * HOUR_MS), HOUR_MS],
  ['an end was to be reported', { ended: 'gone', endedAt: before(3 * HOUR_MS) }, 2 * HOUR_MS],
  ['a last call was due', { lookAt: before(3 * HOUR_MS) }, 2 * HOUR_MS],
  [
    'a last call was due of a muted secret',
    {
      lookAt: before(3 * HOUR_MS),
      mutes: [{ id: 'm', by: 'alice', reason: 'known', from: addDays(NOW, -1) }],
    },
    0,
  ],
  ['a mute was made in advance', { openedAt: undefined, lookAt: before(3 * HOUR_MS) }, 0],
])('where %s, the most overdue notice is late by %d ms', (_, overrides, expected) => {
  expect(overdue([incident('a'), incident('b', overrides)], [], NOW)).toBe(expected);
});

const clash = (overrides: Partial<RecordedClash>): RecordedClash => ({
  key: { pk: 'clashes', sk: 'one' },
  secret: named('a'),
  caller: attempt().caller,
  calls: [],
  isLeast: false,
  ...overrides,
});
const call = (ms: number) => ({ id: `${ms}`, time: before(ms) });

test.each<[string, Partial<RecordedClash>, number]>([
  ['has been reported', { calls: [], toldAt: before(5 * HOUR_MS) }, 0],
  ['came an hour ago', { calls: [call(HOUR_MS)] }, 0],
  ['came three hours ago', { calls: [call(3 * HOUR_MS), call(HOUR_MS)] }, 2 * HOUR_MS],
  [
    'was reported within the day, and came again',
    { calls: [call(3 * HOUR_MS)], toldAt: before(5 * HOUR_MS) },
    0,
  ],
  [
    'was reported 27 hours ago, and came again',
    { calls: [call(20 * HOUR_MS)], toldAt: before(27 * HOUR_MS) },
    2 * HOUR_MS,
  ],
])('where a clash %s, the most overdue notice is late by %d ms', (_, overrides, expected) => {
  expect(overdue([incident('a')], [clash(overrides)], NOW)).toBe(expected);
});

describe('what is muted', () => {
  const mute = (from: Date) => ({ id: 'm', by: 'alice', reason: 'known', from });
  const throughout = { ...DUE, mutes: [mute(addDays(NOW, -1))] };
  test.each([
    ['alone causes no digest', [incident('a', throughout)], undefined],
    ['goes along', [incident('a', throughout), incident('b', DUE)], ['a', 'b']],
    [
      'causes one for what came before the mute',
      [incident('a', { ...DUE, mutes: [mute(before(MINUTE_MS))] })],
      ['a'],
    ],
    [
      'in advance causes none',
      [
        incident('a', {
          ...throughout,
          ...OPENED,
          reportedUntil: undefined,
          mutes: [mute(addDays(NOW, -3))],
        }),
      ],
      undefined,
    ],
  ])('%s', (_, incidents, names) => {
    const plan = digestDue(incidents, {}, NOW);
    expect(plan?.incidents.map(({ secret }) => secret.name).sort()).toEqual(names);
  });
});
