import type { Attempt } from '../../lib/attempt/attempt.ts';
import { identifySecret, type SecretId } from '../../lib/cloudtrail/secret-id.ts';
import type { Deletion } from '../../lib/deletion/change.ts';
import type { Lookup } from '../../lib/deletion/describe.ts';
import { shareOf } from '../../lib/incident/budget.ts';
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
      describeSecret: async (id) => (typeof lookup === 'function' ? lookup(id) : lookup),
      publish: async (alert) => alerts.push(alert),
      handOn: async (notices) => void handedOn.push(...notices),
    }),
  );
  return 'deferred' in outcome ? outcome.deferred : outcome.alert.state.state;
}

/** `lookup`: what AWS answers, or does by an id. */
type Reads = Partial<Attempt> & {
  readonly role?: string;
  readonly lookup?: Lookup | ((id: string) => Lookup);
};

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

test('who finds no secret, makes it, and deletes it by force is told of nothing', async () => {
  const time = state.now();
  state.pass(40_000);
  await forces();
  expect(await reads({ time })).toBe('unknown-secret');
  expect(await incident()).toBeUndefined();
  expect(alerts).toEqual([]);
});

test('a read that finds no secret within the second of its deletion by force is told', async () => {
  const time = new Date(state.now().getTime() - 999);
  await forces();
  expect(await reads({ time })).toBe('gone');
});

test('a read that AWS does not find a scheduled secret by, as by a partial ARN, says nothing of it before the end', async () => {
  const arn = SECRET.arn?.replace(/secret:.*/, 'secret:app-config-AbC123') as string;
  const secret = identifySecret(arn, {});
  const asked = identifySecret(arn.slice(0, -7), {});
  const date = addDays(state.now(), 7);
  await changes(deletion({ secret }));
  await pending({ secret });
  const opened = await state.stores.incidents.find(incidentKey(secret));
  expect(await reads({ secret: asked })).toBe('unknown-secret');
  expect(await reads({ secret: asked, role: 'batch' })).toBe('unknown-secret');
  expect(await state.stores.incidents.find(incidentKey(secret))).toEqual(opened);
  expect(alerts).toHaveLength(1);
  expect(await reads({ secret: asked, role: 'batch', time: date })).toBe('gone');
});

test('a read by a partial ARN that looks like the complete one of another secret is not of that', async () => {
  const arnOf = (name: string) => SECRET.arn?.replace(/secret:.*/, `secret:${name}`) as string;
  const [app, other] = [arnOf('app-AbC123'), arnOf('app-OAuth2-xYz789')];
  const [secret, gone] = [app, other].map((arn) => identifySecret(arn, {})) as [SecretId, SecretId];
  await changes(deletion({ secret }));
  await pending({ secret, lookup: found({ arn: app, name: 'app', deletedDate: state.now() }) });
  const opened = await state.stores.incidents.find(incidentKey(secret));
  await changes(deletion({ ...FORCED, secret: gone }));
  const asked = identifySecret(other.slice(0, -7), {});
  expect(incidentKey(asked)).toBe(incidentKey(secret));
  for (const role of ['app-server', 'batch']) {
    expect(await reads({ secret: asked, role })).toBe('gone');
  }
  expect(alerts.at(-1)?.secret).toMatchObject({ name: 'app-OAuth2', id: other });
  expect(await state.stores.incidents.find(incidentKey(secret))).toEqual(opened);
  expect(await state.stores.incidents.find(incidentKey(gone))).toMatchObject({ ended: 'gone' });
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
    state.pass(MINUTE_MS);
    expect(await tells(0)).toEqual([`gone ${NAME}: 2 x role app-server (1 new)`]);
    expect(await incident()).toMatchObject({ isEndReported: true });
  });

  test('is told to be over where nobody can look', async () => {
    const elsewhere: Lookup = { kind: 'elsewhere', place: { region: 'eu-west-1' } };
    expect(await reads({ lookup: elsewhere })).toBe('known-caller');
    state.pass(MINUTE_MS);
    expect(await tells(0, elsewhere)).toEqual([`over ${NAME}: 2 x role app-server (1 new)`]);
    expect((await incident())?.ended).toBeUndefined();
  });

  test('is told as pending, and stays open, where AWS still describes it as scheduled for deletion', async () => {
    const lookup = found({ deletedDate: state.now() });
    expect(await reads({ lookup })).toBe('known-caller');
    expect(await reads({ lookup, role: 'batch' })).toBe('pending');
    expect(handedOn.map(({ kind }) => kind)).toEqual(['opened', 'caller']);
    state.pass(MINUTE_MS);
    const lines = await tells(0, lookup);
    expect(lines).toEqual([expect.stringMatching(`^digest ${NAME}: `)]);
    expect((await incident())?.ended).toBeUndefined();
  });

  test('also to a process that has known its caller since it was pending', async () => {
    await pending();
    await tells(1, found({ deletedDate: state.now() }));
    await pending();
    const lookAt = (await incident())?.lookAt?.getTime();
    expect(lookAt).toBeGreaterThan(state.now().getTime());
    expect(await reads()).toBe('known-caller');
    expect((await incident())?.lookAt).toEqual(state.now());
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

test('what is read of an incident that was closed because nobody could look is told in digests', async () => {
  const elsewhere: Lookup = { kind: 'elsewhere', place: { region: 'eu-west-1' } };
  await schedules();
  await pending();
  state.pass(20 * DAY_MS);
  await state.stores.incidents.end(incidentKey(SECRET), 'closed', state.now(), true);
  state.pass(HOUR_MS);
  expect(await reads()).toBe('known-caller');
  expect(await tells(1, elsewhere)).toEqual([`digest ${NAME}: 1 x role app-server`]);
  expect(await reads({ role: 'batch', lookup: elsewhere })).toBe('gone');
  expect(await incident()).toMatchObject({ ended: 'closed', alerts: 2 });
});

describe('a read of a secret whose name another has taken', () => {
  const policy = { ...NOTIFY_POLICY, autoCancel: 'all' as const };
  const arn = SECRET.arn?.replace('AbC123', 'xYz789') as string;
  const byName = identifySecret(NAME, HOME);
  const byPartialArn = identifySecret(SECRET.arn?.slice(0, -7), {});
  /** AWS finds the new one, unless by the ARN of the one that is gone. */
  const taken =
    (createdDate: Date, deletedDate?: Date) =>
    (id: string): Lookup =>
      id === SECRET.arn ? GONE : found({ arn, createdDate, deletedDate });

  beforeEach(async () => {
    await forces();
    state.pass(HOUR_MS);
  });

  test.each<[string, SecretId, string]>([
    ['by its ARN, which is to be changed', SECRET, 'warning'],
    ['by the name, which works again', byName, 'notice'],
    ['by its partial ARN, which works again', byPartialArn, 'notice'],
  ])('is told with when that was made: %s', async (_, secret, severity) => {
    const anew = new Date(state.now().getTime() - MINUTE_MS);
    expect(await reads({ secret, lookup: taken(anew) }, policy)).toBe('gone');
    expect(alerts).toMatchObject([{ severity, state: { anew }, action: { kind: 'none' } }]);
    expect(alerts[0]?.remedy).toBeUndefined();
  });

  test.each([SECRET, byName])(
    'restores nothing, also where that is scheduled for deletion',
    async (secret) => {
      const anew = new Date(state.now().getTime() - MINUTE_MS);
      expect(await reads({ secret, lookup: taken(anew, state.now()) }, policy)).toBe('gone');
      expect(alerts[0]?.action).toEqual({ kind: 'none' });
    },
  );
});

test('a secret that AWS finds by its very ARN was restored, though no record of that has come', async () => {
  await forces();
  const secret = identifySecret(SECRET.arn?.slice(0, -7), {});
  expect(await reads({ secret, lookup: found({ deletedDate: undefined }) })).toBe('restored');
});

test('what is gone, however much, takes no mail from the first attempt on what can be saved', async () => {
  const policy = { ...NOTIFY_POLICY, maxMailsPerHour: 17 };
  const arnOf = (n: number) => SECRET.arn?.replace('password', `fixture${n}`);
  const secrets = Array.from({ length: 6 }, (_, n) => identifySecret(arnOf(n), {}));
  for (const secret of secrets) await changes(deletion({ ...FORCED, secret }));
  await schedules();
  const outcomes: string[] = [];
  for (const secret of secrets) outcomes.push(await reads({ secret }, policy));
  const share = shareOf('caller', policy);
  expect(outcomes).toEqual([...Array(share).fill('gone'), ...Array(6 - share).fill('budget')]);
  const lookup = found({ deletedDate: state.now() });
  expect(await reads({ isNotFound: undefined, lookup }, policy)).toBe('pending');
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
    state.pass(DAY_MS + MINUTE_MS);
    await forces();
    expect(await reads()).toBe('gone');
    expect(new Set(handedOn.map(({ incident: id }) => id)).size).toBe(2);
  });

  test('each hour, as of what a test makes and deletes, is news once a day', async () => {
    const outcomes: string[] = [];
    for (let hour = 0; hour < 48; hour++) {
      await forces();
      outcomes.push(await reads());
      await sums();
      state.pass(HOUR_MS - 3 * MINUTE_MS);
    }
    expect(outcomes.filter((outcome) => outcome === 'gone')).toHaveLength(2);
    expect(outcomes.filter((outcome) => outcome === 'known-caller')).toHaveLength(46);
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
  state.pass(MINUTE_MS);
  expect(await tells(0)).toEqual([]);
  expect(await incident()).toMatchObject({ ended: 'gone' });
  // A mute is of the deletion that it was made for.
  expect(await reads({ role: 'batch' })).toBe('known-caller');
  expect(await tells(0)).toEqual([`digest ${NAME}: new 1 x role batch, 1 muted by ada`]);
});

test('a mute of what is gone holds for as long as it says, and ends with a deletion anew', async () => {
  await forces();
  expect(await reads()).toBe('gone');
  const by = { id: 'm', by: 'ada', reason: 'known', from: state.now() };
  await state.stores.incidents.mute(SECRET, { ...by, until: addDays(state.now(), 7) });
  state.pass(MINUTE_MS);
  expect(await reads({ role: 'batch' })).toBe('muted');
  for (let day = 0; day < 6; day++) {
    await reads();
    expect(await tells(23)).toEqual([]);
  }
  state.pass(2 * DAY_MS);
  await reads();
  expect(await tells(47)).toEqual([expect.stringMatching(`^digest ${NAME}: `)]);
  await state.stores.incidents.mute(SECRET, { ...by, id: 'n', from: state.now() });
  state.pass(MINUTE_MS);
  await forces();
  expect(await reads()).toBe('gone');
});

test('callers that are all muted are told of by whoever is not, and each once, as soon as the mute has ended', async () => {
  await schedules();
  await pending();
  expect(await pending({ role: 'batch' })).toBe('pending');
  await state.stores.incidents.mute(SECRET, {
    ...{ id: 'm', by: 'ada', reason: 'known', from: state.now() },
  });
  expect(await pending({ role: 'nightly' })).toBe('muted');
  state.pass(8 * DAY_MS);
  expect(await reads()).toBe('known-caller');
  state.pass(MINUTE_MS);
  expect(await sums()).toEqual([]);
  expect(await incident()).toMatchObject({ ended: 'gone' });
  // Whoever was muted, and is named by nothing, reads it again; and another caller comes.
  expect(await reads({ role: 'nightly' })).toBe('known-caller');
  expect(await reads({ role: 'weekly' })).toBe('gone');
  const [first, ...later] = await tells(48);
  expect(first).toBe(`digest ${NAME}: new 1 x role nightly, 2 muted by ada`);
  expect(later).toEqual([]);
});

test('what was found restored long ago, and deleted anew without a record, is told as gone, each caller once', async () => {
  await schedules();
  await pending();
  state.pass(MINUTE_MS);
  await state.stores.incidents.end(incidentKey(SECRET), 'restored', state.now(), true);
  state.pass(30 * DAY_MS);
  const outcomes: string[] = [];
  for (const role of ['app-server', 'batch', 'app-server', 'batch']) {
    outcomes.push(await reads({ role }));
  }
  expect(outcomes).toEqual(['gone', 'gone', 'known-caller', 'known-caller']);
  expect(handedOn.map(({ kind }) => kind)).toEqual(['opened', 'gone', 'gone']);
  expect(new Set(handedOn.map(({ incident: id }) => id)).size).toBe(2);
  expect(await incident()).toMatchObject({ ended: 'gone', alerts: 2 });
  expect(await tells(3)).toEqual([`digest ${NAME}: 1 x role app-server, 1 x role batch`]);
});

test('a secret is known as deleted until 60 days after its end', async () => {
  await changes(deletion({ windowDays: 30 }));
  state.pass(85 * DAY_MS);
  expect(await reads()).toBe('gone');
});
