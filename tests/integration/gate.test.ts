import type { Attempt } from '../../lib/attempt.ts';
import { admit, type GatePorts, noteFailed, noteSent } from '../../lib/gate.ts';
import type { DeletionSchedule } from '../../lib/schedule.ts';
import { identifySecret } from '../../lib/secret-id.ts';
import { addDays, MINUTE_MS } from '../../lib/time.ts';
import { attempt, NOW } from '../testing/attempts.ts';
import { GATE_POLICY } from '../testing/gate.ts';
import { type State, startState } from '../testing/state.ts';

let state: State;
beforeEach(async () => {
  state = await startState();
});
afterEach(() => state[Symbol.asyncDispose]());

const nth = (n: number, overrides: Partial<Attempt> = {}) =>
  attempt({ id: `attempt-${n}`, ...overrides });
const ofSecret = (n: number) => nth(n, { secret: identifySecret(`secret-${n}`, {}) });
const THIRTY_DAYS: DeletionSchedule = { kind: 'exact', date: addDays(NOW, 30) };

/** An attempt comes: `alert`, with its sending noted, or why it is held back. */
async function comes(told: Attempt, ports: GatePorts = state.gate(), schedule = THIRTY_DAYS) {
  const { claim, heldBack } = await admit(told, GATE_POLICY, ports);
  if (!claim) return heldBack;
  await noteSent(told, claim, schedule, GATE_POLICY, ports);
  return 'alert';
}

/** Ports that note what is asked of the table. */
function counted(ports: GatePorts): [GatePorts, string[]] {
  const calls: string[] = [];
  const note = (name: string, port: unknown) =>
    typeof port === 'function' && !['now', 'sleep'].includes(name)
      ? (...args: unknown[]) => {
          calls.push(name);
          return port(...args);
        }
      : port;
  const entries = Object.entries(ports).map(([name, port]) => [name, note(name, port)]);
  return [Object.fromEntries(entries) as GatePorts, calls];
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
    expect(coldCalls).toEqual(['claimPair', 'recordHeldBack']);
    const [warm, warmCalls] = counted(state.gate({ quietPairs: alerting.quietPairs }));
    expect(await comes(nth(3), warm)).toBe('quiet-window');
    expect(warmCalls).toEqual(['recordHeldBack']);
  });

  test('ends in a process that remembers it when it ends in the table', async () => {
    const { quietPairs } = state.gate();
    expect(await comes(nth(1), state.gate({ quietPairs }))).toBe('alert');
    state.pass(60 * MINUTE_MS);
    expect(await comes(nth(2), state.gate({ quietPairs }))).toBe('alert');
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
    await admit(nth(1), GATE_POLICY, state.gate());
    expect(await comes(nth(2))).toBe('quiet-window');
    expect(await comes(nth(1))).toBe('known');
    state.pass(MINUTE_MS + 1);
    expect(await comes(nth(1))).toBe('alert');
  });

  test('whose alert failed is alerted by its retry at once', async () => {
    const ports = state.gate();
    const { claim } = await admit(nth(1), GATE_POLICY, ports);
    if (claim) await noteFailed(nth(1), claim, ports);
    expect(await comes(nth(1))).toBe('alert');
  });

  test('whose alert failed leaves the pair to the next attempt', async () => {
    const ports = state.gate();
    const { claim } = await admit(nth(1), GATE_POLICY, ports);
    if (claim) await noteFailed(nth(1), claim, ports);
    expect(await comes(nth(2))).toBe('alert');
    expect(await comes(nth(1))).toBe('known');
  });

  test('that could not be recorded gives its claim back', async () => {
    const recordAlerting = () => Promise.reject(new Error('no table'));
    await expect(comes(nth(1), state.gate({ recordAlerting }))).rejects.toThrow('no table');
    expect(await comes(nth(2))).toBe('alert');
  });

  test('of an ignored caller is recorded and never alerted', async () => {
    const policy = { ...GATE_POLICY, ignoredCallers: ['*:role/app-server'] };
    expect(await admit(nth(1), policy, state.gate())).toEqual({ heldBack: 'ignored' });
    expect(await admit(nth(1), policy, state.gate())).toEqual({ heldBack: 'known' });
  });
});

describe('a nearer severity', () => {
  test('is alerted in the quiet window, once', async () => {
    const soon: DeletionSchedule = {
      kind: 'exact',
      date: new Date(NOW.getTime() + 7 * 86_400_000 + 10 * MINUTE_MS),
    };
    const { quietPairs } = state.gate();
    expect(await comes(nth(1), state.gate({ quietPairs }), soon)).toBe('alert');
    state.pass(10 * MINUTE_MS - 1);
    expect(await comes(nth(2), state.gate({ quietPairs }), soon)).toBe('quiet-window');
    state.pass(1);
    expect(await comes(nth(3), state.gate({ quietPairs }), soon)).toBe('alert');
    expect(await comes(nth(4), state.gate(), soon)).toBe('quiet-window');
    state.pass(20 * MINUTE_MS);
    expect(await comes(nth(5), state.gate(), soon)).toBe('quiet-window');
  });

  test('is alerted by another attempt if the first cannot send it', async () => {
    const soon: DeletionSchedule = {
      kind: 'exact',
      date: new Date(NOW.getTime() + 2 * 86_400_000 + MINUTE_MS),
    };
    expect(await comes(nth(1), state.gate(), soon)).toBe('alert');
    state.pass(MINUTE_MS);
    const ports = state.gate();
    const { claim } = await admit(nth(2), GATE_POLICY, ports);
    if (claim) await noteFailed(nth(2), claim, ports);
    expect(await comes(nth(3), state.gate(), soon)).toBe('alert');
  });
});

describe('the budget', () => {
  test('leaves one message of a minute to the summary, and spreads the others over its seconds', async () => {
    const start = state.now().getTime();
    const policy = { ...GATE_POLICY, maxAlertsPerMinute: 20 };
    const outcomes: unknown[] = [];
    for (let n = 0; n < 25; n++)
      outcomes.push((await admit(ofSecret(n), policy, state.gate())).heldBack);
    expect(outcomes.filter((heldBack) => heldBack === undefined)).toHaveLength(19);
    expect(outcomes.slice(19)).toEqual(Array(6).fill('budget'));
    expect(state.now().getTime() - start).toBe(2000);
  });

  test('that is used up leaves the pair to the next minute', async () => {
    const policy = { ...GATE_POLICY, maxAlertsPerMinute: 2 };
    expect((await admit(ofSecret(1), policy, state.gate())).claim).toBeDefined();
    expect((await admit(ofSecret(2), policy, state.gate())).heldBack).toBe('budget');
    state.pass(MINUTE_MS);
    const { secret } = ofSecret(2);
    expect((await admit(nth(3, { secret }), policy, state.gate())).claim).toBeDefined();
  });
});
