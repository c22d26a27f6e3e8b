import type { RecordedClash } from '../deletion/clashes.ts';
import { nearEnd } from '../deletion/schedule.ts';
import type { SecretState } from '../deletion/secret-state.ts';
import { isDrill } from '../drill.ts';
import type { DigestNotice } from '../notice/digest.ts';
import { addDays, DAY_MS, HOUR_MS, MINUTE_MS } from '../time.ts';
import { type Incident, isMuted, LAST_CALLS, type LastCall, MARK_CACHED_MS } from './incident.ts';

/** When which notice is due, by what is known of incidents: no I/O, and no clock but `now`. Spans in ms. */

/** Clocks of two hosts differ by less. */
const CLOCKS_MS = MINUTE_MS;

/** What was recorded this long ago is in the table, and its own alert has been sent or never will be: no run is older. */
const SETTLED_MS = MINUTE_MS;

/** How long after a restore it is reported: until the attempts from before are recorded. */
export const END_SETTLED_MS = 2 * MINUTE_MS;

/** The pauses between the notices that name an incident, in hours, and where they begin again after a last call. */
const PAUSES = [1, 2, 4, 8, 16, 24, 48, 96, 168];
export const FIRST_PAUSE = 1;
const PAUSE_AFTER_LAST_CALL = 8;

export interface DigestPolicy {
  /** In hours. */
  readonly maxDigestPauseHours: number;
}

/** The pause after one of `hours`; the first if there was none. */
export function nextPause(
  hours: number | undefined,
  { maxDigestPauseHours }: DigestPolicy,
): number {
  const next = PAUSES.find((pause) => pause > (hours ?? 0)) ?? maxDigestPauseHours;
  return Math.min(next, maxDigestPauseHours);
}

export function pauseAfterLastCall({ maxDigestPauseHours }: DigestPolicy): number {
  return Math.min(PAUSE_AFTER_LAST_CALL, maxDigestPauseHours);
}

/** When the next digest names an incident, after a pause in hours. */
export function digestAfter(pauseHours: number, now: Date) {
  return { digestAt: new Date(now.getTime() + pauseHours * HOUR_MS), pauseHours };
}

/** The time until when all that was recorded has settled. */
export const settledUntil = (now: Date): Date => new Date(now.getTime() - SETTLED_MS);

/** What was taken together last. */
export interface Pace {
  /** When the last digest went out. */
  readonly digestAt?: Date;
  /** When the last catch-up went out, and the pause after it, in ms. */
  readonly catchUpAt?: Date;
  readonly catchUpPause?: number;
  /** When last calls or ends were last reported, and the pause after it, in ms. */
  readonly endAt?: Date;
  readonly endPause?: number;
  /** When the channels beside the mail were last told what no mail could report. */
  readonly unmailedAt?: Date;
}

/** How long what a catch-up is to name waits at first, and at most: a secret, and a further caller of one that is named. */
const FIRST_CATCH_UP_MS = 75_000;
const MAX_SECRET_WAIT_MS = 6.5 * MINUTE_MS;
const MAX_CALLER_WAIT_MS = 40 * MINUTE_MS;
/** After this long without a catch-up, or without a report of ends, the next is a first one. */
const CALM_MS = 2 * HOUR_MS;

/** How long after last calls or ends the next ones wait at first, and at most. */
const FIRST_END_PAUSE_MS = 2 * MINUTE_MS;
const MAX_END_PAUSE_MS = 30 * MINUTE_MS;

/** Digests of known callers' news go out no closer together; what is due by then goes along. */
const DIGEST_GAP_MS = 30 * MINUTE_MS;

/** Whether there may be attempts that nothing has reported. */
export function mayHaveNews({ newsAt, reportedUntil }: Incident): boolean {
  if (!newsAt) return false;
  const until = newsAt.getTime() + MARK_CACHED_MS + CLOCKS_MS;
  return !reportedUntil || until > reportedUntil.getTime();
}

/** Whether a digest has to name a caller, for all that is known, and there can be an attempt of it that has settled. */
function isUnnamed({ unnamedSince }: Incident, now: Date): boolean {
  return unnamedSince !== undefined && waited(unnamedSince, now) >= SETTLED_MS;
}

const waited = (since: Date, now: Date) => now.getTime() - since.getTime();

/** The incidents that a digest is to name now; empty if none is due. */
export interface DuePlan {
  readonly kind: 'catch-up' | 'digest';
  readonly incidents: readonly Incident[];
}

/** Which incidents a digest is to name now, what nothing has named first; `undefined` if it is not yet time for one. */
export function digestDue(
  incidents: readonly Incident[],
  pace: Pace,
  now: Date,
): DuePlan | undefined {
  const unnamed = incidents.filter((incident) => isUnnamed(incident, now));
  const isCatchUp = unnamed.some((incident) => isToBeNamed(incident, pace, now));
  const withNews = incidents.filter(mayHaveNews);
  const isDigest =
    withNews.some((incident) => isDue(incident, now) && !isAllMuted(incident, now)) &&
    !(pace.digestAt && waited(pace.digestAt, now) < DIGEST_GAP_MS);
  if (!isCatchUp && !isDigest) return undefined;
  const soon = withNews.filter((incident) => goesAlong(incident, now));
  const all = [...new Set([...(isCatchUp ? unnamed : []), ...soon])];
  return { kind: isCatchUp ? 'catch-up' : 'digest', incidents: all.sort(byNeed) };
}

function isToBeNamed(
  { unnamedSince = new Date(), namedAt }: Incident,
  pace: Pace,
  now: Date,
): boolean {
  const most = namedAt ? MAX_CALLER_WAIT_MS : MAX_SECRET_WAIT_MS;
  return waited(unnamedSince, now) >= Math.min(catchUpPause(pace, now), most);
}

function catchUpPause({ catchUpAt, catchUpPause = FIRST_CATCH_UP_MS }: Pace, now: Date): number {
  return isLongAgo(catchUpAt, now) ? FIRST_CATCH_UP_MS : catchUpPause;
}

/** Whether pauses begin anew after what went out last at a time, if ever. */
const isLongAgo = (last: Date | undefined, now: Date): boolean =>
  !last || waited(last, now) >= CALM_MS;

/** The pace after a digest. */
export function paceAfter(pace: Pace, kind: DuePlan['kind'], now: Date): Pace {
  if (kind === 'digest') return { ...pace, digestAt: now };
  const pause = Math.min(MAX_CALLER_WAIT_MS, 2 * catchUpPause(pace, now));
  return { digestAt: now, catchUpAt: now, catchUpPause: pause };
}

/** Whether last calls and ends may be reported now: of many one after another each mail waits longer, and takes more along. */
export function mayReportEnds({ endAt, endPause = FIRST_END_PAUSE_MS }: Pace, now: Date): boolean {
  return !endAt || waited(endAt, now) >= endPause;
}

/** Whether last calls and ends have not been reported for long. */
export const isCalm = ({ endAt }: Pace, now: Date): boolean => isLongAgo(endAt, now);

/** The pace after last calls or ends were reported. */
export function paceAfterEnds(pace: Pace, now: Date): Pace {
  const { endPause } = pace;
  const pause = isCalm(pace, now) || !endPause ? FIRST_END_PAUSE_MS : 2 * endPause;
  return { endAt: now, endPause: Math.min(MAX_END_PAUSE_MS, pause) };
}

/** How close together, in ms, the channels beside the mail are told what no mail can report, and how close the same of one incident. */
const UNMAILED_GAP_MS = 10 * MINUTE_MS;
const UNMAILED_AGAIN_MS = HOUR_MS;

/** Whether the channels beside the mail may be told now what no mail can report: what comes one after another goes together. */
export function mayTellUnmailed({ unmailedAt }: Pace, now: Date): boolean {
  return !unmailedAt || waited(unmailedAt, now) >= UNMAILED_GAP_MS;
}

/** Whether they are to be told of an incident, as this kind of news: they were not in the last hour, whatever was counted since. */
export function isToTellUnmailed(
  { unmailedAs, unmailedAt }: Incident,
  as: string,
  now: Date,
): boolean {
  return unmailedAs !== as || !unmailedAt || waited(unmailedAt, now) >= UNMAILED_AGAIN_MS;
}

/** How far apart the mails of clashes are, and those of one clash, in ms. */
const CLASH_GAP_MS = 15 * MINUTE_MS;
const CLASH_AGAIN_MS = DAY_MS;

/**
 * The clashes that a mail is to report now. All go together, so that as many as there are cause a few mails an hour; those of
 * drills neither wait for others, nor keep them waiting.
 */
export function clashesDue(clashes: readonly RecordedClash[], now: Date): RecordedClash[] {
  const isOfDrill = ({ secret }: RecordedClash) => isDrill(secret.name);
  const isSoonAfter = (told: Date | undefined, gap: number) =>
    told !== undefined && waited(told, now) < gap;
  const isHeld = clashes.some((one) => !isOfDrill(one) && isSoonAfter(one.toldAt, CLASH_GAP_MS));
  return clashes.filter((one) => {
    const hasNews = one.calls.length > 0 && !isSoonAfter(one.toldAt, CLASH_AGAIN_MS);
    return hasNews && (isOfDrill(one) || !isHeld);
  });
}

/** What no notice has named waits for a catch-up, but for what is known from the version before. */
function isDue({ digestAt, unnamedSince }: Incident, now: Date): boolean {
  return digestAt ? digestAt <= now : !unnamedSince;
}

/** Whether a digest reports what is new of an incident, though none of its callers is. */
export function goesAlong(incident: Incident, now: Date): boolean {
  return isDue(incident, now) || isSoon(incident, now);
}

/** What is due within the gap, or within a quarter of its pause, goes along. */
function isSoon({ digestAt, pauseHours = 0 }: Incident, now: Date): boolean {
  const margin = Math.max(DIGEST_GAP_MS, (pauseHours * HOUR_MS) / 4);
  return digestAt !== undefined && digestAt.getTime() <= now.getTime() + margin;
}

/** Whether all that nothing has reported was muted when it was recorded: it goes along, and causes no digest. */
function isAllMuted({ mutes, openedAt, reportedUntil = openedAt }: Incident, now: Date): boolean {
  const since = reportedUntil ?? now;
  return isMuted({ mutes: mutes.filter(({ from }) => from <= since) }, now);
}

/** First secrets that nothing has named, then those with a caller to name, then what has waited longest. */
function byNeed(one: Incident, other: Incident): number {
  const rank = ({ namedAt, unnamedSince }: Incident) => (namedAt ? (unnamedSince ? 1 : 2) : 0);
  const due = ({ unnamedSince, digestAt }: Incident) => (unnamedSince ?? digestAt)?.getTime() ?? 0;
  return rank(one) - rank(other) || due(one) - due(other);
}

/**
 * Whether an ended incident is to be reported now. Of a secret that is gone and that nothing has named yet a digest does so: one that
 * catches up may take all of the hour's budget.
 */
export function isEndDue(incident: Incident, now: Date): boolean {
  const { openedAt, ended, endedAt, isEndReported, namedAt, unnamedSince } = incident;
  if (ended === 'gone' && !namedAt && unnamedSince) return false;
  const isOpen = openedAt !== undefined && ended !== undefined && !isEndReported;
  return isOpen && endedAt !== undefined && waited(endedAt, now) >= END_SETTLED_MS;
}

/** Whether to look at how an incident's secret stands because its end nears, or has passed. */
export function isLookDue({ openedAt, ended, lookAt }: Incident, now: Date): boolean {
  return openedAt !== undefined && !ended && lookAt !== undefined && lookAt <= now;
}

/** Whether a notice leaves its incidents open: what is read since is told by digests. */
export const isCall = (kind: DigestNotice['kind']): boolean =>
  kind === 'last-call' || kind === 'over';

/** Whether the last call of others names an incident: all its callers are muted, and for all that is known its end is near. */
export function isMutedNearEnd(incident: Incident, now: Date): boolean {
  const { openedAt, ended, endsAt } = incident;
  const isFar = endsAt !== undefined && lastCallAt(endsAt, now) === undefined;
  return openedAt !== undefined && !ended && !isFar && isMuted(incident, now);
}

/** The last call for which the end is near enough. */
export function lastCallAt(endsAt: Date, now: Date): LastCall | undefined {
  return LAST_CALLS.findLast((days) => addDays(endsAt, -days) <= now);
}

/** The last call that need not be made again, after `lastCall`: an end that is found to be later has its marks still to come. */
export function lastCallMade(
  endsAt: Date,
  lastCall: LastCall | undefined,
  now: Date,
): LastCall | undefined {
  const isPast = lastCall === undefined || addDays(endsAt, -lastCall) <= now;
  return isPast ? lastCall : lastCallAt(endsAt, now);
}

/** What an incident keeps of its end: when it is, and when to look next. `lastCall`: the last one that need not be made. */
export function endOf(state: SecretState, now: Date, lastCall?: LastCall) {
  if (state.state !== 'pending') return {};
  const endsAt = nearEnd(state.schedule);
  const isKnown = state.schedule.kind !== 'unknown';
  return nextEnd({ endsAt, lastCall: lastCallMade(endsAt, lastCall, now) }, now, isKnown);
}

/** As {@link endOf}, for whoever learns of the secret only now, and needs no last call for a mark that has passed. */
export function lastCallOf(state: SecretState, now: Date) {
  if (state.state !== 'pending') return {};
  return endOf(state, now, lastCallAt(nearEnd(state.schedule), now));
}

/** How soon it is looked again for an end that could not be found out just now, in ms. */
const LOOK_AGAIN_MS = 6 * HOUR_MS;

/**
 * What an incident keeps once a last call for it is made, or need not be.
 * @param isKnown whether its end could be found out just now: what is unknown may be sooner
 */
export function nextEnd(
  { endsAt = new Date(0), lastCall }: Pick<Incident, 'endsAt' | 'lastCall'>,
  now: Date,
  isKnown = true,
) {
  const next = nextLook(endsAt, now, lastCall);
  const again = new Date(now.getTime() + LOOK_AGAIN_MS);
  return { endsAt, lastCall, lookAt: isKnown || next < again ? next : again };
}

/** What an incident keeps while a last call for it is due, but muted: the mute may be over before the end. */
export function laterCall({ endsAt }: Pick<Incident, 'endsAt'>, now: Date) {
  return { endsAt, lookAt: new Date(now.getTime() + HOUR_MS) };
}

function nextLook(endsAt: Date, now: Date, lastCall: LastCall | undefined): Date {
  if (endsAt <= now) return lookAgain(endsAt, now);
  const next = LAST_CALLS.find((days) => lastCall === undefined || days < lastCall);
  return next === undefined ? endsAt : addDays(endsAt, -next);
}

/** AWS purges a secret at some time after the end: it is looked for after an hour, and then less and less, at least daily. */
function lookAgain(endsAt: Date, now: Date): Date {
  const pause = Math.min(DAY_MS, Math.max(HOUR_MS, waited(endsAt, now) / 2));
  return new Date(now.getTime() + pause);
}

/**
 * How long after the end of a secret elsewhere it is told that the time is over: where nobody can look, until a restore in its last
 * minutes is heard of, by whatever path; where a spoke does not answer, until it has been asked several times.
 */
export const OVER_AFTER_MS = { elsewhere: HOUR_MS, unavailable: DAY_MS } as const;

/** How long after the end of a secret that cannot be looked up its incident is closed. */
export const CLOSED_AFTER_MS = 7 * DAY_MS;

/** By how much a notice may miss its time before that is a fault: another hour's budget, and some runs. */
export const LATE_MS = HOUR_MS;

/** Within which time a secret, and a further caller of one that is named, is named. */
export const NAMED_WITHIN_MS = { secret: 10 * MINUTE_MS, caller: HOUR_MS } as const;

/** When a mail may report what is new of a clash; those of others may delay it by less than {@link LATE_MS}. */
function clashDueAt({ calls: [first], toldAt }: RecordedClash): number[] {
  if (!first) return [];
  const again = toldAt ? toldAt.getTime() + CLASH_AGAIN_MS : 0;
  return [Math.max(first.time.getTime(), again)];
}

/** By how much the notice that is most overdue is later than it may be, in ms; 0 if none is. */
export function overdue(
  incidents: readonly Incident[],
  clashes: readonly RecordedClash[],
  now: Date,
): number {
  const ofIncidents = incidents
    .filter((incident) => incident.openedAt && !isMuted(incident, now))
    .flatMap((incident) => [
      ...(incident.unnamedSince
        ? [
            incident.unnamedSince.getTime() +
              NAMED_WITHIN_MS[incident.namedAt ? 'caller' : 'secret'],
          ]
        : []),
      ...(mayHaveNews(incident) && incident.digestAt
        ? [incident.digestAt.getTime() + LATE_MS]
        : []),
      ...(isEndDue(incident, now) && incident.endedAt
        ? [incident.endedAt.getTime() + LATE_MS]
        : []),
      ...(isLookDue(incident, now) && incident.lookAt ? [incident.lookAt.getTime() + LATE_MS] : []),
    ]);
  const ofClashes = clashes.flatMap(clashDueAt).map((due) => due + LATE_MS);
  return Math.max(0, ...[...ofIncidents, ...ofClashes].map((time) => now.getTime() - time));
}
