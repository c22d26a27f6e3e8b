import { addDays, DAY_MS, formatUtc, MINUTE_MS } from '../time.ts';

/** The shortest and the longest recovery window that Secrets Manager takes, in days. */
export const MIN_WINDOW_DAYS = 7;
export const MAX_WINDOW_DAYS = 30;

/** When a secret is lost for good, and how sure that is. */
export type DeletionSchedule =
  | { readonly kind: 'exact'; readonly date: Date }
  | {
      readonly kind: 'estimated';
      readonly earliest: Date;
      readonly latest: Date;
      /** Why it is only a range, as a sentence. */
      readonly reason: string;
    }
  | {
      readonly kind: 'unknown';
      readonly latest: Date;
      /** Why nothing better is known, as a sentence. */
      readonly reason: string;
    };

/**
 * How far apart two times of one call may lie, in ms: CloudTrail's are whole seconds, and each is of the clock of
 * the host that wrote it.
 */
export const CLOCK_TOLERANCE_MS = MINUTE_MS;

/**
 * From how far ahead on DescribeSecret's `DeletedDate` is the scheduled date, in ms. On AWS it is the time of the
 * request, so one a few minutes ahead is of a clock that is; only emulators (moto, LocalStack, ministack) store the
 * end of the window there, which is days ahead until its last day.
 */
const SCHEDULED_FROM_MS = DAY_MS;

/**
 * Whether DescribeSecret's `DeletedDate` is the date for which the deletion is scheduled, as emulators store it,
 * and not the time of the request, as on AWS. Sources: docs/decisions/0005-deletion-date.md.
 */
export function isScheduledDate(deletedDate: Date, now: Date): boolean {
  return deletedDate.getTime() - now.getTime() >= SCHEDULED_FROM_MS;
}

/** The earliest time, by any clock, at which the deletion that DescribeSecret dates can have been requested. */
export function requestedFrom(deletedDate: Date, now: Date): Date {
  const days = isScheduledDate(deletedDate, now) ? MAX_WINDOW_DAYS : 0;
  return new Date(addDays(deletedDate, -days).getTime() - CLOCK_TOLERANCE_MS);
}

/**
 * Reads DescribeSecret's `DeletedDate`: the time of the request, after which the window, 7 to 30 days, is unknown.
 * `missing`: why nothing better is known, a sentence.
 */
export function scheduleFromDeletedDate(
  deletedDate: Date,
  now: Date,
  missing = '',
): DeletionSchedule {
  if (isScheduledDate(deletedDate, now)) return { kind: 'exact', date: deletedDate };
  return {
    kind: 'estimated',
    earliest: addDays(deletedDate, MIN_WINDOW_DAYS),
    latest: addDays(deletedDate, MAX_WINDOW_DAYS),
    reason:
      `AWS told when the deletion was asked for (${formatUtc(deletedDate)}), not the recovery window, which is ${MIN_WINDOW_DAYS} to ${MAX_WINDOW_DAYS} days. ${missing}`.trim(),
  };
}

/** What is certain of a secret that was pending at `time`: it cannot be scheduled for more than 30 days later. */
export function scheduleFromAttempt(time: Date, reason: string): DeletionSchedule {
  return { kind: 'unknown', latest: addDays(time, MAX_WINDOW_DAYS), reason };
}

const WARNING_DAYS = 7;
const CRITICAL_DAYS = 2;

/** `notice`: more than 7 days left; `warning`: 7 days or less, or unknown; `critical`: 2 days or less, or past. */
export type Severity = 'notice' | 'warning' | 'critical';

/** By the time that is left for certain, which for a range is up to its near end. */
export function severityOf(schedule: DeletionSchedule, now: Date): Severity {
  if (schedule.kind === 'unknown') return schedule.latest > now ? 'warning' : 'critical';
  const left = nearEnd(schedule).getTime() - now.getTime();
  if (left <= CRITICAL_DAYS * DAY_MS) return 'critical';
  return left <= WARNING_DAYS * DAY_MS ? 'warning' : 'notice';
}

/** The most urgent of some; of none `notice`. */
export function mostUrgent(severities: readonly Severity[]): Severity {
  const order = ['critical', 'warning'] as const;
  return order.find((severity) => severities.includes(severity)) ?? 'notice';
}

/** The time left in ms, by which secrets are sorted: for a range up to its near end, for an unknown date the most. */
export function urgency(schedule: DeletionSchedule, now: Date): number {
  return nearEnd(schedule).getTime() - now.getTime();
}

/** The end of the window if it is exact, else the earliest; of an unknown one the latest. */
export function nearEnd(schedule: DeletionSchedule): Date {
  if (schedule.kind === 'unknown') return schedule.latest;
  return schedule.kind === 'exact' ? schedule.date : schedule.earliest;
}

/** When the window has ended for certain. */
export function farEnd(schedule: DeletionSchedule): Date {
  return schedule.kind === 'exact' ? schedule.date : schedule.latest;
}
