import type { Attempt } from './attempt.ts';
import type { Deletion } from './deletion.ts';
import { type DeletionSchedule, scheduleFromAttempt, scheduleFromDeletedDate } from './schedule.ts';
import { DAY_MS } from './time.ts';

/** What DescribeSecret tells of a secret, as far as this service reads it. */
export interface Secret {
  readonly arn: string;
  readonly name: string;
  /** Absent for a secret that is not scheduled for deletion. */
  readonly deletedDate?: Date;
  readonly tags: Readonly<Record<string, string>>;
  /** The AWS service that manages the secret, and that may refuse to have it restored. */
  readonly owningService?: string;
}

export type Lookup =
  | { readonly kind: 'found'; readonly secret: Secret }
  | { readonly kind: 'not-found' }
  /** `reason`: why nothing could be found out, as a sentence. */
  | { readonly kind: 'unavailable'; readonly reason: string };

/** How a secret stands after an attempt. */
export type Situation =
  | {
      readonly state: 'pending';
      readonly schedule: DeletionSchedule;
      /** The call that scheduled the deletion, if known. */
      readonly deletion?: Deletion;
    }
  | { readonly state: 'restored' }
  | { readonly state: 'gone'; readonly deletion?: Deletion };

/** Puts together what an attempt, DescribeSecret and (if known) the record of the deletion tell of a secret. */
export function assess(
  attempt: Attempt,
  lookup: Lookup,
  now: Date,
  recorded?: Deletion,
): Situation {
  if (lookup.kind === 'not-found') return { state: 'gone', deletion: recorded };
  const deletedDate = lookup.kind === 'found' ? lookup.secret.deletedDate : undefined;
  if (lookup.kind === 'found' && !deletedDate) return { state: 'restored' };

  const deletion = recorded && isOf(recorded, deletedDate) ? recorded : undefined;
  if (deletion?.forced) return { state: 'gone', deletion };
  return { state: 'pending', schedule: scheduleOf(attempt, lookup, now, deletion), deletion };
}

function scheduleOf(
  attempt: Attempt,
  lookup: Lookup,
  now: Date,
  deletion: Deletion | undefined,
): DeletionSchedule {
  if (deletion) return { kind: 'exact', date: deletion.date };
  if (lookup.kind === 'found' && lookup.secret.deletedDate) {
    return scheduleFromDeletedDate(lookup.secret.deletedDate, now);
  }
  const reason = lookup.kind === 'unavailable' ? lookup.reason : 'Nothing tells the date.';
  return scheduleFromAttempt(attempt.time, reason);
}

/**
 * Whether a recorded deletion is the one that DescribeSecret dates, in either meaning of the date; the secret
 * may have been restored and deleted again since.
 */
function isOf(deletion: Deletion, deletedDate: Date | undefined): boolean {
  if (!deletedDate) return true;
  const near = (date: Date) => Math.abs(date.getTime() - deletedDate.getTime()) < DAY_MS;
  return near(deletion.date) || near(deletion.requestedAt);
}
