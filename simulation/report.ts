import { MINUTE_MS } from '../lib/time.ts';
import type { Promises } from './alerts.ts';
import type { Statistics } from './statistics.ts';
import { countLate, MAX_PER_SECOND, maxPer, tally } from './tally.ts';
import type { Traffic } from './traffic.ts';

/** The result of a storm, as numbers. */
export interface Report {
  /** Distinct ones. */
  readonly attempts: number;
  /** With those that were delivered twice, without Lambda's retries. */
  readonly delivered: number;
  /** Attempts in the table. */
  readonly recorded: number;
  readonly alerts: number;
  readonly summaries: number;
  /** Alerts and summaries in the mailbox. */
  readonly messages: number;
  readonly maxMessagesPerMinute: number;
  /** Of alerts alone: one message of each minute is kept for the summary. */
  readonly maxAlertsPerMinute: number;
  readonly maxMessagesPerSecond: number;
  /** Attempts that a message reports. */
  readonly told: number;
  readonly lost: number;
  readonly toldTwice: number;
  readonly toldTwiceAfterCrash: number;
  /** Attempts that were due for an alert, with budget left, and were not alerted at once. */
  readonly alertsDelayed: number;
  /** Alerts in the quiet window of their pair. */
  readonly alertsTooSoon: number;
  /** Attempts that a summary should have reported, and did not. */
  readonly toldLate: number;
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
  /** When the storm began, in simulated ms since 1970. */
  readonly beginning: number;
  readonly pairOf: (secret: number, caller: number) => number;
  readonly statistics: Statistics;
  readonly recorded: number;
  readonly maxMessagesPerMinute: number;
  readonly promises: Omit<Promises, 'maxPerMinute'>;
  readonly wallSeconds: number;
}

export function reportOf(result: StormResult): Report {
  const { traffic, beginning, pairOf, statistics, recorded, wallSeconds } = result;
  const { pairs, deliveries } = traffic;
  const attempts = pairs.length;
  const messages = statistics.messages();
  const pairOfAttempt = (attempt: number) => pairs[attempt] ?? 0;
  const alerts = messages.flatMap(({ reading, time, isCalm }) =>
    reading.kind === 'alert' ? [{ pair: pairOfAttempt(reading.attempt), time, isCalm }] : [],
  );
  const first = deliveries
    .filter(({ attempt, isRepeat }) => !isRepeat && !statistics.isTroubled(attempt))
    .map(({ attempt, time }) => ({ pair: pairOfAttempt(attempt), time: beginning + time }));
  const promises = { ...result.promises, maxPerMinute: result.maxMessagesPerMinute - 1 };
  const { lost, ...twice } = tally(pairs, pairOf, messages);
  const { delivered, failed, failedNeedlessly, killed, deadLettered, replayed } = statistics.counts;
  const numbers = {
    attempts,
    delivered,
    recorded,
    alerts: alerts.length,
    summaries: messages.length - alerts.length,
    messages: messages.length,
    maxMessagesPerMinute: maxPer(MINUTE_MS, messages),
    maxAlertsPerMinute: maxPer(MINUTE_MS, alerts),
    maxMessagesPerSecond: maxPer(1000, messages),
    told: attempts - lost,
    lost,
    ...twice,
    ...statistics.judgeAlerts({ attempts: first, alerts, messages }, promises),
    toldLate: countLate(
      { attempts: first, pairOfAttempt, pairOf, messages },
      statistics.summariesDue(),
    ),
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
  return { ...numbers, broken: brokenInvariants(numbers, result.maxMessagesPerMinute) };
}

function brokenInvariants(report: Omit<Report, 'broken'>, maxMessagesPerMinute: number): string[] {
  const expected: [name: keyof typeof report, most: number, least: number][] = [
    ['recorded', report.attempts, report.attempts],
    ['lost', 0, 0],
    ['toldTwice', 0, 0],
    ['alertsDelayed', 0, 0],
    ['alertsTooSoon', 0, 0],
    ['toldLate', 0, 0],
    ['failedNeedlessly', 0, 0],
    ['maxMessagesPerMinute', maxMessagesPerMinute, 0],
    ['maxAlertsPerMinute', maxMessagesPerMinute - 1, 0],
    ['maxMessagesPerSecond', MAX_PER_SECOND, 0],
    ['replayed', report.deadLettered, report.deadLettered],
  ];
  return expected
    .filter(([name, most, least]) => Number(report[name]) > most || Number(report[name]) < least)
    .map(([name, most, least]) => {
      const range = most === least ? `${most}` : `at most ${most}`;
      return `Expected ${name} to be ${range}, got ${report[name]}.`;
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
