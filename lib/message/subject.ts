import { isDrill } from '../drill.ts';
import { type Severity, timeLeftShort } from '../schedule.ts';
import type { Situation } from '../situation.ts';
import { asciiLine, cut, cutMiddle, identifier } from '../text.ts';

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

/** The subject of an alert: the secret, the caller and the time left. */
export function renderSubject(facts: SubjectFacts): string {
  const [head, tail] = frame(facts);
  return fitSubject({ ...facts, head, verb: 'wanted by', tail });
}

/** What a subject is made of: `${head} ${secretName} ${verb} ${callerName}, ${tail}`. */
interface Parts extends Pick<SubjectFacts, 'secretName' | 'callerName'> {
  readonly head: string;
  readonly verb: string;
  readonly tail: string;
}

/**
 * Puts a subject together in at most 99 ASCII characters on one line. Too long, it first loses the end of the
 * caller's name, then the caller, then the tail, and only then the middle of the secret's name.
 */
export function fitSubject({ head, secretName, verb, callerName, tail }: Parts): string {
  const name = secretName ? identifier(secretName) : '(not named)';
  const caller = asciiLine(callerName);
  const full = (by: string) => `${head} ${name}${by}, ${tail}`;

  const room = MAX_SUBJECT - full(` ${verb} `).length;
  if (room >= Math.min(caller.length, MIN_CALLER)) return full(` ${verb} ${cut(caller, room)}`);
  const shorter = [full(''), `${head} ${name}`, `Secret ${name}`];
  return shorter.find((subject) => subject.length <= MAX_SUBJECT) ?? cutMiddle(name, MAX_SUBJECT);
}

function frame(facts: SubjectFacts): [head: string, tail: string] {
  const { situation, restoredByUs, now } = facts;
  const mark = markOf(facts);
  if (restoredByUs) return ['Restored: secret', 'its deletion is cancelled'];
  switch (situation.state) {
    case 'pending':
      return [`${mark}Deleted secret`, timeLeftShort(situation.schedule, now)];
    case 'restored':
      return [`${mark}Secret`, 'restored since'];
    case 'gone':
      return [`${mark}Deleted secret`, 'already gone'];
  }
}

/** A drill is marked as one; its urgency would only frighten. */
function markOf({ secretName, severity }: SubjectFacts): string {
  if (isDrill(secretName)) return 'DRILL: ';
  return severity === 'notice' ? '' : `${severity.toUpperCase()}: `;
}
