import { type Attempt, readAttempt } from '../../lib/attempt/attempt.ts';
import { attemptItem, attemptKey, readAttemptItem } from '../../lib/attempt/item.ts';
import type { Key } from '../../lib/aws/table.ts';
import { callerIdentity } from '../../lib/cloudtrail/caller.ts';
import { API_CALL, type CloudTrailEvent, SECRETS_MANAGER } from '../../lib/cloudtrail/record.ts';
import {
  completedBy,
  isAmbiguous,
  isSameSecret,
  type SecretId,
} from '../../lib/cloudtrail/secret-id.ts';
import type { Action } from '../../lib/deletion/auto-cancel.ts';
import { type Change, type Deletion, readChange } from '../../lib/deletion/change.ts';
import { type Lookup, outOfSight } from '../../lib/deletion/describe.ts';
import { farEnd, nearEnd, type Severity } from '../../lib/deletion/schedule.ts';
import { assess, knownArn, type SecretState } from '../../lib/deletion/secret-state.ts';
import { isDrill } from '../../lib/drill.ts';
import { NotifierError } from '../../lib/errors.ts';
import { shareOf } from '../../lib/incident/budget.ts';
import { isIgnoredBy, MAX_ALERTS } from '../../lib/incident/gate.ts';
import type { LastCall } from '../../lib/incident/incident.ts';
import { sumUp } from '../../lib/incident/news.ts';
import { pairKey } from '../../lib/incident/pairs.ts';
import { OVER_AFTER_MS } from '../../lib/incident/plan.ts';
import {
  type DigestNotice,
  digestNotice,
  type KnownAttempts,
  lastAttemptOn,
  type SecretAttempts,
  type SecretNews,
} from '../../lib/notice/digest.ts';
import type { DigestMail } from '../../lib/notice/mail/digest.ts';
import type { Mail } from '../../lib/notice/mail/mail.ts';
import { renderMail, renderNotice } from '../../lib/notice/mail/render.ts';
import { alertNotice, announcementNotice } from '../../lib/notice/notice.ts';
import { taggedBy } from '../../lib/notice/tags.ts';
import { identifier } from '../../lib/text.ts';
import { addDays, formatUtc, HOUR_MS } from '../../lib/time.ts';
import { defaultOf } from '../../stack/settings.ts';
import { createIncidents } from './incidents.ts';
import { type Given, lookUp, lookUpAtHome, stackOf } from './lookup.ts';
import type { Found } from './records.ts';

/** The inputs of the mails besides the records. */
export interface View extends Given {
  /** Further DeleteSecret calls, not among the records. */
  readonly deletions: readonly Deletion[];
  /** The patterns of the setting; `undefined` if it is not to be checked. */
  readonly ignoredCallers?: readonly string[];
  /** What auto-cancel did. */
  readonly action: Action;
  /** Absent: when the service would send each mail. */
  readonly now?: Date;
}

/** The outcome of a record. `ignoredBy`: the pattern that ignores the caller; `null` if none does. */
export type Outcome =
  | { readonly alert: Mail & { readonly severity: Severity }; readonly ignoredBy?: null }
  | { readonly announcement: Mail }
  | { readonly alert: null; readonly reason: string; readonly ignoredBy?: string };

/** The outcomes of several records. `digest`: of the deferred attempts; empty if there are none. `crowded`: as of {@link NoticeOutcome}. */
export interface Outcomes {
  readonly records: readonly Outcome[];
  readonly digest: readonly Mail[];
  readonly crowded?: string;
}

/** The mails of a notice. `reasons`: why it names a secret not, half a sentence each. */
export interface NoticeOutcome {
  readonly mails: readonly Mail[];
  readonly reasons: readonly string[];
  /** If the records cause more alerts than an hour has room for: how many are sent, as sentences. */
  readonly crowded?: string;
}

/** The kinds of notices on incidents. */
export const KINDS = ['opened', 'digest', 'last-call', 'over', 'resolved', 'gone'] as const;
export type Kind = (typeof KINDS)[number];

const TAG_KEYS = { owner: defaultOf('ownerTagKeys'), replacement: defaultOf('replacementTagKeys') };

type Reading =
  | { readonly attempt: Attempt }
  | { readonly change: Change }
  | { readonly reason: string };

/** What happened to secrets up to a time, the newest last: changes, and what auto-cancel would have restored. */
type Past = (Change | { readonly kind: 'auto-cancel'; readonly secret: SecretId })[];

/** An attempt that was recorded: it was alerted, deferred, or made by an ignored caller. */
interface Told {
  readonly attempt: Attempt;
  readonly fate: 'opened' | 'alerted' | 'deferred' | 'ignored';
  /** The partition of its incident, and its caller there. */
  readonly pair: Key;
  /** Whether an alert has named its caller. */
  readonly isNamed: boolean;
  /** That of one that had an alert. */
  readonly alert?: Mail;
}

/** What happened by the records. */
interface Play {
  readonly records: readonly Outcome[];
  readonly told: readonly Told[];
  readonly past: Past;
}

/**
 * The mails that the service sends of these records when they reach it in the order of their times, as if there were always
 * budget: an alert for the first attempt on a secret and for further callers while there are few, a digest of all others, and, if
 * `announceDeletions` is set, an announcement for each deletion and restore.
 */
export function mailsOf(found: readonly Found[], view: View, now: Date): Outcomes {
  const { records, told, past } = play(found, view, now);
  const { mails } = digestOf('digest', told, past, view, now);
  return { records, digest: mails, crowded: crowdedIn(told) };
}

/**
 * The mails of a notice of a kind on the incidents of these records: of all their attempts, in a digest of those that had no
 * alert.
 * @returns no mail if there is no attempt that anything reports, or of no secret that it can be sent for.
 */
export function noticeOf(
  found: readonly Found[],
  kind: Kind,
  view: View,
  now: Date,
): NoticeOutcome {
  const { told, past } = play(found, view, now);
  if (kind !== 'opened') return digestOf(kind, told, past, view, now);
  const opened = told.filter(({ fate }) => fate === 'opened');
  const mails = opened.flatMap(({ alert }) => alert ?? []);
  return { mails, reasons: [], crowded: crowdedIn(opened) };
}

/** What the budget would leave to digests, where an hour of the clock has more alerts than that lets out at once. */
function crowdedIn(told: readonly Told[]): string | undefined {
  // What auto-cancel has restored is mailed whatever the budget.
  const alerts = told.filter(({ alert }) => alert && alert.attributes.action !== 'restored');
  const hours = Map.groupBy(alerts, ({ attempt }) => Math.floor(attempt.time.getTime() / HOUR_MS));
  const most = Math.max(0, ...[...hours.values()].map((ofHour) => ofHour.length));
  const maxMailsPerHour = defaultOf('maxMailsPerHour');
  const room = shareOf('opened', { maxMailsPerHour });
  if (most <= room) return undefined;
  return `Shown as if there were always budget: ${most} alerts in one hour, of which maxMailsPerHour=${maxMailsPerHour} lets ${room} out at once, less after other mails. Digests name the others, each secret within ten minutes.`;
}

function play(found: readonly Found[], view: View, now: Date): Play {
  const readings = found.map((item) => readOne(item, now));
  const changes = [...view.deletions, ...readings.flatMap(changeIn)];
  const given = view.deletions.map((change) => ({ change, isGiven: true }));
  const outcomes = new Map<Reading, Outcome>();
  const past: Past = [];
  const told: Told[] = [];
  const incidents = createIncidents();
  const known = new Set<string>();

  const outcomeOf = (read: Attempt): Outcome => {
    const attempt = settled(read, past, changes, view, now);
    const id = JSON.stringify(attemptKey(attempt));
    const isNew = !known.has(id);
    known.add(id);
    const pattern = ignoredBy(attempt, view);
    if (pattern !== undefined) {
      if (isNew) told.push({ attempt, fate: 'ignored', pair: pairKey(attempt), isNamed: false });
      const reason = `the caller ${attempt.caller.key} matches ${pattern} of ignoredCallers; digests count it`;
      return { alert: null, reason, ignoredBy: pattern };
    }
    if (!isNew) return { alert: null, reason: REPEATED };
    const admission = incidents.admit(attempt);
    const { kind, key: pair } = admission;
    if (kind !== 'alert') {
      told.push({ attempt, fate: 'deferred', pair, isNamed: kind === 'known' });
      return { alert: null, reason: kind === 'known' ? FURTHER : UNNAMED };
    }
    const { outcome, alert, action } = alertOn(attempt, past, changes, view);
    const fate = admission.opens ? 'opened' : 'alerted';
    told.push({ attempt, fate, pair, isNamed: true, alert });
    if (action.kind === 'restored') past.push({ kind: 'auto-cancel', secret: attempt.secret });
    return outcome;
  };

  const announce = (change: Change): Outcome => {
    const key = JSON.stringify([change.kind, change.requestedAt, change.id]);
    const isNew = !known.has(key);
    known.add(key);
    if (isDrill(change.secret.name)) return { alert: null, reason: 'drills are not announced' };
    if (!isNew) return { alert: null, reason: 'the same call, delivered again' };
    const lookup = lookUpAtHome(change.secret, view);
    const at = view.now ?? change.requestedAt;
    const notice = announcementNotice(change, lookup, TAG_KEYS, at);
    return { announcement: renderMail(notice, stackOf(view)) };
  };

  for (const reading of [...given, ...readings].sort(byTime)) {
    if ('change' in reading) {
      past.push(reading.change);
      if (reading.change.kind === 'deletion') incidents.renew(reading.change.secret);
    }
    if ('isGiven' in reading) continue;
    if ('attempt' in reading) outcomes.set(reading, outcomeOf(reading.attempt));
    else if ('change' in reading) outcomes.set(reading, announce(reading.change));
    else outcomes.set(reading, { alert: null, reason: reading.reason });
  }
  const records = readings.map((reading) => outcomes.get(reading) as Outcome);
  return { records, told, past };
}

const FURTHER = 'a further attempt of a caller that an alert has named; it is in the digest';
const UNNAMED = `a further caller, after ${MAX_ALERTS} alerts of its incident; it is in the digest`;
const REPEATED = 'the same attempt, delivered again';

/**
 * The records may be in any order: look-ups print the newest first. CloudTrail's times are whole seconds; an attempt
 * that failed in the second of a change was after the deletion, and before the restore.
 */
function byTime(one: Reading, other: Reading): number {
  const [[time, rank], [otherTime, otherRank]] = [timeOf(one), timeOf(other)];
  return time - otherTime || rank - otherRank;
}

function timeOf(reading: Reading): readonly [time: number, rank: number] {
  if ('attempt' in reading) return [reading.attempt.time.getTime(), 1];
  if (!('change' in reading)) return [0, 0];
  return [reading.change.requestedAt.getTime(), reading.change.kind === 'deletion' ? 0 : 2];
}

function readOne({ event, fault }: Found, now: Date): Reading {
  if (!event) return { reason: fault };
  if (!isChange(event)) return readAttempt(event, now);
  try {
    const change = readChange(event);
    if (!change) return { reason: `the ${event.detail.eventName} failed, and so changed nothing` };
    return { change };
  } catch (error) {
    if (!(error instanceof NotifierError)) throw error;
    return { reason: error.message.replace(/\.$/, '') };
  }
}

function isChange({ detail, ...envelope }: CloudTrailEvent): boolean {
  return (
    envelope['detail-type'] === API_CALL &&
    detail.eventSource === SECRETS_MANAGER &&
    (detail.eventName === 'DeleteSecret' || detail.eventName === 'RestoreSecret')
  );
}

/** The deletions among records. */
export function deletionsIn(found: readonly Found[], now: Date): Deletion[] {
  const changes = found.map((item) => readOne(item, now)).flatMap(changeIn);
  return changes.filter((change) => change.kind === 'deletion');
}

function changeIn(reading: Reading): Change[] {
  return 'change' in reading ? [reading.change] : [];
}

/** The pattern by which the gate ignores the caller. */
function ignoredBy(attempt: Attempt, { ignoredCallers = [] }: View): string | undefined {
  return ignoredCallers.find((pattern) => isIgnoredBy({ ignoredCallers: [pattern] }, attempt));
}

/** An attempt on the secret that is meant by an ambiguous id, as `notify` finds out. */
function settled(
  attempt: Attempt,
  past: Past,
  changes: readonly Change[],
  view: View,
  now: Date,
): Attempt {
  if (!isAmbiguous(attempt.secret)) return attempt;
  const { arn } = stateOf(attempt, past, view, now, changes);
  return { ...attempt, secret: completedBy(attempt.secret, arn) };
}

function alertOn(attempt: Attempt, past: Past, changes: readonly Change[], view: View) {
  const now = view.now ?? attempt.time;
  const { lookup, state, isAutoCancelled } = stateOf(attempt, past, view, now, changes);
  // There is one restore for a deletion.
  const isActed = !isAutoCancelled && !isDrill(attempt.secret.name);
  const action: Action = isActed ? view.action : { kind: 'none' };
  const notice = alertNotice({ attempt, state, action, perhapsByUs: false, now }, lookup, TAG_KEYS);
  const alert = { ...renderMail(notice, stackOf(view)), severity: notice.severity };
  const outcome: Outcome = view.ignoredCallers ? { alert, ignoredBy: null } : { alert };
  return { outcome, alert, action };
}

/**
 * How a secret stands after what is past. `arn`: its complete ARN, where DescribeSecret or a change knows it.
 * `changes`: later ones too, of which DescribeSecret may tell already.
 */
function stateOf(
  asked: Pick<Attempt, 'secret' | 'time'>,
  past: Past,
  view: View,
  now: Date,
  changes: readonly Change[] = [],
) {
  const isOwn = ({ secret }: Pick<Change, 'secret'>) => isSameSecret(secret, asked.secret);
  const isChange = (one: Past[number]) => one.kind !== 'auto-cancel';
  const own = past.filter(isOwn);
  const change =
    own.filter(isChange).at(-1) ??
    changes.findLast((later) => later.kind === 'deletion' && isOwn(later));
  const isOther = !change && view.deletions.length > 0;
  const missing = isOther ? 'The DeleteSecret given is of another secret.' : undefined;
  const answer = lookUp(asked.secret, view);
  const isRestored = change?.kind === 'cancellation' && change.requestedAt >= asked.time;
  // What DescribeSecret says may be from before a restore among the records.
  const lookup: Lookup =
    answer.kind === 'found' && isRestored
      ? { ...answer, secret: { ...answer.secret, deletedDate: undefined } }
      : answer;
  const arn = knownArn(lookup, { change });
  const isAutoCancelled =
    own.findLast(({ kind }) => kind !== 'cancellation')?.kind === 'auto-cancel';
  const state: SecretState = isAutoCancelled
    ? { state: 'restored' }
    : assess(asked, lookup, now, { change, missing });
  return { lookup, state, arn, isAutoCancelled };
}

/** The mails of a notice on the secrets of attempts, those of drills apart; none if all callers are ignored. */
function digestOf(
  kind: DigestNotice['kind'],
  told: readonly Told[],
  past: Past,
  view: View,
  now: Date,
): NoticeOutcome {
  const all = sums(told, kind).filter(({ callers }) => callers.size > 0);
  if (all.length === 0) return { mails: [], reasons: [] };
  const known = (until: Past, at?: Date) =>
    all.map((secret) => {
      const attempt = { secret: secret.secret, time: lastAttemptOn(secret) };
      const stands = stateOf(attempt, until, view, at ?? attempt.time);
      const state = ofKind(kind, stands.state, secret.secret, past);
      // The time is up of what nobody can look up alone: else AWS is asked whether it is gone.
      const isUnseen = kind === 'over' && !view.home;
      const { accountId, region } = secret.secret;
      const { place } = isUnseen ? outOfSight({ accountId, region }) : stands.lookup;
      return { ...secret, elsewhere: place, state, arn: stands.arn, stands };
    });
  const deletions = past.filter((one) => one.kind === 'deletion');
  const time = view.now ?? timeOfKind(kind, known(deletions), now);
  // By then nothing has been restored that is restored later.
  const until = past.filter((one) => one.kind !== 'cancellation' || one.requestedAt <= time);
  const judged = known(until, time).map((one) => ({ one, reason: reasonAgainst(kind, one, time) }));
  const reasons = judged.flatMap(({ reason }) => reason ?? []);
  const shown = judged.filter(({ reason }) => !reason).map(({ one }) => one);
  if (shown.length === 0) return { mails: [], reasons };
  const notice = digestNotice(kind, shown, time);
  const secrets = notice.secrets.map((news) => withTags(news, view));
  return { mails: partsOf({ ...notice, secrets }, view), reasons };
}

/** Why the service sends no notice of a kind on a secret at a time, if so, as half a sentence. */
function reasonAgainst(
  kind: DigestNotice['kind'],
  {
    secret,
    elsewhere,
    stands,
  }: Pick<KnownAttempts, 'secret' | 'elsewhere'> & { stands: ReturnType<typeof stateOf> },
  time: Date,
): string | undefined {
  const { state, isAutoCancelled } = stands;
  const name = secret.name ? identifier(secret.name) : 'a secret without a name';
  if (kind === 'digest' || (kind === 'resolved' && !isAutoCancelled)) return undefined;
  if (isAutoCancelled) return `${name} was restored by auto-cancel, as its alert says`;
  if (state.state === 'restored') {
    const { cancellation } = state;
    return `${name} was restored${cancellation ? ` on ${formatUtc(cancellation.requestedAt)}` : ''}`;
  }
  if (kind === 'over' && !elsewhere?.notLookedUp) {
    return `${name} can be looked up, so that AWS tells whether it is gone`;
  }
  if (kind !== 'last-call' || state.state !== 'pending') return undefined;
  const end = farEnd(state.schedule);
  return end <= time ? `the time of ${name} was up on ${formatUtc(end)}` : undefined;
}

/** The service looks up the tags of what is pending, where it can. */
function withTags(news: SecretNews, view: View): SecretNews {
  if (news.elsewhere?.notLookedUp) return news;
  const lookup = lookUp(news.secret, view);
  if (lookup.kind !== 'found' || news.state.state !== 'pending') return news;
  return { ...news, tagged: taggedBy(lookup.secret.tags, TAG_KEYS) };
}

/** The attempts by secret: in a digest those that had no alert, in any other notice all, as if digests had reported them. */
function sums(told: readonly Told[], kind: DigestNotice['kind']): SecretAttempts[] {
  const listed = told.filter(({ attempt }) => !isDrill(attempt.secret.name));
  const incidents = Map.groupBy(listed, ({ pair }) => pair.pk);
  return [...incidents.values()].flatMap((own) => {
    const named = own.filter(({ isNamed }) => isNamed);
    const callers = new Set(named.map(({ attempt }) => callerIdentity(attempt.caller.key)));
    const sum = sumUp({
      namedAt: named[0]?.attempt.time,
      mutes: [],
      isNamed: (identity) => callers.has(identity),
    });
    for (const { attempt, fate } of own) {
      const isAlerted = fate === 'opened' || fate === 'alerted';
      if (isAlerted && kind === 'digest') continue;
      const alertedAt = kind === 'digest' ? undefined : attempt.time.toISOString();
      const item = {
        ...attemptItem(attempt, attempt.time),
        alertedAt,
        ignored: fate === 'ignored',
      };
      const recorded = readAttemptItem(item);
      if (recorded) sum.add(recorded);
    }
    return sum.attempts();
  });
}

/** How the secret would stand for a notice of the kind. */
function ofKind(
  kind: DigestNotice['kind'],
  state: SecretState,
  secret: SecretId,
  past: Past,
): SecretState {
  const own = past.filter((one) => isSameSecret(one.secret, secret));
  if (kind === 'resolved') {
    const cancellation = own.findLast((change) => change.kind === 'cancellation');
    return { state: 'restored', cancellation };
  }
  const deletion = own.findLast((change) => change.kind === 'deletion');
  return kind === 'gone' ? { state: 'gone', deletion } : state;
}

/** How many days before the end a last call is shown. */
const SHOWN_LAST_CALL: LastCall = 2;

/** When the service would send it, if that is known: a last call near the end, what reports the end not before it. */
function timeOfKind(kind: DigestNotice['kind'], known: readonly KnownAttempts[], now: Date): Date {
  if (kind === 'digest') {
    return new Date(Math.max(...known.map((one) => lastAttemptOn(one).getTime())) + HOUR_MS);
  }
  const ends = known.flatMap(({ state }) => {
    if (state.state === 'pending') return [nearEnd(state.schedule).getTime()];
    return state.state === 'gone' && state.deletion ? [state.deletion.date.getTime()] : [];
  });
  if (ends.length === 0) return now;
  if (kind === 'last-call') return addDays(new Date(Math.min(...ends)), -SHOWN_LAST_CALL);
  if (kind === 'over') return new Date(Math.max(...ends) + OVER_AFTER_MS.elsewhere);
  return kind === 'gone' ? new Date(Math.max(now.getTime(), ...ends)) : now;
}

/** The mails of a notice: more than one if one would be too large. */
function partsOf(notice: DigestNotice, view: View): Mail[] {
  const mails: Mail[] = [];
  const stack = stackOf(view, notice.secrets.find(({ elsewhere }) => !elsewhere)?.secret);
  for (let left: DigestNotice | undefined = notice; left; ) {
    const { mail, rest }: DigestMail = renderNotice(left, stack);
    mails.push(mail);
    left = rest;
  }
  return mails;
}
