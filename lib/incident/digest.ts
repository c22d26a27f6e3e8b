import type { RecordedAttempt } from '../attempt/item.ts';
import { callerIdentity } from '../cloudtrail/caller.ts';
import { isDrill } from '../drill.ts';
import {
  longer,
  MAX_KEPT,
  noDeferrals,
  type SecretDigest,
  type SummaryNotice,
} from '../notice/summary.ts';

/** Attempts summed up by secret and caller: its size goes with their pairs, not with their number. */
export interface Digest {
  readonly secrets: Map<string, SecretDigest>;
  attempts: number;
  ignored: SummaryNotice['ignored'];
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
  caller.deferred[attempt.deferred]++;
  if (attempt.time < caller.first) caller.first = attempt.time;
  if (attempt.time > caller.last) caller.last = attempt.time;
  caller.callerKey = longer(caller.callerKey, attempt.callerKey);
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
    callerKey,
    callerName,
    count: 0,
    first: time,
    last: time,
    addresses: new Set<string>(),
    sessions: new Set<string>(),
    deferred: noDeferrals(),
  };
  entry.callers.set(identity, caller);
  return caller;
}

function keep(values: Set<string>, value: string | undefined): void {
  if (value && values.size < MAX_KEPT) values.add(value);
}
