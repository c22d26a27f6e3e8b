import type { GatePolicy, GatePorts } from '../../lib/incident/gate.ts';
import type { Policy, Ports } from '../../lib/incident/notify.ts';
import { createProcessMemory } from '../../lib/incident/process-memory.ts';
import { NOW } from './attempts.ts';

export const GATE_POLICY: GatePolicy = {
  quietWindowMinutes: 60,
  maxAlertsPerMinute: 30,
  ignoredCallers: [],
  autoCancel: 'off',
};

/** What `notify` goes by, with the keys of no tag. */
export const NOTIFY_POLICY: Policy = { ...GATE_POLICY, tagKeys: { owner: [], replacement: [] } };

/** What a run of `notify` asks for: it is admitted, finds nothing out, and whatever it does is done. */
export const notifyPorts = (overrides: Partial<Ports> = {}): Ports => ({
  now: () => NOW,
  gate: openGate(),
  describeSecret: async () => ({ kind: 'unavailable', reason: '' }),
  restoreSecret: async () => undefined,
  noteRestoring: async () => undefined,
  acted: () => undefined,
  getItems: async () => [],
  publish: async () => undefined,
  ...overrides,
});

/** A gate that admits every attempt, and notes what it was told in `notes`. */
export function openGate(notes: string[] = []): GatePorts {
  const note = (text: string) => async () => {
    notes.push(text);
  };
  return {
    now: () => NOW,
    sleep: note('sleep'),
    token: 'this-run',
    leaseUntil: NOW.getTime() + 30_000,
    memory: createProcessMemory(),
    budget: { takeTurn: async () => 'taken' },
    pairs: {
      claim: async (key, { token, now }) => ({ key, token, claimedAt: now }),
      release: note('release'),
      confirm: async (_, { renewAt }) => {
        const renewal = renewAt ? `, renew at ${new Date(renewAt).toISOString()}` : '';
        notes.push(`confirmed${renewal}`);
      },
    },
    attempts: {
      recordAlerting: async () => true,
      recordDeferred: async () => true,
      noteAlerted: note('alerted'),
      noteUnsent: async (_key, _token, why) => {
        notes.push(why);
      },
    },
  };
}
