import { nameBeside } from '../cloudtrail/caller.ts';
import { cutMiddle, oneLine } from '../text.ts';
import { formatPeriod, formatUtc, plural } from '../time.ts';
import { IN_CHECKOUT, isPending } from './commands.ts';
import {
  changeLine,
  changeRow,
  deletionLine,
  removedReplicaOf,
  replicaRow,
  timeLeft,
} from './deletion-text.ts';
import type { CallerAttempts, DigestNotice, MutedAttempts, SecretNews } from './digest.ts';

type Kind = DigestNotice['kind'];

// What digests, last calls and ends say, in whatever channel: plain lines, of words that are not defanged.

/** How many addresses, and how many sessions, of a caller on a secret are named; and how long each may be. */
const MAX_NAMED = 3;
const MAX_NAME = 64;

/** Of a caller's line, in characters, so that a secret's block always finds room in a mail. */
const MAX_LINE = 400;

export const LEAST = 'and perhaps more: there was no time to count all';

/** How a secret stands, in a line. */
export function stateLine(known: SecretNews['state'], now: Date): string {
  if (known.state === 'not-looked-up') return 'not looked up: there was no time';
  if (known.state !== 'restored') return deletionLine(known, now);
  const who = changeLine(known.cancellation);
  return who ? `cancelled ${who}` : 'cancelled since; by whom is not known';
}

/** Who made the deletion of a secret, and when; of a replica that was removed also of what it was one. */
export function deletionRows(known: SecretNews['state']) {
  const deletion = known.state === 'pending' || known.state === 'gone' ? known.deletion : undefined;
  const replicaOf = removedReplicaOf(deletion);
  return [
    changeRow(deletion, known.state === 'gone'),
    ...(replicaOf ? [replicaRow({ replicaOf })] : []),
  ];
}

/** How a secret stands, in a few words. */
export function standing(known: SecretNews['state'], now: Date): string {
  switch (known.state) {
    case 'pending':
      return timeLeft(known.schedule, now);
    case 'restored':
      return 'restored since';
    case 'gone':
      return removedReplicaOf(known.deletion) ? 'replica removed' : 'already gone';
    case 'not-looked-up':
      return 'date not looked up';
  }
}

/** As {@link standing}, with who restored it, if known. */
export function standingBy(
  { secret, state }: Pick<SecretNews, 'secret' | 'state'>,
  now: Date,
): string {
  const call = state.state === 'restored' ? state.cancellation : undefined;
  if (!call) return standing(state, now);
  const by = oneLine(nameBeside(secret.accountId, call.requestedBy));
  return `restored by ${by} on ${formatUtc(call.requestedAt)}`;
}

/** What a line on a caller is made from; `kept`: how many addresses and sessions were kept, from which on there may be more. */
export interface CallerLine
  extends Pick<CallerAttempts, 'callerName' | 'count' | 'first' | 'last'> {
  readonly addresses: Iterable<string>;
  readonly sessions: Iterable<string>;
}

/** `12 x role app, sessions a and b, at 2026-11-22 17:05 UTC, from 10.0.3.7`. */
export function callerText(caller: CallerLine, kept: number, since = ''): string {
  const { callerName, count, first, last } = caller;
  const [sessions, addresses] = [new Set(caller.sessions), new Set(caller.addresses)];
  const parts = [
    `${count} x ${oneLine(callerName, 160)}${since}`,
    sessions.size > 0 && `session${sessions.size > 1 ? 's' : ''} ${named(sessions, kept)}`,
    formatPeriod(first, last),
    addresses.size > 0 && `from ${named(addresses, kept)}`,
  ];
  return oneLine(parts.filter(Boolean).join(', '), MAX_LINE);
}

/** `480 muted by alice until 2026-11-29 14:03 UTC: we know, replaced next week`. */
export function mutedText({ by, reason, until, count }: MutedAttempts): string {
  const end = until ? ` until ${formatUtc(until)}` : '';
  return `${count} muted by ${oneLine(by, 128)}${end}: ${oneLine(reason, 200)}`;
}

/** `10.0.3.7, 10.0.3.8, 10.0.3.12 and 4 others`. */
function named(values: ReadonlySet<string>, kept: number): string {
  return listOf(values, values.size < kept ? '' : 'at least ');
}

const NUMERIC = new Intl.Collator('en', { numeric: true });
export const LIST = new Intl.ListFormat('en-GB');

/** The first in the order of a dictionary, and how many others there are. */
export function listOf(values: ReadonlySet<string>, atLeast = ''): string {
  const sorted = [...values].sort(NUMERIC.compare);
  const first = sorted.slice(0, MAX_NAMED).map((value) => cutMiddle(oneLine(value), MAX_NAME));
  const others = sorted.length - MAX_NAMED;
  return LIST.format(others > 0 ? [...first, `${atLeast}${plural(others, 'other')}`] : first);
}

/** `at least 499 attempts`: of a count that may not be all. */
export const attemptsText = (count: number, isLeast: boolean) =>
  `${isLeast ? 'at least ' : ''}${plural(count, 'attempt')}`;

/** What stands before a secret's name in a subject or a title, and behind it; `how`: how it stands. */
export function digestFrame(kind: Kind, mark: string, count: string, how: string) {
  switch (kind) {
    case 'digest':
      return [`${mark}${count} on deleted secret `, `, ${how}`] as const;
    case 'last-call':
      return ['LAST CALL: deleted secret ', ` was read, ${how}`] as const;
    case 'over':
      return ['TIME IS UP: deleted secret ', ' was read'] as const;
    case 'resolved':
      return ['Resolved: secret ', ' is restored'] as const;
    case 'gone':
      return ['GONE: secret ', ' was read'] as const;
  }
}

/** As {@link digestFrame}, of several secrets. */
export function digestTitle(kind: Kind, mark: string, count: string, secrets: number): string {
  switch (kind) {
    case 'digest':
      return `${mark}${count} on ${secrets} deleted secrets`;
    case 'last-call':
      return `LAST CALL: ${secrets} deleted secrets were read`;
    case 'over':
      return `TIME IS UP: ${secrets} deleted secrets were read`;
    case 'resolved':
      return `Resolved: ${secrets} secrets are restored`;
    case 'gone':
      return `GONE: ${secrets} secrets were read`;
  }
}

/**
 * `count`: `499 attempts`; `secrets`: how many, `gone`: and of them deleted for good, `removed`: and of these removed as replicas;
 * `hasMuted`: whether somebody has muted callers of them; `other`: what has not
 * reported them before, which in a channel that hears of alerts that are not mailed is a mail.
 */
export interface DigestCounts {
  readonly count: string;
  readonly secrets: number;
  readonly gone: number;
  readonly removed: number;
  readonly hasMuted: boolean;
  readonly other?: 'mail';
}

/** What it is about and what to do, without a word of strangers. */
export function digestHeadlines(kind: Kind, counts: DigestCounts): readonly [string, ...string[]] {
  const { count, secrets, hasMuted, other } = counts;
  const some = plural(secrets, 'secret');
  const isOne = secrets === 1;
  switch (kind) {
    case 'digest':
      return [
        `${capital(count)} to read ${whichDeleted(counts)} that no other ${other ?? 'notice'} has reported:`,
      ];
    case 'last-call':
      return [
        `LAST CALL: the end of ${some} scheduled for deletion is near, after ${count} to read ${isOne ? 'it' : 'them'}.`,
        `At the end of its window AWS deletes a secret for good, and its value with it. It cannot be restored then, and all who still read it fail for good. Restore it before, or have those who read it changed.${hasMuted ? ' Some callers are muted, as said below.' : ''}`,
      ];
    case 'over':
      return [
        `TIME IS UP: the recovery window of ${some} has ended, after ${count} to read ${isOne ? 'it' : 'them'}. No restore was recorded. AWS deletes a secret for good some time after the end; whether it has, this stack cannot look.`,
        'Still needed? Try to restore at once. If AWS does not find it any more, make a new secret of the same name, with a value from its source. Not needed? Have those who still read it changed.',
      ];
    case 'resolved':
      return [
        `${some} scheduled for deletion ${isOne ? 'has' : 'have'} been restored, after ${count} to read ${isOne ? 'it' : 'them'}. ${isOne ? 'It' : 'They'} can be read again: there is nothing left to search for.`,
      ];
    case 'gone':
      return [
        `GONE: ${some} ${isOne ? 'is' : 'are'} deleted for good, after ${count} to read ${isOne ? 'it' : 'them'}. Whoever still reads ${isOne ? 'it' : 'them'} fails from now on.`,
        'Still needed? Make a new secret of the same name, with a value from its source. Not needed? Have those who still read it changed.',
      ];
  }
}

function whichDeleted({ secrets, gone, removed }: DigestCounts): string {
  if (removed === secrets) return plural(secrets, 'removed replica');
  const some = plural(secrets, 'secret');
  if (gone === 0) return `${some} scheduled for deletion`;
  if (gone < secrets) return `${some} deleted or scheduled for deletion`;
  return `${some} ${removed > 0 ? 'deleted for good, or removed as replicas,' : 'deleted for good'}`;
}

/** How many of the secrets of a notice are gone, and how many of these were replicas. */
export function goneIn(states: readonly SecretNews['state'][]) {
  const gone = states.filter(({ state }) => state === 'gone');
  const removed = gone.filter((known) => 'deletion' in known && removedReplicaOf(known.deletion));
  return { gone: gone.length, removed: removed.length };
}

const capital = (text: string) => text.charAt(0).toUpperCase() + text.slice(1);

/** How to have those named whom there is no room for. */
export const COUNTED = `Who is only counted here is named by this command, ${IN_CHECKOUT}:`;

/** Whether a secret's callers can be muted: of one that is gone, too, lest they be heard of for as long as it is remembered. */
export const isMutable = ({ state, remedy }: Pick<SecretNews, 'state' | 'remedy'>): boolean =>
  state.state === 'gone' || isPending(remedy);
