import { readAsking } from '../../lib/attempt/item.ts';
import { mistakenFor, type SecretId, secretKey } from '../../lib/cloudtrail/secret-id.ts';
import { lastTriedAt, type RecordedClash } from '../../lib/deletion/clashes.ts';
import { urgency } from '../../lib/deletion/schedule.ts';
import { isDrill } from '../../lib/drill.ts';
import { inBatches } from '../../lib/in-batches.ts';
import type { Incident } from '../../lib/incident/incident.ts';
import { findTags, type Tag } from '../../lib/notice/tags.ts';
import { type Incidents, incidentOf, type SecretIncident } from './incident.ts';
import { type DatedSecret, type PendingSecret, pendingSecret } from './pending.ts';
import type { Survey } from './survey.ts';
import { addAsking, lastOf, stepOf, type Tally } from './tally.ts';
import { type Verdict, verdictOn } from './verdict.ts';

/** The status of a pending secret. */
export interface SecretStatus extends PendingSecret {
  readonly owners: readonly Tag[];
  /** The attempts since the deletion was scheduled. */
  readonly attempts: Tally;
  /** The length of a bin of `attempts`, in ms. */
  readonly step: number;
  /** Earlier attempts on it are unknown. */
  readonly knownSince: Date;
  readonly verdict: Verdict;
  readonly incident?: SecretIncident;
  /** Who could not create a secret of its name since then, the last one first. */
  readonly clashes: readonly RecordedClash[];
}

/** All secrets that are scheduled for deletion where somebody looked, the soonest first. */
export interface Status {
  readonly time: Date;
  /** The account and the Region of the stack. */
  readonly accountId: string;
  readonly region: string;
  readonly secrets: readonly SecretStatus[];
  /** What was found of other accounts and Regions; absent where nobody looked there. */
  readonly survey?: Survey;
  /** Open incidents of secrets that are not among them, such as of a place that nobody could read. */
  readonly otherIncidents: readonly Incident[];
  /** Those of secrets that are gone, and have been read since. */
  readonly goneIncidents: readonly Incident[];
  /** Earlier attempts are unknown in the account and the Region of the stack. */
  readonly knownSince: Date;
  /** How many secrets of drills are left out. */
  readonly drills: number;
}

/** The dependencies of the status; all functions may throw. */
export interface StatusPorts {
  readonly incidents: Incidents;
  readonly clashes: readonly RecordedClash[];
  /** The time before which attempts on a secret are unknown. */
  readonly knownSince: (secret: SecretId) => Date;
  readonly getItems: (pk: string) => Promise<unknown[]>;
  /** The items of a secret's attempts since a time, page by page. */
  readonly attemptsSince: (secret: SecretId, since: Date) => AsyncIterable<unknown[]>;
}

/**
 * The status of each secret that is pending, the soonest deletion first.
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
  return found.sort(
    (a, b) =>
      urgency(a.schedule, now) - urgency(b.schedule, now) || (a.secret.arn < b.secret.arn ? -1 : 1),
  );
}

async function statusOf(
  pending: PendingSecret,
  ownerTagKeys: readonly string[],
  ports: StatusPorts,
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
  const knownSince = ports.knownSince(id);
  const watchedSince = since > knownSince ? since : knownSince;
  const verdict = verdictOn(lastOf(attempts), watchedSince, now);
  const incident = incidentOf(id, since, ports.incidents, attempts, now);
  const clashes = clashesOf(id, since, ports.clashes);
  return { ...pending, owners, attempts, step, knownSince, verdict, incident, clashes };
}

function clashesOf(id: SecretId, since: Date, clashes: readonly RecordedClash[]): RecordedClash[] {
  const lastOf = (clash: RecordedClash) => lastTriedAt(clash)?.getTime() ?? 0;
  return clashes
    .filter((one) => secretKey(one.secret) === secretKey(id) && lastOf(one) >= since.getTime())
    .sort((one, other) => lastOf(other) - lastOf(one));
}

/** Separates the secrets of drills from all others. */
export function withoutDrills(secrets: readonly DatedSecret[]) {
  const others = secrets.filter(({ name }) => !isDrill(name));
  return { secrets: others, drills: secrets.length - others.length };
}

/** Whether there may be unknown attempts on a secret. */
export function isPartlyUnknown({ since, knownSince }: SecretStatus): boolean {
  return since < knownSince;
}
