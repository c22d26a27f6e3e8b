import { asciiLine, defang, identifier, shorten } from '../../text.ts';

/** SNS takes fewer than 100 characters: https://docs.aws.amazon.com/sns/latest/api/API_Publish.html */
export const MAX_SUBJECT = 99;

/**
 * A name of a secret or a caller is not cut below these, in characters: beside the longest of all other words there is
 * room for both.
 */
const MIN_NAME = 20;
const MIN_CALLER = 16;

/** What a subject is made of: `${head} ${secretName} ${verb} ${callerName}, ${tail}, ${aside}`. */
export interface SubjectParts {
  readonly secretName?: string;
  readonly callerName: string;
  /** The caller with its account, where there is room for all of it: half a number would be another one. */
  readonly callerBeside?: string;
  /** How urgent it is, and what it is about. */
  readonly head: string;
  /** What has happened. */
  readonly verb: string;
  /** The time left. */
  readonly tail: string;
  /** What the body tells as well, in fewer and fewer words: harmless text. */
  readonly asides?: readonly string[];
}

/**
 * Puts a subject together in at most 99 ASCII characters on one line. Too long, it first loses the aside, then the
 * middle of the secret's name down to 20 characters, and then the middle of the caller's name, so that two that begin
 * or end otherwise stay apart. What is urgent, what has happened and the time left always stay.
 */
export function fitSubject({
  head,
  secretName,
  verb,
  callerName,
  callerBeside,
  tail,
  asides,
}: SubjectParts): string {
  const name = secretName ? identifier(secretName) : '(not named)';
  const subject = (of: string, by: string) => `${head} ${of} ${verb} ${by}, ${tail}`;

  const room = MAX_SUBJECT - subject('', '').length;
  const byRoom = Math.max(MIN_CALLER, room - Math.min(MIN_NAME, shorten(name, room).length));
  const beside = defang(asciiLine(callerBeside ?? callerName));
  const by = beside.length <= byRoom ? beside : shorten(asciiLine(callerName), byRoom);
  const short = subject(shorten(name, room - by.length), by);
  return withAside(short, asides);
}

/** The subject with the first of the asides for which there is room. */
export function withAside(subject: string, asides: readonly string[] = []): string {
  const full = asides.map((aside) => `${subject}, ${aside}`);
  return full.find(({ length }) => length <= MAX_SUBJECT) ?? subject;
}
