import type { SecretId } from '../cloudtrail/secret-id.ts';
import { errorName } from '../errors.ts';
import { HOUR_MS, MINUTE_MS } from '../time.ts';
import { type Cancellation, type Change, type Deletion, fits } from './change.ts';
import {
  changeItem,
  historyItem,
  type Item,
  partitionKey,
  readLedger,
  restoringItem,
} from './ledger.ts';

/** What is known of how a secret came to be pending. */
export interface Recollection {
  readonly deletion?: Deletion;
  /** A cancellation since. */
  readonly cancellation?: Cancellation;
  /** Why nothing is known, as a sentence. */
  readonly missing?: string;
  /** The id of the attempt for which this service last set out to cancel a deletion of the secret. */
  readonly restoringFor?: string;
}

/** A secret that was pending at a time. */
export interface Pending {
  readonly secret: SecretId;
  readonly time: Date;
  /** What DescribeSecret says now, if anything. */
  readonly deletedDate?: Date;
}

/** What recalling needs of the world; all of them may throw. */
export interface Memory {
  readonly now: () => Date;
  readonly getItems: (pk: string) => Promise<unknown[]>;
  readonly putItem: (item: Item) => Promise<void>;
  readonly putIfNewer: (item: Item & { order: string }) => Promise<unknown>;
  /** Searches CloudTrail's event history; takes a few seconds at most. */
  readonly findDeletion: (secret: SecretId, time: Date) => Promise<Deletion | undefined>;
}

/**
 * How long an answer of CloudTrail's history holds. It shows a call within minutes, and a new deletion comes
 * by its own event, so asking again soon would hardly find more; a failure may pass sooner.
 */
const NOT_FOUND_MS = 6 * HOUR_MS;
const FAILED_MS = 10 * MINUTE_MS;

const NOT_IN_HISTORY =
  'Neither the ledger nor the event history of CloudTrail knows who scheduled it.';

/**
 * Recalls from the ledger which call scheduled the deletion of a secret. What the
 * ledger does not know is looked up in CloudTrail's event history once, if `askHistory`, and the answer kept.
 * Never throws.
 */
export async function recall(
  pending: Pending,
  memory: Memory,
  askHistory: boolean,
): Promise<Recollection> {
  const { secret } = pending;
  const pk = partitionKey(secret);
  if (!pk) return {};
  try {
    const { change, history, restoringFor } = await readLedger(secret, memory.getItems);
    const known = change && knownFrom(change, pending, memory.now());
    if (known) return { ...known, restoringFor };
    if (!askHistory) return { restoringFor };
    if (history && history.askAgainAt > memory.now()) {
      return { missing: history.missing, restoringFor };
    }
    return { ...(await search(pk, pending, memory)), restoringFor };
  } catch (error) {
    return { missing: `The ledger of deletions could not be asked (${errorName(error)}).` };
  }
}

/** A change that cannot be why the secret is pending tells only that a newer one was missed. */
function knownFrom(
  change: Change,
  { time, deletedDate }: Pending,
  now: Date,
): Recollection | undefined {
  if (change.kind === 'deletion') {
    return fits(change, deletedDate, now) ? { deletion: change } : undefined;
  }
  return change.requestedAt >= time ? { cancellation: change } : undefined;
}

async function search(pk: string, pending: Pending, memory: Memory): Promise<Recollection> {
  const { secret, time, deletedDate } = pending;
  const inVain = async (missing: string, ms: number): Promise<Recollection> => {
    const askAgainAt = new Date(memory.now().getTime() + ms);
    await keep(() => memory.putItem(historyItem(pk, askAgainAt, missing)));
    return { missing };
  };
  try {
    const deletion = await memory.findDeletion(secret, time);
    // An older deletion than the one that DescribeSecret dates: the history does not show that one yet.
    if (!deletion || !fits(deletion, deletedDate, memory.now())) {
      return await inVain(NOT_IN_HISTORY, NOT_FOUND_MS);
    }
    await keep(() => memory.putIfNewer(changeItem(deletion, partitionKey(deletion.secret) ?? pk)));
    return { deletion };
  } catch (error) {
    const missing = `The event history of CloudTrail could not be asked (${errorName(error)}).`;
    return inVain(missing, FAILED_MS);
  }
}

/** What cannot be kept is asked again next time. */
async function keep(put: () => Promise<unknown>): Promise<void> {
  await put().catch(() => undefined);
}

/**
 * Notes that this service sets out to cancel the deletion of a secret, for an attempt.
 * @throws what `putItem` throws.
 */
export async function noteRestoring(
  secret: SecretId,
  attemptId: string,
  { now, putItem }: Pick<Memory, 'now' | 'putItem'>,
): Promise<void> {
  const pk = partitionKey(secret);
  if (pk) await putItem(restoringItem(pk, attemptId, now()));
}
