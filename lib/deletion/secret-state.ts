import type { Attempt } from '../attempt/attempt.ts';
import { identifySecret, isSameSecret, type SecretId } from '../cloudtrail/secret-id.ts';
import { errorName } from '../errors.ts';
import { type Cancellation, type Change, type Deletion, fits } from './change.ts';
import { type Lookup, placeOf } from './describe.ts';
import type { SearchHistory } from './history.ts';
import { type Page, readLedger } from './ledger.ts';
import {
  CLOCK_TOLERANCE_MS,
  type DeletionSchedule,
  scheduleFromAttempt,
  scheduleFromDeletedDate,
} from './schedule.ts';

/** How a secret stands after a read that failed, or now. */
export type SecretState =
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
  | {
      readonly state: 'gone';
      readonly deletion?: Deletion;
      /** When a new secret was made under its name, if one is known. */
      readonly anew?: Date;
    };

/** Which secret, and when it was known to be scheduled for deletion, such as by a read that failed. */
type Asked = Pick<Attempt, 'secret' | 'time' | 'isNotFound'>;

/** What is known of a secret's deletion besides DescribeSecret's answer. */
export interface DeletionHistory {
  /** The newest known change. */
  readonly change?: Change;
  /** Why none is known, as a sentence. */
  readonly missing?: string;
}

/** A secret's state, and what it was read from. */
export interface KnownState extends DeletionHistory {
  readonly state: SecretState;
  /** What came of looking the secret up; absent where the ledger alone was certain. */
  readonly lookup?: Lookup;
  /** The secret's complete ARN, if anything named it. */
  readonly arn?: string;
  /** Whether the record of the newest known change has come by itself, rather than been found in CloudTrail's event history. */
  readonly isHeard?: boolean;
  /** The id of the attempt for which this service last set out to cancel a deletion of the secret. */
  readonly restoringFor?: string;
}

/** Dependencies of {@link secretState}. */
export interface StateDependencies {
  readonly now: () => Date;
  readonly getItems: (pk: string) => Promise<unknown[]>;
  /** Searches CloudTrail's event history for what the ledger does not know; not searched if absent. */
  readonly searchHistory?: SearchHistory;
}

/**
 * Finds out how a secret stands, from DescribeSecret, the ledger and, where given, CloudTrail's event history. Does not
 * throw: what could not be read is named in `missing`.
 * @param describe DescribeSecret's answer, or what reads it where the ledger alone is not certain
 */
export async function secretState(
  asked: Asked,
  describe: Lookup | (() => Promise<Lookup>),
  dependencies: StateDependencies,
): Promise<KnownState> {
  const { now, searchHistory } = dependencies;
  let lookup = typeof describe === 'function' ? undefined : ofAsked(asked, describe);
  const found = lookup?.kind === 'found' ? lookup.secret : undefined;
  const secret = found ? identifySecret(found.arn, asked.secret) : asked.secret;
  const page = await readPage(secret, dependencies);
  let known: DeletionHistory = { change: page.change, missing: page.missing };
  const assessed = () => assess(asked, lookup ?? NOT_LOOKED_UP, now(), known);
  let state = assessed();
  if (typeof describe === 'function' && !isCertain(state)) {
    lookup = ofAsked(asked, await describe());
    state = assessed();
  }
  // Where nobody can look, nobody can search the history.
  const isSearched = searchHistory && lookup?.kind !== 'elsewhere' && !page.missing;
  if (isSearched && state.state !== 'restored' && !state.deletion) {
    const place = lookup?.place && placeOf(secret);
    const pending = { secret, time: asked.time, deletedDate: found?.deletedDate, place };
    known = { change: page.change, ...(await searchHistory(pending, page)) };
    state = assessed();
  }
  const arn = knownArn(lookup, known);
  const { isHeard, restoringFor } = page;
  return { ...known, state, lookup, arn, isHeard, restoringFor };
}

/** A secret's complete ARN, if DescribeSecret's answer or else the ledger names it. Does not throw. */
export async function findArn(
  secret: SecretId,
  lookup: Lookup,
  dependencies: StateDependencies,
): Promise<string | undefined> {
  return knownArn(lookup, lookup.kind === 'found' ? {} : await readPage(secret, dependencies));
}

/** A secret's complete ARN, if DescribeSecret or a change named it. */
export function knownArn(
  lookup: Lookup | undefined,
  { change }: DeletionHistory,
): string | undefined {
  return lookup?.kind === 'found' ? lookup.secret.arn : change?.secret.arn;
}

/**
 * A secret made after the one of its name was known to be scheduled for deletion, or was no longer found, is another: that one has
 * been purged.
 */
function ofAsked({ secret, time, isNotFound }: Asked, lookup: Lookup): Lookup {
  if (lookup.kind !== 'found') return lookup;
  const { createdDate: anew, deletedDate } = lookup.secret;
  const isLater = anew && anew.getTime() > time.getTime() + CLOCK_TOLERANCE_MS;
  const isAnother = isLater || (isNotFound && !deletedDate && !secret.arn);
  return isAnother ? { kind: 'not-found', anew, place: lookup.place } : lookup;
}

const NOT_LOOKED_UP: Lookup = { kind: 'unavailable', reason: '' };

async function readPage(
  secret: SecretId,
  { getItems }: StateDependencies,
): Promise<Page & { readonly missing?: string }> {
  try {
    return await readLedger(secret, getItems);
  } catch (error) {
    return { missing: `The ledger of deletions could not be asked (${errorName(error)}).` };
  }
}

function isCertain(state: SecretState): boolean {
  return state.state !== 'pending' || state.schedule.kind === 'exact';
}

/** Puts together what a read, DescribeSecret and the ledger say of a secret. */
export function assess(
  asked: Asked,
  lookup: Lookup,
  now: Date,
  { change, missing }: DeletionHistory = {},
): SecretState {
  const deletedDate = lookup.kind === 'found' ? lookup.secret.deletedDate : undefined;
  const cancellation =
    change?.kind === 'cancellation' && change.requestedAt >= asked.time ? change : undefined;
  if (lookup.kind === 'found' && !deletedDate) return { state: 'restored', cancellation };
  const isUnknown = lookup.kind === 'unavailable' || lookup.kind === 'elsewhere';
  if (isUnknown && cancellation) return { state: 'restored', cancellation };

  const recorded =
    change?.kind === 'deletion' && isSameSecret(change.secret, asked.secret) ? change : undefined;
  if (lookup.kind === 'not-found') {
    // By an ARN that may be a partial one, what has taken the name may be the secret that is always meant by it.
    const isOfName = !asked.secret.arn || asked.secret.arn === recorded?.secret.arn;
    return { state: 'gone', deletion: recorded, anew: isOfName ? lookup.anew : undefined };
  }
  if (isUnknown && asked.isNotFound) return { state: 'gone', deletion: recorded };
  // Where nobody can look, the newest change is all there is: the secret may have been deleted again since the read.
  const isBelieved =
    recorded && (lookup.kind === 'elsewhere' || isWhy(recorded, asked, deletedDate, now));
  const deletion = isBelieved ? recorded : undefined;
  if (deletion?.forced) return { state: 'gone', deletion };
  const schedule = deletion
    ? ({ kind: 'exact', date: deletion.date } as const)
    : estimate(asked, lookup, now, missing);
  return { state: 'pending', schedule, deletion };
}

/** The schedule as far as it is known without the call that made it; `missing`: why that is not known. */
function estimate(
  { time }: Asked,
  lookup: Lookup,
  now: Date,
  missing: string | undefined,
): DeletionSchedule {
  if (lookup.kind === 'found' && lookup.secret.deletedDate) {
    return scheduleFromDeletedDate(lookup.secret.deletedDate, now, missing);
  }
  // Of a spoke that does not answer both are one.
  const reasons = new Set([lookup.kind === 'unavailable' ? lookup.reason : undefined, missing]);
  const reason = [...reasons].filter(Boolean).join(' ');
  return scheduleFromAttempt(time, !reason && lookup.kind === 'elsewhere' ? NO_RECORD : reason);
}

const NO_RECORD = 'No record of its deletion has come.';

/** Whether a recorded deletion is why the secret is pending; without a date of AWS's it must at least be older. */
function isWhy(
  deletion: Deletion,
  { time }: Asked,
  deletedDate: Date | undefined,
  now: Date,
): boolean {
  return deletedDate ? fits(deletion, deletedDate, now) : deletion.requestedAt <= time;
}
