import { completedBy, lookupId, type SecretId } from '../cloudtrail/secret-id.ts';
import type { Elsewhere } from '../deletion/describe.ts';
import { mostUrgent, type Severity, severityOf, urgency } from '../deletion/schedule.ts';
import type { SecretState } from '../deletion/secret-state.ts';
import { goneRemedy, type Remedy, remedyOf } from './commands.ts';
import type { Tagged } from './tags.ts';

/**
 * What one message reports of several incidents. `digest`: what no other notice has reported; `last-call`: the end nears;
 * `over`: it has passed, and nobody can tell whether the secret is gone; `resolved`: restored; `gone`: deleted for good although
 * it was wanted.
 */
export interface DigestNotice {
  readonly kind: 'digest' | 'last-call' | 'over' | 'resolved' | 'gone';
  readonly severity: Severity;
  /** First those that nothing has named, then those with a new caller; of each the soonest deletion first. */
  readonly secrets: readonly SecretNews[];
  /** Those of which all attempts are muted, and which cause no notice: a line each. */
  readonly mutedSecrets: readonly SecretNews[];
  /** Whether an earlier message had no room for these. */
  readonly isContinued?: boolean;
  readonly now: Date;
}

/** The attempts on a secret that a notice reports, and how the secret stands. */
export interface SecretNews extends SecretAttempts {
  /** `not-looked-up`: there was no time to find out. */
  readonly state: SecretState | { readonly state: 'not-looked-up' };
  /** Where the secret is, if not where the stack is. */
  readonly elsewhere?: Elsewhere;
  /** What to do if the secret is still needed; absent where nothing can be done, or need be. */
  readonly remedy?: Remedy;
  /** What its tags say, if they were looked up. */
  readonly tagged?: Tagged;
  /** What it was made from: one secret may have been read under several forms of its id. */
  readonly forms: readonly SecretAttempts[];
}

/** The attempts on a secret, summed up. Their size goes with callers, not with attempts. */
export interface SecretAttempts {
  readonly secret: SecretId;
  /** Whether no notice has named the secret yet. */
  readonly isNew: boolean;
  /** By what identifies the caller; those of mutes and of ignored callers are counted apart. */
  readonly callers: Map<string, CallerAttempts>;
  readonly muted: readonly MutedAttempts[];
  readonly ignored: number;
  /** Whether there was no time to count all. */
  readonly isLeast: boolean;
}

/** A caller's attempts on a secret. */
export interface CallerAttempts {
  /** As the attribute `caller` of an alert has it: with a role's path, if any record told it. */
  readonly callerKey: string;
  readonly callerName: string;
  /** Whether no notice has named the caller of this secret yet. */
  readonly isNew: boolean;
  /** In a digest those of no other notice; in the other kinds all since the incident opened. */
  readonly count: number;
  /** Those that no other notice has reported: in a digest all. */
  readonly news: number;
  readonly first: Date;
  readonly last: Date;
  /** Not all, if there are {@link MAX_KEPT}; so the sessions. */
  readonly addresses: ReadonlySet<string>;
  /** What tells apart those who share the caller: sessions, functions or people behind a role. */
  readonly sessions: ReadonlySet<string>;
}

/** Attempts that somebody muted. */
export interface MutedAttempts {
  readonly by: string;
  readonly reason: string;
  readonly until?: Date;
  /** As of a caller: in a digest those of no other notice; in the other kinds all since the incident opened. */
  readonly count: number;
  readonly news: number;
}

/** How many secrets of a notice are reported in detail; the others in a line each. */
export const MAX_DETAILED = 12;

/** How many addresses, and how many sessions, of a caller on a secret are kept to be named and counted. */
export const MAX_KEPT = 100;

/** The attempts on a secret, and how it stands; `arn`: its complete ARN, if known. */
export interface KnownAttempts extends SecretAttempts {
  readonly state: SecretNews['state'];
  readonly elsewhere?: Elsewhere;
  readonly arn?: string;
}

/** The notice of attempts on secrets whose states are known. */
export function digestNotice(
  kind: DigestNotice['kind'],
  known: readonly KnownAttempts[],
  now: Date,
): DigestNotice {
  const all = joinForms(known).sort(
    (a, b) => newsRank(a) - newsRank(b) || urgencyIn(a.state, now) - urgencyIn(b.state, now),
  );
  const secrets = all.filter((news) => !isAllMuted(news));
  const mutedSecrets = all.filter(isAllMuted);
  return { kind, severity: severityOfAll(kind, secrets, now), secrets, mutedSecrets, now };
}

/** Whether all attempts on a secret that a notice could report are muted. */
export function isAllMuted(attempts: SecretAttempts): boolean {
  return attempts.callers.size === 0 && mutedOf(attempts) > 0;
}

/** All attempts of a notice on a secret, those of mutes and of ignored callers included. */
export function attemptsOf(attempts: SecretAttempts): number {
  return reportedOf(attempts) + mutedOf(attempts) + attempts.ignored;
}

/** The attempts of callers that are neither muted nor ignored. */
export function reportedOf({ callers }: Pick<SecretAttempts, 'callers'>): number {
  return sum([...callers.values()].map(({ count }) => count));
}

/** Those of {@link reportedOf} that no other notice has reported. */
export function newsOf({ callers }: Pick<SecretAttempts, 'callers'>): number {
  return sum([...callers.values()].map(({ news }) => news));
}

/** The attempts that somebody muted. */
export function mutedOf({ muted }: Pick<SecretAttempts, 'muted'>): number {
  return sum(muted.map(({ count }) => count));
}

const sum = (counts: readonly number[]) => counts.reduce((total, count) => total + count, 0);

/** When a secret was last read, as far as its callers tell. */
export function lastAttemptOn({ callers }: Pick<SecretAttempts, 'callers'>): Date {
  return [...callers.values()].reduce(
    (latest, { last }) => (last > latest ? last : latest),
    new Date(0),
  );
}

/** A role's ARN with its path is the longer one of the two forms in which records name it. */
export const longer = (one: string, other: string) => (other.length > one.length ? other : one);

/** Secrets that nothing has named come first, then those with a caller that nothing has named. */
function newsRank(attempts: SecretAttempts): number {
  if (attempts.isNew) return 0;
  return isFirstNaming(attempts) ? 1 : 2;
}

/** Whether nothing has named the secret yet, or one of its callers. */
export function isFirstNaming({ isNew, callers }: SecretAttempts): boolean {
  return isNew || [...callers.values()].some((caller) => caller.isNew);
}

/** By which secrets are sorted, in ms; what is not known, or nothing can be done about, comes last. */
function urgencyIn(known: SecretNews['state'], now: Date): number {
  if (known.state === 'pending') return urgency(known.schedule, now);
  return Number.MAX_SAFE_INTEGER - ['restored', 'gone', 'not-looked-up'].indexOf(known.state);
}

function severityOfAll(
  kind: DigestNotice['kind'],
  secrets: readonly SecretNews[],
  now: Date,
): Severity {
  if (kind === 'gone') return 'critical';
  return mostUrgent(secrets.map(({ state }) => severityIn(kind, state, now)));
}

/** How urgent it is what a notice reports of one secret. */
export function severityIn(
  kind: DigestNotice['kind'],
  known: SecretNews['state'],
  now: Date,
): Severity {
  if (kind === 'gone') return 'critical';
  if (kind === 'resolved') return 'notice';
  if (known.state === 'pending') return severityOf(known.schedule, now);
  return known.state === 'not-looked-up' ? 'warning' : 'notice';
}

/** Each secret once, by its complete ARN where that is known, in the order in which they first come. */
function joinForms(known: readonly KnownAttempts[]): SecretNews[] {
  const joined = new Map<unknown, SecretNews>();
  for (const form of known) {
    const secret = completedBy(form.secret, form.arn);
    const one = { ...newsOfForm(form, secret), forms: [form] };
    const id = secret.arn ?? one;
    const same = joined.get(id);
    joined.set(id, same ? joinTwo(same, one) : one);
  }
  return [...joined.values()];
}

function newsOfForm(form: KnownAttempts, secret: SecretId) {
  const { isNew, callers, muted, ignored, isLeast, state, elsewhere } = form;
  const target = targetOf({ secret, elsewhere });
  const remedy = remedyIn(state, target);
  return { secret, isNew, callers, muted, ignored, isLeast, state, elsewhere, remedy };
}

function remedyIn(known: SecretNews['state'], target: ReturnType<typeof targetOf>) {
  if (known.state === 'restored') return undefined;
  if (known.state !== 'gone') return remedyOf('restore', target);
  return goneRemedy({ ...target, replicaOf: known.deletion?.replicaOf }, known.anew);
}

/** What commands and links can name of a secret. */
export const targetOf = ({ secret, elsewhere }: Pick<SecretNews, 'secret' | 'elsewhere'>) => ({
  ...secret,
  id: lookupId(secret),
  elsewhere,
});

/** One secret under two forms of its id; it stands as it was found to after the later read. */
function joinTwo(one: SecretNews, other: SecretNews): SecretNews {
  const later = lastAttemptOn(other) > lastAttemptOn(one) ? other : one;
  return {
    ...later,
    isNew: one.isNew && other.isNew,
    callers: joinCallers(one.callers, other.callers),
    muted: joinMuted([...one.muted, ...other.muted]),
    ignored: one.ignored + other.ignored,
    isLeast: one.isLeast || other.isLeast,
    forms: [...one.forms, ...other.forms],
  };
}

function joinCallers(ours: SecretAttempts['callers'], others: SecretAttempts['callers']) {
  const callers = new Map(ours);
  for (const [key, other] of others) {
    const own = callers.get(key);
    callers.set(key, own ? joinCaller(own, other) : other);
  }
  return callers;
}

function joinCaller(one: CallerAttempts, other: CallerAttempts): CallerAttempts {
  return {
    ...one,
    callerKey: longer(one.callerKey, other.callerKey),
    isNew: one.isNew && other.isNew,
    count: one.count + other.count,
    news: one.news + other.news,
    first: one.first < other.first ? one.first : other.first,
    last: one.last > other.last ? one.last : other.last,
    addresses: new Set([...one.addresses, ...other.addresses]),
    sessions: new Set([...one.sessions, ...other.sessions]),
  };
}

/** A mute of a secret stands in the incident of each form. */
function joinMuted(muted: readonly MutedAttempts[]): MutedAttempts[] {
  const joined = new Map<string, MutedAttempts>();
  for (const one of muted) {
    const id = JSON.stringify([one.by, one.reason, one.until]);
    const same = joined.get(id);
    const [count, news] = [(same?.count ?? 0) + one.count, (same?.news ?? 0) + one.news];
    joined.set(id, { ...one, count, news });
  }
  return [...joined.values()];
}
