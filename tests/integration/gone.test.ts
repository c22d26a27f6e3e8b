import type { Attempt } from '../../lib/attempt/attempt.ts';
import { identifySecret } from '../../lib/cloudtrail/secret-id.ts';
import type { Deletion } from '../../lib/deletion/change.ts';
import type { Lookup } from '../../lib/deletion/describe.ts';
import { MAX_ALERTS } from '../../lib/incident/gate.ts';
import { incidentKey } from '../../lib/incident/incidents.ts';
import { notify } from '../../lib/incident/notify.ts';
import { createProcessMemory } from '../../lib/incident/process-memory.ts';
import { type TrackPorts, track } from '../../lib/incident/track.ts';
import type { IncidentNotice } from '../../lib/notice/incident-notice.ts';
import type { AlertNotice } from '../../lib/notice/notice.ts';
import { addDays, DAY_MS, HOUR_MS, MINUTE_MS } from '../../lib/time.ts';
import { attempt, cancellation, deletion, found, HOME, nth } from '../testing/attempts.ts';
import { NOTIFY_POLICY, notifyPorts } from '../testing/gate.ts';
import { linesOf } from '../testing/notices.ts';
import { useState } from '../testing/state.ts';

const state = useState();
const SECRET = attempt().secret;
const NAME = 'prod/db/password';
const GONE: Lookup = { kind: 'not-found' };

/** What is told at once: by mails, and to the channels beside them. */
let alerts: AlertNotice[];
let handedOn: IncidentNotice[];
/** Of a warm process. */
let memory: ReturnType<typeof createProcessMemory>;
let n: number;

beforeEach(() => {
  alerts = [];
  handedOn = [];
  memory = createProcessMemory();
  n = 0;
});

const of = (role: string) => ({
  ...attempt().caller,
  key: `arn:aws:iam::${HOME.accountId}:role/${role}`,
  name: `role ${role}`,
});

/** A read that AWS did not find the secret for, or found marked, comes two minutes after it was made. */
async function reads(
  { role = 'app-server', lookup = GONE, ...overrides }: Reads = {},
  policy = NOTIFY_POLICY,
): Promise<string> {
  const time = state.now();
  state.pass(2 * MINUTE_MS);
  const one = nth(++n, { time, caller: of(role), isNotFound: true, ...overrides });
  const outcome = await notify(
    one,
    policy,
    notifyPorts({
      now: state.now,
      gate: state.gate({ memory }),
      getItems: state.stores.ledger.getItems,
      describeSecret: async () => lookup,
      publish: async (alert) => alerts.push(alert),
      handOn: async (notices) => void handedOn.push(...notices),
    }),
  );
  return 'deferred' in outcome ? outcome.deferred : outcome.alert.state.state;
}

type Reads = Partial<Attempt> & { readonly role?: string; readonly lookup?: Lookup };

/** As long as the secret is pending. */
const pending = (overrides: Reads = {}) =>
  reads({ isNotFound: undefined, lookup: found({ deletedDate: state.now() }), ...overrides });

/** A change that is made, and recorded, now. */
async function changes(change: Parameters<typeof track>[0]): Promise<void> {
  const requestedAt = state.now();
  const windowDays = change.kind === 'deletion' ? change.windowDays : 0;
  const date = addDays(requestedAt, windowDays);
  const made = { ...change, id: `change-${++n}`, requestedAt };
  const ports = state.stores as unknown as TrackPorts;
  await track(made.kind === 'deletion' ? { ...made, date } : made, undefined, ports);
  state.pass(MINUTE_MS);
}

const FORCED: Partial<Deletion> = { forced: true, windowDays: 0 };
const forces = () => changes(deletion(FORCED));
const schedules = () => changes(deletion());

const sums = async (lookup: Lookup = GONE) =>
  linesOf(await state.sumUp({ describeSecret: async () => lookup }));

/** What is told in so many hours, by runs two minutes apart at first, and an hour later on. */
async function tells(hours: number, lookup?: Lookup): Promise<string[]> {
  const lines: string[] = [];
  for (let run = 0; run < 5; run++) {
    lines.push(...(await sums(lookup)));
    state.pass(2 * MINUTE_MS);
  }
  for (let hour = 0; hour < hours; hour++) {
    state.pass(HOUR_MS);
    lines.push(...(await sums(lookup)));
  }
  return lines;
}

const incident = () => state.stores.incidents.find(incidentKey(SECRET));

test('a read of a secret that was deleted without a window is told at once, with who deleted it', async () => {
  await forces();
  expect(await reads()).toBe('gone');
  expect(alerts).toMatchObject([
    {
      severity: 'critical',
      attempt: { isNotFound: true },
      state: { state: 'gone', deletion: { forced: true, requestedBy: { shortName: 'alice' } } },
    },
  ]);
  expect(handedOn.map(({ kind }) => kind)).toEqual(['gone']);
  expect(await incident()).toMatchObject({ ended: 'gone', isEndReported: true, alerts: 1 });
  expect(await tells(3)).toEqual([]);
});

test.each<[string, () => Promise<void>]>([
  ['of a name that never was', async () => {}],
  ['of a secret that was restored', async () => schedules().then(() => changes(cancellation()))],
  [
    'of another secret, whose ARN differs',
    () =>
      changes(
        deletion({ ...FORCED, secret: identifySecret(`${SECRET.arn?.slice(0, -6)}xYz789`, {}) }),
      ),
  ],
])('a read %s is no attempt, and leaves nothing behind', async (_, before) => {
  await before();
  expect(await reads()).toBe('unknown-secret');
  expect(await incident()).toBeUndefined();
  expect(alerts).toEqual([]);
});

test('a read that was made before the deletion says nothing of it', async () => {
  const time = new Date(state.now().getTime() - 2 * MINUTE_MS);
  await forces();
  expect(await reads({ time })).toBe('unknown-secret');
  // Clocks differ by less.
  expect(await reads({ time: new Date(time.getTime() + 1.5 * MINUTE_MS) })).toBe('gone');
});

test('further callers are told at once while they are few, then by digests, and known ones by digests that grow apart', async () => {
  await forces();
  const roles = Array.from({ length: MAX_ALERTS + 1 }, (_, i) => `reader-${i}`);
  const outcomes: string[] = [];
  for (const role of [...roles, 'reader-0']) outcomes.push(await reads({ role }));
  expect(outcomes).toEqual([...Array(MAX_ALERTS).fill('gone'), 'many-callers', 'known-caller']);
  expect(handedOn.map(({ kind }) => kind)).toEqual(Array(MAX_ALERTS).fill('gone'));
  const lines: string[] = [];
  for (let day = 0; day < 4; day++) {
    await reads({ role: 'reader-0' });
    lines.push(...(await tells(23)));
  }
  expect(lines[0]).toMatch(new RegExp(`^digest ${NAME}: .*role reader-${MAX_ALERTS}`));
  const digests = lines.filter((line) => line.startsWith(`digest ${NAME}`));
  expect(digests.length).toBeGreaterThanOrEqual(4);
  expect(digests.length).toBeLessThanOrEqual(6);
  expect(lines).toEqual(digests);
});

describe('a secret that was pending, and read, and whose end nobody has noticed', () => {
  beforeEach(async () => {
    await schedules();
    expect(await pending()).toBe('pending');
    state.pass(8 * DAY_MS);
  });

  test('is told as gone within minutes when a caller that is known does not find it', async () => {
    expect(await reads()).toBe('known-caller');
    expect(await incident()).toMatchObject({ ended: 'gone', isEndReported: false });
    expect(await tells(0)).toEqual([`gone ${NAME}: 2 x role app-server (1 new)`]);
    expect(await incident()).toMatchObject({ isEndReported: true });
  });

  test('also where nobody can look', async () => {
    const elsewhere: Lookup = { kind: 'elsewhere', place: { region: 'eu-west-1' } };
    expect(await reads({ lookup: elsewhere })).toBe('known-caller');
    expect(await tells(0, elsewhere)).toEqual([`gone ${NAME}: 2 x role app-server (1 new)`]);
  });

  test('also to a process that has known its caller since it was pending', async () => {
    await pending();
    expect(await reads()).toBe('known-caller');
    expect(await incident()).toMatchObject({ ended: 'gone' });
  });

  test('is told as gone by the alert of a further caller alone', async () => {
    expect(await reads({ role: 'batch' })).toBe('gone');
    expect(await tells(0)).toEqual([]);
    expect(handedOn.map(({ kind }) => kind)).toEqual(['opened', 'gone']);
    expect(await incident()).toMatchObject({ ended: 'gone', alerts: 2 });
  });

  test('does not begin anew, however long it is read', async () => {
    await reads({ role: 'batch' });
    const opened = (await incident())?.openedAt;
    for (let day = 0; day < 3; day++) {
      state.pass(DAY_MS);
      expect(await reads()).toBe('known-caller');
    }
    expect((await incident())?.openedAt).toEqual(opened);
  });
});

test('an incident that was closed because nobody could look is told as gone after all', async () => {
  await schedules();
  await pending();
  state.pass(20 * DAY_MS);
  await state.stores.incidents.end(incidentKey(SECRET), 'closed', state.now(), true);
  state.pass(HOUR_MS);
  expect(await reads()).toBe('known-caller');
  expect(await incident()).toMatchObject({ ended: 'gone' });
});

test('a read of a secret that was made anew under the name is told with when that was', async () => {
  await forces();
  state.pass(HOUR_MS);
  const createdDate = new Date(state.now().getTime() - MINUTE_MS);
  const anew = found({ deletedDate: undefined, createdDate });
  expect(await reads({ lookup: anew })).toBe('gone');
  expect(alerts[0]?.state).toMatchObject({
    anew: createdDate,
  });
});

test('what is gone is not restored, nor looked at for that, whatever has taken its name', async () => {
  await forces();
  state.pass(HOUR_MS);
  const again = found({ deletedDate: state.now() });
  const policy = { ...NOTIFY_POLICY, autoCancel: 'all' as const };
  expect(await reads({ lookup: again }, policy)).toBe('pending');
  expect(alerts[0]?.action).toEqual({ kind: 'none' });
});

describe('a deletion without a window', () => {
  test('ends an open incident as gone, whose known callers are news no more', async () => {
    await schedules();
    await pending();
    await forces();
    expect(await reads()).toBe('known-caller');
    state.pass(MINUTE_MS);
    expect(await tells(0)).toEqual([`gone ${NAME}: 2 x role app-server (1 new)`]);
  });

  test('of a secret that was made since begins its incident anew, and its callers are news', async () => {
    await forces();
    expect(await reads()).toBe('gone');
    state.pass(DAY_MS);
    await forces();
    expect(await reads()).toBe('gone');
    expect(new Set(handedOn.map(({ incident: id }) => id)).size).toBe(2);
  });

  test('that is heard of twice begins nothing anew', async () => {
    await schedules();
    await pending();
    await forces();
    const ended = await incident();
    const again = deletion({ ...FORCED, id: 'again', requestedAt: ended?.endedAt as Date });
    await track(again, undefined, state.stores as unknown as TrackPorts);
    expect(await incident()).toEqual(ended);
  });
});

test('what a muted caller does not find ends the incident, and with it the mute', async () => {
  await schedules();
  await pending();
  const by = { id: 'm', by: 'ada', reason: 'known', from: state.now() };
  await state.stores.incidents.mute(SECRET, by);
  state.pass(8 * DAY_MS);
  expect(await reads({ role: 'batch' })).toBe('muted');
  expect(await incident()).toMatchObject({ ended: 'gone' });
  expect(await tells(0)).toEqual([]);
  // A mute is of the deletion that it was made for.
  expect(await reads({ role: 'batch' })).toBe('known-caller');
  expect(await tells(0)).toEqual([`digest ${NAME}: new 1 x role batch, 1 muted by ada`]);
});

test('a secret is known as deleted until 60 days after its end', async () => {
  await changes(deletion({ windowDays: 30 }));
  state.pass(85 * DAY_MS);
  expect(await reads()).toBe('gone');
});
