import fc from 'fast-check';
import type { Attempt } from '../../lib/attempt/attempt.ts';
import { attemptPartition } from '../../lib/attempt/item.ts';
import { identifySecret } from '../../lib/cloudtrail/secret-id.ts';
import type { Lookup } from '../../lib/deletion/describe.ts';
import { notify } from '../../lib/incident/notify.ts';
import { NAMED_WITHIN_MS } from '../../lib/incident/plan.ts';
import { createProcessMemory } from '../../lib/incident/process-memory.ts';
import { type TrackPorts, track } from '../../lib/incident/track.ts';
import { addDays, DAY_MS, HOUR_MS, MINUTE_MS } from '../../lib/time.ts';
import { attempt, cancellation, deletion, found } from '../testing/attempts.ts';
import { NOTIFY_POLICY, notifyPorts } from '../testing/gate.ts';
import { newsIn } from '../testing/notices.ts';
import { type State, startState } from '../testing/state.ts';

const SECRET = identifySecret('prod/db/password', {
  accountId: '111122223333',
  region: 'eu-west-1',
});
const WINDOW_DAYS = 7;
/** How long a read waits in its queue, in ms: the runs of the schedule are as far apart. */
const WAIT_MS = 2 * MINUTE_MS;
/** Who is never muted. */
const LAST_CALLER = 5;

const isHeard = fc.boolean();
const caller = fc.nat(LAST_CALLER - 1);
const step = fc.oneof(
  { weight: 8, arbitrary: fc.record({ kind: fc.constant('read' as const), caller }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('read that fails' as const), caller }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('again' as const), nth: fc.nat(20) }) },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('mute' as const), who: fc.option(caller) }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('schedule' as const), isHeard }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('force' as const), isHeard }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('restore' as const), isHeard }) },
  { weight: 1, arbitrary: fc.constant({ kind: 'make anew' as const }) },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('pass' as const),
      hours: fc.constantFrom(0, 1, 30, 8 * 24),
    }),
  },
);
type Step = typeof step extends fc.Arbitrary<infer Value> ? Value : never;

/** Goes through a story of one secret. @returns what it has made of the promises. */
async function tell(steps: readonly Step[]) {
  await using state: State = await startState();
  const memory = createProcessMemory();
  const made: Attempt[] = [];
  const late: string[] = [];
  /** By caller, until when it is to be named. */
  const toName = new Map<string, number>();
  const named = new Set<string>();
  let stands: 'live' | 'gone' | { readonly end: Date } = 'live';
  let [changes, recorded, reported] = [0, 0, 0];

  const lookup = async (): Promise<Lookup> => {
    if (stands === 'gone') return { kind: 'not-found' };
    return found({ deletedDate: stands === 'live' ? undefined : state.now() });
  };

  const names = (name: string) => {
    named.add(name);
    const until = toName.get(name);
    if (until !== undefined && state.now().getTime() > until) late.push(name);
    toName.delete(name);
  };

  async function sumUp(): Promise<void> {
    const summarized = await state.sumUp({ describeSecret: lookup });
    reported += newsIn(summarized);
    const sent = summarized.outcome === 'done' ? summarized.sent : [];
    for (const { secrets } of sent) {
      for (const { callers } of secrets) for (const one of callers.values()) names(one.callerName);
    }
  }

  /** The schedule runs often while anything is new, and now and then for the rest of the time. */
  async function pass(hours: number): Promise<void> {
    const until = state.now().getTime() + hours * HOUR_MS;
    for (let run = 0; run < 5; run++) {
      state.pass(WAIT_MS);
      await sumUp();
    }
    while (state.now().getTime() < until) {
      state.pass(hours < 24 ? 20 * MINUTE_MS : DAY_MS / 2);
      await sumUp();
    }
    if (typeof stands === 'object' && stands.end <= state.now()) stands = 'gone';
  }

  async function comes(one: Attempt, isFailing = false): Promise<void> {
    const secret = await state.stores.incidents.all();
    const within = secret.some(({ namedAt }) => namedAt) ? 'caller' : 'secret';
    const before = await count(state);
    const ports = notifyPorts({
      now: state.now,
      gate: state.gate({ memory }),
      getItems: state.stores.ledger.getItems,
      describeSecret: lookup,
      async publish() {
        if (isFailing) throw new Error('SNS is down');
      },
    });
    const outcome = await notify(one, NOTIFY_POLICY, ports).catch(() => undefined);
    recorded += (await count(state)) - before;
    if (outcome && 'alert' in outcome) {
      reported++;
      names(one.caller.name);
    } else if (outcome?.deferred !== 'muted' && (await count(state)) > before) {
      const { name } = one.caller;
      const until = state.now().getTime() + NAMED_WITHIN_MS[within];
      if (!named.has(name) && !toName.has(name)) toName.set(name, until);
    }
  }

  async function reads(who: number, isFailing = false): Promise<void> {
    if (stands === 'live') return;
    const key = `arn:aws:iam::111122223333:role/caller-${who}`;
    const one = attempt({
      id: `${made.length}`,
      time: state.now(),
      secret: SECRET,
      caller: { ...attempt().caller, key, name: `role caller-${who}` },
      isNotFound: stands === 'gone' || undefined,
    });
    made.push(one);
    if (stands === 'gone') state.pass(WAIT_MS);
    await comes(one, isFailing);
  }

  async function changed(change: Parameters<typeof track>[0], isRecorded: boolean) {
    const requestedAt = state.now();
    const days = change.kind === 'deletion' ? change.windowDays : 0;
    const of = { ...change, secret: SECRET, id: `change-${++changes}`, requestedAt };
    const dated = of.kind === 'deletion' ? { ...of, date: addDays(requestedAt, days) } : of;
    if (isRecorded) await track(dated, undefined, state.stores as unknown as TrackPorts);
    state.pass(MINUTE_MS);
  }

  async function force(isRecorded: boolean): Promise<void> {
    if (stands === 'gone') return;
    stands = 'gone';
    await changed(deletion({ forced: true, windowDays: 0 }), isRecorded);
  }

  async function happens(one: Step): Promise<void> {
    if (one.kind === 'pass') await pass(one.hours);
    if (one.kind === 'read') await reads(one.caller);
    if (one.kind === 'read that fails') await reads(one.caller, true);
    const again = one.kind === 'again' ? made[one.nth % (made.length || 1)] : undefined;
    if (again) await comes(again);
    if (one.kind === 'force') await force(one.isHeard);
    if (one.kind === 'make anew' && stands === 'gone') stands = 'live';
    if (one.kind === 'schedule' && stands === 'live') {
      stands = { end: addDays(state.now(), WINDOW_DAYS) };
      await changed(deletion({ windowDays: WINDOW_DAYS }), one.isHeard);
    }
    if (one.kind === 'restore' && typeof stands === 'object') {
      stands = 'live';
      await changed(cancellation(), one.isHeard);
    }
    if (one.kind === 'mute') {
      await state.stores.incidents.mute(SECRET, {
        id: `mute-${state.now().getTime()}`,
        caller: one.who === null ? undefined : `*:role/caller-${one.who}`,
        by: 'alice',
        reason: 'known',
        from: state.now(),
        until: new Date(state.now().getTime() + HOUR_MS),
      });
    }
    state.pass(1);
  }

  for (const one of steps) await happens(one);
  // Whoever is not muted brings what is counted in the next digest, once a deletion of its own is known.
  await pass(2);
  stands = 'live';
  await force(true);
  for (const _ of [1, 2, 3]) await reads(LAST_CALLER);
  for (const hours of [0, 30, 30]) await pass(hours);
  const open = await state.stores.incidents.all();
  const unnamed = open.filter(({ unnamedSince }) => unnamedSince).map(({ key }) => key);
  return { recorded, reported, late, unnamed };
}

/** How many attempts are recorded. */
async function count({ stores, now }: State): Promise<number> {
  let attempts = 0;
  const partition = attemptPartition(SECRET);
  const until = new Date(now().getTime() + DAY_MS);
  for await (const page of stores.attempts.read(partition, { since: new Date(0), until }))
    attempts += page.length;
  return attempts;
}

test('whatever becomes of a secret, each read that is recorded is reported once, and each caller named in time', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 3, maxLength: 25 }), async (steps) => {
      const { recorded, ...rest } = await tell(steps);
      expect(rest).toEqual({ reported: recorded, late: [], unnamed: [] });
    }),
    { numRuns: 8 },
  );
});
