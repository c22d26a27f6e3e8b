import { MINUTE_MS } from '../lib/time.ts';
import type { Reading } from './cast.ts';

/** A message and how it was published. */
export interface Message {
  readonly reading: Reading;
  /** When it was published, in simulated ms since 1970. */
  readonly time: number;
  /** Whether the run that published it was completed, and knew that it had published. Otherwise a repeat is no fault. */
  readonly isSure: boolean;
  /** Whether that run met no fault. */
  readonly isCalm: boolean;
}

export interface Tally {
  /** Attempts that no message reports. */
  readonly lost: number;
  /** How often an attempt was reported again after a message that was sure. */
  readonly toldTwice: number;
  /** How often an attempt was reported again after a message that was not sure. */
  readonly toldTwiceAfterCrash: number;
}

/** The reported attempts of a pair, or of those that a summary had no room for. */
interface Count {
  /** Attempts that were made. */
  made: number;
  /** Attempts in an alert, and those in one that is sure. */
  alerted: number;
  alertedForSure: number;
  /** Attempts in summaries, and those in sure ones. */
  summed: number;
  summedForSure: number;
}

/**
 * Counts the attempts that messages report, by the messages alone: an alert reports the attempt that it names, a summary as
 * many of a pair as it says.
 * @param pairs the pair of each attempt
 * @param pairOf the pair of a secret and a caller
 */
export function tally(
  pairs: Uint32Array,
  pairOf: (secret: number, caller: number) => number,
  messages: readonly Message[],
): Tally {
  const counts = new Map<number, Count>();
  const result = { lost: 0, toldTwice: 0, toldTwiceAfterCrash: 0 };
  const noRoom = emptyCount();
  const alerts = alertsByAttempt(messages);
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
  for (const { reading, isSure } of messages) {
    if (reading.kind === 'alert') continue;
    for (const { secret, caller, count } of reading.counts) {
      add(countOf(counts, pairOf(secret, caller)), count, isSure);
    }
    add(noRoom, reading.rest, isSure);
  }
  // An attempt in no sure message may be among those that a summary had no room for.
  let open = 0;
  for (const count of counts.values()) {
    const unalerted = count.made - count.alertedForSure;
    const { missing, twice, twiceAfterCrash } = balance(count, unalerted);
    noRoom.made += missing;
    open += Math.max(0, unalerted - count.summedForSure);
    result.toldTwice += twice;
    result.toldTwiceAfterCrash += twiceAfterCrash;
  }
  const { missing, twice, twiceAfterCrash } = balance(noRoom, open);
  result.lost = missing;
  result.toldTwice += twice;
  result.toldTwiceAfterCrash += twiceAfterCrash;
  return result;
}

/** @param open the number of attempts that sure summaries may report: those in no other sure message */
function balance({ made, alerted, summed, summedForSure }: Count, open: number) {
  const twice = Math.max(0, summedForSure - open);
  return {
    missing: Math.max(0, made - alerted - summed),
    twice,
    twiceAfterCrash: Math.max(0, summed - (made - alerted)) - twice,
  };
}

function alertsByAttempt(messages: readonly Message[]) {
  const alerts = new Map<number, { all: number; sure: number }>();
  for (const { reading, isSure } of messages) {
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

/** An attempt this short before a summary may still be in a run that alerts it; in ms. */
const UNDER_WAY_MS = MINUTE_MS;

/** The longest time from the beginning of a summary to its message, in ms. */
const IN_TIME_MS = 5 * MINUTE_MS;

interface Storm {
  /** The pair and the time of each attempt, without repeats, retries, and those whose runs failed or were killed. */
  readonly attempts: Iterable<{ readonly pair: number; readonly time: number }>;
  readonly pairOfAttempt: (attempt: number) => number;
  readonly pairOf: (secret: number, caller: number) => number;
  readonly messages: readonly Message[];
}

/**
 * Counts the attempts that a summary should have reported and did not: by pair, the attempts until then minus the reported
 * ones.
 * @param due the times of the summaries, without those that failed or were killed, which a later one makes up for
 */
export function countLate(storm: Storm, due: Iterable<number>): number {
  const arrivals = Map.groupBy(storm.attempts, ({ pair }) => pair);
  let late = 0;
  for (const time of due) {
    const { reported, rest } = reportedUntil(time + IN_TIME_MS, storm);
    let missing = 0;
    for (const [pair, attempts] of arrivals) {
      const come = attempts.filter((attempt) => attempt.time < time - UNDER_WAY_MS).length;
      missing += Math.max(0, come - (reported.get(pair) ?? 0));
    }
    late += Math.max(0, missing - rest);
  }
  return late;
}

/** The number of reported attempts by pair, and of those that summaries had no room for. */
function reportedUntil(time: number, { messages, pairOf, pairOfAttempt }: Storm) {
  const counts = new Map<number, number>();
  const add = (pair: number, count: number) => counts.set(pair, (counts.get(pair) ?? 0) + count);
  let rest = 0;
  for (const { reading, time: published } of messages) {
    if (published > time) continue;
    if (reading.kind === 'alert') {
      add(pairOfAttempt(reading.attempt), 1);
      continue;
    }
    for (const { secret, caller, count } of reading.counts) add(pairOf(secret, caller), count);
    rest += reading.rest;
  }
  return { reported: counts, rest };
}

/**
 * SNS suspends an e-mail subscription that gets more messages in a second.
 * Source: https://docs.aws.amazon.com/sns/latest/dg/sns-email-notifications.html
 */
export const MAX_PER_SECOND = 10;

/** The most messages in any second, minute or other span of the clock; all in ms. */
export function maxPer(span: number, messages: readonly { readonly time: number }[]): number {
  const spans = new Map<number, number>();
  for (const { time } of messages) {
    const index = Math.floor(time / span);
    spans.set(index, (spans.get(index) ?? 0) + 1);
  }
  return Math.max(0, ...spans.values());
}
