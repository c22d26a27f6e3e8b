import { GetItemCommand, PutItemCommand, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import type { Attempt } from '../../lib/attempt/attempt.ts';
import { getItems } from '../../lib/aws/table.ts';
import { identifySecret } from '../../lib/cloudtrail/secret-id.ts';
import { admit, type GatePorts, noteSent } from '../../lib/incident/gate.ts';
import { pairKey, pairPartition } from '../../lib/incident/pairs.ts';
import { type TrackPorts, track } from '../../lib/incident/track.ts';
import { addDays, MINUTE_MS } from '../../lib/time.ts';
import { attempt, deletion, NOW, nth } from '../testing/attempts.ts';
import { GATE_POLICY } from '../testing/gate.ts';
import { type State, useState, wrapCalls } from '../testing/state.ts';

const state = useState();
const comes: State['comes'] = (...args) => state.comes(...args);
const underWay: State['underWay'] = (...args) => state.underWay(...args);
/** An attempt comes whose alert fails. */
const fails = async (attempt: Attempt) => (await underWay(attempt)).fails();
const ofSecret = (n: number) => nth(n, { secret: identifySecret(`secret-${n}`, {}) });

/** Ports that note what is asked of the table. */
function counted(ports: GatePorts): [GatePorts, string[]] {
  const calls: string[] = [];
  const noting = wrapCalls(ports, (name, call) => (...args) => {
    calls.push(name);
    return call(...args);
  });
  return [noting, calls];
}

describe('the quiet window of a pair', () => {
  test('holds back repeats, to the millisecond', async () => {
    expect(await comes(nth(1))).toBe('alert');
    state.pass(60 * MINUTE_MS - 1);
    expect(await comes(nth(2))).toBe('quiet-window');
    state.pass(1);
    expect(await comes(nth(3))).toBe('alert');
    expect(await comes(nth(4))).toBe('quiet-window');
  });

  test('holds back no other caller and no other secret', async () => {
    expect(await comes(nth(1))).toBe('alert');
    const caller = { ...attempt().caller, key: 'arn:aws:iam::111122223333:role/other' };
    expect(await comes(nth(2, { caller }))).toBe('alert');
    expect(await comes(ofSecret(3))).toBe('alert');
  });

  test('is one for each form of the secret id', async () => {
    const elsewhere = { accountId: '111122223333', region: 'eu-west-1' };
    expect(await comes(nth(1))).toBe('alert');
    const byName = identifySecret('prod/db/password', elsewhere);
    expect(await comes(nth(2, { secret: byName }))).toBe('quiet-window');
  });

  test('costs a repeat two writes, and one in a process that remembers it', async () => {
    const [alerting] = counted(state.gate());
    expect(await comes(nth(1), alerting)).toBe('alert');
    const [cold, coldCalls] = counted(state.gate());
    expect(await comes(nth(2), cold)).toBe('quiet-window');
    expect(coldCalls).toEqual(['claim', 'recordDeferred']);
    const [warm, warmCalls] = counted(state.gate({ memory: alerting.memory }));
    expect(await comes(nth(3), warm)).toBe('quiet-window');
    expect(warmCalls).toEqual(['recordDeferred']);
  });

  test('ends in a process that remembers it when it ends in the table', async () => {
    const { memory } = state.gate();
    expect(await comes(nth(1), { memory })).toBe('alert');
    state.pass(60 * MINUTE_MS);
    expect(await comes(nth(2), { memory })).toBe('alert');
  });
});

describe('an attempt', () => {
  test('that is delivered again after its alert is known, whatever the window', async () => {
    expect(await comes(nth(1))).toBe('alert');
    expect(await comes(nth(1))).toBe('known');
    state.pass(61 * MINUTE_MS);
    expect(await comes(nth(1))).toBe('known');
    expect(await comes(nth(2))).toBe('alert');
  });

  test('that is delivered twice at a time is alerted once', async () => {
    const both = await Promise.all([comes(nth(1)), comes(nth(1))]);
    expect(both.filter((outcome) => outcome === 'alert')).toHaveLength(1);
  });

  test('that races another of its pair leaves one alert', async () => {
    const all = await Promise.all([1, 2, 3, 4].map((n) => comes(nth(n))));
    expect(all.filter((outcome) => outcome === 'alert')).toHaveLength(1);
    expect(all.filter((outcome) => outcome === 'quiet-window')).toHaveLength(3);
  });

  test('whose run died is alerted by its retry, once the run must have ended', async () => {
    await underWay(nth(1));
    expect(await comes(nth(2))).toBe('quiet-window');
    expect(await comes(nth(1))).toBe('known');
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
    expect(await comes(nth(1))).toBe('known');
  });

  test('that comes again when its run must have ended leaves its pair quiet', async () => {
    expect(await comes(nth(1))).toBe('alert');
    state.pass(MINUTE_MS + 1);
    const { pairs } = state.stores;
    // As where the answer is lost, and the SDK writes again.
    const claim: typeof pairs.claim = async (...args) => {
      await pairs.claim(...args);
      return pairs.claim(...args);
    };
    expect(await comes(nth(1), { pairs: { claim } })).toBe('known');
    expect(await comes(nth(2))).toBe('quiet-window');
  });

  test('that could not be recorded gives its claim back', async () => {
    const recordAlerting = () => Promise.reject(new Error('no table'));
    await expect(comes(nth(1), { attempts: { recordAlerting } })).rejects.toThrow('no table');
    expect(await comes(nth(2))).toBe('alert');
  });

  test('of an ignored caller is recorded and never alerted', async () => {
    const policy = { ...GATE_POLICY, ignoredCallers: ['*:role/app-server'] };
    expect(await admit(nth(1), policy, state.gate())).toEqual({ deferred: 'ignored' });
    expect(await admit(nth(1), policy, state.gate())).toEqual({ deferred: 'known' });
  });
});

describe('a pair', () => {
  test('whose deletion nears is alerted in the quiet window, once', async () => {
    const { memory } = state.gate();
    const renewAt = new Date(NOW.getTime() + 10 * MINUTE_MS);
    expect(await comes(nth(1), { memory, renewAt })).toBe('alert');
    state.pass(10 * MINUTE_MS - 1);
    expect(await comes(nth(2), { memory })).toBe('quiet-window');
    state.pass(1);
    expect(await comes(nth(3), { memory })).toBe('alert');
    expect(await comes(nth(4))).toBe('quiet-window');
    state.pass(20 * MINUTE_MS);
    expect(await comes(nth(5))).toBe('quiet-window');
  });

  test('whose deletion nears is alerted by another attempt if the first cannot be sent', async () => {
    expect(await comes(nth(1), { renewAt: new Date(NOW.getTime() + MINUTE_MS) })).toBe('alert');
    state.pass(MINUTE_MS);
    await fails(nth(2));
    expect(await comes(nth(3))).toBe('alert');
  });

  test('whose run died, and whose retries fail, is alerted by the next attempt', async () => {
    await underWay(nth(1));
    state.pass(MINUTE_MS + 1);
    await fails(nth(1));
    expect(await comes(nth(2))).toBe('alert');
  });

  test('whose run died is alerted by any attempt, once the run must have ended, and only then', async () => {
    await underWay(nth(1));
    state.pass(MINUTE_MS);
    expect(await comes(nth(2))).toBe('quiet-window');
    state.pass(1);
    const outcomes = await Promise.all([comes(nth(3)), comes(nth(4))]);
    expect(outcomes.sort()).toEqual(['alert', 'quiet-window']);
    state.pass(2 * MINUTE_MS);
    expect(await comes(nth(5))).toBe('quiet-window');
  });

  test('whose claim could not be confirmed is alerted once more, and its attempt is not', async () => {
    const confirm = () => Promise.reject(new Error('no table'));
    expect(await comes(nth(1), { pairs: { confirm } })).toBe('alert');
    state.pass(MINUTE_MS + 1);
    expect(await comes(nth(1))).toBe('known');
    expect(await comes(nth(2))).toBe('alert');
  });

  test('that was claimed by a version that did not confirm is quiet', async () => {
    const confirm = async () => undefined;
    expect(await comes(nth(1), { pairs: { confirm } })).toBe('alert');
    const { client, name } = state.table;
    const UpdateExpression = 'REMOVE unconfirmed';
    const Key = marshall(pairKey(nth(1)));
    await client.send(new UpdateItemCommand({ TableName: name, Key, UpdateExpression }));
    state.pass(MINUTE_MS + 1);
    expect(await comes(nth(2))).toBe('quiet-window');
  });

  test('is not renewed in vain after its quiet window', async () => {
    const [ports, calls] = counted(state.gate());
    expect(await comes(nth(1), { ...ports, renewAt: addDays(NOW, 1) })).toBe('alert');
    const all = ['claim', 'recordAlerting', 'takeTurn', 'noteAlerted', 'confirm'];
    expect(calls).toEqual(all);
    state.pass(59 * MINUTE_MS);
    expect(await comes(nth(2))).toBe('quiet-window');
  });
});

describe('a secret that is restored and deleted anew in the quiet window', () => {
  const { secret } = attempt();
  const deletedAnew = (at = state.now()) =>
    state.stores.pairs.endQuietWindows({ pk: pairPartition(secret) }, at);
  const bob = { ...attempt().caller, key: 'arn:aws:iam::111122223333:user/bob' };

  test('is alerted at once, for each of its callers', async () => {
    expect(await comes(nth(1))).toBe('alert');
    expect(await comes(nth(2, { caller: bob }))).toBe('alert');
    expect(await comes(ofSecret(3))).toBe('alert');
    state.pass(10 * MINUTE_MS);
    await deletedAnew();
    expect(await comes(nth(4))).toBe('alert');
    expect(await comes(nth(5, { caller: bob }))).toBe('alert');
    expect(await comes({ ...ofSecret(3), id: 'other secret' })).toBe('quiet-window');
    expect(await comes(nth(6))).toBe('quiet-window');
  });

  test('is not alerted again by the event of the deletion that comes late, or twice', async () => {
    expect(await comes(nth(1))).toBe('alert');
    state.pass(MINUTE_MS);
    const requestedAt = state.now();
    await deletedAnew(requestedAt);
    state.pass(MINUTE_MS);
    expect(await comes(nth(2))).toBe('alert');
    await deletedAnew(requestedAt);
    expect(await comes(nth(3))).toBe('quiet-window');
  });

  test('is alerted within a minute by a process that has cached the window', async () => {
    const { memory } = state.gate();
    expect(await comes(nth(1), { memory })).toBe('alert');
    state.pass(1);
    await deletedAnew();
    expect(await comes(nth(2), { memory })).toBe('quiet-window');
    state.pass(MINUTE_MS);
    expect(await comes(nth(3), { memory })).toBe('alert');
  });

  test('is alerted though the alert under way notes when the severity rises', async () => {
    const { claim } = await admit(nth(1), GATE_POLICY, state.gate());
    state.pass(1);
    await deletedAnew();
    const renewAt = new Date(state.now().getTime() + 30 * MINUTE_MS);
    const confirmation = { renewAt: renewAt.getTime() };
    if (claim) await noteSent(nth(1), claim, confirmation, GATE_POLICY, state.gate());
    expect(await comes(nth(2))).toBe('alert');
  });

  test('with more callers than a page of the table holds is alerted for each', async () => {
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

  test('has no pair made for it that was not there', async () => {
    await deletedAnew();
    expect(await getItems(state.table, pairPartition(secret))).toEqual([]);
  });
});

describe('secrets that are read by partial ARNs ending like complete ones', () => {
  const PREFIX = 'arn:aws:secretsmanager:eu-west-1:111122223333:secret:';
  const WHERE = { accountId: '111122223333', region: 'eu-west-1' };
  const of = (n: number, id: string) => nth(n, { secret: identifySecret(id, WHERE) });
  const known = { app: `${PREFIX}app-XyZ987`, config: `${PREFIX}app-config-AbC123` };
  const read = (n: number, id: string, arn?: string) => comes(of(n, id), { known: { arn } });

  test.each([
    ['known', known],
    ['not known', { app: undefined, config: undefined }],
  ])('are alerted each, for one caller of all, where their ARNs are %s', async (_, arns) => {
    expect(await read(1, `${PREFIX}app-config`, arns.config)).toBe('alert');
    expect(await read(2, `${PREFIX}app-tokens`)).toBe('alert');
    expect(await read(3, 'app', arns.app)).toBe('alert');
    expect(await read(5, `${PREFIX}app-config`)).toBe('quiet-window');
    expect(await read(6, `${PREFIX}app-tokens`)).toBe('quiet-window');
    expect(await read(7, 'app')).toBe('quiet-window');
  });

  test('are alerted at once when they are deleted anew', async () => {
    const forms = ['app-config', `${PREFIX}app-config`, `${PREFIX}app-tokens`];
    for (const [n, id] of forms.entries()) expect(await read(n, id)).toBe('alert');
    state.pass(MINUTE_MS);
    const change = deletion({ secret: identifySecret(known.config, {}), requestedAt: state.now() });
    await track(change, undefined, state.stores as unknown as TrackPorts);
    expect(await read(4, `${PREFIX}app-config`)).toBe('alert');
    expect(await read(5, 'app-config')).toBe('alert');
  });
});

describe('the budget', () => {
  const policy = { ...GATE_POLICY, maxAlertsPerMinute: 20 };

  test('leaves one message of a minute to the summary, and spreads the others over its seconds', async () => {
    const start = state.now().getTime();
    const outcomes: unknown[] = [];
    for (let n = 0; n < 25; n++) {
      outcomes.push(await comes(ofSecret(n), { policy }));
    }
    expect(outcomes).toEqual([...Array(19).fill('alert'), ...Array(6).fill('budget')]);
    expect(state.now().getTime() - start).toBe(2000);
  });

  test('that is used up is not asked again in this minute, and leaves the pair to the next', async () => {
    const { memory } = state.gate();
    for (let n = 0; n < 20; n++) await comes(ofSecret(n), { memory, policy });
    const [ports, calls] = counted(state.gate({ memory }));
    expect(await comes(ofSecret(20), { ...ports, policy })).toBe('budget');
    expect(calls).toEqual(['recordDeferred']);
    state.pass(MINUTE_MS);
    const { secret } = ofSecret(19);
    expect(await comes(nth(21, { secret }), { memory, policy })).toBe('alert');
  });

  test('of a full second holds back nobody else in this minute', async () => {
    const { memory } = state.gate();
    const full = state.gate({ memory, budget: { takeTurn: async () => 'second' } });
    const start = state.now().getTime();
    expect(await comes(ofSecret(1), { ...full, policy })).toBe('budget');
    expect(state.now().getTime() - start).toBe(40_000);
    expect(await comes(ofSecret(2), { memory, policy })).toBe('alert');
  });

  test('is not taken by repeats of what has been told', async () => {
    for (let n = 0; n < 19; n++) await comes(ofSecret(n), { policy });
    state.pass(61 * MINUTE_MS);
    for (let n = 0; n < 19; n++) {
      expect(await comes(ofSecret(n), { policy })).toBe('known');
    }
    expect(await comes(ofSecret(99), { policy })).toBe('alert');
  });
});
