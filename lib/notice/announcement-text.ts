import type { Change } from '../deletion/change.ts';
import { doneText, regionText, removedReplicaOf, scheduleLine, timeLeft } from './deletion-text.ts';

/** What is said of a change that is announced, in whatever channel. */
export interface ChangeWords {
  readonly noun: 'secret' | 'replica';
  readonly verb: string;
  /** At the end of a subject or a title. */
  readonly tail: string;
  readonly effect: string;
  readonly deletion: string;
  readonly action: 'cancelled' | 'deleted' | 'scheduled';
}

export function wordsOf(change: Change, now: Date): ChangeWords {
  if (change.kind === 'cancellation') {
    return {
      noun: 'secret',
      verb: 'restored',
      tail: 'its deletion is cancelled',
      effect: 'It can be read again.',
      deletion: 'not scheduled any more',
      action: 'cancelled',
    };
  }
  const primary = removedReplicaOf(change);
  if (primary) {
    const place = regionText(change.secret.region);
    return {
      noun: 'replica',
      verb: `removed in ${place}`,
      tail: 'its primary is kept',
      effect: `Its primary is in ${regionText(primary)}. Every request for its value in ${place} fails from now on.`,
      deletion: doneText(change),
      action: 'deleted',
    };
  }
  if (change.forced) {
    return {
      noun: 'secret',
      verb: 'deleted for good',
      tail: 'without a recovery window',
      effect: 'It cannot be restored.',
      deletion: doneText(change),
      action: 'deleted',
    };
  }
  const schedule = { kind: 'exact', date: change.date } as const;
  return {
    noun: 'secret',
    verb: 'scheduled for deletion',
    tail: timeLeft(schedule, now),
    effect: 'Every request for its value fails from now on.',
    deletion: scheduleLine(schedule, now),
    action: 'scheduled',
  };
}
