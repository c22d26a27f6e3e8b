import { type Attempt, readAttempt } from '../../lib/attempt/attempt.ts';
import { attemptItem, pairKey, readAttemptItem } from '../../lib/attempt/item.ts';
import { API_CALL, type CloudTrailEvent } from '../../lib/cloudtrail/record.ts';
import { isSameSecret, type SecretId } from '../../lib/cloudtrail/secret-id.ts';
import type { Action } from '../../lib/deletion/auto-cancel.ts';
import { type Change, type Deletion, readChange } from '../../lib/deletion/change.ts';
import { about, type Lookup } from '../../lib/deletion/describe.ts';
import type { Severity } from '../../lib/deletion/schedule.ts';
import { assess, type DeletionHistory, type SecretState } from '../../lib/deletion/secret-state.ts';
import { isDrill } from '../../lib/drill.ts';
import { NotifierError } from '../../lib/errors.ts';
import { addAttempt, type Digest, emptyDigest } from '../../lib/incident/digest.ts';
import { isIgnored } from '../../lib/incident/ignored.ts';
import type { Mail } from '../../lib/notice/mail/mail.ts';
import { renderMail } from '../../lib/notice/mail/render.ts';
import { alertNotice, announcementNotice } from '../../lib/notice/notice.ts';
import { lastAttemptOn, summaryNotice } from '../../lib/notice/summary.ts';
import { MINUTE_MS } from '../../lib/time.ts';
import { defaultOf } from '../../stack/settings.ts';
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
const QUIET_WINDOW_MS = defaultOf('quietWindowMinutes') * MINUTE_MS;

type Reading =
  | { readonly attempt: Attempt }
  | { readonly change: Change }
  | { readonly reason: string };

/**
 * The mails that the service sends of these records when they reach it in the order of their times: an alert for the
 * first attempt of a caller on a secret, a summary of those in its quiet window, and, if `announceDeletions` is set, an
 * announcement for each deletion and restore.
 */
export function mailsOf(found: readonly Found[], view: View): Outcomes {
  const readings = found.map((item) => readOne(item, view.now));
  const deletions = [...view.deletions, ...readings.flatMap(deletionIn)];
  const digest = emptyDigest();
  const deferred = deferredOf(readings);
  const records = readings.map((reading): Outcome => {
    if ('reason' in reading) return { alert: null, reason: reading.reason };
    if ('change' in reading) return announce(reading.change, view);
    const { attempt } = reading;
    const pattern = ignoredBy(attempt, view);
    if (pattern !== undefined) {
      digest.ignored = { count: digest.ignored.count + 1, isLeast: false };
      const reason = `the caller ${attempt.caller.key} matches ${pattern} of ignoredCallers; summaries count it`;
      return { alert: null, reason, ignoredBy: pattern };
    }
    const reason = deferred.get(attempt);
    if (reason === undefined) return alertOn(attempt, deletions, view);
    if (reason === FURTHER) defer(digest, attempt);
    return { alert: null, reason };
  });
  return { records, summary: summaryOf(digest, deletions, view) };
}

const FURTHER =
  'a further attempt of its caller on its secret within the quiet window; it is in the summary';
const REPEATED = 'the same attempt, delivered again';

/** Why attempts have no alert of their own. The records may be in any order: look-ups print the newest first. */
function deferredOf(readings: readonly Reading[]): Map<Attempt, string> {
  const attempts = readings.flatMap((reading) => ('attempt' in reading ? [reading.attempt] : []));
  const reasons = new Map<Attempt, string>();
  const ids = new Set<string>();
  const quietUntil = new Map<string, number>();
  for (const attempt of attempts.sort((a, b) => a.time.getTime() - b.time.getTime())) {
    const time = attempt.time.getTime();
    const { pk, sk } = pairKey(attempt);
    const pair = JSON.stringify([pk, sk]);
    if (ids.has(attempt.id)) reasons.set(attempt, REPEATED);
    else if (time < (quietUntil.get(pair) ?? 0)) reasons.set(attempt, FURTHER);
    else quietUntil.set(pair, time + QUIET_WINDOW_MS);
    ids.add(attempt.id);
  }
  return reasons;
}

function readOne({ event, fault }: Found, now: Date): Reading {
  if (!event) return { reason: fault };
  if (!isChange(event)) return readAttempt(event, now);
  try {
    const change = readChange(event);
    if (!change) return { reason: `the ${event.detail.eventName} failed, and so changed nothing` };
    if (isDrill(change.secret.name)) return { reason: 'drills are not announced' };
    return { change };
  } catch (error) {
    if (!(error instanceof NotifierError)) throw error;
    return { reason: error.message.replace(/\.$/, '') };
  }
}

function isChange({ detail, ...envelope }: CloudTrailEvent): boolean {
  return (
    envelope['detail-type'] === API_CALL &&
    detail.eventSource === 'secretsmanager.amazonaws.com' &&
    (detail.eventName === 'DeleteSecret' || detail.eventName === 'RestoreSecret')
  );
}

/** The deletions among records. */
export function deletionsIn(found: readonly Found[], now: Date): Deletion[] {
  return found.map((item) => readOne(item, now)).flatMap(deletionIn);
}

function deletionIn(reading: Reading): Deletion[] {
  return 'change' in reading && reading.change.kind === 'deletion' ? [reading.change] : [];
}

/** As in the gate: a drill shows whether alerts arrive, whoever runs it. */
function ignoredBy({ secret, caller }: Attempt, { ignoredCallers = [] }: View): string | undefined {
  if (isDrill(secret.name)) return undefined;
  return ignoredCallers.find((pattern) => isIgnored(caller, [pattern]));
}

function announce(change: Change, { described, now }: View): Outcome {
  const lookup = about(change.secret, described);
  return { announcement: renderMail(announcementNotice(change, lookup, TAG_KEYS, now)) };
}

function alertOn(attempt: Attempt, deletions: readonly Deletion[], view: View): Outcome {
  const { now } = view;
  const { lookup, state } = stateOf(attempt, deletions, view);
  const action = isDrill(attempt.secret.name) ? ({ kind: 'none' } as const) : view.action;
  const input = { attempt, state, action, perhapsByUs: false, now };
  const notice = alertNotice(input, lookup, TAG_KEYS);
  const alert = { ...renderMail(notice), severity: notice.severity };
  return view.ignoredCallers ? { alert, ignoredBy: null } : { alert };
}

/** `arn`: the secret's complete ARN, where DescribeSecret or a deletion knows it. */
function stateOf(
  attempt: Pick<Attempt, 'secret' | 'time'>,
  deletions: readonly Deletion[],
  { described, now }: View,
): { lookup: Lookup; state: SecretState; arn?: string } {
  const lookup = about(attempt.secret, described);
  const history = historyOf(attempt, deletions);
  const arn = lookup.kind === 'found' ? lookup.secret.arn : history.change?.secret.arn;
  return { lookup, state: assess(attempt, lookup, now, history), arn };
}

/** The last deletion before an attempt, or else any of its secret. */
function historyOf(
  { secret, time }: { secret: SecretId; time: Date },
  deletions: readonly Deletion[],
): DeletionHistory {
  const own = deletions
    .filter((deletion) => isSameSecret(deletion.secret, secret))
    .sort((a, b) => a.requestedAt.getTime() - b.requestedAt.getTime());
  if (deletions.length > 0 && own.length === 0) {
    return { missing: 'The DeleteSecret given is of another secret.' };
  }
  return { change: own.findLast(({ requestedAt }) => requestedAt <= time) ?? own.at(-1) };
}

function defer(digest: Digest, attempt: Attempt): void {
  const recorded = readAttemptItem({ ...attemptItem(attempt), heldBack: 'quiet-window' });
  if (recorded) addAttempt(digest, recorded);
}

function summaryOf(digest: Digest, deletions: readonly Deletion[], view: View): Mail | undefined {
  if (digest.attempts === 0) return undefined;
  const secrets = [...digest.secrets.values()].map((secret) => {
    const attempt = { secret: secret.secret, time: lastAttemptOn(secret) };
    const { state, arn } = stateOf(attempt, deletions, view);
    return { ...secret, state, arn };
  });
  return renderMail(summaryNotice(digest, secrets, view.now));
}
