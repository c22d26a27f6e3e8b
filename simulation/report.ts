import { shareOf } from '../lib/incident/budget.ts';
import { HOUR_MS } from '../lib/time.ts';
import type { Statistics } from './statistics.ts';
import { MAX_PER_SECOND, maxPer, mentionsIn, tally } from './tally.ts';
import {
  type Arrival,
  countOpenedDelayed,
  countToldLate,
  countWrongLastCalls,
  longestUntilNamed,
  mostMailsForOneIncident,
} from './timeliness.ts';
import type { Traffic } from './traffic.ts';

/** The result of a storm, as numbers. */
export interface Report {
  /** Distinct ones. */
  readonly attempts: number;
  /** With those that were delivered twice, without Lambda's retries. */
  readonly delivered: number;
  /** Attempts in the table. */
  readonly recorded: number;
  /** All messages in the mailbox, and those of each kind. */
  readonly mails: number;
  readonly alerts: number;
  readonly digests: number;
  readonly lastCalls: number;
  readonly resolved: number;
  readonly gone: number;
  readonly maxMailsPerHour: number;
  readonly maxMessagesPerSecond: number;
  /** In its first week, and in any day after, as {@link mostMailsForOneIncident} counts them. */
  readonly maxMailsForOneIncident: number;
  readonly maxMailsForOneIncidentPerDay: number;
  /** Attempts that a message reports. */
  readonly told: number;
  readonly lost: number;
  readonly toldTwice: number;
  readonly toldTwiceAfterCrash: number;
  /** Callers of a secret that no message names. */
  readonly unnamedCallers: number;
  /** The longest time from the first attempt on a secret, and of a caller on a secret, to the first message that names it. */
  readonly newSecretLatestSeconds: number;
  readonly newCallerLatestSeconds: number;
  /** Secrets whose first attempt was not alerted at once, with budget left. */
  readonly openedDelayed: number;
  /** Attempts that a digest should have reported, and did not. */
  readonly toldLate: number;
  /** Last calls that are missing, come twice, or at another time. */
  readonly wrongLastCalls: number;
  readonly failedRuns: number;
  /** Those of them that failed although the table and the topic answered. */
  readonly failedNeedlessly: number;
  readonly killedRuns: number;
  readonly deadLettered: number;
  readonly replayed: number;
  /** By service, retries of the SDK included. */
  readonly callsPerAttempt: Readonly<Record<string, number>>;
  readonly wallSeconds: number;
  readonly peakMemoryMb: number;
  /** The invariants that do not hold, a sentence each. */
  readonly broken: readonly string[];
}

/** What is known of a storm once it has ended. */
export interface StormResult {
  readonly traffic: Traffic;
  readonly secrets: number;
  /** When the storm began, when its last event came, and when nothing was left to report, in simulated ms since 1970. */
  readonly beginning: number;
  readonly end: number;
  readonly closed: number;
  readonly statistics: Statistics;
  readonly recorded: number;
  /** When 7, and 2, days are left to the end of a secret's deletion. */
  readonly marksOf: (secret: number) => readonly number[];
  /** The service's settings; the longest pause between digests in ms. */
  readonly maxMailsPerHour: number;
  readonly longestPause: number;
  readonly wallSeconds: number;
}

/** The limits of the design, in seconds. */
const NEW_SECRET_SECONDS = 600;
const NEW_CALLER_SECONDS = 3600;

/**
 * The limits of {@link mostMailsForOneIncident}: about a dozen, as what is due soon goes along with others; then one a day, and
 * two more where a last call has begun the pauses anew.
 */
const MAILS_IN_A_WEEK = 14;
const MAILS_IN_A_DAY = 3;

export function reportOf(result: StormResult): Report {
  const { traffic, secrets, end, closed, statistics, recorded, wallSeconds } = result;
  const attempts = traffic.pairs.length;
  const storm = { pairs: traffic.pairs, secrets };
  const messages = statistics.messages();
  const mentions = mentionsIn(messages, storm);
  const arrivals = arrivalsOf(result);
  const countOf = (kind: string) => messages.filter(({ reading }) => reading.kind === kind).length;
  const { lost, ...others } = tally(storm, messages);
  const { delivered, failed, failedNeedlessly, killed, deadLettered, replayed } = statistics.counts;
  const numbers = {
    attempts,
    delivered,
    recorded,
    mails: messages.length,
    alerts: countOf('alert'),
    digests: countOf('digest'),
    lastCalls: countOf('last-call'),
    resolved: countOf('resolved'),
    gone: countOf('gone'),
    maxMailsPerHour: maxPer(HOUR_MS, messages),
    maxMessagesPerSecond: maxPer(1000, messages),
    ...mostMailsForOneIncident(arrivals, mentions),
    told: attempts - lost,
    lost,
    ...others,
    newSecretLatestSeconds: longestUntilNamed(
      arrivals,
      mentions,
      closed,
      ({ secret }) => secret,
      ({ secret }) => [secret],
    ),
    newCallerLatestSeconds: longestUntilNamed(
      arrivals,
      mentions,
      closed,
      ({ pair }) => pair,
      ({ pairs }) => pairs,
    ),
    openedDelayed: countOpenedDelayed(arrivals, mentions, {
      messages,
      wasted: statistics.wasted,
      usedUpAt: shareOf('opened', result),
    }),
    toldLate: countToldLate(arrivals, mentions, result.longestPause, closed),
    wrongLastCalls: countWrongLastCalls(arrivals, mentions, result.marksOf, end),
    failedRuns: failed,
    failedNeedlessly,
    killedRuns: killed,
    deadLettered,
    replayed,
    callsPerAttempt: Object.fromEntries(
      Object.entries(statistics.calls).map(([service, calls]) => [
        service,
        round(calls / attempts),
      ]),
    ),
    wallSeconds: round(wallSeconds),
    // Of all threads; the system counts in KiB: https://nodejs.org/api/process.html#processresourceusage
    peakMemoryMb: Math.round(process.resourceUsage().maxRSS / 1024),
  };
  return { ...numbers, broken: brokenInvariants(numbers, result.maxMailsPerHour) };
}

function brokenInvariants(report: Omit<Report, 'broken'>, maxMailsPerHour: number): string[] {
  const expected: [name: keyof typeof report, most: number, least: number][] = [
    ['recorded', report.attempts, report.attempts],
    ['lost', 0, 0],
    ['toldTwice', 0, 0],
    ['unnamedCallers', 0, 0],
    ['newSecretLatestSeconds', NEW_SECRET_SECONDS, 0],
    ['newCallerLatestSeconds', NEW_CALLER_SECONDS, 0],
    ['openedDelayed', 0, 0],
    ['toldLate', 0, 0],
    ['wrongLastCalls', 0, 0],
    ['failedNeedlessly', 0, 0],
    ['maxMailsPerHour', maxMailsPerHour, 0],
    ['maxMessagesPerSecond', MAX_PER_SECOND, 0],
    ['maxMailsForOneIncident', MAILS_IN_A_WEEK, 0],
    ['maxMailsForOneIncidentPerDay', MAILS_IN_A_DAY, 0],
    ['replayed', report.deadLettered, report.deadLettered],
  ];
  return expected
    .filter(([name, most, least]) => Number(report[name]) > most || Number(report[name]) < least)
    .map(([name, most, least]) => {
      const range = most === least ? `${most}` : `at most ${most}`;
      return `Expected ${name} to be ${range}, got ${report[name]}.`;
    });
}

/** The first deliveries of all attempts. */
function arrivalsOf({ traffic, secrets, beginning, statistics }: StormResult): Arrival[] {
  const { pairs, times, deliveries } = traffic;
  return deliveries
    .filter(({ isRepeat }) => !isRepeat)
    .map(({ attempt, time }) => {
      const pair = pairs[attempt] ?? 0;
      return {
        secret: pair % secrets,
        pair,
        made: beginning + (times[attempt] ?? 0),
        time: beginning + time,
        isTroubled: statistics.isTroubled(attempt),
      };
    });
}

/** Three significant digits. */
function round(value: number): number {
  return Number(value.toPrecision(3));
}

/** A table of two columns. */
export function renderReport({ broken, callsPerAttempt, ...numbers }: Report): string {
  const calls = Object.entries(callsPerAttempt).map(
    ([service, count]) => [`calls of ${service} for each attempt`, count] as const,
  );
  const rows = [...Object.entries(numbers), ...calls].map(
    ([name, value]) => `${name.padEnd(44)}${value.toLocaleString('en-US').padStart(12)}`,
  );
  return [...rows, ...broken].join('\n');
}
