import type { Asking } from '../attempt-item.ts';
import { HOUR_MS } from '../time.ts';

/** How often, and when, a caller has asked for a secret. */
export interface CallerTally {
  readonly callerName: string;
  count: number;
  first: Date;
  last: Date;
  /** The number of attempts in each hour that had one, by hours since 1970. */
  readonly hours: Map<number, number>;
}

/** Attempts on a secret by caller: its size goes with callers and hours, not with attempts. */
export type Tally = Map<string, CallerTally>;

/** Adds an attempt to a tally. */
export function addAsking(tally: Tally, { callerKey, callerName, time }: Asking): void {
  const caller = tally.get(callerKey) ?? {
    callerName,
    count: 0,
    first: time,
    last: time,
    hours: new Map<number, number>(),
  };
  tally.set(callerKey, caller);
  caller.count++;
  if (time < caller.first) caller.first = time;
  if (time > caller.last) caller.last = time;
  const hour = Math.floor(time.getTime() / HOUR_MS);
  caller.hours.set(hour, (caller.hours.get(hour) ?? 0) + 1);
}

/** The callers, whoever has asked most first. */
export function callersOf(tally: Tally): CallerTally[] {
  return [...tally.values()].sort((a, b) => b.count - a.count);
}

/** The number of all attempts. */
export function countOf(tally: Tally): number {
  return callersOf(tally).reduce((sum, { count }) => sum + count, 0);
}

/** When the secret was last asked for. */
export function lastOf(tally: Tally): Date | undefined {
  const times = callersOf(tally).map(({ last }) => last.getTime());
  return times.length > 0 ? new Date(Math.max(...times)) : undefined;
}
