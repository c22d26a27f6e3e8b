import { MINUTE_MS } from '../lib/time.ts';

/** How long an alert may take, in ms: up to 25 s of waiting for budget in a second, and retries of the SDK. */
const IN_TIME_MS = 30_000;

/** How long a run that failed or was killed may keep its pair, in ms: its lease, or until its first retry has alerted. */
const TROUBLE_MS = MINUTE_MS + IN_TIME_MS;

/** A run on an attempt; times in simulated ms since 1970. */
interface AttemptRun {
  readonly pair: number;
  readonly time: number;
  /** It failed or was killed. */
  readonly isTroubled: boolean;
  /** It releases the pair without an alert if its attempt has been reported already. */
  readonly isRepeat: boolean;
  /** Some of its calls to AWS failed. */
  readonly isFaulty: boolean;
}

/** An alert that was published. */
interface Alert {
  readonly pair: number;
  readonly time: number;
  /** The run that published it was completed without any fault, so that the pair is quiet from now on. */
  readonly isCalm: boolean;
}

/** The guarantees for alerts; all in ms. */
export interface Promises {
  readonly quietWindow: number;
  /** When the deletion of a pair's secret comes within 7 and within 2 days, since 1970: an alert is news again. */
  readonly renewalsOf: (pair: number) => readonly number[];
  /** The most alerts a minute; once they are sent, others may be missing. */
  readonly maxPerMinute: number;
}

interface Storm {
  /** The pair and the time of each attempt, without repeats and retries. */
  readonly attempts: Iterable<{ readonly pair: number; readonly time: number }>;
  /** In any order. */
  readonly alerts: readonly Alert[];
  /** All messages. */
  readonly messages: Iterable<{ readonly time: number }>;
}

/**
 * Checks that an attempt is alerted at once if there was no alert of its pair within the quiet window, or none since its
 * deletion has come nearer, and that no other attempt is. An alert may be missing only if the budget of its minute is used
 * up, or if another run on the pair has just failed, or has just held it without an alert.
 */
export function watchAlerts() {
  /** The periods of each pair in which an alert may be missing. */
  const troubles = new Map<number, { readonly from: number; readonly to: number }[]>();
  /** The times of each pair at which runs failed, were killed, or met faults. */
  const failures = new Map<number, number[]>();
  const wasted: number[] = [];

  function note({ pair, time, isTroubled, isRepeat, isFaulty }: AttemptRun): void {
    if (isTroubled || isRepeat) {
      const to = time + (isTroubled ? TROUBLE_MS : IN_TIME_MS);
      troubles.set(pair, [...(troubles.get(pair) ?? []), { from: time - IN_TIME_MS, to }]);
    }
    if (isTroubled || isFaulty) failures.set(pair, [...(failures.get(pair) ?? []), time]);
    // It may have used budget for a message that was never published.
    if (isTroubled || isRepeat || isFaulty) wasted.push(time);
  }

  /** The number of missing alerts, and of superfluous ones. */
  function judge({ attempts, alerts, messages }: Storm, promises: Promises) {
    const { quietWindow, renewalsOf, maxPerMinute } = promises;
    const alertsOf = Map.groupBy(alerts, ({ pair }) => pair);
    for (const ofPair of alertsOf.values()) ofPair.sort((a, b) => a.time - b.time);
    const used = Map.groupBy([...wasted, ...Array.from(messages, ({ time }) => time)], minuteOf);
    const isUsedUp = (minute: number, until: number) =>
      (used.get(minute) ?? []).filter((time) => time <= until).length >= maxPerMinute;

    function isDelayed({ pair, time }: { readonly pair: number; readonly time: number }): boolean {
      const latest = time + IN_TIME_MS;
      const recent = (alertsOf.get(pair) ?? []).filter(
        (alert) => alert.time > time - quietWindow && alert.time <= latest,
      );
      // An alert that met a fault may not have known enough to be renewed.
      const isNews = recent.every(
        (alert) => alert.isCalm && renewalsOf(pair).some((at) => at > alert.time && at <= time),
      );
      return (
        isNews &&
        !isUsedUp(minuteOf(time), latest) &&
        !isUsedUp(minuteOf(latest), latest) &&
        !troubles.get(pair)?.some(({ from, to }) => from <= time && time < to)
      );
    }

    /** Of each pair, in their order. */
    function countTooSoon(ofPair: readonly Alert[]): number {
      let last: Alert | undefined;
      let count = 0;
      for (const alert of ofPair) {
        const since = (last?.time ?? Number.NEGATIVE_INFINITY) - IN_TIME_MS;
        // Such a run may end the quiet window early: a claim that it did not confirm expires.
        const reasons = [...renewalsOf(alert.pair), ...(failures.get(alert.pair) ?? [])];
        const isExcused = reasons.some((at) => at >= since && at <= alert.time);
        if (alert.time < since + quietWindow && !isExcused) count++;
        if (alert.isCalm) last = alert;
      }
      return count;
    }

    let delayed = 0;
    for (const attempt of attempts) if (isDelayed(attempt)) delayed++;
    let tooSoon = 0;
    for (const ofPair of alertsOf.values()) tooSoon += countTooSoon(ofPair);
    return { alertsDelayed: delayed, alertsTooSoon: tooSoon };
  }

  return { note, judge };
}

function minuteOf(time: number): number {
  return Math.floor(time / MINUTE_MS);
}
