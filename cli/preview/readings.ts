import { type Attempt, readAttempt } from '../../lib/attempt/attempt.ts';
import {
  API_CALL,
  CHANGES,
  type CloudTrailEvent,
  SECRETS_MANAGER,
} from '../../lib/cloudtrail/record.ts';
import { type Change, type Deletion, readChanges } from '../../lib/deletion/change.ts';
import { type Clash, isCreation, readClash } from '../../lib/deletion/clash.ts';
import { NotifierError } from '../../lib/errors.ts';
import type { Found } from './records.ts';

/** What the service reads in a record, or why nothing, as half a sentence. */
export type Reading =
  | { readonly attempt: Attempt }
  | { readonly change: Change }
  | { readonly clash: Clash }
  | { readonly reason: string };

/**
 * The records may be in any order: look-ups print the newest first. CloudTrail's times are whole seconds; an attempt
 * that failed in the second of a change was after the deletion, and before the restore.
 */
export function byTime(one: Reading, other: Reading): number {
  const [[time, rank], [otherTime, otherRank]] = [timeOf(one), timeOf(other)];
  return time - otherTime || rank - otherRank;
}

/** Whether what is read happened by a time; what says no time of its own did. */
export function isBy(time: Date, reading: Reading): boolean {
  return timeOf(reading)[0] <= time.getTime();
}

function timeOf(reading: Reading): readonly [time: number, rank: number] {
  if ('attempt' in reading) return [reading.attempt.time.getTime(), 1];
  if ('clash' in reading) return [reading.clash.time.getTime(), 1];
  if (!('change' in reading)) return [0, 0];
  return [reading.change.requestedAt.getTime(), reading.change.kind === 'deletion' ? 0 : 2];
}

/** What is read in a record: of one that removes replicas, a change for each Region. */
export function readRecord({ event, fault }: Found, now: Date): Reading[] {
  if (!event) return [{ reason: fault }];
  try {
    if (isCall(event) && isCreation(event)) {
      const clash = readClash(event);
      return [clash ? { clash } : { reason: NOT_TAKEN }];
    }
    if (!isChange(event)) return [readAttempt(event, now)];
    const changes = readChanges(event).map((change) => ({ change }));
    const reason = `the ${event.detail.eventName} failed, and so changed nothing`;
    return changes.length > 0 ? changes : [{ reason }];
  } catch (error) {
    if (!(error instanceof NotifierError)) throw error;
    return [{ reason: error.message.replace(/\.$/, '') }];
  }
}

const NOT_TAKEN = 'the CreateSecret succeeded, or failed for another reason than its name';

const isCall = (event: CloudTrailEvent): boolean => event['detail-type'] === API_CALL;

function isChange(event: CloudTrailEvent): boolean {
  const { detail } = event;
  return isCall(event) && detail.eventSource === SECRETS_MANAGER && CHANGES.has(detail.eventName);
}

/** The deletions among records. */
export function deletionsIn(found: readonly Found[], now: Date): Deletion[] {
  const changes = found.flatMap((item) => readRecord(item, now)).flatMap(changeIn);
  return changes.filter((change) => change.kind === 'deletion');
}

export function changeIn(reading: Reading): Change[] {
  return 'change' in reading ? [reading.change] : [];
}
