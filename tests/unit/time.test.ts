import {
  DAY_MS,
  formatShortSpan,
  formatSpan,
  formatUtc,
  HOUR_MS,
  MINUTE_MS,
  parseTime,
} from '../../lib/time.ts';

describe('parseTime', () => {
  test.each([
    ['2026-11-22T14:03:00Z', '2026-11-22T14:03:00.000Z'],
    ['2026-11-22T14:03:00.123456+01:00', '2026-11-22T13:03:00.123Z'],
    ['2024-10-17 21:48:45.000000000', '2024-10-17T21:48:45.000Z'],
    ['2026-11-22T14:03', '2026-11-22T14:03:00.000Z'],
    ['Jul 10, 2023, 12:07:59 PM', '2023-07-10T12:07:59.000Z'],
    ['Jul 10, 2023, 12:07:59 AM', '2023-07-10T00:07:59.000Z'],
    ['Nov 29, 2026, 2:03:00\u202fPM', '2026-11-29T14:03:00.000Z'],
    ['Nov 29, 2026 2:03:00 pm', '2026-11-29T14:03:00.000Z'],
    ['November 29, 2026, 14:03:00', '2026-11-29T14:03:00.000Z'],
    // In the night in which New York sets its clocks back and forth: the zone of these tests.
    ['Nov 1, 2026, 1:30:00 AM', '2026-11-01T01:30:00.000Z'],
    ['Mar 8, 2026, 2:30:00 AM', '2026-03-08T02:30:00.000Z'],
    ['2026-03-08 02:30:00', '2026-03-08T02:30:00.000Z'],
    [1764425000.5, '2025-11-29T14:03:20.500Z'],
    [new Date('2026-11-22T14:03:00Z'), '2026-11-22T14:03:00.000Z'],
  ])('reads %p as UTC', (value, expected) => {
    expect(parseTime(value)?.toISOString()).toBe(expected);
  });

  test.each([
    ['', 'tomorrow', '29.11.2026', 'Foo 1, 2026, 1:00:00 AM', 'Nov 41, 2026, 1:00:00 AM'],
    [
      'Nov 1, 2026, 13:00:00 PM',
      'Nov 1, 2026, 24:00:00',
      '2026-13-01T00:00:00Z',
      1e300,
      Number.NaN,
    ],
    [null, undefined, {}, true, new Date(Number.NaN)],
  ])('takes nothing else for a time', (...values) => {
    for (const value of values) expect(parseTime(value)).toBeUndefined();
  });
});

test('the tests run in a zone with daylight saving', () => {
  expect(new Date('2026-07-01T00:00:00Z').getTimezoneOffset()).toBe(240);
  expect(new Date('2026-12-01T00:00:00Z').getTimezoneOffset()).toBe(300);
});

test('dates are written in UTC', () => {
  expect(formatUtc(new Date('2026-11-29T14:03:59Z'))).toBe('2026-11-29 14:03 UTC');
});

test.each([
  [6 * DAY_MS + 21 * HOUR_MS + 29 * MINUTE_MS, '6 days 21 hours', '6 days'],
  [6 * DAY_MS + 21 * HOUR_MS + 30 * MINUTE_MS, '6 days 22 hours', '6 days'],
  [7 * DAY_MS - 2 * MINUTE_MS, '7 days', '6 days'],
  [2 * DAY_MS - HOUR_MS, '1 day 23 hours', '1 day'],
  [DAY_MS, '1 day', '1 day'],
  [DAY_MS - 1, '1 day', '23 hours'],
  [DAY_MS - MINUTE_MS, '23 hours 59 minutes', '23 hours'],
  [HOUR_MS - 1, '1 hour', '1 hour'],
  [HOUR_MS + MINUTE_MS, '1 hour 1 minute', '1 hour'],
  [59_999, 'less than a minute', 'less than a minute'],
  [0, 'less than a minute', 'less than a minute'],
])('%i ms are %s, in short %s', (ms, long, short) => {
  expect(formatSpan(ms)).toBe(long);
  expect(formatShortSpan(ms)).toBe(short);
});
