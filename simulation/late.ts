import { MINUTE_MS } from '../lib/time.ts';
import type { Told } from './tally.ts';

/** What came so shortly before a summary may still be with its alert, whose run may take this long; in ms. */
const UNDER_WAY_MS = MINUTE_MS;

/** How long a summary may take from its beginning to its message, in ms. */
const IN_TIME_MS = 5 * MINUTE_MS;

interface Storm {
  /** When an attempt of which pair came, without repeats and tries, and without those whose runs failed or were killed. */
  readonly attempts: Iterable<{ readonly pair: number; readonly time: number }>;
  /** The pair that an alert is of. */
  readonly pairOfAttempt: (attempt: number) => number;
  readonly pairOf: (secret: number, caller: number) => number;
  readonly told: readonly Told[];
}

/**
 * Counts the attempts that a summary should have told and did not: of each pair those that had come by then, less
 * those that messages have told.
 * @param due when summaries ran, without those that failed or were killed, which a later one makes up for
 */
export function countLate(storm: Storm, due: Iterable<number>): number {
  const arrivals = Map.groupBy(storm.attempts, ({ pair }) => pair);
  let late = 0;
  for (const time of due) {
    const { told, rest } = toldUntil(time + IN_TIME_MS, storm);
    let missing = 0;
    for (const [pair, attempts] of arrivals) {
      const come = attempts.filter((attempt) => attempt.time < time - UNDER_WAY_MS).length;
      missing += Math.max(0, come - (told.get(pair) ?? 0));
    }
    late += Math.max(0, missing - rest);
  }
  return late;
}

/** By pair how many attempts messages have told, and how many more without their pairs. */
function toldUntil(time: number, { told, pairOf, pairOfAttempt }: Storm) {
  const counts = new Map<number, number>();
  const add = (pair: number, count: number) => counts.set(pair, (counts.get(pair) ?? 0) + count);
  let rest = 0;
  for (const { reading, time: published } of told) {
    if (published > time) continue;
    if (reading.kind === 'alert') {
      add(pairOfAttempt(reading.attempt), 1);
      continue;
    }
    for (const { secret, caller, count } of reading.counts) add(pairOf(secret, caller), count);
    rest += reading.rest;
  }
  return { told: counts, rest };
}
