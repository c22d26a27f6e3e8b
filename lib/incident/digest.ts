import type { RecordedAttempt } from '../attempt/item.ts';
import { callerIdentity } from '../cloudtrail/caller.ts';
import type { SecretId } from '../cloudtrail/secret-id.ts';
import { isDrill } from '../drill.ts';
import { cutMiddle } from '../text.ts';
import { addCounts, type HeldBackCounts, noneHeldBack } from './held-back.ts';

/** How many addresses, and how many sessions, of a caller on a secret are named, and how many are kept to be counted. */
const NAMED = 3;
const KEPT = 100;

/** What a summary tells of a caller's attempts on a secret. */
export interface CallerDigest {
  readonly callerName: string;
  count: number;
  first: Date;
  last: Date;
  /** Not all, if there are {@link KEPT}; so the sessions. */
  readonly addresses: Set<string>;
  /** What tells apart those who share the caller, such as names of sessions. */
  readonly sessions: Set<string>;
  readonly heldBack: HeldBackCounts;
}

export interface SecretDigest {
  readonly secret: SecretId;
  readonly callers: Map<string, CallerDigest>;
}

/** Attempts summed up by secret and caller: its size goes with their pairs, not with their number. */
export interface Digest {
  readonly secrets: Map<string, SecretDigest>;
  attempts: number;
  /** Attempts of ignored callers, which are in nothing else here; `isLeast`: there was no time to count all. */
  ignored: { readonly count: number; readonly isLeast: boolean };
}

export function emptyDigest(): Digest {
  return { secrets: new Map(), attempts: 0, ignored: { count: 0, isLeast: false } };
}

/** Adds an attempt to a digest, unless it is one of a drill. */
export function addAttempt(digest: Digest, attempt: RecordedAttempt): void {
  if (isDrill(attempt.secret.name)) return;
  digest.attempts++;
  const caller = callerOf(digest, attempt);
  caller.count++;
  caller.heldBack[attempt.heldBack]++;
  if (attempt.time < caller.first) caller.first = attempt.time;
  if (attempt.time > caller.last) caller.last = attempt.time;
  const { sourceAddress, session } = attempt;
  keep(caller.sessions, session);
  keep(caller.addresses, sourceAddress);
}

function callerOf(digest: Digest, { secret, callerKey, callerName, time }: RecordedAttempt) {
  // Ids that look like complete ARNs of one name may be partial ones of several: what is known of them joins them again.
  const id = `${secret.accountId}/${secret.region}/${secret.name}/${secret.arn}`;
  const entry = digest.secrets.get(id) ?? { secret, callers: new Map() };
  digest.secrets.set(id, entry);
  const identity = callerIdentity(callerKey);
  const caller = entry.callers.get(identity) ?? {
    callerName,
    count: 0,
    first: time,
    last: time,
    addresses: new Set<string>(),
    sessions: new Set<string>(),
    heldBack: noneHeldBack(),
  };
  entry.callers.set(identity, caller);
  return caller;
}

/** Adds up what is known of one secret under several forms of its id. */
export function joinDigests<Known extends SecretDigest>(one: Known, other: Known): Known {
  const callers = new Map(one.callers);
  for (const [key, caller] of other.callers) {
    const known = callers.get(key);
    callers.set(key, known ? joinCallers(known, caller) : caller);
  }
  return { ...one, callers };
}

function joinCallers(one: CallerDigest, other: CallerDigest): CallerDigest {
  const heldBack = { ...one.heldBack };
  addCounts(heldBack, other.heldBack);
  return {
    ...one,
    count: one.count + other.count,
    first: one.first < other.first ? one.first : other.first,
    last: one.last > other.last ? one.last : other.last,
    addresses: new Set([...one.addresses, ...other.addresses]),
    sessions: new Set([...one.sessions, ...other.sessions]),
    heldBack,
  };
}

/** When a secret was last read, as far as the digest has it. */
export function lastAttemptOn({ callers }: SecretDigest): Date {
  return [...callers.values()].reduce(
    (latest, { last }) => (last > latest ? last : latest),
    new Date(0),
  );
}

/** Whether, for all that is known, nothing has named this caller of its secret: a quiet window begins with an alert. */
export function isUnnamed({ heldBack }: CallerDigest): boolean {
  return heldBack['quiet-window'] === 0;
}

/** Secrets with a caller that nothing has named come before all others. */
export function byNews(a: SecretDigest, b: SecretDigest): number {
  const news = ({ callers }: SecretDigest) => [...callers.values()].some(isUnnamed);
  return Number(news(b)) - Number(news(a));
}

/** `10.0.3.7, 10.0.3.8, 10.0.3.12 and 4 others`. */
export function addressLine({ addresses }: CallerDigest): string {
  return named(addresses);
}

/** `session i-0abc`, or `sessions a, b, c and 4 others`; empty for a caller without sessions. */
export function sessionLine({ sessions }: CallerDigest): string {
  return sessions.size === 0 ? '' : `session${sessions.size > 1 ? 's' : ''} ${named(sessions)}`;
}

function keep(values: Set<string>, value: string | undefined): void {
  if (value && values.size < KEPT) values.add(value);
}

const NUMERIC = new Intl.Collator('en', { numeric: true });

function named(values: ReadonlySet<string>): string {
  const sorted = [...values].sort(NUMERIC.compare);
  const first = sorted.slice(0, NAMED).map((value) => cutMiddle(value, 80));
  const others = sorted.length - NAMED;
  if (others <= 0) return first.join(', ');
  const atLeast = sorted.length < KEPT ? '' : 'at least ';
  return `${first.join(', ')} and ${atLeast}${others} other${others === 1 ? '' : 's'}`;
}
