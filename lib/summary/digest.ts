import type { RecordedAttempt } from '../attempt-item.ts';
import { isDrill } from '../drill.ts';
import type { SecretId } from '../secret-id.ts';
import { plural } from '../time.ts';
import { type HeldBackCounts, noneHeldBack } from './held-back.ts';

/** How many addresses of a caller on a secret are named, and how many are kept to be counted. */
const NAMED_ADDRESSES = 3;
const KEPT_ADDRESSES = 100;

/** What a summary tells of a caller's attempts on a secret. */
export interface CallerDigest {
  readonly callerName: string;
  count: number;
  first: Date;
  last: Date;
  /** Not all, if there are {@link KEPT_ADDRESSES}. */
  readonly addresses: Set<string>;
  readonly heldBack: HeldBackCounts;
}

export interface SecretDigest {
  /** The form of the id that says most: a complete ARN, if any caller sent one. */
  secret: SecretId;
  readonly callers: Map<string, CallerDigest>;
}

/** Attempts summed up by secret and caller: its size goes with their pairs, not with their number. */
export interface Digest {
  readonly secrets: Map<string, SecretDigest>;
  attempts: number;
  /** Attempts of ignored callers, which are in nothing else here. */
  ignored: number;
}

export function emptyDigest(): Digest {
  return { secrets: new Map(), attempts: 0, ignored: 0 };
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
  const { sourceAddress } = attempt;
  if (sourceAddress && caller.addresses.size < KEPT_ADDRESSES) caller.addresses.add(sourceAddress);
}

function callerOf(digest: Digest, { secret, callerKey, callerName, time }: RecordedAttempt) {
  const id = `${secret.accountId}/${secret.region}/${secret.name}`;
  const entry = digest.secrets.get(id) ?? { secret, callers: new Map() };
  digest.secrets.set(id, entry);
  if (!entry.secret.arn && secret.arn) entry.secret = secret;
  const caller = entry.callers.get(callerKey) ?? {
    callerName,
    count: 0,
    first: time,
    last: time,
    addresses: new Set<string>(),
    heldBack: noneHeldBack(),
  };
  entry.callers.set(callerKey, caller);
  return caller;
}

const NUMERIC = new Intl.Collator('en', { numeric: true });

/** `10.0.3.7, 10.0.3.8, 10.0.3.12 and 4 others`. */
export function addressLine({ addresses }: CallerDigest): string {
  const sorted = [...addresses].sort(NUMERIC.compare);
  const named = sorted.slice(0, NAMED_ADDRESSES).join(', ');
  const others = sorted.length - NAMED_ADDRESSES;
  if (others <= 0) return named;
  const atLeast = sorted.length < KEPT_ADDRESSES ? '' : 'at least ';
  return `${named} and ${atLeast}${plural(others, 'other')}`;
}
