import { type Severity, timeLeftShort } from '../../deletion/schedule.ts';
import type { Situation } from '../../deletion/situation.ts';
import { isDrill } from '../../drill.ts';
import { asciiLine, identifier, shorten } from '../../text.ts';

/** SNS takes fewer than 100 characters: https://docs.aws.amazon.com/sns/latest/api/API_Publish.html */
export const MAX_SUBJECT = 99;

/**
 * A name of a secret or a caller is not cut below these, in characters: beside the longest of all other words there is
 * room for both.
 */
const MIN_NAME = 20;
const MIN_CALLER = 16;

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

/** What a subject is made of: `${head} ${secretName} ${verb} ${callerName}, ${tail}, ${aside}`. */
interface Parts extends Pick<SubjectFacts, 'secretName' | 'callerName'> {
  /** How urgent it is, and what it is about. */
  readonly head: string;
  /** What has happened. */
  readonly verb: string;
  /** The time left. */
  readonly tail: string;
  /** What the body tells as well. */
  readonly aside?: string;
}

/**
 * Puts a subject together in at most 99 ASCII characters on one line. Too long, it first loses the aside, then the
 * middle of the secret's name down to 20 characters, and then the middle of the caller's name, so that two that begin
 * or end otherwise stay apart. What is urgent, what has happened and the time left always stay.
 */
export function fitSubject({ head, secretName, verb, callerName, tail, aside }: Parts): string {
  const name = secretName ? identifier(secretName) : '(not named)';
  const caller = asciiLine(callerName);
  const subject = (of: string, by: string) => `${head} ${of} ${verb} ${by}, ${tail}`;

  const room = MAX_SUBJECT - subject('', '').length;
  const byRoom = Math.max(MIN_CALLER, room - Math.min(MIN_NAME, shorten(name, room).length));
  const by = shorten(caller, byRoom);
  const short = subject(shorten(name, room - by.length), by);
  const full = `${short}, ${aside}`;
  return aside && full.length <= MAX_SUBJECT ? full : short;
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
