import { type Severity, timeLeftShort } from '../schedule.ts';
import type { Situation } from '../situation.ts';
import { cut, cutMiddle, identifier } from '../text.ts';

/** SNS takes fewer than 100 characters: https://docs.aws.amazon.com/sns/latest/api/API_Publish.html */
export const MAX_SUBJECT = 99;

/** A caller's name is not cut below this; it is left out instead. */
const MIN_CALLER = 12;

export interface SubjectFacts {
  readonly severity: Severity;
  readonly situation: Situation;
  /** The function itself cancelled the deletion. */
  readonly restoredByUs: boolean;
  readonly secretName?: string;
  readonly callerName: string;
  readonly now: Date;
}

/**
 * At most 99 ASCII characters on one line. Too long, it first loses the end of the caller's name, then the
 * caller, then the time left, and only then the middle of the secret's name.
 */
export function renderSubject(facts: SubjectFacts): string {
  const name = facts.secretName ? identifier(facts.secretName) : '(not named)';
  const caller = identifier(facts.callerName);
  const [head, tail] = frame(facts);
  const full = (by: string) => `${head} ${name}${by}, ${tail}`;

  const room = MAX_SUBJECT - full(' asked for by ').length;
  if (room >= Math.min(caller.length, MIN_CALLER)) {
    return full(` asked for by ${cut(caller, room)}`);
  }
  const shorter = [full(''), `${head} ${name}`, `Secret ${name}`];
  return shorter.find((subject) => subject.length <= MAX_SUBJECT) ?? cutMiddle(name, MAX_SUBJECT);
}

function frame({
  severity,
  situation,
  restoredByUs,
  now,
}: SubjectFacts): [head: string, tail: string] {
  const urgency = severity === 'notice' ? '' : `${severity.toUpperCase()}: `;
  if (restoredByUs) return ['Restored: secret', 'its deletion is cancelled'];
  switch (situation.state) {
    case 'pending':
      return [`${urgency}Deleted secret`, timeLeftShort(situation.schedule, now)];
    case 'restored':
      return ['Secret', 'restored since'];
    case 'gone':
      return [`${urgency}Deleted secret`, 'already gone'];
  }
}
