import type { SecretId } from '../../lib/cloudtrail/secret-id.ts';
import type { GatePolicy, GatePorts } from '../../lib/incident/gate.ts';
import type { Incident } from '../../lib/incident/incident.ts';
import { incidentKey } from '../../lib/incident/incidents.ts';
import type { Policy, Ports } from '../../lib/incident/notify.ts';
import { createProcessMemory } from '../../lib/incident/process-memory.ts';
import { HOME, NOW } from './attempts.ts';

/** With room for more alerts than by default. */
export const GATE_POLICY: GatePolicy = {
  maxMailsPerHour: 40,
  ignoredCallers: [],
  autoCancel: 'off',
  hasChannels: false,
};

/** What `notify` goes by, with the keys of no tag. */
export const NOTIFY_POLICY: Policy = { ...GATE_POLICY, tagKeys: { owner: [], replacement: [] } };

/** What a run of `notify` asks for: it is admitted, finds nothing out, and whatever it does is done. */
export const notifyPorts = (overrides: Partial<Ports> = {}): Ports => ({
  now: () => NOW,
  home: HOME,
  gate: openGate(),
  describeSecret: async () => ({ kind: 'unavailable', reason: '' }),
  restoreSecret: async () => undefined,
  noteRestoring: async () => undefined,
  noteRefused: async () => undefined,
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
      claim: async (key, { token }) => ({ key, token, isRetry: false }),
      release: note('release'),
      leave: async (_, retryAt) => {
        notes.push(`left to a digest${retryText(retryAt)}`);
      },
      renew: note('renewed'),
      confirm: async (_, retryAt) => {
        notes.push(`confirmed${retryText(retryAt)}`);
      },
    },
    incidents: {
      mark: async (secret) => newIncident(secret),
      markUnnamed: note('unnamed'),
      reopen: async () => true,
      lookAgain: async () => {},
      endMutes: note('mutes ended'),
      note: async () => true,
      noteAlert: note('incident noted'),
      noteUnmailedAlert: note('counted'),
    },
    attempts: {
      isSettled: async () => false,
      recordAlerting: async () => true,
      record: async () => true,
      noteAlerted: note('alerted'),
      noteFailed: note('failed'),
      leave: note('left'),
    },
  };
}

const retryText = (at: number | undefined) =>
  at === undefined ? '' : `, retry at ${new Date(at).toISOString()}`;

/** An incident that has just been opened. */
export const newIncident = (secret: SecretId): Incident => ({
  key: incidentKey(secret),
  secret,
  openedAt: NOW,
  newsAt: NOW,
  alerts: 0,
  notices: 0,
  isEndReported: false,
  mutes: [],
});
