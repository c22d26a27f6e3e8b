import * as v from 'valibot';

export const MINUTE_MS = 60_000;
export const HOUR_MS = 60 * MINUTE_MS;
export const DAY_MS = 24 * HOUR_MS;

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const ISO = /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d(?::\d\d)?)(\.\d+)?\s?(Z|[+-]\d\d:?\d\d)?$/i;
const LOCALE = /^([a-z]{3})[a-z]* (\d{1,2}), (\d{4}),? (\d{1,2}):(\d\d):(\d\d)(?: ([AP]M))?$/i;

/**
 * Reads a point in time in any of the forms in which AWS writes one: ISO 8601 (`2026-11-29T14:03:00Z`, a
 * space for the `T`, nanoseconds, any offset), the locale string of CloudTrail's `deletionDate`
 * (`Jul 10, 2023, 12:07:59 PM`, with whatever space the Java version puts before the `PM`), or seconds
 * since 1970. Without an offset it is UTC. `undefined` for all else.
 */
export function parseTime(value: unknown): Date | undefined {
  if (value instanceof Date) return valid(value);
  if (typeof value === 'number') return valid(new Date(value * 1000));
  if (typeof value !== 'string') return undefined;
  const text = value.trim().replace(/\s+/gu, ' ');
  return parseIso(text) ?? parseLocale(text);
}

/**
 * Reads what a person gives for a point in time: as {@link parseTime}, or a day, `2026-12-01`, which is its beginning in UTC.
 * @returns `undefined` if it is neither, or no day of the calendar.
 */
export function parseDayOrTime(value: string): Date | undefined {
  const text = value.trim();
  const date = parseTime(/^\d{4}-\d\d-\d\d$/.test(text) ? `${text}T00:00` : text);
  // `2027-02-31` would be read as a day of March.
  const isDay = date?.toISOString().startsWith(text.slice(0, 10)) ?? false;
  return isDay || /[+-]\d\d:?\d\d$/.test(text) ? date : undefined;
}

function parseIso(text: string): Date | undefined {
  const match = ISO.exec(text);
  if (!match) return undefined;
  const [, day, time, fraction = '', offset = 'Z'] = match;
  return valid(new Date(`${day}T${time}${fraction.slice(0, 4)}${offset.toUpperCase()}`));
}

function parseLocale(text: string): Date | undefined {
  const match = LOCALE.exec(text);
  if (!match) return undefined;
  const month = MONTHS.indexOf((match[1] ?? '').toLowerCase());
  const [day = 0, year = 0, hour = 0, minute = 0, second = 0] = match.slice(2, 7).map(Number);
  const half = match[7]?.toUpperCase();
  if (month < 0 || day > 31 || hour > (half ? 12 : 23) || minute > 59 || second > 59)
    return undefined;
  const hours = half ? (hour % 12) + (half === 'PM' ? 12 : 0) : hour;
  return valid(new Date(Date.UTC(year, month, day, hours, minute, second)));
}

function valid(date: Date): Date | undefined {
  return Number.isNaN(date.getTime()) ? undefined : date;
}

/** A time in an item of the table: ISO 8601 there, a Date here. */
export const isoTime = v.pipe(
  v.string(),
  v.transform((text) => new Date(text)),
  v.date(),
);

export function addDays(date: Date, days: number): Date {
  return new Date(date.getTime() + days * DAY_MS);
}

/** Seconds since 1970, in which DynamoDB's time to live counts. */
export function epochSeconds(date: Date): number {
  return Math.ceil(date.getTime() / 1000);
}

/** `2026-11-29 14:03 UTC`. */
export function formatUtc(date: Date): string {
  return `${date.toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}

/** `2026-11-29 14:03:07 UTC`. */
export function formatUtcSeconds(date: Date): string {
  return `${date.toISOString().slice(0, 19).replace('T', ' ')} UTC`;
}

/** The two largest units of a span, to the nearest hour, of less than a day to the nearest minute: `6 days 21 hours`, `2 days`. */
export function formatSpan(ms: number): string {
  const minutes = toNearest(ms, ms < DAY_MS - MINUTE_MS / 2 ? MINUTE_MS : HOUR_MS) / MINUTE_MS;
  const units: [number, string][] = [
    [Math.floor(minutes / (24 * 60)), 'day'],
    [Math.floor(minutes / 60) % 24, 'hour'],
    [minutes % 60, 'minute'],
  ];
  if (ms < MINUTE_MS) return 'less than a minute';
  return units
    .filter(([count]) => count > 0)
    .map(([count, unit]) => plural(count, unit))
    .join(' ');
}

/** A span in ms as a multiple of a unit in ms, rounded to the nearest. */
export function toNearest(ms: number, unit: number): number {
  return Math.round(ms / unit) * unit;
}

/** The largest unit of a span only, rounded down: `6 days`, `1 hour`, `less than a minute`. */
export function formatShortSpan(ms: number): string {
  if (ms >= DAY_MS) return plural(Math.floor(ms / DAY_MS), 'day');
  if (ms >= HOUR_MS) return plural(Math.floor(ms / HOUR_MS), 'hour');
  return formatSpan(ms);
}

/** `2026-11-22 17:05 UTC to 2026-11-22 17:13 UTC`, or `at 2026-11-22 17:05 UTC` of times within one minute. */
export function formatPeriod(first: Date, last: Date): string {
  const [from, to] = [formatUtc(first), formatUtc(last)];
  return from === to ? `at ${from}` : `${from} to ${to}`;
}

/** `1 day`, `2 days`. */
export function plural(count: number, unit: string): string {
  return `${count} ${unit}${count === 1 ? '' : 's'}`;
}
