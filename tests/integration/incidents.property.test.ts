import fc from 'fast-check';
import type { Attempt } from '../../lib/attempt/attempt.ts';
import { identifySecret } from '../../lib/cloudtrail/secret-id.ts';
import { HOUR_MS, MINUTE_MS } from '../../lib/time.ts';
import { attempt } from '../testing/attempts.ts';
import { GATE_POLICY } from '../testing/gate.ts';
import { newsIn } from '../testing/notices.ts';
import { type State, startState } from '../testing/state.ts';

const secretOf = (n: number) => identifySecret(`secret-${n}`, {});
const POLICY = { ...GATE_POLICY, ignoredCallers: ['*:role/caller-5'] };

const read = fc.record({ secret: fc.nat(1), caller: fc.nat(6) });
const step = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('read' as const), of: read }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('alert that dies' as const), of: read }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('alert that fails' as const), of: read }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('again' as const), nth: fc.nat(20) }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('digest' as const) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('digest that fails' as const) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('mute' as const), of: read }) },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('pass' as const),
      minutes: fc.constantFrom(1, 2, 5, 45, 300, 1500),
    }),
  },
);
type Step = typeof step extends fc.Arbitrary<infer Value> ? Value : never;

/** Goes through a story. @returns how many attempts were recorded, and how many reported. */
async function tell(steps: readonly Step[]) {
  await using state: State = await startState();
  const made: Attempt[] = [];
  let reported = 0;
  const makes = ({ secret, caller }: { secret: number; caller: number }): Attempt => {
    const key = `arn:aws:iam::111122223333:role/caller-${caller}`;
    const one = attempt({
      id: `${made.length}`,
      time: state.now(),
      secret: secretOf(secret),
      caller: { ...attempt().caller, key, name: `role caller-${caller}` },
    });
    made.push(one);
    return one;
  };
  const comes = async (one: Attempt) => {
    if ((await state.comes(one, { policy: POLICY })) === 'alert') reported++;
  };
  const digest = async () => {
    reported += newsIn(await state.sumUp());
  };
  for (const one of steps) {
    if (one.kind === 'pass') state.pass(one.minutes * MINUTE_MS);
    if (one.kind === 'read') await comes(makes(one.of));
    const again = one.kind === 'again' ? made[one.nth % (made.length || 1)] : undefined;
    if (again) await comes(again);
    if (one.kind === 'alert that dies') await state.underWay(makes(one.of), { policy: POLICY });
    if (one.kind === 'alert that fails') {
      await (await state.underWay(makes(one.of), { policy: POLICY })).fails();
    }
    if (one.kind === 'digest') await digest();
    if (one.kind === 'digest that fails') {
      await state
        .sumUp({ publish: () => Promise.reject(new Error('SNS is down')) })
        .catch(() => {});
    }
    if (one.kind === 'mute') {
      await state.stores.incidents.mute(secretOf(one.of.secret), {
        id: `mute-${state.now().getTime()}-${one.of.caller}`,
        caller: `*:role/caller-${one.of.caller}`,
        by: 'alice',
        reason: 'known',
        from: state.now(),
        until: new Date(state.now().getTime() + HOUR_MS),
      });
    }
    state.pass(1);
  }
  // Whoever is neither muted nor ignored brings what is counted in the next digest.
  state.pass(2 * HOUR_MS);
  for (const secret of [0, 1]) for (const _ of [1, 2]) await comes(makes({ secret, caller: 6 }));
  for (const minutes of [2, 2, 2, 1500, 1500]) {
    state.pass(minutes * MINUTE_MS);
    await digest();
  }
  const open = await state.stores.incidents.all();
  const unnamed = open.filter(({ unnamedSince }) => unnamedSince);
  return { recorded: made.length, reported, unnamed: unnamed.map(({ key }) => key) };
}

test('whatever comes in whatever order, each attempt is reported once', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 3, maxLength: 30 }), async (steps) => {
      const { recorded, reported, unnamed } = await tell(steps);
      expect({ reported, unnamed }).toEqual({ reported: recorded, unnamed: [] });
    }),
    { numRuns: 20 },
  );
});
