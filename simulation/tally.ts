import type { Reading } from './reading.ts';

/** A message and how it came. */
export interface Told {
  readonly reading: Reading;
  /** When it was published, in simulated ms since 1970. */
  readonly time: number;
  /**
   * Whether the run that published it went on to its end, and knew that it had published: else the message may
   * rightly be followed by another that tells the same.
   */
  readonly isSure: boolean;
  /** Whether that run met no fault at all. */
  readonly isCalm: boolean;
}

export interface Tally {
  /** How often an attempt has been told by no message. */
  readonly lost: number;
  /** How often an attempt was told once more although it had been told for sure. */
  readonly toldTwice: number;
  /** How often one was told once more after a message that was not sure. */
  readonly toldTwiceAfterCrash: number;
}

/** What has been told of a pair, or of those that a summary had no room for. */
interface Count {
  /** Attempts that were made. */
  made: number;
  /** Attempts that an alert told, and those of them that one told for sure. */
  alerted: number;
  alertedForSure: number;
  /** Attempts that summaries told, and those that summaries told for sure. */
  summed: number;
  summedForSure: number;
}

/**
 * Counts from the messages alone what they tell of which attempts: an alert of the one that it names, a summary of
 * as many of a pair as it says.
 * @param pairs the pair of each attempt
 * @param pairOf the pair of a secret and a caller
 */
export function tally(
  pairs: Uint32Array,
  pairOf: (secret: number, caller: number) => number,
  told: readonly Told[],
): Tally {
  const counts = new Map<number, Count>();
  const result = { lost: 0, toldTwice: 0, toldTwiceAfterCrash: 0 };
  const noRoom = emptyCount();
  const alerts = alertsByAttempt(told);
  for (const [attempt, pair] of pairs.entries()) {
    const count = countOf(counts, pair);
    const { all, sure } = alerts.get(attempt) ?? { all: 0, sure: 0 };
    count.made++;
    if (all > 0) count.alerted++;
    if (sure > 0) count.alertedForSure++;
    const twice = Math.max(0, sure - 1);
    result.toldTwice += twice;
    result.toldTwiceAfterCrash += Math.max(0, all - 1) - twice;
  }
  for (const { reading, isSure } of told) {
    if (reading.kind === 'alert') continue;
    for (const { secret, caller, count } of reading.counts) {
      add(countOf(counts, pairOf(secret, caller)), count, isSure);
    }
    add(noRoom, reading.rest, isSure);
  }
  for (const count of counts.values()) {
    const { missing, twice, twiceAfterCrash } = balance(count);
    noRoom.made += missing;
    result.toldTwice += twice;
    result.toldTwiceAfterCrash += twiceAfterCrash;
  }
  const { missing, twice, twiceAfterCrash } = balance(noRoom);
  result.lost = missing;
  result.toldTwice += twice;
  result.toldTwiceAfterCrash += twiceAfterCrash;
  return result;
}

function balance({ made, alerted, alertedForSure, summed, summedForSure }: Count) {
  const twice = Math.max(0, summedForSure - (made - alertedForSure));
  return {
    missing: Math.max(0, made - alerted - summed),
    twice,
    twiceAfterCrash: Math.max(0, summed - (made - alerted)) - twice,
  };
}

function alertsByAttempt(told: readonly Told[]) {
  const alerts = new Map<number, { all: number; sure: number }>();
  for (const { reading, isSure } of told) {
    if (reading.kind === 'summary') continue;
    const { all, sure } = alerts.get(reading.attempt) ?? { all: 0, sure: 0 };
    alerts.set(reading.attempt, { all: all + 1, sure: sure + (isSure ? 1 : 0) });
  }
  return alerts;
}

function add(count: Count, attempts: number, isSure: boolean): void {
  count.summed += attempts;
  if (isSure) count.summedForSure += attempts;
}

function countOf(counts: Map<number, Count>, pair: number): Count {
  const count = counts.get(pair) ?? emptyCount();
  counts.set(pair, count);
  return count;
}

function emptyCount(): Count {
  return { made: 0, alerted: 0, alertedForSure: 0, summed: 0, summedForSure: 0 };
}
