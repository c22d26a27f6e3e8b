import type { Deferral } from '../attempt/item.ts';
import { completedBy, lookupId, type SecretId } from '../cloudtrail/secret-id.ts';
import { type Severity, severityOf, urgency } from '../deletion/schedule.ts';
import type { SecretState } from '../deletion/secret-state.ts';
import { type Remedy, remedyOf } from './commands.ts';

/** Attempts that had no alert of their own, by secret and caller. */
export interface SummaryNotice {
  readonly kind: 'summary';
  readonly severity: Severity;
  /** First those with a caller that nothing has named, of these and of the others the soonest deletion. */
  readonly secrets: readonly SummarizedSecret[];
  readonly attempts: number;
  /** Attempts of ignored callers, which are in nothing else here; `isLeast`: there was no time to count all. */
  readonly ignored: { readonly count: number; readonly isLeast: boolean };
  readonly now: Date;
}

export interface SummarizedSecret extends SecretDigest {
  /** `not-looked-up`: there was no time to find out. */
  readonly state: SecretState | { readonly state: 'not-looked-up' };
  /** What to do if the secret is still needed; absent where nothing can be done, or need be. */
  readonly remedy?: Remedy;
}

/** The attempts on a secret. */
export interface SecretDigest {
  readonly secret: SecretId;
  /** By what identifies the caller. */
  readonly callers: Map<string, CallerDigest>;
}

/** A caller's attempts on a secret. */
export interface CallerDigest {
  /** As the attribute `caller` of an alert has it: with a role's path, if any record told it. */
  callerKey: string;
  readonly callerName: string;
  count: number;
  first: Date;
  last: Date;
  /** Not all, if there are {@link MAX_KEPT}; so the sessions. */
  readonly addresses: Set<string>;
  /** What tells apart those who share the caller, such as names of sessions. */
  readonly sessions: Set<string>;
  readonly deferred: DeferralCounts;
}

/** How many addresses, and how many sessions, of a caller on a secret are kept to be named and counted. */
export const MAX_KEPT = 100;

/** How many attempts had no alert of their own, by reason. */
export type DeferralCounts = Record<Exclude<Deferral, 'ignored'>, number>;

export function noDeferrals(): DeferralCounts {
  return { 'quiet-window': 0, budget: 0, failed: 0 };
}

export function addCounts(sum: DeferralCounts, counts: DeferralCounts): void {
  for (const kind of Object.keys(counts) as (keyof DeferralCounts)[]) sum[kind] += counts[kind];
}

/** A secret's digest, and how it stands; `arn`: its complete ARN, if known. */
interface KnownDigest extends SecretDigest {
  readonly state: SummarizedSecret['state'];
  readonly arn?: string;
}

/** The summary of all that a digest holds, whose secrets' states are known. */
export function summaryNotice(
  { attempts, ignored }: Pick<SummaryNotice, 'attempts' | 'ignored'>,
  known: readonly KnownDigest[],
  now: Date,
): SummaryNotice {
  const secrets = joinForms(known).sort(
    (a, b) => byNews(a, b) || urgencyIn(a.state, now) - urgencyIn(b.state, now),
  );
  const severity = highest(secrets.map(({ state }) => severityIn(state, now)));
  return { kind: 'summary', severity, secrets, attempts, ignored, now };
}

/** Whether, for all that is known, nothing has named this caller of its secret: a quiet window begins with an alert. */
export function isUnnamed({ deferred }: CallerDigest): boolean {
  return deferred['quiet-window'] === 0;
}

/** Secrets with a caller that nothing has named come before all others. */
export function byNews(a: SecretDigest, b: SecretDigest): number {
  const news = ({ callers }: SecretDigest) => [...callers.values()].some(isUnnamed);
  return Number(news(b)) - Number(news(a));
}

/** By which secrets are sorted, in ms; what is not known, or nothing can be done about, comes last. */
function urgencyIn(known: SummarizedSecret['state'], now: Date): number {
  if (known.state === 'pending') return urgency(known.schedule, now);
  return Number.MAX_SAFE_INTEGER - ['restored', 'gone', 'not-looked-up'].indexOf(known.state);
}

function severityIn(known: SummarizedSecret['state'], now: Date): Severity {
  if (known.state === 'pending') return severityOf(known.schedule, now);
  return known.state === 'not-looked-up' ? 'warning' : 'notice';
}

function highest(severities: readonly Severity[]): Severity {
  const order = ['critical', 'warning'] as const;
  return order.find((severity) => severities.includes(severity)) ?? 'notice';
}

/** Each secret once, by its complete ARN where that is known, in the order in which they first come. */
function joinForms(known: readonly KnownDigest[]): SummarizedSecret[] {
  const joined = new Map<unknown, SummarizedSecret>();
  for (const { arn, ...digest } of known) {
    const secret = completedBy(digest.secret, arn);
    const isDone = digest.state.state === 'restored' || digest.state.state === 'gone';
    const target = { ...secret, id: lookupId(secret) };
    const one = { ...digest, secret, remedy: isDone ? undefined : remedyOf('restore', target) };
    const id = secret.arn ?? one;
    const same = joined.get(id);
    joined.set(id, same ? joinTwo(same, one) : one);
  }
  return [...joined.values()];
}

/** One secret under two forms of its id; it stands as it was found to after the later read. */
function joinTwo(one: SummarizedSecret, other: SummarizedSecret): SummarizedSecret {
  const later = lastAttemptOn(other) > lastAttemptOn(one) ? other : one;
  return { ...later, callers: joinCallers(one.callers, other.callers) };
}

/** When a secret was last read, as far as the digest has it. */
export function lastAttemptOn({ callers }: SecretDigest): Date {
  return [...callers.values()].reduce(
    (latest, { last }) => (last > latest ? last : latest),
    new Date(0),
  );
}

function joinCallers(ours: SecretDigest['callers'], others: SecretDigest['callers']) {
  const callers = new Map(ours);
  for (const [key, other] of others) {
    const own = callers.get(key);
    callers.set(key, own ? joinCaller(own, other) : other);
  }
  return callers;
}

/** A role's ARN with its path is the longer one of the two forms in which records name it. */
export const longer = (one: string, other: string) => (other.length > one.length ? other : one);

function joinCaller(one: CallerDigest, other: CallerDigest): CallerDigest {
  const deferred = { ...one.deferred };
  addCounts(deferred, other.deferred);
  return {
    ...one,
    callerKey: longer(one.callerKey, other.callerKey),
    count: one.count + other.count,
    first: one.first < other.first ? one.first : other.first,
    last: one.last > other.last ? one.last : other.last,
    addresses: new Set([...one.addresses, ...other.addresses]),
    sessions: new Set([...one.sessions, ...other.sessions]),
    deferred,
  };
}
