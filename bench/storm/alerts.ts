const MINUTE_MS = 60_000;

/** How long a pair's first alert may take, in ms: a few seconds of waiting for its turn, and tries of the SDK. */
const IN_TIME_MS = 15_000;

/** A run on an attempt. */
interface AttemptRun {
  readonly pair: number;
  /** In simulated ms since 1970. */
  readonly time: number;
  /** It failed or was killed. */
  readonly isTroubled: boolean;
  /** Whether it may have taken a message from the budget that nobody got: a repeat, or one that met faults. */
  readonly mayWaste: boolean;
}

/**
 * Watches that the first attempt of each pair is alerted at once. It may wait only if the budget of its minute is
 * used up, or if a run on the pair has just failed: its retry then alerts.
 */
export function watchFirstAlerts() {
  const firstRuns = new Map<number, number>();
  const troubles = new Map<number, number[]>();
  const wasted = new Map<number, number>();

  function note({ pair, time, isTroubled, mayWaste }: AttemptRun): void {
    if (time < (firstRuns.get(pair) ?? Number.POSITIVE_INFINITY)) firstRuns.set(pair, time);
    if (isTroubled) troubles.set(pair, [...(troubles.get(pair) ?? []), time]);
    if (isTroubled || mayWaste) increment(wasted, minuteOf(time));
  }

  /**
   * How many pairs waited for their first alert for no reason.
   * @param alerts when which pair was alerted
   * @param messages when there was any message
   * @param maxPerMinute of alerts
   */
  function countDelayed(
    alerts: Iterable<{ readonly pair: number; readonly time: number }>,
    messages: Iterable<{ readonly time: number }>,
    maxPerMinute: number,
  ): number {
    const firstAlerts = new Map<number, number>();
    for (const { pair, time } of alerts) {
      firstAlerts.set(pair, Math.min(time, firstAlerts.get(pair) ?? time));
    }
    const used = new Map(wasted);
    for (const { time } of messages) increment(used, minuteOf(time));
    const isUsedUp = (time: number) => (used.get(minuteOf(time)) ?? 0) >= maxPerMinute;
    return [...firstRuns].filter(([pair, time]) => {
      const latest = time + IN_TIME_MS;
      const isInTime = (firstAlerts.get(pair) ?? Number.POSITIVE_INFINITY) <= latest;
      const isExcused =
        isUsedUp(time) ||
        isUsedUp(latest) ||
        troubles.get(pair)?.some((trouble) => Math.abs(trouble - time) <= IN_TIME_MS);
      return !isInTime && !isExcused;
    }).length;
  }

  return { note, countDelayed };
}

function minuteOf(time: number): number {
  return Math.floor(time / MINUTE_MS);
}

function increment(counts: Map<number, number>, key: number): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}
