import { type Attempt, readAttempt } from '../../lib/attempt/attempt.ts';
import { API_CALL, type CloudTrailEvent, SECRETS_MANAGER } from '../../lib/cloudtrail/record.ts';
import { type Change, type Deletion, readChange } from '../../lib/deletion/change.ts';
import { NotifierError } from '../../lib/errors.ts';
import type { Found } from './records.ts';

/** What the service reads in a record, or why nothing, as half a sentence. */
export type Reading =
  | { readonly attempt: Attempt }
  | { readonly change: Change }
  | { readonly reason: string };

/**
 * The records may be in any order: look-ups print the newest first. CloudTrail's times are whole seconds; an attempt
 * that failed in the second of a change was after the deletion, and before the restore.
 */
export function byTime(one: Reading, other: Reading): number {
  const [[time, rank], [otherTime, otherRank]] = [timeOf(one), timeOf(other)];
  return time - otherTime || rank - otherRank;
}

function timeOf(reading: Reading): readonly [time: number, rank: number] {
  if ('attempt' in reading) return [reading.attempt.time.getTime(), 1];
  if (!('change' in reading)) return [0, 0];
  return [reading.change.requestedAt.getTime(), reading.change.kind === 'deletion' ? 0 : 2];
}

export function readOne({ event, fault }: Found, now: Date): Reading {
  if (!event) return { reason: fault };
  if (!isChange(event)) return readAttempt(event, now);
  try {
    const change = readChange(event);
    if (!change) return { reason: `the ${event.detail.eventName} failed, and so changed nothing` };
    return { change };
  } catch (error) {
    if (!(error instanceof NotifierError)) throw error;
    return { reason: error.message.replace(/\.$/, '') };
  }
}

function isChange({ detail, ...envelope }: CloudTrailEvent): boolean {
  return (
    envelope['detail-type'] === API_CALL &&
    detail.eventSource === SECRETS_MANAGER &&
    (detail.eventName === 'DeleteSecret' || detail.eventName === 'RestoreSecret')
  );
}

/** The deletions among records. */
export function deletionsIn(found: readonly Found[], now: Date): Deletion[] {
  const changes = found.map((item) => readOne(item, now)).flatMap(changeIn);
  return changes.filter((change) => change.kind === 'deletion');
}

export function changeIn(reading: Reading): Change[] {
  return 'change' in reading ? [reading.change] : [];
}
