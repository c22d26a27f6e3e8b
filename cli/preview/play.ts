import type { Attempt } from '../../lib/attempt/attempt.ts';
import { attemptKey } from '../../lib/attempt/item.ts';
import type { Key } from '../../lib/aws/table.ts';
import { completedBy, isAmbiguous, isSameSecret } from '../../lib/cloudtrail/secret-id.ts';
import type { Action } from '../../lib/deletion/auto-cancel.ts';
import { type Change, isGoneBy } from '../../lib/deletion/change.ts';
import type { Clash } from '../../lib/deletion/clash.ts';
import { forgottenAt } from '../../lib/deletion/ledger.ts';
import { CLOCK_TOLERANCE_MS } from '../../lib/deletion/schedule.ts';
import { isDrill } from '../../lib/drill.ts';
import { shareOf } from '../../lib/incident/budget.ts';
import { isIgnoredBy, MAX_ALERTS } from '../../lib/incident/gate.ts';
import { pairKey } from '../../lib/incident/pairs.ts';
import {
  type AlertNotice,
  type AnnouncementNotice,
  alertNotice,
  announcementNotice,
} from '../../lib/notice/notice.ts';
import { formatUtc, HOUR_MS } from '../../lib/time.ts';
import { defaultOf } from '../../stack/settings.ts';
import { createIncidents } from './incidents.ts';
import { type Given, lookUpAtHome, type Past, stateOf, TAG_KEYS } from './lookup.ts';
import { byTime, changeIn, isBy, type Reading, readRecord } from './readings.ts';
import type { Found } from './records.ts';

/** The inputs of the notices besides the records. */
export interface View extends Given {
  /** The patterns of the setting; `undefined` if it is not to be checked. */
  readonly ignoredCallers?: readonly string[];
  /** What auto-cancel did. */
  readonly action: Action;
  /** Absent: when the service would send each notice. */
  readonly now?: Date;
}

/** What a record causes. `ignoredBy`: the pattern that ignores the caller; `null` if none does. */
export type Caused =
  | { readonly alert: AlertNotice; readonly ignoredBy?: null }
  | { readonly announcement: AnnouncementNotice }
  | { readonly alert: null; readonly reason: string; readonly ignoredBy?: string };

/** An attempt that was recorded: it was alerted, deferred, or made by an ignored caller. */
export interface Told {
  readonly attempt: Attempt;
  readonly fate: 'opened' | 'alerted' | 'deferred' | 'ignored';
  /** The partition of its incident, and its caller there. */
  readonly pair: Key;
  /** Whether an alert has named its caller. */
  readonly isNamed: boolean;
  /** That of one that had an alert. */
  readonly alert?: AlertNotice;
}

/** What happened by the records. */
export interface Play {
  readonly records: readonly Caused[];
  readonly told: readonly Told[];
  /** Creations that failed because of their names, the earliest first, each once. */
  readonly clashes: readonly Clash[];
  readonly past: Past;
  /** What happened only after the time that is shown. */
  readonly later: readonly Reading[];
}

/**
 * If the records cause more alerts than an hour of the clock has room for: how many are sent, as sentences; the budget would
 * leave the others to digests.
 */
export function crowdedIn(told: readonly Told[]): string | undefined {
  // What auto-cancel has restored is mailed whatever the budget.
  const alerts = told.filter(({ alert }) => alert && alert.action.kind !== 'restored');
  const hours = Map.groupBy(alerts, ({ attempt }) => Math.floor(attempt.time.getTime() / HOUR_MS));
  const most = Math.max(0, ...[...hours.values()].map((ofHour) => ofHour.length));
  const maxMailsPerHour = defaultOf('maxMailsPerHour');
  const room = shareOf('opened', { maxMailsPerHour });
  if (most <= room) return undefined;
  return `Shown as if there were always budget: ${most} alerts in one hour, of which maxMailsPerHour=${maxMailsPerHour} lets ${room} out at once, less after other mails. Digests name the others, each secret within ten minutes.`;
}

/**
 * What the service makes of these records when they reach it in the order of their times, as if there were always budget: an
 * alert for the first attempt on a secret and for further callers while there are few, and, if `announceDeletions` is set, an
 * announcement for each deletion and restore.
 */
export function play(found: readonly Found[], view: View, now: Date): Play {
  const readings = found.flatMap((item) => readRecord(item, now));
  const changes = [...view.deletions, ...readings.flatMap(changeIn)];
  const given = view.deletions.map((change) => ({ change, isGiven: true }));
  const outcomes = new Map<Reading, Caused>();
  const past: Past = [];
  const told: Told[] = [];
  const clashes: Clash[] = [];
  const incidents = createIncidents();
  const known = new Set<string>();

  const outcomeOf = (read: Attempt): Caused => {
    const attempt = settled(read, past, changes, view, now);
    const reason = attempt.isNotFound ? reasonAgainst(attempt, past) : undefined;
    if (reason) return { alert: null, reason };
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
    const alert = alertOn(attempt, past, changes, view);
    const fate = admission.opens ? 'opened' : 'alerted';
    told.push({ attempt, fate, pair, isNamed: true, alert });
    if (alert.action.kind === 'restored') {
      past.push({ kind: 'auto-cancel', secret: attempt.secret });
    }
    return view.ignoredCallers ? { alert, ignoredBy: null } : { alert };
  };

  const announce = (change: Change): Caused => {
    const key = JSON.stringify([change.kind, change.requestedAt, change.id]);
    const isNew = !known.has(key);
    known.add(key);
    if (isDrill(change.secret.name)) return { alert: null, reason: 'drills are not announced' };
    if (!isNew) return { alert: null, reason: 'the same call, delivered again' };
    const lookup = lookUpAtHome(change.secret, view);
    const at = view.now ?? change.requestedAt;
    return { announcement: announcementNotice(change, lookup, TAG_KEYS, at) };
  };

  const note = (clash: Clash): Caused => {
    const id = JSON.stringify(['clash', clash.id]);
    if (known.has(id)) return { alert: null, reason: 'the same call, delivered again' };
    known.add(id);
    clashes.push(clash);
    return { alert: null, reason: TAKEN };
  };

  const later: Reading[] = [];
  for (const reading of [...given, ...readings].sort(byTime)) {
    if (view.now && !isBy(view.now, reading)) {
      later.push(reading);
      outcomes.set(reading, { alert: null, reason: LATER });
      continue;
    }
    if ('change' in reading) {
      past.push(reading.change);
      if (reading.change.kind === 'deletion') incidents.renew(reading.change.secret);
    }
    if ('isGiven' in reading) continue;
    if ('attempt' in reading) outcomes.set(reading, outcomeOf(reading.attempt));
    else if ('clash' in reading) outcomes.set(reading, note(reading.clash));
    else if ('change' in reading) outcomes.set(reading, announce(reading.change));
    else outcomes.set(reading, { alert: null, reason: reading.reason });
  }
  const records = readings.map((reading) => outcomes.get(reading) as Caused);
  return { records, told, clashes, past, later };
}

const FURTHER = 'a further attempt of a caller that an alert has named; it is in the digest';
const UNNAMED = `a further caller, after ${MAX_ALERTS} alerts of its incident; it is in the digest`;
const NEVER_DELETED =
  'AWS does not find the secret, and no deletion of it is known before; with --deletion one can be given';
const TAKEN =
  'the name is of a secret that is scheduled for deletion; the mail of such names reports it';
const LATER = 'it happened after the time given by --now';
const REPEATED = 'the same attempt, delivered again';

/**
 * Why the ledger knows no deletion by which a read that did not find its secret is judged: the newest change before it is none, or
 * has not ended or is forgotten by then.
 */
function reasonAgainst({ secret, time }: Attempt, past: Past): string | undefined {
  const until = time.getTime() + CLOCK_TOLERANCE_MS;
  const last = past.findLast(
    (one) =>
      one.kind !== 'auto-cancel' &&
      isSameSecret(one.secret, secret) &&
      one.requestedAt.getTime() <= until,
  );
  if (last?.kind !== 'deletion') return NEVER_DELETED;
  if (!isGoneBy(last, time)) {
    return `AWS does not find a secret by this id, but the one that it may mean is not gone before ${formatUtc(last.date)}`;
  }
  const forgotten = new Date(forgottenAt(last) * 1000);
  if (time < forgotten) return undefined;
  const known = `of its deletion, which ended on ${formatUtc(last.date)}, the service knows until ${formatUtc(forgotten)} alone`;
  return `AWS does not find the secret, and ${known}`;
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
  return alertNotice({ attempt, state, action, perhapsByUs: false, now }, lookup, TAG_KEYS);
}
