import { readAsking } from '../attempt-item.ts';
import { isDrill } from '../drill.ts';
import { findHints, type Hint } from '../message/hints.ts';
import type { SecretId } from '../secret-id.ts';
import { urgency } from '../summary/fate.ts';
import { inBatches } from '../summary/in-batches.ts';
import { type DatedSecret, type PendingSecret, pendingSecret } from './pending.ts';
import { addAsking, lastOf, type Tally } from './tally.ts';
import { type Verdict, verdictOn } from './verdict.ts';

/** How a pending secret stands. */
export interface SecretStatus extends PendingSecret {
  readonly owners: readonly Hint[];
  /** The attempts since the deletion was scheduled. */
  readonly attempts: Tally;
  readonly verdict: Verdict;
}

/** All secrets of an account and Region that are scheduled for deletion, the soonest first. */
export interface Status {
  readonly time: Date;
  readonly accountId: string;
  readonly region: string;
  readonly secrets: readonly SecretStatus[];
  /** Attempts from before are not known. */
  readonly knownSince: Date;
  /** How many secrets of drills are left out. */
  readonly drills: number;
}

/** What the status needs of the world; all may throw. */
export interface StatusPorts {
  readonly getItems: (pk: string) => Promise<unknown[]>;
  /** The items of a secret's attempts since a time, page by page. */
  readonly attemptsSince: (secret: SecretId, since: Date) => AsyncIterable<unknown[]>;
}

/**
 * Finds out how each of the secrets stands.
 * @param advance is called after each secret.
 * @throws what the ports throw.
 */
export async function secretStatuses(
  secrets: readonly DatedSecret[],
  ownerTagKeys: readonly string[],
  ports: StatusPorts,
  now: Date,
  advance: () => void,
): Promise<SecretStatus[]> {
  const found: SecretStatus[] = [];
  await inBatches(secrets, async (secret) => {
    const pending = await pendingSecret(secret, ports.getItems, now);
    if (pending) found.push(await statusOf(pending, ownerTagKeys, ports, now));
    advance();
  });
  return found.sort((a, b) => urgency(a.schedule, now) - urgency(b.schedule, now));
}

async function statusOf(
  pending: PendingSecret,
  ownerTagKeys: readonly string[],
  ports: StatusPorts,
  now: Date,
): Promise<SecretStatus> {
  const attempts: Tally = new Map();
  for await (const page of ports.attemptsSince(pending.id, pending.since)) {
    for (const item of page) {
      const asking = readAsking(item);
      if (asking) addAsking(attempts, asking);
    }
  }
  const owners = findHints(pending.secret.tags, ownerTagKeys);
  return { ...pending, owners, attempts, verdict: verdictOn(lastOf(attempts), now) };
}

/** Parts the secrets of drills from all others. */
export function withoutDrills(secrets: readonly DatedSecret[]) {
  const others = secrets.filter(({ name }) => !isDrill(name));
  return { secrets: others, drills: secrets.length - others.length };
}

/** Whether there can have been attempts on a secret of which nothing is known. */
export function isPartlyUnknown({ since }: PendingSecret, { knownSince }: Status): boolean {
  return since < knownSince;
}
