import { MINUTE_MS } from '../lib/time.ts';
import type { Random, Traffic } from './traffic.ts';

/** What the trail's log group brings, and which of it nothing else does. */
export interface Trail {
  /** The attempts of which EventBridge delivers no event: lost ones, and those of a place without a spoke. */
  readonly lost: ReadonlySet<number>;
  /** The earliest first. */
  readonly batches: readonly Batch[];
}

/** Attempts that arrive in the log group together. */
interface Batch {
  readonly attempts: readonly number[];
  /** In ms since the storm began. */
  readonly time: number;
}

/** What was made within a minute arrives together, so many at most. */
const BATCH_MS = MINUTE_MS;
export const BATCH_SIZE = 50;

/**
 * CloudTrail delivers a record to CloudWatch Logs about five minutes after the call on average.
 * Source: https://docs.aws.amazon.com/awscloudtrail/latest/userguide/send-cloudtrail-events-to-cloudwatch-logs.html
 */
const SOONEST_MS = 4 * MINUTE_MS;
const DELAY_MS = 2 * MINUTE_MS;

/** The most from an attempt to its arrival in the log group, in ms. */
export const TRAIL_LATEST_MS = BATCH_MS + SOONEST_MS + DELAY_MS;

/**
 * Brings each attempt, in batches; of a share of them, 0 to 1, EventBridge loses all events.
 * @param isHeard whether the place of an attempt sends events at all
 */
export function makeTrail(
  { times }: Traffic,
  losses: number,
  random: Random,
  isHeard: (attempt: number) => boolean = () => true,
): Trail {
  const lost = new Set(
    [...times.keys()].filter((attempt) => random() < losses || !isHeard(attempt)),
  );
  const batches: Batch[] = [];
  for (let first = 0; first < times.length; ) {
    const begun = times[first] ?? 0;
    let next = first;
    while (next < first + BATCH_SIZE && (times[next] ?? Infinity) <= begun + BATCH_MS) next++;
    const attempts = Array.from({ length: next - first }, (_, i) => first + i);
    const made = times[next - 1] ?? 0;
    batches.push({ attempts, time: made + SOONEST_MS + DELAY_MS * random() });
    first = next;
  }
  return { lost, batches: batches.sort((a, b) => a.time - b.time) };
}
