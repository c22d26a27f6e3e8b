import type { RecordedAttempt } from '../../lib/attempt/item.ts';
import { type SecretId, secretKey } from '../../lib/cloudtrail/secret-id.ts';
import type { Change } from '../../lib/deletion/change.ts';
import type { Lookup } from '../../lib/deletion/describe.ts';
import { changeItem, partitionKey } from '../../lib/deletion/ledger.ts';
import type { ButtonPorts } from '../../lib/incident/buttons.ts';
import type { Incident, Mute } from '../../lib/incident/incident.ts';
import { deletion, found, HOME, NOW } from './attempts.ts';

/** What the function of the buttons is to find; by default a secret whose deletion the ledger knows, and no attempts. */
export interface Found {
  readonly lookup?: Lookup;
  readonly change?: Change;
  readonly secret?: SecretId;
  readonly mutes?: readonly Mute[];
  readonly pages?: readonly RecordedAttempt[][];
  readonly timeLeft?: number;
}

/** The ports of the function of the buttons, with the incident's item in memory. */
export function buttonPorts(given: Found = {}) {
  const {
    change = deletion(),
    lookup = found({ deletedDate: change.requestedAt }),
    secret = change.secret,
    pages = [],
    timeLeft = 15_000,
  } = given;
  const key = secretKey(secret);
  let mutes = given.mutes ?? [];
  const incident = (): Incident | undefined =>
    mutes.length > 0 || pages.length > 0
      ? { key, secret, alerts: 0, notices: 0, isEndReported: false, mutes }
      : undefined;
  const ports: ButtonPorts = {
    home: HOME,
    stage: 'prod',
    now: () => NOW,
    newId: () => 'new',
    timeLeft: () => timeLeft,
    maker: async () => ({ by: 'Slack channel C012ABCDEFG' }),
    describeSecret: async () => lookup,
    getItems: async (pk) => (pk === partitionKey(change.secret) ? [changeItem(change, pk)] : []),
    attempts: {
      async *read() {
        yield* pages;
      },
    },
    incidents: {
      find: async (asked: string) => (asked === key ? incident() : undefined),
      mute: async (_secret: SecretId, added: Mute) => {
        mutes = [...mutes, added];
      },
      end: async () => false,
      unmute: async (_key: string, ids: readonly string[], endedAt: Date) => {
        mutes = mutes.map((one) => (ids.includes(one.id) ? { ...one, endedAt } : one));
      },
    } as Partial<ButtonPorts['incidents']> as ButtonPorts['incidents'],
  };
  return { ports, mutes: () => mutes };
}
