import type { RecordedAttempt } from '../attempt/item.ts';
import { callerIdentity } from '../cloudtrail/caller.ts';
import type { SecretId } from '../cloudtrail/secret-id.ts';
import { type CallerAttempts, longer, MAX_KEPT, type SecretAttempts } from '../notice/digest.ts';
import { type Incident, type Mute, muteOf } from './incident.ts';

/** What is known of an incident when its attempts are summed up. */
export interface Known extends Pick<Incident, 'namedAt' | 'reportedUntil' | 'mutes'> {
  /** Whether a notice has named a caller, by its {@link callerIdentity}. */
  readonly isNamed: (identity: string) => boolean;
}

type Mutable<Type> = { -readonly [Key in keyof Type]: Type[Key] };
type Caller = Mutable<CallerAttempts> & { addresses: Set<string>; sessions: Set<string> };

interface Sum {
  readonly secret: SecretId;
  readonly callers: Map<string, Caller>;
  readonly muted: Map<string, { readonly mute: Mute; count: number; news: number }>;
  ignored: number;
}

/** The attempts of one incident, summed up by secret and caller: the size goes with callers, not with attempts. */
export function sumUp({ namedAt, reportedUntil, mutes, isNamed }: Known) {
  const sums = new Map<string, Sum>();
  let isLeast = false;

  function sumOf({ secret }: RecordedAttempt): Sum {
    // Ids that look like complete ARNs of one name may be partial ones of several: what is known of them joins them again.
    const id = `${secret.accountId}/${secret.region}/${secret.name}/${secret.arn}`;
    const sum = sums.get(id) ?? { secret, callers: new Map(), muted: new Map(), ignored: 0 };
    sums.set(id, sum);
    return sum;
  }

  return {
    add(attempt: RecordedAttempt): void {
      const { recordedAt, alert, callerKey, issuerArn } = attempt;
      const isNews = alert !== 'sent' && !(reportedUntil && recordedAt <= reportedUntil);
      const mute = muteOf({ mutes }, { key: callerKey, issuerArn }, recordedAt);
      if (attempt.isIgnored) {
        if (isNews) sumOf(attempt).ignored++;
      } else if (mute) {
        const { muted } = sumOf(attempt);
        const counted = muted.get(mute.id) ?? { mute, count: 0, news: 0 };
        counted.count++;
        if (isNews) counted.news++;
        muted.set(mute.id, counted);
      } else {
        addTo(sumOf(attempt).callers, attempt, isNews, isNamed);
      }
    },

    /** There was no time to read all. */
    stop(): void {
      isLeast = true;
    },

    attempts: (): SecretAttempts[] =>
      [...sums.values()].map(({ secret, callers, muted, ignored }) => ({
        secret,
        callers: byFirst(callers),
        ignored,
        isNew: namedAt === undefined,
        isLeast,
        muted: [...muted.values()].map(({ mute: { by, reason, until }, count, news }) => ({
          by,
          reason,
          until,
          count,
          news,
        })),
      })),
  };
}

/** In the order in which they first read the secret; attempts are read the latest first. */
function byFirst(callers: ReadonlyMap<string, Caller>): Map<string, Caller> {
  const earliest = [...callers].reverse();
  return new Map(earliest.sort(([, a], [, b]) => a.first.getTime() - b.first.getTime()));
}

function addTo(
  callers: Map<string, Caller>,
  { callerKey, callerName, time, sourceAddress, session }: RecordedAttempt,
  isNews: boolean,
  isNamed: Known['isNamed'],
): void {
  const identity = callerIdentity(callerKey);
  const caller = callers.get(identity) ?? {
    callerKey,
    callerName,
    isNew: !isNamed(identity),
    count: 0,
    news: 0,
    first: time,
    last: time,
    addresses: new Set<string>(),
    sessions: new Set<string>(),
  };
  callers.set(identity, caller);
  caller.count++;
  if (isNews) caller.news++;
  if (time < caller.first) caller.first = time;
  if (time > caller.last) caller.last = time;
  caller.callerKey = longer(caller.callerKey, callerKey);
  keep(caller.addresses, sourceAddress);
  keep(caller.sessions, session);
}

function keep(values: Set<string>, value: string | undefined): void {
  if (value && values.size < MAX_KEPT) values.add(value);
}
