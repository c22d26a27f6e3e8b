import type { Attempt } from '../attempt/attempt.ts';
import {
  identifySecret,
  isSameSecret,
  lookupId,
  readAsPartial,
  type SecretId,
} from '../cloudtrail/secret-id.ts';
import { type Cancellation, type Deletion, fits } from './change.ts';
import type { Recollection } from './recall.ts';
import { type DeletionSchedule, scheduleFromAttempt, scheduleFromDeletedDate } from './schedule.ts';

/** What DescribeSecret tells of a secret, as far as this service reads it. */
export interface Secret {
  readonly arn: string;
  readonly name: string;
  /** Absent for a secret that is not scheduled for deletion. */
  readonly deletedDate?: Date;
  readonly tags: Readonly<Record<string, string>>;
  /** The AWS service that manages the secret, and that may refuse to have it restored. */
  readonly owningService?: string;
  /** The day in UTC on which the value was last read; absent if never. */
  readonly lastAccessedDate?: Date;
}

export type Lookup =
  | { readonly kind: 'found'; readonly secret: Secret }
  | { readonly kind: 'not-found' }
  /** `reason`: why nothing could be found out, as a sentence. */
  | { readonly kind: 'unavailable'; readonly reason: string };

/** Trusts an answer only if it can be about the secret that was asked for: its name may be another's elsewhere. */
export function about(asked: SecretId, lookup: Lookup): Lookup {
  if (lookup.kind !== 'found' || isSameSecret(asked, identifySecret(lookup.secret.arn, {}))) {
    return lookup;
  }
  const reason = 'DescribeSecret told of another secret, of another account, Region or name.';
  return { kind: 'unavailable', reason };
}

/**
 * Looks up the secret that was asked for. AWS might not find a secret by a partial ARN if its name ends like a suffix;
 * by its name it does.
 * Source: https://docs.aws.amazon.com/secretsmanager/latest/userguide/troubleshoot.html#ARN_secretnamehyphen
 * @param describeSecret does not throw.
 */
export async function lookUp(
  asked: SecretId,
  describeSecret: (secretId: string) => Promise<Lookup>,
): Promise<Lookup> {
  const id = lookupId(asked);
  if (!id) return { kind: 'unavailable', reason: 'The record does not name the secret.' };
  const lookup = about(asked, await describeSecret(id));
  const { name } = readAsPartial(asked) ?? {};
  if (lookup.kind !== 'not-found' || !name) return lookup;
  const byName = about(asked, await describeSecret(name));
  return byName.kind === 'found' ? byName : lookup;
}

/** How a secret stands after an attempt. */
export type Situation =
  | {
      readonly state: 'pending';
      readonly schedule: DeletionSchedule;
      /** The call that scheduled the deletion, if known. */
      readonly deletion?: Deletion;
    }
  | {
      readonly state: 'restored';
      /** The call that cancelled the deletion, if known. */
      readonly cancellation?: Cancellation;
    }
  | { readonly state: 'gone'; readonly deletion?: Deletion };

/** What an attempt tells of its secret. */
type Told = Pick<Attempt, 'secret' | 'time'>;

/** Puts together what an attempt, DescribeSecret and the ledger tell of a secret. */
export function assess(
  attempt: Told,
  lookup: Lookup,
  now: Date,
  { deletion: recalled, cancellation, missing }: Recollection = {},
): Situation {
  if (lookup.kind === 'not-found') {
    const isSame = recalled && isSameSecret(recalled.secret, attempt.secret);
    return { state: 'gone', deletion: isSame ? recalled : undefined };
  }
  const deletedDate = lookup.kind === 'found' ? lookup.secret.deletedDate : undefined;
  if (lookup.kind === 'found' && !deletedDate) return { state: 'restored', cancellation };
  if (lookup.kind === 'unavailable' && cancellation) return { state: 'restored', cancellation };

  const deletion = recalled && isWhy(recalled, attempt, deletedDate, now) ? recalled : undefined;
  if (deletion?.forced) return { state: 'gone', deletion };
  const schedule = deletion
    ? ({ kind: 'exact', date: deletion.date } as const)
    : estimate(attempt, lookup, now, missing);
  return { state: 'pending', schedule, deletion };
}

/** The schedule as far as it can be told without the call that made it; `missing`: why that is not known. */
function estimate(
  attempt: Told,
  lookup: Lookup,
  now: Date,
  missing: string | undefined,
): DeletionSchedule {
  if (lookup.kind === 'found' && lookup.secret.deletedDate) {
    return scheduleFromDeletedDate(lookup.secret.deletedDate, now, missing);
  }
  const reasons = [lookup.kind === 'unavailable' ? lookup.reason : undefined, missing];
  return scheduleFromAttempt(attempt.time, reasons.filter(Boolean).join(' '));
}

/** Whether a recalled deletion is why the secret is pending; without a date of AWS's it must at least be older. */
function isWhy(
  deletion: Deletion,
  { secret, time }: Told,
  deletedDate: Date | undefined,
  now: Date,
): boolean {
  if (!isSameSecret(deletion.secret, secret)) return false;
  return deletedDate ? fits(deletion, deletedDate, now) : deletion.requestedAt <= time;
}
