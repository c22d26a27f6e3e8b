import { GetItemCommand, PutItemCommand, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import type { Attempt } from '../../lib/attempt/attempt.ts';
import { getItems } from '../../lib/aws/table.ts';
import { identifySecret } from '../../lib/cloudtrail/secret-id.ts';
import { DRILL_PREFIX } from '../../lib/drill.ts';
import { shareOf } from '../../lib/incident/budget.ts';
import {
  admit,
  type GatePorts,
  leaveToDigest,
  noteSent,
  takeTurn,
  takeUrgentTurn,
} from '../../lib/incident/gate.ts';
import type { Mute } from '../../lib/incident/incident.ts';
import { incidentKey } from '../../lib/incident/incidents.ts';
import { pairKey, pairPartition } from '../../lib/incident/pairs.ts';
import { type TrackPorts, track } from '../../lib/incident/track.ts';
import { addDays, DAY_MS, HOUR_MS, MINUTE_MS } from '../../lib/time.ts';
import { attempt, deletion, NOW, nth } from '../testing/attempts.ts';
import { GATE_POLICY } from '../testing/gate.ts';
import { type State, useState, wrapCalls } from '../testing/state.ts';

const state = useState();
const comes: State['comes'] = (...args) => state.comes(...args);
const underWay: State['underWay'] = (...args) => state.underWay(...args);
/** An attempt comes whose alert fails. */
const fails = async (attempt: Attempt) => (await underWay(attempt)).fails();
/** An attempt of another caller. */
const by = (caller: string, n: number, overrides: Partial<Attempt> = {}) =>
  nth(n, { caller: { ...attempt().caller, key: callerArn(caller) }, ...overrides });
const callerArn = (name: string) => `arn:aws:iam::111122223333:user/${name}`;
const ofSecret = (n: number) => nth(n, { secret: identifySecret(`secret-${n}`, {}) });

/** What the SDK sends of the table's calls. */
async function sentBy(act: () => Promise<unknown>): Promise<string[]> {
  const send = import.meta.jest.spyOn(state.table.client, 'send');
  await act();
  const sent = send.mock.calls.map(([command]) => command.constructor.name);
  send.mockRestore();
  return sent;
}

/** The event of a deletion comes. */
const deletedAnew = (at = state.now()) =>
  track(
    deletion({ requestedAt: at, id: at.toISOString() }),
    undefined,
    state.stores as unknown as TrackPorts,
  );

const muteFrom = (from: Date): Mute => ({ id: 'mute', by: 'alice', reason: 'we know', from });

/** What an alert found out, of which nothing but the retry matters. */
const REPORTED = {
  state: { state: 'pending', schedule: { kind: 'exact', date: addDays(NOW, 30) } },
  isRestored: false,
} as const;

/** Ports that note what is asked of the table. */
function counted(ports: GatePorts): [GatePorts, string[]] {
  const calls: string[] = [];
  const noting = wrapCalls(ports, (name, call) => (...args) => {
    calls.push(name);
    return call(...args);
  });
  return [noting, calls];
}

describe('the caller of an incident', () => {
  test('is alerted once, however long ago', async () => {
    expect(await comes(nth(1))).toBe('alert');
    expect(await comes(nth(2))).toBe('known-caller');
    state.pass(20 * DAY_MS);
    expect(await comes(nth(3))).toBe('known-caller');
  });

  test('defers no other caller and no other secret', async () => {
    expect(await comes(nth(1))).toBe('alert');
    expect(await comes(by('other', 2))).toBe('alert');
    expect(await comes(ofSecret(3))).toBe('alert');
  });

  test('is one for each form of the secret id', async () => {
    expect(await comes(nth(1))).toBe('alert');
    const elsewhere = { accountId: '111122223333', region: 'eu-west-1' };
    const byName = identifySecret('prod/db/password', elsewhere);
    expect(await comes(nth(2, { secret: byName }))).toBe('known-caller');
  });

  test('is left to a digest if he is the fifth or later', async () => {
    const outcomes: string[] = [];
    for (let n = 1; n <= 6; n++) outcomes.push(await comes(by(`caller-${n}`, n)));
    const alerts = Array(4).fill('alert');
    expect(outcomes).toEqual([...alerts, 'many-callers', 'many-callers']);
    expect(await comes(by('caller-5', 7))).toBe('known-caller');
    expect(await comes(ofSecret(8))).toBe('alert');
  });

  test('costs a further attempt one write and no read in a process that knows him', async () => {
    const { memory } = state.gate();
    expect(await comes(nth(1), { memory })).toBe('alert');
    expect(await sentBy(() => comes(nth(2), { memory }))).toEqual(['PutItemCommand']);
    state.pass(10 * MINUTE_MS);
    const cold = ['UpdateItemCommand', 'UpdateItemCommand', 'PutItemCommand'];
    const time = state.now();
    expect(await sentBy(() => comes(nth(3, { time }), { memory }))).toEqual(cold);
    expect(await sentBy(() => comes(nth(4, { time }), { memory }))).toEqual(['PutItemCommand']);
  });

  test('costs a first attempt that is alerted seven writes', async () => {
    const [ports, calls] = counted(state.gate());
    expect(await comes(nth(1), ports)).toBe('alert');
    const before = ['claim', 'mark', 'recordAlerting', 'takeTurn'];
    expect(calls).toEqual([...before, 'noteAlerted', 'noteAlert', 'confirm']);
  });
});

describe('an attempt', () => {
  test('that is delivered again is known, however late', async () => {
    expect(await comes(nth(1))).toBe('alert');
    expect(await comes(nth(1))).toBe('repeated');
    expect(await comes(nth(2))).toBe('known-caller');
    state.pass(DAY_MS);
    await deletedAnew();
    expect(await comes(nth(1))).toBe('repeated');
    expect(await comes(nth(2))).toBe('repeated');
    expect(await comes(nth(3))).toBe('alert');
  });

  test('that is delivered twice at a time is alerted once', async () => {
    const both = await Promise.all([comes(nth(1)), comes(nth(1))]);
    expect(both.filter((outcome) => outcome === 'alert')).toHaveLength(1);
  });

  test('that races another of its pair leaves one alert', async () => {
    const all = await Promise.all([1, 2, 3, 4].map((n) => comes(nth(n))));
    expect(all.filter((outcome) => outcome === 'alert')).toHaveLength(1);
    expect(all.filter((outcome) => outcome === 'known-caller')).toHaveLength(3);
  });

  test('whose run died is alerted by its retry, once the run must have ended', async () => {
    await underWay(nth(1));
    expect(await comes(nth(2))).toBe('known-caller');
    expect(await comes(nth(1))).toBe('repeated');
    state.pass(MINUTE_MS + 1);
    expect(await comes(nth(1))).toBe('alert');
  });

  test('whose alert failed is alerted by its retry at once', async () => {
    await fails(nth(1));
    expect(await comes(nth(1))).toBe('alert');
  });

  test('whose alert failed leaves the pair to the next attempt', async () => {
    await fails(nth(1));
    expect(await comes(nth(2))).toBe('alert');
    expect(await comes(nth(1))).toBe('repeated');
  });

  test('that comes again when its run must have ended leaves its caller known', async () => {
    expect(await comes(nth(1))).toBe('alert');
    state.pass(MINUTE_MS + 1);
    const { pairs } = state.stores;
    // As where the answer is lost, and the SDK writes again.
    const claim: typeof pairs.claim = async (...args) => {
      await pairs.claim(...args);
      return pairs.claim(...args);
    };
    expect(await comes(nth(1), { pairs: { claim } })).toBe('repeated');
    expect(await comes(nth(2))).toBe('known-caller');
  });

  test('that could not be recorded gives its claim back', async () => {
    const recordAlerting = () => Promise.reject(new Error('no table'));
    await expect(comes(nth(1), { attempts: { recordAlerting } })).rejects.toThrow('no table');
    expect(await comes(nth(2))).toBe('alert');
  });

  test('of an ignored caller is recorded and never alerted, and opens no incident', async () => {
    const policy = { ...GATE_POLICY, ignoredCallers: ['*:role/app-server'] };
    expect(await admit(nth(1), policy, state.gate())).toEqual({ deferred: 'ignored' });
    expect(await admit(nth(1), policy, state.gate())).toEqual({ deferred: 'repeated' });
    expect(await state.stores.incidents.all()).toEqual([]);
  });
});

describe('a pair', () => {
  test('whose run died, and whose retries fail, is alerted by the next attempt', async () => {
    await underWay(nth(1));
    state.pass(MINUTE_MS + 1);
    await fails(nth(1));
    expect(await comes(nth(2))).toBe('alert');
  });

  test('whose run died is alerted by any attempt, once the run must have ended, and only then', async () => {
    await underWay(nth(1));
    state.pass(45_000);
    expect(await comes(nth(2))).toBe('known-caller');
    state.pass(1);
    const outcomes = await Promise.all([comes(nth(3)), comes(nth(4))]);
    expect(outcomes.sort()).toEqual(['alert', 'known-caller']);
    state.pass(2 * MINUTE_MS);
    expect(await comes(nth(5))).toBe('known-caller');
  });

  test('whose claim could not be confirmed is alerted once more, and its attempt is not', async () => {
    const confirm = () => Promise.reject(new Error('no table'));
    expect(await comes(nth(1), { pairs: { confirm } })).toBe('alert');
    state.pass(MINUTE_MS + 1);
    expect(await comes(nth(1))).toBe('repeated');
    expect(await comes(nth(2))).toBe('alert');
  });

  test('that was claimed by a version that did not confirm is known', async () => {
    const confirm = async () => undefined;
    expect(await comes(nth(1), { pairs: { confirm } })).toBe('alert');
    const { client, name } = state.table;
    const UpdateExpression = 'REMOVE unconfirmed';
    const Key = marshall(pairKey(nth(1)));
    await client.send(new UpdateItemCommand({ TableName: name, Key, UpdateExpression }));
    state.pass(MINUTE_MS + 1);
    expect(await comes(nth(2))).toBe('known-caller');
  });
});

describe('a deletion that could not be cancelled', () => {
  const policy = { ...GATE_POLICY, autoCancel: 'all' as const };
  const again = () => new Date(state.now().getTime() + 5 * MINUTE_MS);
  const claims = async (n: number) => (await admit(nth(n), policy, state.gate())).claim;

  test('is tried again by the next attempt of the pair in five minutes, which names nobody anew', async () => {
    expect(await comes(nth(1), { policy, retryAt: again() })).toBe('alert');
    state.pass(5 * MINUTE_MS - 1);
    expect(await claims(2)).toBeUndefined();
    state.pass(1);
    const before = await state.stores.incidents.find(incidentKey(nth(3).secret));
    expect(await claims(3)).toMatchObject({ isRetry: true });
    const after = await state.stores.incidents.find(incidentKey(nth(3).secret));
    expect(after).toMatchObject({ alerts: 1, unnamedAt: before?.unnamedAt });
  });

  test('leaves its caller known where the attempt that is to try again has come before', async () => {
    expect(await comes(nth(1), { policy, retryAt: again() })).toBe('alert');
    state.pass(5 * MINUTE_MS);
    expect(await comes(nth(1), { policy })).toBe('repeated');
    expect(await claims(2)).toMatchObject({ isRetry: true });
  });

  test('is tried again by a caller whose alert found no budget, whom a digest has yet to name', async () => {
    const budget = { takeTurn: async () => 'hour' as const };
    const ports = state.gate({ budget });
    const { deferred, ...admitted } = await admit(nth(1), policy, ports);
    if (!admitted.claim) throw new Error(deferred);
    expect(await takeTurn(admitted, policy, ports)).toBe(false);
    await leaveToDigest(nth(1), admitted, ports, again().getTime());
    state.pass(5 * MINUTE_MS);
    expect(await claims(2)).toMatchObject({ isRetry: true });
    const [pair] = await state.stores.pairs.list(pairPartition(nth(1).secret), state.now());
    expect(pair?.isUnnamed).toBe(true);
  });

  test('is tried again though its secret is muted', async () => {
    expect(await comes(nth(1), { policy, retryAt: again() })).toBe('alert');
    await state.stores.incidents.mute(nth(1).secret, muteFrom(state.now()));
    state.pass(5 * MINUTE_MS);
    expect(await claims(2)).toMatchObject({ isRetry: true });
  });
});

describe('a secret that is restored and deleted anew', () => {
  const { secret } = attempt();

  test('is alerted at once, for each of its callers', async () => {
    expect(await comes(nth(1))).toBe('alert');
    expect(await comes(by('bob', 2))).toBe('alert');
    expect(await comes(ofSecret(3))).toBe('alert');
    state.pass(HOUR_MS);
    await deletedAnew();
    expect(await comes(nth(4))).toBe('alert');
    expect(await comes(by('bob', 5))).toBe('alert');
    expect(await comes({ ...ofSecret(3), id: 'other secret' })).toBe('known-caller');
    expect(await comes(nth(6))).toBe('known-caller');
  });

  test('begins a new incident', async () => {
    for (let n = 1; n <= 6; n++) await comes(by(`caller-${n}`, n));
    const before = await state.stores.incidents.find(incidentKey(secret));
    state.pass(10 * MINUTE_MS);
    await deletedAnew();
    const anew = await state.stores.incidents.find(incidentKey(secret));
    expect(anew).toEqual({
      key: before?.key,
      secret: before?.secret,
      newsAt: before?.newsAt,
      alerts: 0,
      notices: 0,
      isEndReported: false,
      mutes: [],
    });
    expect(await comes(by('caller-6', 7))).toBe('alert');
    expect(await state.stores.incidents.find(incidentKey(secret))).toMatchObject({
      openedAt: state.now(),
      alerts: 1,
      notices: 1,
    });
  });

  test('is not alerted again by the event of the deletion that comes late, or twice', async () => {
    expect(await comes(nth(1))).toBe('alert');
    state.pass(MINUTE_MS);
    const requestedAt = state.now();
    await deletedAnew(requestedAt);
    state.pass(MINUTE_MS);
    expect(await comes(nth(2))).toBe('alert');
    await deletedAnew(requestedAt);
    expect(await comes(nth(3))).toBe('known-caller');
  });

  test('is alerted within five minutes by a process that knows the caller', async () => {
    const { memory } = state.gate();
    expect(await comes(nth(1), { memory })).toBe('alert');
    state.pass(1);
    await deletedAnew();
    expect(await comes(nth(2), { memory })).toBe('known-caller');
    state.pass(5 * MINUTE_MS);
    expect(await comes(nth(3), { memory })).toBe('alert');
  });

  test('is alerted though an alert was under way, which notes that a restore failed', async () => {
    const ports = state.gate();
    const { deferred, ...admitted } = await admit(nth(1), GATE_POLICY, ports);
    if (!admitted.claim) throw new Error(deferred);
    state.pass(1);
    await deletedAnew();
    const retryAt = state.now().getTime() + 30 * MINUTE_MS;
    await noteSent(nth(1), admitted, { ...REPORTED, retryAt }, state.gate());
    expect(await comes(nth(2))).toBe('alert');
  });

  describe('without a record of that', () => {
    const restored = async () => {
      state.pass(HOUR_MS);
      const at = state.now();
      await state.stores.incidents.end(incidentKey(secret), 'restored', at, false);
      state.pass(HOUR_MS);
      return at;
    };

    test('is alerted at once for a read that failed after the restore, and begins a new incident', async () => {
      await comes(nth(1));
      await comes(by('bob', 2));
      await state.stores.incidents.mute(secret, { ...muteFrom(state.now()), caller: '*bob' });
      const at = await restored();
      expect(await comes(nth(3, { time: state.now() }))).toBe('alert');
      expect(await comes(by('bob', 4, { time: state.now() }))).toBe('alert');
      const incident = await state.stores.incidents.find(incidentKey(secret));
      expect(incident).toMatchObject({ openedAt: state.now(), alerts: 2, isEndReported: false });
      expect(incident?.ended).toBeUndefined();
      expect(incident?.mutes).toMatchObject([{ endedAt: at }]);
    });

    test.each([
      ['before the restore', -MINUTE_MS],
      ['in the same minute', MINUTE_MS],
    ])('is not where the read failed %s', async (_, after) => {
      await comes(nth(1));
      const at = await restored();
      const time = new Date(at.getTime() + after);
      expect(await comes(nth(2, { time }))).toBe('known-caller');
      const incident = await state.stores.incidents.find(incidentKey(secret));
      expect(incident).toMatchObject({ ended: 'restored', alerts: 1 });
    });
  });

  test('with more callers than a page of the table holds is news for each', async () => {
    const { client, name } = state.table;
    const filler = 'x'.repeat(100_000); // so that a page of 1 MB holds ten of them
    for (let n = 0; n < 25; n++) {
      const item = { pk: pairPartition(secret), sk: `caller-${n}`, claimedAt: n, filler };
      await client.send(new PutItemCommand({ TableName: name, Item: marshall(item) }));
    }
    await deletedAnew();
    const pairs = await Promise.all(
      Array.from({ length: 25 }, async (_, n) => {
        const Key = marshall({ pk: pairPartition(secret), sk: `caller-${n}` });
        return client.send(new GetItemCommand({ TableName: name, Key }));
      }),
    );
    expect(pairs.every(({ Item }) => Item?.renewAt)).toBe(true);
  });

  test('has no pair and no incident made for it that was not there', async () => {
    await deletedAnew();
    expect(await getItems(state.table, pairPartition(secret))).toEqual([]);
    expect(await state.stores.incidents.all()).toEqual([]);
  });
});

describe('a mute', () => {
  const { secret } = attempt();
  const mute = (mute: Partial<Mute>) =>
    state.stores.incidents.mute(secret, { ...muteFrom(state.now()), ...mute });

  test('of a secret defers all of its callers', async () => {
    await mute({});
    expect(await comes(nth(1))).toBe('muted');
    expect(await comes(by('bob', 2))).toBe('muted');
    expect(await comes(nth(3))).toBe('known-caller');
    expect(await comes(ofSecret(4))).toBe('alert');
  });

  test('of a pattern of callers defers those', async () => {
    await mute({ caller: '*:role/app-*' });
    expect(await comes(nth(1))).toBe('muted');
    expect(await comes(by('bob', 2))).toBe('alert');
  });

  test('of a pattern of callers leaves the alerts to others', async () => {
    await mute({ caller: '*:user/batch-*' });
    for (let n = 1; n <= 5; n++) expect(await comes(by(`batch-${n}`, n))).toBe('muted');
    for (let n = 6; n <= 9; n++) expect(await comes(by(`other-${n}`, n))).toBe('alert');
    expect(await comes(by('other-10', 10))).toBe('many-callers');
  });

  test.each([
    ['until it is over', { until: new Date(NOW.getTime() + HOUR_MS) }],
    ['until it is removed', {}],
  ])('defers %s, and whom it deferred is then left to a digest', async (_, overrides) => {
    await mute(overrides);
    expect(await comes(nth(1))).toBe('muted');
    state.pass(HOUR_MS);
    if (!('until' in overrides)) {
      await state.stores.incidents.unmute(incidentKey(secret), ['mute'], state.now());
    }
    expect(await comes(nth(2))).toBe('known-caller');
    const incident = await state.stores.incidents.find(incidentKey(secret));
    expect(incident?.unnamedAt).toEqual(state.now());
    expect(await comes(by('bob', 3))).toBe('alert');
  });
});

describe('the budget', () => {
  const policy = { ...GATE_POLICY, maxMailsPerHour: 28 };
  const opened = shareOf('opened', policy);

  test('leaves the mails of its share, and spreads them over seconds', async () => {
    const start = state.now().getTime();
    const outcomes: unknown[] = [];
    for (let n = 0; n < opened + 5; n++) outcomes.push(await comes(ofSecret(n), { policy }));
    expect(outcomes).toEqual([...Array(opened).fill('alert'), ...Array(5).fill('budget')]);
    expect(state.now().getTime() - start).toBe(2000);
  });

  test('lets further callers take their share alone, so that secrets find room', async () => {
    const outcomes: string[] = [];
    for (let n = 0; n < 5; n++) {
      const { secret } = ofSecret(n);
      for (let c = 0; c < 4; c++) {
        outcomes.push(await comes(by(`caller-${c}`, 10 * n + c, { secret }), { policy }));
      }
    }
    const later = ['alert', 'budget', 'budget', 'budget'];
    expect(outcomes).toEqual([...Array(8).fill('alert'), ...later, ...later, ...later]);
    for (let n = 5; n < 30; n++) outcomes.push(await comes(ofSecret(n), { policy }));
    expect(outcomes.filter((outcome) => outcome === 'alert')).toHaveLength(opened);
  });

  test('that is used up is not asked again in this hour, and leaves the naming to a digest', async () => {
    const { memory } = state.gate();
    for (let n = 0; n <= opened; n++) await comes(ofSecret(n), { memory, policy });
    const [ports, calls] = counted(state.gate({ memory }));
    expect(await comes({ ...ofSecret(101), time: state.now() }, { ...ports, policy })).toBe(
      'budget',
    );
    expect(calls).toEqual(['claim', 'mark', 'record', 'leave']);
    state.pass(HOUR_MS);
    expect(await comes({ ...ofSecret(101), id: 'later' }, { memory, policy })).toBe('known-caller');
    expect(await comes(ofSecret(102), { memory, policy })).toBe('alert');
  });

  test('of a full second defers nobody else in this hour', async () => {
    const { memory } = state.gate();
    const full = state.gate({ memory, budget: { takeTurn: async () => 'second' } });
    const start = state.now().getTime();
    expect(await comes(ofSecret(1), { ...full, policy })).toBe('budget');
    expect(state.now().getTime() - start).toBe(25_000);
    expect(await comes(ofSecret(2), { memory, policy })).toBe('alert');
  });

  test('is not taken by repeats of what has been reported', async () => {
    for (let n = 1; n < opened; n++) await comes(ofSecret(n), { policy });
    for (let n = 1; n < opened; n++) expect(await comes(ofSecret(n), { policy })).toBe('repeated');
    expect(await comes(ofSecret(99), { policy })).toBe('alert');
  });

  test('is not taken by what goes out whatever it is', async () => {
    for (let n = 0; n < policy.maxMailsPerHour; n++) await takeUrgentTurn(state.gate());
    const outcomes: string[] = [];
    for (let n = 0; n <= opened; n++) outcomes.push(await comes(ofSecret(n), { policy }));
    expect(outcomes).toEqual([...Array(opened).fill('alert'), 'budget']);
  });

  test('that a drill does not find is left to its next attempt, which is alerted', async () => {
    const secret = identifySecret(`${DRILL_PREFIX}x`, {});
    const budget = { takeTurn: async () => 'hour' as const };
    expect(await comes(nth(1, { secret }), { budget })).toBe('budget');
    expect(await comes(nth(2, { secret }))).toBe('alert');
    expect(await comes(nth(3, { secret }))).toBe('known-caller');
  });
});

test('an incident that was changed by hand stops neither its attempts nor others', async () => {
  const { secret } = attempt();
  const item = { pk: 'incidents', sk: incidentKey(secret), openedAt: 'nonsense' };
  const { client, name } = state.table;
  await client.send(new PutItemCommand({ TableName: name, Item: marshall(item) }));
  expect(await comes(nth(1))).toBe('alert');
  expect(await comes(nth(2))).toBe('known-caller');
  expect(await comes(ofSecret(3))).toBe('alert');
  state.pass(2 * MINUTE_MS);
  expect(await state.sumUp()).toMatchObject({ outcome: 'done' });
});
