import type { Asking } from '../../lib/attempt/item.ts';
import { callerIdentity } from '../../lib/cloudtrail/caller.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../lib/time.ts';

/** The attempts of a caller on a secret. */
export interface CallerTally {
  readonly callerKey: string;
  readonly callerName: string;
  /** Who issued a person's session, if any record told it. */
  issuerArn?: string;
  count: number;
  first: Date;
  last: Date;
  /** The number of attempts in each bin that had one, by bins since 1970. */
  readonly bins: Map<number, number>;
}

/** Attempts on a secret by caller. Its size grows with callers and bins, not with attempts. */
export type Tally = Map<string, CallerTally>;

const SECOND_MS = 1000;
/** Lengths of a bin, in ms. CloudTrail's times are whole seconds. */
const STEPS = [
  ...[1, 2, 5, 10, 15, 30].map((seconds) => seconds * SECOND_MS),
  ...[1, 2, 5, 10, 15, 30].map((minutes) => minutes * MINUTE_MS),
  ...[1, 2, 3, 6, 12].map((hours) => hours * HOUR_MS),
];
const MAX_BINS = 120;

/** The length of a bin, in ms, such that a span, in ms, has about 120 of them at most. */
export function stepOf(span: number): number {
  return STEPS.find((step) => span <= step * MAX_BINS) ?? DAY_MS;
}

/** Adds an attempt to a tally. @param step the length of a bin, in ms */
export function addAsking(tally: Tally, asking: Asking, step: number): void {
  const { callerKey, callerName, issuerArn, time } = asking;
  const identity = callerIdentity(callerKey);
  const caller = tally.get(identity) ?? {
    callerKey,
    callerName,
    count: 0,
    first: time,
    last: time,
    bins: new Map<number, number>(),
  };
  tally.set(identity, caller);
  caller.issuerArn ??= issuerArn;
  caller.count++;
  if (time < caller.first) caller.first = time;
  if (time > caller.last) caller.last = time;
  const bin = Math.floor(time.getTime() / step);
  caller.bins.set(bin, (caller.bins.get(bin) ?? 0) + 1);
}

/** The callers, the most frequent first. */
export function callersOf(tally: Tally): CallerTally[] {
  return [...tally.values()].sort((a, b) => b.count - a.count);
}

/** The number of all attempts of these callers. */
export function countOf(callers: Iterable<CallerTally>): number {
  return [...callers].reduce((sum, { count }) => sum + count, 0);
}

/** When the last attempt was. */
export function lastOf(tally: Tally): Date | undefined {
  const times = callersOf(tally).map(({ last }) => last.getTime());
  return times.length > 0 ? new Date(Math.max(...times)) : undefined;
}
