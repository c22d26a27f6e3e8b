import { identifySecret, type SecretId } from '../../lib/cloudtrail/secret-id.ts';
import type { Change, Deletion } from '../../lib/deletion/change.ts';
import type { Secret } from '../../lib/deletion/describe.ts';
import { type DeletionSchedule, requestedFrom } from '../../lib/deletion/schedule.ts';
import { secretState } from '../../lib/deletion/secret-state.ts';

/** A secret of this account with the DeletedDate of DescribeSecret or ListSecrets. */
export type DatedSecret = Secret & { readonly deletedDate: Date };

/** A secret that is scheduled for deletion, with what is known of the deletion. */
export interface PendingSecret {
  readonly secret: Secret;
  readonly id: SecretId;
  readonly schedule: DeletionSchedule;
  /** The call that scheduled the deletion, if known. */
  readonly deletion?: Deletion;
  /** When the deletion was scheduled; if unknown, the earliest possible time. */
  readonly since: Date;
}

/**
 * Combines a pending secret as AWS lists it with the ledger; `undefined` for one that was deleted without a recovery
 * window and that AWS still lists.
 */
export async function pendingSecret(
  secret: DatedSecret,
  getItems: (pk: string) => Promise<unknown[]>,
  now: Date,
): Promise<PendingSecret | undefined> {
  const id = identifySecret(secret.arn, {});
  const query = { secret: id, time: now };
  const lookup = { kind: 'found', secret } as const;
  const { state, change } = await secretState(query, lookup, { now: () => now, getItems });
  if (state.state !== 'pending') return undefined;
  const { schedule, deletion } = state;
  return { secret, id, schedule, deletion, since: sinceOf(secret, deletion, change, now) };
}

function sinceOf(
  secret: DatedSecret,
  deletion: Deletion | undefined,
  change: Change | undefined,
  now: Date,
): Date {
  if (deletion) return deletion.requestedAt;
  const earliest = requestedFrom(secret.deletedDate, now);
  return change && change.requestedAt > earliest ? change.requestedAt : earliest;
}
