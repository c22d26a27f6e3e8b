import { MINUTE_MS } from '../lib/time.ts';

/** How long an alert may take, in ms: up to 25 s of waiting for a second with room, and tries of the SDK. */
const IN_TIME_MS = 30_000;

/** For how long a run that failed or was killed may keep its pair: its lease, or until its first retry has alerted. */
const TROUBLE_MS = MINUTE_MS + IN_TIME_MS;

/** A run on an attempt; times in simulated ms since 1970. */
interface AttemptRun {
  readonly pair: number;
  readonly time: number;
  /** It failed or was killed. */
  readonly isTroubled: boolean;
  /** It claims the pair in vain if its attempt has been told already. */
  readonly isRepeat: boolean;
  /** Some of its calls to AWS failed. */
  readonly isFaulty: boolean;
}

/** An alert that was published. */
interface Alert {
  readonly pair: number;
  readonly time: number;
  /** The run that published it went on to its end without any fault, so that the pair is quiet from now on. */
  readonly isCalm: boolean;
}

/** What is promised of alerts; all in ms. */
export interface Promises {
  readonly quietWindow: number;
  /** When the deletion of a pair's secret comes within 7 and within 2 days, since 1970: an alert is news again. */
  readonly renewalsOf: (pair: number) => readonly number[];
  /** Of alerts; a minute whose budget is used up excuses what is not alerted. */
  readonly maxPerMinute: number;
}

interface Storm {
  /** When an attempt of which pair came, without repeats and tries. */
  readonly attempts: Iterable<{ readonly pair: number; readonly time: number }>;
  /** In any order. */
  readonly alerts: readonly Alert[];
  /** When there was any message. */
  readonly messages: Iterable<{ readonly time: number }>;
}

/**
 * Watches that an attempt is alerted at once if there was no alert of its pair within the quiet window, or none since
 * its deletion has come nearer; and that else none is. An alert may be missing only if the budget of its minute is used
 * up by then, or if another run on the pair has just failed, or has just had it in vain.
 */
export function watchAlerts() {
  /** Of each pair from when until when one of its attempts may be missing its alert. */
  const troubles = new Map<number, { readonly from: number; readonly to: number }[]>();
  /** Of each pair when runs failed, were killed, or met faults. */
  const failures = new Map<number, number[]>();
  const wasted: number[] = [];

  function note({ pair, time, isTroubled, isRepeat, isFaulty }: AttemptRun): void {
    if (isTroubled || isRepeat) {
      const to = time + (isTroubled ? TROUBLE_MS : IN_TIME_MS);
      troubles.set(pair, [...(troubles.get(pair) ?? []), { from: time - IN_TIME_MS, to }]);
    }
    if (isTroubled || isFaulty) failures.set(pair, [...(failures.get(pair) ?? []), time]);
    // It may have taken a message from the budget that nobody got.
    if (isTroubled || isRepeat || isFaulty) wasted.push(time);
  }

  /** How many attempts should have been alerted and were not, and how many alerts should not have been. */
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
      // What an alert knew that met a fault may not have been enough to renew it.
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
        // Such a run may end the quiet window early: a claim that it did not confirm lapses.
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
