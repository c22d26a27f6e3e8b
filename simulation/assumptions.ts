import type { Assumption } from '../emulators/sts.ts';
import { HOUR_MS, MINUTE_MS } from '../lib/time.ts';

/** Credentials live for an hour from when AWS STS answers, and are asked for a moment before. */
const SLACK_MS = MINUTE_MS;

/**
 * Counts the calls of AssumeRole by a process whose last one for the same role was answered, granted or refused, less than an
 * hour ago. One whose answer got lost counts for nothing.
 */
export function countAssumedTooOften(assumptions: readonly Assumption[]): number {
  const answered = assumptions.filter(({ isLost }) => !isLost);
  const byRole = Map.groupBy(answered, ({ process, roleArn }) => `${process} ${roleArn}`);
  return [...byRole.values()].reduce((sum, calls) => {
    const times = calls.map(({ time }) => time.getTime()).sort((a, b) => a - b);
    const isTooSoon = (time: number, i: number) =>
      time - (times[i - 1] ?? Number.NEGATIVE_INFINITY) < HOUR_MS - SLACK_MS;
    return sum + times.filter(isTooSoon).length;
  }, 0);
}
