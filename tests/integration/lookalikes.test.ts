import fc from 'fast-check';
import { identifySecret, type Whereabouts } from '../../lib/cloudtrail/secret-id.ts';
import type { AutoCancelMode } from '../../lib/deletion/auto-cancel.ts';
import type { Lookup } from '../../lib/deletion/describe.ts';
import { nearEnd } from '../../lib/deletion/schedule.ts';
import { incidentKey } from '../../lib/incident/incidents.ts';
import { notify } from '../../lib/incident/notify.ts';
import { pairPartition } from '../../lib/incident/pairs.ts';
import { createProcessMemory } from '../../lib/incident/process-memory.ts';
import { type TrackPorts, track } from '../../lib/incident/track.ts';
import { addDays, HOUR_MS, MINUTE_MS } from '../../lib/time.ts';
import { ACCOUNT, attempt, deletion, found, HOME, NOW } from '../testing/attempts.ts';
import { NOTIFY_POLICY, notifyPorts } from '../testing/gate.ts';
import { linesOf, newsIn } from '../testing/notices.ts';
import { type State, startState, useState } from '../testing/state.ts';

const PREFIX = `arn:aws:secretsmanager:eu-west-1:${ACCOUNT}:secret:`;
const WHERE = { accountId: ACCOUNT, region: 'eu-west-1' };
/** The partial ARN of each but the first ends like the complete one of the first. */
const SUFFIXES = { app: 'XyZ987', 'app-config': 'AbC123', 'app-tokens': 'DeF456' };
type Name = keyof typeof SUFFIXES;
const NAMES = Object.keys(SUFFIXES) as Name[];
const [APP, CONFIG, TOKENS] = [`${PREFIX}app`, `${PREFIX}app-config`, `${PREFIX}app-tokens`];
const ENDS = { app: 30, 'app-config': 10, 'app-tokens': 20 };
const secretOf = (name: string) => identifySecret(name, WHERE);
const arnOf = (name: Name) => `${PREFIX}${name}-${SUFFIXES[name]}`;

/** Secrets Manager with these secrets deleted; by a partial ARN that ends like a complete one AWS may find a secret or not. */
function secretsManager(findsPartial: boolean, names: readonly Name[] = NAMES) {
  const asked: string[] = [];
  const describe = async (id: string): Promise<Lookup> => {
    asked.push(id);
    const isFound = (name: Name) =>
      [name, arnOf(name)].includes(id) || (PREFIX + name === id && (findsPartial || id === APP));
    const name = names.find(isFound);
    if (!name) return { kind: 'not-found' };
    return found({ arn: arnOf(name), name, deletedDate: NOW });
  };
  return { asked, describe };
}

const REFUSED: Lookup = { kind: 'unavailable', reason: 'DescribeSecret was refused.' };
const refuse = async () => REFUSED;

let reads = 0;

/** A new process of `notify`; what it publishes is its notice's secret and date, what it restores an ARN. */
function processOn(
  state: State,
  describeSecret: (id: string) => Promise<Lookup>,
  home: Whereabouts = HOME,
) {
  const memory = createProcessMemory();
  const published: string[] = [];
  const restored: string[] = [];
  /** A caller reads by an id. @returns what came of it: `alert`, or why it was deferred. */
  async function read(id: string, caller = 'app-server', autoCancel: AutoCancelMode = 'off') {
    const key = `arn:aws:iam::${ACCOUNT}:role/${caller}`;
    const one = attempt({
      id: `${id}-${caller}-${++reads}`,
      time: state.now(),
      secret: secretOf(id),
      caller: { ...attempt().caller, key, name: `role ${caller}` },
    });
    const ports = notifyPorts({
      now: state.now,
      home,
      gate: state.gate({ memory }),
      getItems: state.stores.ledger.getItems,
      describeSecret,
      restoreSecret: async (arn) => void restored.push(arn),
      publish: async ({ secret, state: how }) => {
        const end = how.state === 'pending' ? nearEnd(how.schedule) : undefined;
        published.push(`${secret.name} ${end?.toISOString().slice(0, 10)}`);
      },
    });
    const outcome = await notify(one, { ...NOTIFY_POLICY, autoCancel }, ports);
    return 'deferred' in outcome ? outcome.deferred : 'alert';
  }
  return { read, published, restored };
}

const isDeleted = (state: State, name: Name) =>
  track(
    deletion({
      id: `${name} ${state.now().getTime()}`,
      secret: identifySecret(arnOf(name), {}),
      requestedAt: state.now(),
      date: addDays(state.now(), ENDS[name]),
    }),
    undefined,
    { ...state.summary(), ...state.stores } as unknown as TrackPorts,
  );

const day = (days: number) => addDays(NOW, days).toISOString().slice(0, 10);

describe('a secret read by a partial ARN that ends like the complete one of another', () => {
  const state = useState();
  const find = (name: Name) => state.stores.incidents.find(incidentKey(secretOf(name)));

  test.each<[string, (id: string) => Promise<Lookup>]>([
    ['AWS finds by it', secretsManager(true).describe],
    ['AWS finds by name alone', secretsManager(false).describe],
    ['the ledger alone knows', refuse],
  ])('has its own incident, alert, date and mute, where it is one that %s', async (_, describe) => {
    for (const name of NAMES) await isDeleted(state, name);
    state.pass(MINUTE_MS);
    const { read, published } = processOn(state, describe);
    expect(await read(CONFIG)).toBe('alert');
    expect(await read('app')).toBe('alert');
    expect(await read(TOKENS)).toBe('alert');
    const alerts = [`app-config ${day(10)}`, `app ${day(30)}`, `app-tokens ${day(20)}`];
    expect(published).toEqual(alerts);
    for (const id of [CONFIG, 'app-config', arnOf('app-config'), APP, arnOf('app'), TOKENS]) {
      expect(await read(id)).toBe('known-caller');
      expect(await processOn(state, describe).read(id)).toBe('known-caller');
    }
    for (const name of NAMES) {
      const endsAt = addDays(NOW, ENDS[name]);
      expect(await find(name)).toMatchObject({ endsAt, alerts: 1, secret: { arn: arnOf(name) } });
    }
    const mute = { id: 'mute', by: 'alice', reason: 'we know', from: state.now() };
    await state.stores.incidents.mute(secretOf('app'), mute);
    expect(await read(CONFIG, 'batch')).toBe('alert');
    expect(await read(APP, 'batch')).toBe('muted');
  });

  test('leaves the alerts of the other its room', async () => {
    const { read } = processOn(state, secretsManager(true).describe);
    for (let n = 0; n < 6; n++) await read(CONFIG, `caller-${n}`);
    expect(await read('app')).toBe('alert');
  });

  test('is alerted at once when it is deleted anew, and only that', async () => {
    const { describe } = secretsManager(true);
    for (const id of [CONFIG, APP, TOKENS]) await processOn(state, describe).read(id);
    state.pass(MINUTE_MS);
    await isDeleted(state, 'app-config');
    expect(await processOn(state, describe).read(CONFIG)).toBe('alert');
    expect(await processOn(state, describe).read(APP)).toBe('known-caller');
    expect(await processOn(state, describe).read(TOKENS)).toBe('known-caller');
  });

  test('is the one that is restored', async () => {
    const { read, restored } = processOn(state, secretsManager(false).describe);
    await read('app');
    await read(CONFIG, 'app-server', 'all');
    expect(restored).toEqual([arnOf('app-config')]);
  });

  test('is looked up once in a process, for its alert too', async () => {
    const { asked, describe } = secretsManager(true);
    const { read } = processOn(state, describe);
    for (let n = 0; n < 3; n++) await read(CONFIG);
    expect(asked).toEqual([CONFIG]);
  });
});

describe('a secret elsewhere', () => {
  const state = useState();

  test('is asked of nobody but the ledger, which tells it from the one it looks like', async () => {
    const { asked, describe } = secretsManager(true);
    const home = { accountId: '444455556666', region: 'eu-west-1' };
    const { read, published } = processOn(state, describe, home);
    await isDeleted(state, 'app-config');
    state.pass(MINUTE_MS);
    expect(await read(CONFIG)).toBe('alert');
    expect(await read('app-config')).toBe('known-caller');
    expect(published).toEqual([`app-config ${day(10)}`]);
    const [incident, ...others] = await state.stores.incidents.all();
    expect([incident?.key, others]).toEqual([incidentKey(secretOf('app-config')), []]);
    expect(asked).toEqual([]);
  });
});

describe('a complete ARN that happens to end in a word', () => {
  const state = useState();
  const ARN = CONFIG;
  const describe = async () => found({ arn: ARN, name: 'app', deletedDate: NOW });

  test('costs one look, and is of one incident and one pair with the name', async () => {
    const asked: string[] = [];
    const { read, published } = processOn(state, async (id) => {
      asked.push(id);
      return describe();
    });
    expect(await read(ARN)).toBe('alert');
    state.pass(HOUR_MS);
    for (const id of [ARN, 'app', APP]) expect(await read(id)).toBe('known-caller');
    expect(asked).toEqual([ARN]);
    expect(published).toHaveLength(1);
    expect(await state.stores.incidents.all()).toHaveLength(1);
    const pairs = await state.stores.pairs.list(pairPartition(secretOf('app')), state.now());
    expect(pairs).toHaveLength(1);
  });
});

describe('where nobody knows which secret is meant', () => {
  const state = useState();
  const sumUp = () => state.sumUp({ describeSecret: refuse });

  test('what one caller reads is reported by one alert, and the rest by the digest, by what it read', async () => {
    const { read } = processOn(state, refuse);
    expect(await read(CONFIG)).toBe('alert');
    expect(await read(TOKENS)).toBe('known-caller');
    expect(await read('app')).toBe('known-caller');
    state.pass(HOUR_MS + MINUTE_MS);
    const told = await sumUp();
    expect(newsIn(told)).toBe(2);
    expect(linesOf(told)).toHaveLength(2);
  });

  test('an alert neither dates nor ends what may be the incident of another', async () => {
    const incident = incidentKey(secretOf('app'));
    await processOn(state, secretsManager(true, ['app']).describe).read('app');
    const before = await state.stores.incidents.find(incident);
    state.pass(MINUTE_MS);
    await isDeleted(state, 'app');
    state.pass(MINUTE_MS);
    await processOn(state, refuse).read('app', 'first');
    const gone = secretsManager(true, ['app']).describe;
    expect(await processOn(state, gone).read(CONFIG, 'batch')).toBe('alert');
    const after = await state.stores.incidents.find(incident);
    expect(before?.ended).toBeUndefined();
    expect(after).toMatchObject({ alerts: 2, endsAt: addDays(NOW, 30 + 1 / 24 / 60) });
    expect(after?.ended).toBeUndefined();
  });

  test('it is asked again after five minutes', async () => {
    const { describe } = secretsManager(true);
    let isDown = true;
    const { read } = processOn(state, (id) => (isDown ? refuse() : describe(id)));
    await read(CONFIG);
    isDown = false;
    expect(await read(CONFIG)).toBe('known-caller');
    state.pass(5 * MINUTE_MS);
    expect(await read(CONFIG)).toBe('alert');
    const keys = (await state.stores.incidents.all()).map(({ key }) => key);
    expect(keys.sort()).toEqual([secretOf('app'), secretOf('app-config')].map(incidentKey));
  });
});

test('whatever ids are read in whatever order, each secret has its own incident with a pair for each caller', async () => {
  const forms = [(name: Name) => name as string, (name: Name) => PREFIX + name, arnOf];
  const oneRead = fc.record({
    name: fc.constantFrom(...NAMES),
    form: fc.constantFrom(...forms),
    caller: fc.constantFrom('app-server', 'batch'),
    isWarm: fc.boolean(),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(oneRead, { maxLength: 12 }), fc.boolean(), async (reads, finds) => {
      await using state = await startState();
      const { describe } = secretsManager(finds);
      const warm = processOn(state, describe);
      let alerts = 0;
      for (const { name, form, caller, isWarm } of reads) {
        const { read } = isWarm ? warm : processOn(state, describe);
        if ((await read(form(name), caller)) === 'alert') alerts++;
        state.pass(1);
      }
      const pairsOf = (name: Name) => reads.filter((one) => one.name === name);
      const expected = NAMES.map((name) => [
        incidentKey(secretOf(name)),
        new Set(pairsOf(name).map(({ caller }) => caller)).size,
      ]).filter(([, count]) => count !== 0);
      const incidents = await state.stores.incidents.all();
      expect(incidents.map((one) => [one.key, one.alerts]).sort()).toEqual(expected.sort());
      expect(alerts).toBe(incidents.reduce((sum, one) => sum + one.alerts, 0));
    }),
    { numRuns: 20 },
  );
});
