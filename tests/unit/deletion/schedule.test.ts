import {
  type DeletionSchedule,
  nearEnd,
  requestedFrom,
  scheduleFromAttempt,
  scheduleFromDeletedDate,
  severityOf,
} from '../../../lib/deletion/schedule.ts';
import { scheduleLine, timeLeft } from '../../../lib/notice/deletion-text.ts';
import { addDays, DAY_MS, MINUTE_MS } from '../../../lib/time.ts';
import { NOW } from '../../testing/attempts.ts';

const exact = (days: number): DeletionSchedule => ({ kind: 'exact', date: addDays(NOW, days) });
const range = (from: number, to: number): DeletionSchedule => ({
  kind: 'estimated',
  earliest: addDays(NOW, from),
  latest: addDays(NOW, to),
  reason: 'because.',
});
const unknown = scheduleFromAttempt(NOW, 'because.');

describe('DeletedDate', () => {
  const minuteBefore = (date: Date) => new Date(date.getTime() - MINUTE_MS);

  test('a day ahead or more is the scheduled date, as emulators store it', () => {
    const date = addDays(NOW, 1);
    expect(scheduleFromDeletedDate(date, NOW)).toEqual({ kind: 'exact', date });
    expect(requestedFrom(date, NOW)).toEqual(minuteBefore(addDays(date, -30)));
  });

  test.each([5, 24 * 60 - 1])('%d minutes ahead is of a clock that is', (minutes) => {
    const date = new Date(NOW.getTime() + minutes * MINUTE_MS);
    expect(scheduleFromDeletedDate(date, NOW)).toMatchObject({
      kind: 'estimated',
      earliest: addDays(date, 7),
      latest: addDays(date, 30),
    });
    expect(requestedFrom(date, NOW)).toEqual(minuteBefore(date));
  });

  test('is when the deletion was asked for: it ends 7 to 30 days later', () => {
    const asked = new Date('2026-11-20T09:00:00Z');
    expect(scheduleFromDeletedDate(asked, NOW)).toEqual({
      kind: 'estimated',
      earliest: new Date('2026-11-27T09:00:00Z'),
      latest: new Date('2026-12-20T09:00:00Z'),
      reason:
        'AWS told when the deletion was asked for (2026-11-20 09:00 UTC), not the recovery window, which is 7 to 30 days.',
    });
  });

  test('of this very moment is when the deletion was asked for', () => {
    expect(scheduleFromDeletedDate(NOW, NOW).kind).toBe('estimated');
  });

  test('counts days of 24 hours across a change of clocks', () => {
    const schedule = scheduleFromDeletedDate(new Date('2026-10-31T05:00:00Z'), NOW);
    expect(schedule).toMatchObject({ earliest: new Date('2026-11-07T05:00:00Z') });
  });
});

test('an attempt alone shows that the secret is lost within 30 days', () => {
  expect(unknown).toEqual({ kind: 'unknown', latest: addDays(NOW, 30), reason: 'because.' });
});

test.each([
  [exact(7.1), 'notice', '7 days 2 hours left'],
  [exact(7), 'warning', '7 days left'],
  [exact(7 - 2 / 1440), 'warning', '7 days left'],
  [exact(2.01), 'warning', '2 days left'],
  [exact(2 - 2 / 1440), 'critical', '2 days left'],
  [exact(1.9), 'critical', '1 day 22 hours left'],
  [exact(0.1), 'critical', '2 hours 24 minutes left'],
  [exact(0), 'critical', 'time is up'],
  [exact(-1), 'critical', 'time is up'],
  [exact(1 / 2000), 'critical', 'less than a minute left'],
  [range(7.5, 29.5), 'notice', '7 to 29 days left'],
  [range(7 - 2 / 1440, 30 - 2 / 1440), 'warning', '7 to 30 days left'],
  [range(5, 28), 'warning', '5 to 28 days left'],
  [range(1.9, 24.9), 'critical', '46 hours to 24 days left'],
  [range(0.9, 23.9), 'critical', '22 hours to 23 days left'],
  [range(-1, 22), 'critical', 'at most 22 days left'],
  [range(-23, 0.5), 'critical', 'at most 12 hours left'],
  [range(-24, 1 / 2000), 'critical', 'less than a minute left'],
  [range(-24, -1), 'critical', 'time is up'],
  [unknown, 'warning', 'date unknown'],
  [scheduleFromAttempt(addDays(NOW, -31), 'because.'), 'critical', 'time is up'],
] as const)('%j is %s: %s', (schedule, severity, left) => {
  expect(severityOf(schedule, NOW)).toBe(severity);
  expect(timeLeft(schedule, NOW)).toBe(left);
});

test.each([
  [exact(6.5), '2026-11-29 05:05 UTC, 6 days 12 hours left (exact)'],
  [exact(0), '2026-11-22 17:05 UTC, AWS may purge it any time'],
  [
    range(1, 24),
    'between 2026-11-23 17:05 UTC and 2026-12-16 17:05 UTC, 24 hours to 24 days left (a range)',
  ],
  [
    range(-24, -1),
    'between 2026-10-29 17:05 UTC and 2026-11-21 17:05 UTC, AWS may purge it any time',
  ],
  [unknown, 'date unknown, at the latest 2026-12-22 17:05 UTC'],
  [
    scheduleFromAttempt(addDays(NOW, -31), 'because.'),
    'date unknown, at the latest 2026-11-21 17:05 UTC, AWS may purge it any time',
  ],
] as const)('%j is told as %s', (schedule, line) => {
  expect(scheduleLine(schedule, NOW)).toBe(line);
});

test('a range is as severe as its near end', () => {
  expect(severityOf(range(2, 25), NOW)).toBe(
    severityOf({ kind: 'exact', date: new Date(NOW.getTime() + 2 * DAY_MS) }, NOW),
  );
});

test.each([
  [exact(9), addDays(NOW, 9)],
  [range(7.5, 29.5), addDays(NOW, 7.5)],
  [unknown, addDays(NOW, 30)],
])('the end of %j that counts is %s', (schedule, end) => {
  expect(nearEnd(schedule)).toEqual(end);
});
