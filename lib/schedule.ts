import { addDays, DAY_MS, formatShortSpan, formatSpan, formatUtc, MINUTE_MS } from './time.ts';

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
 * Reads DescribeSecret's `DeletedDate`. AWS documents it both as the date for which the deletion is scheduled
 * and as the date of the deletion itself, and it has been seen to be the time of the request. So a date in
 * the future is the scheduled one; one in the past is the request's, and the window, 7 to 30 days, is unknown.
 * `missing`: why nothing better is known, a sentence.
 * Sources: https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_DescribeSecret.html,
 * https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_SecretListEntry.html
 */
export function scheduleFromDeletedDate(
  deletedDate: Date,
  now: Date,
  missing = '',
): DeletionSchedule {
  if (deletedDate > now) return { kind: 'exact', date: deletedDate };
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

/** When the severity will be the next higher one; `undefined` if it is the highest, or the date unknown. */
export function nextSeverityAt(schedule: DeletionSchedule, now: Date): Date | undefined {
  if (schedule.kind === 'unknown') return undefined;
  return [WARNING_DAYS, CRITICAL_DAYS]
    .map((days) => addDays(nearEnd(schedule), -days))
    .find((time) => time > now);
}

function nearEnd(schedule: Exclude<DeletionSchedule, { kind: 'unknown' }>): Date {
  return schedule.kind === 'exact' ? schedule.date : schedule.earliest;
}

/** For the subject: `6 days left`, `7 to 29 days left`, `date unknown`, `time is up`. Rounded down, lest it promise too much. */
export function timeLeftShort(schedule: DeletionSchedule, now: Date): string {
  if (isOver(schedule, now)) return 'time is up';
  switch (schedule.kind) {
    case 'exact':
      return `${formatShortSpan(schedule.date.getTime() - now.getTime())} left`;
    case 'estimated':
      return rangeLeft(schedule.earliest, schedule.latest, now);
    case 'unknown':
      return 'date unknown';
  }
}

/** For the body: `6 days 21 hours left`. AWS purges a secret at some time after the date, and tells none. */
export function timeLeft(schedule: DeletionSchedule, now: Date): string {
  if (isOver(schedule, now)) return 'AWS may purge it any time';
  return schedule.kind === 'exact'
    ? `${formatSpan(schedule.date.getTime() - now.getTime())} left`
    : timeLeftShort(schedule, now);
}

/** `2026-11-29 14:03 UTC, 6 days 21 hours left (exact)`: the date, what is left until then, and how sure that is. */
export function scheduleLine(schedule: DeletionSchedule, now: Date): string {
  const left = timeLeft(schedule, now);
  // Of a time that is up, AWS tells nothing exactly.
  const sure = (how: string) => (isOver(schedule, now) ? left : `${left} (${how})`);
  switch (schedule.kind) {
    case 'exact':
      return `${formatUtc(schedule.date)}, ${sure('exact')}`;
    case 'estimated':
      return `between ${formatUtc(schedule.earliest)} and ${formatUtc(schedule.latest)}, ${sure('a range')}`;
    case 'unknown':
      return `date unknown, at the latest ${formatUtc(schedule.latest)}${isOver(schedule, now) ? `, ${left}` : ''}`;
  }
}

function isOver(schedule: DeletionSchedule, now: Date): boolean {
  return (schedule.kind === 'exact' ? schedule.date : schedule.latest) <= now;
}

/** Both ends in days; from less than a day on, the far end alone. */
function rangeLeft(earliest: Date, latest: Date, now: Date): string {
  const days = Math.floor((earliest.getTime() - now.getTime()) / DAY_MS);
  const most = latest.getTime() - now.getTime();
  if (days >= 1) return `${days} to ${formatShortSpan(most)} left`;
  return `${most < MINUTE_MS ? '' : 'at most '}${formatShortSpan(most)} left`;
}
