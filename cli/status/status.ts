import { readAsking } from '../../lib/attempt/item.ts';
import { mistakenFor, type SecretId } from '../../lib/cloudtrail/secret-id.ts';
import { urgency } from '../../lib/deletion/schedule.ts';
import { isDrill } from '../../lib/drill.ts';
import { inBatches } from '../../lib/in-batches.ts';
import type { Incident } from '../../lib/incident/incident.ts';
import { findTags, type Tag } from '../../lib/notice/tags.ts';
import { type Incidents, incidentOf, type SecretIncident } from './incident.ts';
import { type DatedSecret, type PendingSecret, pendingSecret } from './pending.ts';
import { addAsking, lastOf, stepOf, type Tally } from './tally.ts';
import { type Verdict, verdictOn } from './verdict.ts';

/** The status of a pending secret. */
export interface SecretStatus extends PendingSecret {
  readonly owners: readonly Tag[];
  /** The attempts since the deletion was scheduled. */
  readonly attempts: Tally;
  /** The length of a bin of `attempts`, in ms. */
  readonly step: number;
  readonly verdict: Verdict;
  readonly incident?: SecretIncident;
}

/** All secrets of an account and Region that are scheduled for deletion, the soonest first. */
export interface Status {
  readonly time: Date;
  readonly accountId: string;
  readonly region: string;
  readonly secrets: readonly SecretStatus[];
  /** Open incidents of secrets that are not among them, such as of another Region. */
  readonly otherIncidents: readonly Incident[];
  /** Earlier attempts are unknown. */
  readonly knownSince: Date;
  /** How many secrets of drills are left out. */
  readonly drills: number;
}

/** The dependencies of the status; all functions may throw. */
export interface StatusPorts {
  readonly incidents: Incidents;
  readonly getItems: (pk: string) => Promise<unknown[]>;
  /** The items of a secret's attempts since a time, page by page. */
  readonly attemptsSince: (secret: SecretId, since: Date) => AsyncIterable<unknown[]>;
}

/**
 * The status of each secret that is pending, the soonest deletion first.
 * @param knownSince earlier attempts are unknown
 * @param advance is called after each secret.
 * @throws what the ports throw.
 */
export async function secretStatuses(
  secrets: readonly DatedSecret[],
  ownerTagKeys: readonly string[],
  ports: StatusPorts,
  knownSince: Date,
  now: Date,
  advance: () => void,
): Promise<SecretStatus[]> {
  const found: SecretStatus[] = [];
  await inBatches(secrets, async (secret) => {
    const pending = await pendingSecret(secret, ports.getItems, now);
    if (pending) found.push(await statusOf(pending, ownerTagKeys, ports, knownSince, now));
    advance();
  });
  return found.sort((a, b) => urgency(a.schedule, now) - urgency(b.schedule, now));
}

async function statusOf(
  pending: PendingSecret,
  ownerTagKeys: readonly string[],
  ports: StatusPorts,
  knownSince: Date,
  now: Date,
): Promise<SecretStatus> {
  const { id, secret, since } = pending;
  const attempts: Tally = new Map();
  const step = stepOf(now.getTime() - since.getTime());
  // Attempts by a partial ARN that looks like a complete one are stored under another name.
  const looksLike = mistakenFor(id);
  for (const form of looksLike ? [id, looksLike] : [id]) {
    for await (const page of ports.attemptsSince(form, since)) {
      for (const item of page) {
        const asking = readAsking(item, id);
        if (asking) addAsking(attempts, asking, step);
      }
    }
  }
  const owners = findTags(secret.tags, ownerTagKeys);
  const watchedSince = since > knownSince ? since : knownSince;
  const verdict = verdictOn(lastOf(attempts), watchedSince, now);
  const incident = incidentOf(id, since, ports.incidents, attempts, now);
  return { ...pending, owners, attempts, step, verdict, incident };
}

/** Separates the secrets of drills from all others. */
export function withoutDrills(secrets: readonly DatedSecret[]) {
  const others = secrets.filter(({ name }) => !isDrill(name));
  return { secrets: others, drills: secrets.length - others.length };
}

/** Whether there may be unknown attempts on a secret. */
export function isPartlyUnknown({ since }: PendingSecret, { knownSince }: Status): boolean {
  return since < knownSince;
}
