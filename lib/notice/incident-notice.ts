import { createHash } from 'node:crypto';
import type { Attempt } from '../attempt/attempt.ts';
import type { Caller } from '../cloudtrail/caller.ts';
import type { Tool } from '../cloudtrail/tool.ts';
import type { Action } from '../deletion/auto-cancel.ts';
import type { Change } from '../deletion/change.ts';
import type { Severity } from '../deletion/schedule.ts';
import { NotifierError } from '../errors.ts';
import type { OwnStack, Remedy } from './commands.ts';
import type { CallerAttempts, MutedAttempts, SecretNews } from './digest.ts';
import type { NoticeSecret } from './notice.ts';

/**
 * What is reported of one incident at a time: what every channel beside the mail gives its form to. A notice of several
 * incidents, such as a digest, is one of these for each. As hostile as the records that it comes from.
 */
export interface IncidentNotice {
  /** The same for the same news, however often it is handed on: by it a channel knows what it has sent. */
  readonly id: string;
  readonly kind: IncidentNoticeKind;
  readonly severity: Severity;
  readonly now: Date;
  /** The same in all notices of an incident, and in those of no other: a {@link hash}. */
  readonly incident: string;
  readonly secret: NoticeSecret;
  /** As of {@link SecretNews}; of an announcement, what its change made of the secret. */
  readonly state: SecretNews['state'];
  /** What was done about the deletion; of `opened` and `caller` alone, as the two that follow. */
  readonly action?: Action;
  readonly perhapsByUs?: boolean;
  /** The attempt that is reported at once. */
  readonly attempt?: Attempt;
  /** The deletion, or the cancellation of one, that is announced. */
  readonly change?: Change;
  /** The creation of a secret that its name keeps from being made; of `clash` alone. */
  readonly clash?: ClashNews;
  /** The day on which an announced secret was last used, such as 2026-11-20, if AWS tells. */
  readonly lastUsed?: string;
  /** Those with the most attempts first, at most {@link MAX_CALLERS}: `counts` has all. */
  readonly callers: readonly CallerNews[];
  readonly muted: readonly MutedAttempts[];
  readonly counts: Counts;
  /** What to do if the secret is still needed; of a restored one, if it is not. */
  readonly remedy?: Remedy;
}

/** Tries to create a secret under the name of one that is scheduled for deletion. */
export interface ClashNews {
  readonly caller: Caller;
  readonly tool: Tool;
  readonly sourceAddress?: string;
  readonly userAgent?: string;
  readonly first: Date;
  readonly last: Date;
  /** How many there were since the notice before; `isLeast`: at least. */
  readonly count: number;
  readonly isLeast: boolean;
  /** Whether this service has watched who reads the secret ever since its deletion, which it heard of when that was made. */
  readonly isWatched: boolean;
}

/** What tells incidents and their news apart, of what makes each what it is: 32 hexadecimal digits. */
export const hash = (parts: readonly unknown[]): string =>
  createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 32);

/** `opened`, `caller`: the first attempt on a secret, and of a further caller, each at once; the others as those of mails. */
export type IncidentNoticeKind =
  | 'opened'
  | 'caller'
  | 'digest'
  | 'last-call'
  | 'over'
  | 'resolved'
  | 'gone'
  | 'announced'
  | 'clash';

/** A caller's attempts on a secret; at most {@link MAX_SOURCES} addresses and sessions. */
export interface CallerNews
  extends Pick<CallerAttempts, 'callerKey' | 'callerName' | 'isNew' | 'count' | 'first' | 'last'> {
  readonly addresses: readonly string[];
  readonly sessions: readonly string[];
}

/** Attempts and callers that a notice reports, those of mutes and of ignored callers apart. */
interface Counts {
  readonly attempts: number;
  readonly callers: number;
  readonly muted: number;
  readonly ignored: number;
  /** Whether there was no time to count all. */
  readonly isLeast: boolean;
}

/** How many callers of an incident, and how many addresses and sessions of one, are handed on by name. */
export const MAX_CALLERS = 20;
export const MAX_SOURCES = 5;

/**
 * For how long what was not handed on is kept, in days: with the 14 of the dead-letter queue, less than it is known what has been
 * sent.
 */
export const LEFT_DAYS = 20;

/** A message for the channels beside the mail: what one mail reports, or a part of it. */
export interface HandedOn {
  /** The most urgent first. */
  readonly notices: readonly IncidentNotice[];
  /** Whether a mail reports it too, or will once mails go out again; else a digest will, which is then handed on in its turn. */
  readonly isMailed: boolean;
  /** Goes on with what a message before has begun: the rest of a mail, or a further mail of what one had no room for. */
  readonly isContinued?: boolean;
  readonly stack: OwnStack & { readonly accountId?: string };
}

const VERSION = 1;

/** As {@link decode} reads it. */
export function encode(handedOn: HandedOn): string {
  return JSON.stringify({ version: VERSION, ...handedOn }, function (key, value) {
    const raw: unknown = this[key];
    return raw instanceof Date ? { $date: raw.toISOString() } : value;
  });
}

/** Reads what {@link encode} wrote. @throws NotifierError `INVALID_EVENT` for anything else. */
export function decode(text: string): HandedOn {
  const read: unknown = parse(text);
  const isOurs =
    typeof read === 'object' && read !== null && 'version' in read && 'notices' in read;
  if (isOurs && read.version === VERSION && Array.isArray(read.notices)) {
    return read as unknown as HandedOn;
  }
  const expected = `Expected notices of version ${VERSION}, as this service hands them on`;
  throw new NotifierError('INVALID_EVENT', `${expected}, got ${text.slice(0, 100)}.`);
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text, (_key, value) => {
      const isDate = typeof value === 'object' && value !== null && typeof value.$date === 'string';
      return isDate ? new Date(value.$date) : value;
    });
  } catch {
    return undefined;
  }
}
