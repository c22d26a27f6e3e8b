import { NAMED_WITHIN_MS } from '../lib/incident/plan.ts';
import { HOUR_MS, MINUTE_MS } from '../lib/time.ts';
import { type Mention, type Message, maxPer } from './tally.ts';

/** The first delivery of an attempt; times in simulated ms since 1970. */
export interface Arrival {
  readonly secret: number;
  readonly pair: number;
  /** When the attempt was made, and when it was delivered. */
  readonly made: number;
  readonly time: number;
  /** A run on it failed or was killed: what it should have done at once is left to a retry. */
  readonly isTroubled: boolean;
}

/**
 * The longest time until something was named for the first time, in whole seconds.
 * @param keyOf what is to be named, such as the secret of an attempt
 * @param namedBy what a message names
 * @param end when the storm ended: what nothing named has waited until then
 */
export function longestUntilNamed(
  arrivals: readonly Arrival[],
  mentions: readonly Mention[],
  end: number,
  keyOf: (arrival: Arrival) => number,
  namedBy: (mention: Mention) => readonly number[],
): number {
  const named = new Map<number, number>();
  for (const mention of mentions) {
    for (const key of namedBy(mention)) if (!named.has(key)) named.set(key, mention.time);
  }
  const seen = new Set<number>();
  let longest = 0;
  for (const arrival of arrivals) {
    const key = keyOf(arrival);
    if (arrival.isTroubled || seen.has(key)) continue;
    seen.add(key);
    longest = Math.max(longest, (named.get(key) ?? end) - arrival.made);
  }
  return Math.round(longest / 1000);
}

/** How long an alert may take, in ms: up to 25 s of waiting for budget in a second, and retries of the SDK. */
const AT_ONCE_MS = 30_000;

/** What has used the budget up, or has held an alert up. */
interface Obstacles {
  readonly messages: readonly Message[];
  /** When runs may have used budget for a message that they never published. */
  readonly wasted: readonly number[];
  /** How many mails of an hour must have gone out before the first attempt on a secret may be left to a digest. */
  readonly usedUpAt: (secret: number) => number;
}

/**
 * Counts the secrets whose first attempt was not alerted at once although the hour's budget had room. One that was read again
 * meanwhile may have had the alert of that attempt.
 */
export function countOpenedDelayed(
  arrivals: readonly Arrival[],
  mentions: readonly Mention[],
  { messages, wasted, usedUpAt }: Obstacles,
): number {
  const used = [...wasted, ...messages.map(({ time }) => time)];
  const isUsedUp = (secret: number, until: number) => {
    const hour = Math.floor(until / HOUR_MS);
    const taken = used.filter((time) => time <= until && Math.floor(time / HOUR_MS) === hour);
    return taken.length >= usedUpAt(secret);
  };
  const alerts = Map.groupBy(
    mentions.filter(({ kind }) => kind === 'alert'),
    ({ secret }) => secret,
  );
  let count = 0;
  for (const [secret, ofSecret] of Map.groupBy(arrivals, (arrival) => arrival.secret)) {
    const first = ofSecret.reduce((a, b) => (b.time < a.time ? b : a));
    const latest = first.time + AT_ONCE_MS;
    const isExcused = ofSecret.some(({ time, isTroubled }) => isTroubled && time <= latest);
    const isAlerted = alerts.get(secret)?.some(({ time }) => time <= latest);
    // The hour may end meanwhile.
    const isLeft = isUsedUp(secret, first.time + 5000) || isUsedUp(secret, latest);
    if (!isAlerted && !isExcused && !isLeft) count++;
  }
  return count;
}

/** By how much a digest may exceed its pause: another hour's budget, and runs that failed. */
const SLACK_MS = HOUR_MS;

/**
 * Counts the attempts that were not reported within the longest pause between digests: by secret, the attempts until then
 * minus the reported ones.
 * @param end when the storm ended: what nothing has reported until then is late if it has waited too long
 */
export function countToldLate(
  arrivals: readonly Arrival[],
  mentions: readonly Mention[],
  longestPause: number,
  end: number,
): number {
  const mentionsOf = Map.groupBy(mentions, ({ secret }) => secret);
  let late = 0;
  for (const [secret, ofSecret] of Map.groupBy(arrivals, (arrival) => arrival.secret)) {
    const reported = (mentionsOf.get(secret) ?? []).values();
    let told = 0;
    let toldAt = Number.NEGATIVE_INFINITY;
    const inTime = ofSecret.filter(({ isTroubled }) => !isTroubled).sort((a, b) => a.time - b.time);
    for (const [i, { time }] of inTime.entries()) {
      while (told <= i) {
        const next = reported.next();
        toldAt = next.done ? end : next.value.time;
        told += next.done ? Number.POSITIVE_INFINITY : next.value.attempts;
      }
      if (toldAt > time + longestPause + SLACK_MS) late++;
    }
  }
  return late;
}

/** How long after its time a last call may come, in ms: another hour's budget while many are due, and runs that failed or were killed. */
const LAST_CALL_MS = HOUR_MS + 15 * MINUTE_MS;

/**
 * What is read for the first time around the time of a last call may get one or not: so long after, and before it until it is
 * named, which knows of its end only then.
 */
const ABOUT_MS = 5 * MINUTE_MS;

/**
 * Counts the last calls that are missing, come twice, or come at another time.
 * @param marksOf when a secret has 7, and 2, days left
 * @param end when the last attempt was made; what comes later is not looked at
 */
export function countWrongLastCalls(
  arrivals: readonly Arrival[],
  mentions: readonly Mention[],
  marksOf: (secret: number) => readonly number[],
  end: number,
): number {
  const calls = mentions.filter(({ kind, time }) => kind === 'last-call' && time <= end);
  const callsOf = Map.groupBy(calls, ({ secret }) => secret);
  let wrong = 0;
  for (const [secret, ofSecret] of Map.groupBy(arrivals, (arrival) => arrival.secret)) {
    const ofSecretCalls = callsOf.get(secret) ?? [];
    const opened = Math.min(...ofSecret.map(({ time }) => time));
    const due = new Set<Mention>();
    for (const mark of marksOf(secret)) {
      const inTime = ofSecretCalls.filter(
        ({ time }) => time >= mark && time <= mark + LAST_CALL_MS,
      );
      for (const call of inTime) due.add(call);
      const isExpected = opened < mark - NAMED_WITHIN_MS.secret && mark + LAST_CALL_MS < end;
      const isRuledOut = opened > mark + ABOUT_MS;
      if (isExpected && inTime.length === 0) wrong++;
      // One of a run that died is repeated.
      const sure = inTime.filter(({ isSure }) => isSure).length;
      wrong += Math.max(0, sure - (isRuledOut ? 0 : 1));
    }
    wrong += ofSecretCalls.filter((call) => !due.has(call)).length;
  }
  return wrong;
}

/** The first days of an incident, in which digests come ever further apart. */
const WEEK_MS = 7 * 24 * HOUR_MS;

/**
 * The most mails that named one secret, without one for each caller of it beyond the first, without last calls, and without
 * what repeats a mail of a run that died.
 * @returns in its first week, and in any day after that.
 */
export function mostMailsForOneIncident(
  arrivals: readonly Arrival[],
  mentions: readonly Mention[],
) {
  const firstOf = new Map<number, number>();
  for (const { pair, time } of arrivals.toSorted((a, b) => a.time - b.time)) {
    if (!firstOf.has(pair)) firstOf.set(pair, time);
  }
  const mentionsOf = Map.groupBy(
    mentions.filter(({ kind, isSure }) => isSure && kind !== 'last-call'),
    ({ secret }) => secret,
  );
  let [week, day] = [0, 0];
  for (const [secret, ofSecret] of Map.groupBy(arrivals, (arrival) => arrival.secret)) {
    const named = mentionsOf.get(secret) ?? [];
    const callers = [...new Set(ofSecret.map(({ pair }) => pair))].map(
      (pair) => firstOf.get(pair) ?? 0,
    );
    const opened = Math.min(...callers);
    const early = (time: number) => time < opened + WEEK_MS;
    const others = callers.filter(early).length - 1;
    week = Math.max(week, named.filter(({ time }) => early(time)).length - others);
    // A caller is named within an hour.
    const later = named.filter(
      ({ time }) => !early(time) && !callers.some((at) => at <= time && time <= at + HOUR_MS),
    );
    const since = later.map(({ time }) => ({ time: time - opened }));
    day = Math.max(day, maxPer(24 * HOUR_MS, since));
  }
  return { maxMailsForOneIncident: week, maxMailsForOneIncidentPerDay: day };
}
