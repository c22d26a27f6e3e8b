import fc from 'fast-check';
import { attemptPartition } from '../../lib/attempt/item.ts';
import type { Place } from '../../lib/aws/spokes.ts';
import { identifySecret } from '../../lib/cloudtrail/secret-id.ts';
import { partitionKey } from '../../lib/deletion/ledger.ts';
import { incidentKey } from '../../lib/incident/incidents.ts';
import { notify } from '../../lib/incident/notify.ts';
import { pairPartition } from '../../lib/incident/pairs.ts';
import { createProcessMemory } from '../../lib/incident/process-memory.ts';
import { type TrackPorts, track } from '../../lib/incident/track.ts';
import { MINUTE_MS } from '../../lib/time.ts';
import { attempt, deletion, found, HOME } from '../testing/attempts.ts';
import { NOTIFY_POLICY, notifyPorts } from '../testing/gate.ts';
import { startState } from '../testing/state.ts';

const OTHER = '444455556666';
const PLACES: readonly Place[] = [
  HOME,
  { ...HOME, region: 'us-east-1' },
  { ...HOME, accountId: OTHER },
  { accountId: OTHER, region: 'us-east-1' },
];

/** The ids by which a caller may read a secret. */
const FORMS = ['name', 'partial ARN', 'complete ARN'] as const;
type Form = (typeof FORMS)[number];

const idIn = (name: string, { accountId, region }: Place, form: Form): string => {
  if (form === 'name') return name;
  const partial = `arn:aws:secretsmanager:${region}:${accountId}:secret:${name}`;
  return form === 'complete ARN' ? `${partial}-AbC123` : partial;
};
const secretIn = (name: string, place: Place, form: Form) =>
  identifySecret(idIn(name, place, form), place);

const places = fc.shuffledSubarray([...PLACES], { minLength: 2, maxLength: 2 });
// Some end like a suffix, so that their partial ARNs are taken for complete ones until somebody has looked.
const names = fc.oneof(
  fc.constantFrom('app-config', 'prod/db-password', '-', 'a/_+=.@!-', '444455556666', 'us-east-1'),
  fc.stringMatching(/^[a-z]{1,8}(\/[a-z]{1,5})?$/),
);
const forms = fc.array(fc.constantFrom(...FORMS), { minLength: 1, maxLength: 4 });

let ids = 0;

/** A process of `notify` in a hub with spokes, in all places of which there is a secret with this name. */
async function hubWith(name: string) {
  const state = await startState();
  const memory = createProcessMemory();
  const ports = () =>
    notifyPorts({
      now: state.now,
      gate: state.gate({ memory }),
      getItems: state.stores.ledger.getItems,
      hasSpokes: true,
      async describeSecret(id, place = HOME) {
        const known = FORMS.map((form) => idIn(name, place, form));
        if (!known.includes(id)) throw new Error(`${id} is asked for in ${place.region}`);
        return found({ arn: idIn(name, place, 'complete ARN'), name });
      },
    });
  return {
    state,
    /** A caller reads the secret of a place. @returns `alert`, or why there is none. */
    async read(place: Place, form: Form, caller = 'app') {
      const key = `arn:aws:iam::${HOME.accountId}:role/${caller}`;
      const id = `read-${++ids}`;
      const secret = secretIn(name, place, form);
      const one = attempt({ id, time: state.now(), secret, caller: { ...attempt().caller, key } });
      const outcome = await notify(one, NOTIFY_POLICY, ports());
      return 'deferred' in outcome ? outcome.deferred : 'alert';
    },
    [Symbol.asyncDispose]: () => state[Symbol.asyncDispose](),
  };
}

test('secrets that differ in their account or Region alone share nothing', async () => {
  const property = fc.asyncProperty(places, names, forms, forms, async (two, name, ...read) => {
    await using hub = await hubWith(name);
    const { state } = hub;
    const { incidents, pairs } = state.stores;
    const each = two.map((place, i) => ({
      place,
      secret: secretIn(name, place, 'name'),
      forms: read[i] as Form[],
    }));
    // By turns, so that what one leaves behind is there when the other comes.
    for (let turn = 0; turn < 4; turn++) {
      for (const one of each) {
        const form = one.forms[turn % one.forms.length] as Form;
        expect(await hub.read(one.place, form)).toBe(turn === 0 ? 'alert' : 'known-caller');
      }
      state.pass(MINUTE_MS);
    }
    const all = await incidents.all();
    expect(all.map(({ key }) => key).sort()).toEqual(
      each.map(({ secret }) => incidentKey(secret)).sort(),
    );
    for (const { secret } of each) {
      const one = all.find(({ key }) => key === incidentKey(secret));
      expect(one?.secret).toMatchObject({ accountId: secret.accountId, region: secret.region });
      expect(one?.alerts).toBe(1);
      expect(await pairs.list(pairPartition(secret), state.now())).toHaveLength(1);
    }

    const [first, second] = each as [(typeof each)[0], (typeof each)[0]];
    const mute = { id: 'mute', by: 'alice', reason: 'we know', from: state.now() };
    await incidents.mute(first.secret, mute);
    state.pass(1);
    expect(await hub.read(first.place, first.forms[0] as Form, 'batch')).toBe('muted');
    expect(await hub.read(second.place, second.forms[0] as Form, 'batch')).toBe('alert');

    const change = deletion({ secret: first.secret, requestedAt: state.now(), forced: true });
    await track(change, undefined, {
      ...state.summary(),
      ...state.stores,
    } as unknown as TrackPorts);
    expect((await incidents.find(incidentKey(first.secret)))?.ended).toBe('gone');
    expect((await incidents.find(incidentKey(second.secret)))?.ended).toBeUndefined();
  });
  await fc.assert(property, { numRuns: 20 });
});

test.each([
  ['incident', incidentKey],
  ["pairs' partition", pairPartition],
  ["attempts' partition", attemptPartition],
  ["ledger's partition", partitionKey],
])('whatever a secret is called, its %s goes by its account and Region', (_, keyOf) => {
  fc.assert(
    fc.property(
      places,
      fc.string({ minLength: 1 }),
      fc.constantFrom(...FORMS),
      (two, name, form) => {
        const [one, other] = two.map((place) => keyOf(secretIn(name, place, form)));
        expect(one).not.toBe(other);
      },
    ),
  );
});
