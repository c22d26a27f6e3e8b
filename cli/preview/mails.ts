import { type Attempt, readAttempt } from '../../lib/attempt/attempt.ts';
import { attemptItem, attemptKey, readAttemptItem } from '../../lib/attempt/item.ts';
import { API_CALL, type CloudTrailEvent, SECRETS_MANAGER } from '../../lib/cloudtrail/record.ts';
import { isSameSecret, type SecretId } from '../../lib/cloudtrail/secret-id.ts';
import type { Action } from '../../lib/deletion/auto-cancel.ts';
import { type Change, type Deletion, readChange } from '../../lib/deletion/change.ts';
import { about, type Lookup } from '../../lib/deletion/describe.ts';
import type { Severity } from '../../lib/deletion/schedule.ts';
import { assess, knownArn, type SecretState } from '../../lib/deletion/secret-state.ts';
import { isDrill } from '../../lib/drill.ts';
import { NotifierError } from '../../lib/errors.ts';
import { addAttempt, type Digest, emptyDigest } from '../../lib/incident/digest.ts';
import { isIgnoredBy } from '../../lib/incident/gate.ts';
import type { Mail } from '../../lib/notice/mail/mail.ts';
import { renderMail } from '../../lib/notice/mail/render.ts';
import { alertNotice, announcementNotice } from '../../lib/notice/notice.ts';
import { lastAttemptOn, summaryNotice } from '../../lib/notice/summary.ts';
import { defaultOf } from '../../stack/settings.ts';
import { createQuietWindows } from './quiet-windows.ts';
import type { Found } from './records.ts';

/** The inputs of the mails besides the records. */
export interface View {
  /** What DescribeSecret says. */
  readonly described: Lookup;
  /** Further DeleteSecret calls, not among the records. */
  readonly deletions: readonly Deletion[];
  /** The patterns of the setting; `undefined` if it is not to be checked. */
  readonly ignoredCallers?: readonly string[];
  /** What auto-cancel did. */
  readonly action: Action;
  readonly now: Date;
}

/** The outcome of a record. `ignoredBy`: the pattern that ignores the caller; `null` if none does. */
export type Outcome =
  | { readonly alert: Mail & { readonly severity: Severity }; readonly ignoredBy?: null }
  | { readonly announcement: Mail }
  | { readonly alert: null; readonly reason: string; readonly ignoredBy?: string };

/** The outcomes of several records. `summary`: of the deferred attempts. */
export interface Outcomes {
  readonly records: readonly Outcome[];
  readonly summary?: Mail;
}

const TAG_KEYS = { owner: defaultOf('ownerTagKeys'), replacement: defaultOf('replacementTagKeys') };

type Reading =
  | { readonly attempt: Attempt }
  | { readonly change: Change }
  | { readonly reason: string };

/** What happened to secrets up to a time, the newest last: changes, and what auto-cancel would have restored. */
type Past = (Change | { readonly kind: 'auto-cancel'; readonly secret: SecretId })[];

/**
 * The mails that the service sends of these records when they reach it in the order of their times: an alert for the
 * first attempt of a caller on a secret, a summary of those in its quiet window, and, if `announceDeletions` is set, an
 * announcement for each deletion and restore.
 */
export function mailsOf(found: readonly Found[], view: View): Outcomes {
  const readings = found.map((item) => readOne(item, view.now));
  const changes = [...view.deletions, ...readings.flatMap(changeIn)];
  const given = view.deletions.map((change) => ({ change, isGiven: true }));
  const outcomes = new Map<Reading, Outcome>();
  const past: Past = [];
  const quietWindows = createQuietWindows();
  const digest = emptyDigest();
  const known = new Set<string>();

  const outcomeOf = (attempt: Attempt): Outcome => {
    const key = JSON.stringify(attemptKey(attempt));
    const isNew = !known.has(key);
    known.add(key);
    const pattern = ignoredBy(attempt, view);
    if (pattern !== undefined) {
      if (isNew) digest.ignored = { count: digest.ignored.count + 1, isLeast: false };
      const reason = `the caller ${attempt.caller.key} matches ${pattern} of ignoredCallers; summaries count it`;
      return { alert: null, reason, ignoredBy: pattern };
    }
    if (!isNew) return { alert: null, reason: REPEATED };
    const pair = quietWindows.claim(attempt);
    if (!pair) {
      defer(digest, attempt);
      return { alert: null, reason: FURTHER };
    }
    const { outcome, ...alerted } = alertOn(attempt, past, changes, view);
    quietWindows.begin(pair, attempt, alerted);
    if (alerted.action.kind === 'restored') {
      past.push({ kind: 'auto-cancel', secret: attempt.secret });
    }
    return outcome;
  };

  const announce = (change: Change): Outcome => {
    const key = JSON.stringify([change.kind, change.requestedAt, change.id]);
    const isNew = !known.has(key);
    known.add(key);
    if (isDrill(change.secret.name)) return { alert: null, reason: 'drills are not announced' };
    if (!isNew) return { alert: null, reason: 'the same call, delivered again' };
    const lookup = about(change.secret, view.described);
    return { announcement: renderMail(announcementNotice(change, lookup, TAG_KEYS, view.now)) };
  };

  for (const reading of [...given, ...readings].sort(byTime)) {
    if ('change' in reading) {
      past.push(reading.change);
      if (reading.change.kind === 'deletion') quietWindows.end(reading.change.secret);
    }
    if ('isGiven' in reading) continue;
    if ('attempt' in reading) outcomes.set(reading, outcomeOf(reading.attempt));
    else if ('change' in reading) outcomes.set(reading, announce(reading.change));
    else outcomes.set(reading, { alert: null, reason: reading.reason });
  }
  const records = readings.map((reading) => outcomes.get(reading) as Outcome);
  return { records, summary: summaryOf(digest, past, view) };
}

const FURTHER =
  'a further attempt of its caller on its secret within the quiet window; it is in the summary';
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

function alertOn(attempt: Attempt, past: Past, changes: readonly Change[], view: View) {
  const { now } = view;
  const { lookup, state, arn, isAutoCancelled } = stateOf(attempt, past, view, changes);
  // There is one restore for a deletion.
  const isActed = !isAutoCancelled && !isDrill(attempt.secret.name);
  const action: Action = isActed ? view.action : { kind: 'none' };
  const notice = alertNotice({ attempt, state, action, perhapsByUs: false, now }, lookup, TAG_KEYS);
  const alert = { ...renderMail(notice), severity: notice.severity };
  const outcome: Outcome = view.ignoredCallers ? { alert, ignoredBy: null } : { alert };
  return { outcome, state, action, arn };
}

/**
 * How a secret stands after what is past. `arn`: its complete ARN, where DescribeSecret or a change knows it.
 * `changes`: later ones too, of which DescribeSecret may tell already.
 */
function stateOf(
  asked: Pick<Attempt, 'secret' | 'time'>,
  past: Past,
  { described, deletions, now }: View,
  changes: readonly Change[] = [],
) {
  const isOwn = ({ secret }: Pick<Change, 'secret'>) => isSameSecret(secret, asked.secret);
  const isChange = (one: Past[number]) => one.kind !== 'auto-cancel';
  const own = past.filter(isOwn);
  const change =
    own.filter(isChange).at(-1) ??
    changes.findLast((later) => later.kind === 'deletion' && isOwn(later));
  const isOther = !change && deletions.length > 0;
  const missing = isOther ? 'The DeleteSecret given is of another secret.' : undefined;
  const lookup = about(asked.secret, described);
  const arn = knownArn(lookup, { change });
  const isAutoCancelled =
    own.findLast(({ kind }) => kind !== 'cancellation')?.kind === 'auto-cancel';
  const state: SecretState = isAutoCancelled
    ? { state: 'restored' }
    : assess(asked, lookup, now, { change, missing });
  return { lookup, state, arn, isAutoCancelled };
}

function defer(digest: Digest, attempt: Attempt): void {
  const recorded = readAttemptItem({ ...attemptItem(attempt), heldBack: 'quiet-window' });
  if (recorded) addAttempt(digest, recorded);
}

function summaryOf(digest: Digest, past: Past, view: View): Mail | undefined {
  if (digest.attempts === 0) return undefined;
  const secrets = [...digest.secrets.values()].map((secret) => {
    const attempt = { secret: secret.secret, time: lastAttemptOn(secret) };
    const { state, arn } = stateOf(attempt, past, view);
    return { ...secret, state, arn };
  });
  return renderMail(summaryNotice(digest, secrets, view.now));
}
