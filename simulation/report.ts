import type { Assumption } from '../emulators/sts.ts';
import { shareOf } from '../lib/incident/budget.ts';
import type { Channel } from '../lib/notice/channel.ts';
import { HOUR_MS } from '../lib/time.ts';
import { countAssumedTooOften } from './assumptions.ts';
import type { Channels } from './channels.ts';
import { type ClashCall, tallyClashes } from './clashes.ts';
import type { Outage } from './cloud.ts';
import { placeOf } from './places.ts';
import type { Reads } from './reads.ts';
import type { Statistics } from './statistics.ts';
import { MAX_PER_SECOND, maxPer, mentionsIn, type Pairs, tally } from './tally.ts';
import { isOnGone, type Storm } from './task.ts';
import {
  type Arrival,
  countOpenedDelayed,
  countToldLate,
  countWrongLastCalls,
  longestUntilNamed,
  mostMailsForOneIncident,
} from './timeliness.ts';
import { TRAIL_LATEST_MS } from './trail.ts';

/** The result of a storm, as numbers. */
export interface Report {
  /** Distinct ones. */
  readonly attempts: number;
  /** Events by EventBridge, with those that were delivered twice, without Lambda's retries. */
  readonly delivered: number;
  /** Attempts of which EventBridge delivered no event. */
  readonly lostByEventBridge: number;
  /** What the trail path handed on: each attempt and each deletion, some again. */
  readonly handedOn: number;
  /** The attempts that the functions' own metric counts as missed by the rule. */
  readonly missedByRule: number;
  /** Attempts of which that metric is wrong, those apart whose runs may have counted nothing, or twice. */
  readonly missedWrongly: number;
  /** Attempts in the table. */
  readonly recorded: number;
  /** Accounts and Regions. */
  readonly places: number;
  /** The answered calls of AssumeRole, and those of them that a process made of a place twice in an hour. */
  readonly assumedRoles: number;
  readonly assumedTooOften: number;
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
  /** Attempts that a message reports on a secret of another place, and secrets that share an incident with another. */
  readonly mixedUp: number;
  /**
   * The longest time to the first message that names a secret, and a caller of a secret, from when the first attempt that
   * arrived was made: of one that only the trail brings, with the minutes that it takes.
   */
  readonly newSecretLatestSeconds: number;
  readonly newCallerLatestSeconds: number;
  /** Secrets whose first attempt was not alerted at once, with budget left. */
  readonly openedDelayed: number;
  /** Attempts that a digest should have reported, and did not. */
  readonly toldLate: number;
  /** Last calls that are missing, come twice, or at another time. */
  readonly wrongLastCalls: number;
  /** Reads of names that never were a secret's; how many the functions count of them; and what was handed on of them. */
  readonly probes: number;
  readonly unknownReads: number;
  readonly probesHandedOn: number;
  /** How often the ledger was read to tell those from reads of secrets that are gone. */
  readonly ledgerReads: number;
  /** Tries to create a secret whose name is taken; and as {@link ClashTally} counts. */
  readonly clashes: number;
  readonly clashesUntold: number;
  readonly clashesToldTwice: number;
  /** Of each channel beside the mail that there is, as {@link ChannelTally} counts; and as channels.ts does. */
  readonly chatLost?: number;
  readonly chatToldTwice?: number;
  readonly maxChatMessagesPerHour?: number;
  readonly busLost?: number;
  readonly busToldTwice?: number;
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
  /** By the name of a number above what is promised of it: `0`, `at most 600`. */
  readonly limits: Readonly<Record<string, string>>;
  /** The promises that do not hold, a sentence each. */
  readonly broken: readonly string[];
}

/** What is known of a storm once it has ended. */
export interface StormResult extends Storm {
  /** When the storm's last event came, and when nothing was left to report, in simulated ms since 1970. */
  readonly end: number;
  readonly closed: number;
  readonly statistics: Statistics;
  readonly channels: Channels;
  readonly reads: Reads;
  /** How long a read waits in its queue, in ms. */
  readonly readsWait: number;
  readonly probes: number;
  readonly clashes: readonly ClashCall[];
  /** The channels beside the mail that the service has. */
  readonly channelNames: readonly Channel[];
  readonly outage?: Outage;
  readonly assumptions: readonly Assumption[];
  /** In the table. */
  readonly incidents: number;
  readonly recorded: number;
  /** When 7, and 2, days are left to the end of a secret's deletion. */
  readonly marksOf: (secret: number) => readonly number[];
  /** The service's settings; the longest pause between digests in ms. */
  readonly maxMailsPerHour: number;
  readonly maxChatMessagesPerHour: number;
  readonly longestPause: number;
  readonly wallSeconds: number;
}

/** The limits of the design, in seconds from the first arrival. */
const NEW_SECRET_SECONDS = 600;
const NEW_CALLER_SECONDS = 3600;

/**
 * The limits of {@link mostMailsForOneIncident}: about a dozen, as what is due soon goes along with others; then one a day, and
 * two more where a last call has begun the pauses anew.
 */
const MAILS_IN_A_WEEK = 14;
const MAILS_IN_A_DAY = 3;

/** What cannot hold while no mail goes out. */
const OF_TIME = new Set<keyof Report>([
  'newSecretLatestSeconds',
  'newCallerLatestSeconds',
  'openedDelayed',
  'toldLate',
  'wrongLastCalls',
]);

export function reportOf(result: StormResult): Report {
  const { traffic, trail, secrets, end, closed, statistics, recorded, wallSeconds } = result;
  const { assumptions, incidents } = result;
  const places = result.places.length;
  const attempts = traffic.pairs.length;
  const storm = { pairs: traffic.pairs, secrets, places };
  const messages = statistics.messages();
  const mentions = mentionsIn(messages, storm);
  const arrivals = arrivalsOf(result);
  const countOf = (kind: string) => messages.filter(({ reading }) => reading.kind === kind).length;
  const { lost, mixedUp, ...others } = tally(storm, messages);
  const read = new Set(traffic.pairs.map((pair) => pair % secrets));
  const { handedOn, missedByRule, failed, failedNeedlessly, killed, deadLettered, replayed } =
    statistics.counts;
  const numbers = {
    attempts,
    delivered: traffic.deliveries.filter(({ attempt }) => !trail.lost.has(attempt)).length,
    lostByEventBridge: trail.lost.size,
    handedOn,
    missedByRule,
    missedWrongly: countMissedWrongly(result),
    recorded,
    places,
    assumedRoles: assumptions.filter(({ isLost }) => !isLost).length,
    assumedTooOften: countAssumedTooOften(assumptions),
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
    mixedUp: mixedUp + Math.max(0, read.size - incidents),
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
      // What is gone cannot be saved.
      usedUpAt: (secret) =>
        shareOf(secret >= result.secrets - result.gone ? 'caller' : 'opened', result),
    }),
    toldLate: countToldLate(arrivals, mentions, result.longestPause, closed),
    wrongLastCalls: countWrongLastCalls(arrivals, mentions, result.marksOf, end),
    probes: result.probes,
    ...readNumbers(result),
    clashes: result.clashes.length,
    ...tallyClashes(result.clashes, messages),
    ...channelNumbers(result, storm),
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
  return { ...numbers, ...judge(numbers, result) };
}

const readNumbers = ({ reads: { counts } }: StormResult) => ({
  unknownReads: counts.unknownReads,
  probesHandedOn: counts.probesHandedOn,
  ledgerReads: counts.ledgerReads,
});

function channelNumbers({ channels, channelNames }: StormResult, storm: Pairs) {
  const tallyOf = (channel: Channel) =>
    channelNames.includes(channel) ? channels.tallyOf(channel, storm) : undefined;
  const [chat, bus] = [tallyOf('chat'), tallyOf('bus')];
  return {
    ...(chat && {
      chatLost: chat.lost,
      chatToldTwice: chat.toldTwice,
      maxChatMessagesPerHour: channels.maxChatMessagesPerHour(),
    }),
    ...(bus && { busLost: bus.lost, busToldTwice: bus.toldTwice }),
  };
}

/** What the rule should hear is what happens in the service's own place. */
function countMissedWrongly({ traffic, trail, secrets, places, statistics }: StormResult): number {
  const isAtHome = (attempt: number) =>
    placeOf((traffic.pairs[attempt] ?? 0) % secrets, places) === places[0];
  const isWrong = (attempt: number) => {
    const times = trail.lost.has(attempt) && isAtHome(attempt) ? 1 : 0;
    return !statistics.isUncertain(attempt) && statistics.timesMissed(attempt) !== times;
  };
  return [...traffic.pairs.keys()].filter(isWrong).length;
}

function judge(
  report: Omit<Report, 'limits' | 'broken'>,
  { maxMailsPerHour, maxChatMessagesPerHour, outage, gone, reads, readsWait }: StormResult,
): Pick<Report, 'limits' | 'broken'> {
  const byTrail = report.lostByEventBridge > 0 ? TRAIL_LATEST_MS / 1000 : 0;
  const late = byTrail + (gone > 0 ? readsWait / 1000 : 0);
  const expected: [name: keyof typeof report, most: number, least: number][] = [
    ['recorded', report.attempts, report.attempts],
    ['lost', 0, 0],
    ['toldTwice', 0, 0],
    ['unnamedCallers', 0, 0],
    ['mixedUp', 0, 0],
    ['assumedTooOften', 0, 0],
    ['missedWrongly', 0, 0],
    ['newSecretLatestSeconds', NEW_SECRET_SECONDS + late, 0],
    ['newCallerLatestSeconds', NEW_CALLER_SECONDS + late, 0],
    ['openedDelayed', 0, 0],
    ['toldLate', 0, 0],
    ['wrongLastCalls', 0, 0],
    ['failedNeedlessly', 0, 0],
    ['maxMailsPerHour', maxMailsPerHour, 0],
    ['maxMessagesPerSecond', MAX_PER_SECOND, 0],
    ['maxMailsForOneIncident', MAILS_IN_A_WEEK, 0],
    ['maxMailsForOneIncidentPerDay', MAILS_IN_A_DAY, 0],
    ['unknownReads', Number.POSITIVE_INFINITY, report.probes],
    ['probesHandedOn', 0, 0],
    ['ledgerReads', reads.maxLedgerReads(), 0],
    ['clashesUntold', 0, 0],
    ['clashesToldTwice', 0, 0],
    ['replayed', report.deadLettered, report.deadLettered],
    ['chatLost', 0, 0],
    ['chatToldTwice', 0, 0],
    ['maxChatMessagesPerHour', maxChatMessagesPerHour, 0],
    ['busLost', 0, 0],
    ['busToldTwice', 0, 0],
  ];
  const promised = expected.filter(
    ([name]) => report[name] !== undefined && !(outage?.channel === 'mail' && OF_TIME.has(name)),
  );
  const limits = Object.fromEntries(
    promised.map(([name, most, least]) => [name, limitOf(most, least)]),
  );
  const broken = promised
    .filter(([name, most, least]) => Number(report[name]) > most || Number(report[name]) < least)
    .map(([name]) => `Expected ${name} to be ${limits[name]}, got ${report[name]}.`);
  return { limits, broken };
}

function limitOf(most: number, least: number): string {
  if (most === Number.POSITIVE_INFINITY) return `at least ${least}`;
  return most === least ? `${most}` : `at most ${most}`;
}

/** The first arrivals of all attempts, the earliest first. */
function arrivalsOf(result: StormResult): Arrival[] {
  const { traffic, trail, secrets, beginning, statistics } = result;
  const { pairs, times, deliveries } = traffic;
  const byRule = deliveries.filter(
    ({ attempt, isRepeat }) => !isRepeat && !trail.lost.has(attempt),
  );
  const byTrail = trail.batches.flatMap(({ attempts, time }) =>
    attempts.filter((attempt) => trail.lost.has(attempt)).map((attempt) => ({ attempt, time })),
  );
  return [...byRule, ...byTrail]
    .sort((a, b) => a.time - b.time)
    .map(({ attempt, time }) => {
      const pair = pairs[attempt] ?? 0;
      const wait = isOnGone(attempt, result) ? result.readsWait : 0;
      return {
        secret: pair % secrets,
        pair,
        made: beginning + (times[attempt] ?? 0),
        time: beginning + time + wait,
        isTroubled: statistics.isTroubled(attempt),
      };
    });
}

/** Three significant digits. */
function round(value: number): number {
  return Number(value.toPrecision(3));
}

/** A table of names, numbers and what is promised of them, and the verdict. */
export function renderReport({ limits, broken, callsPerAttempt, ...numbers }: Report): string {
  const calls = Object.entries(callsPerAttempt).map(
    ([service, count]) => [`calls of ${service} for each attempt`, count] as const,
  );
  const rows = [...Object.entries(numbers), ...calls].map(([name, value]) => {
    const limit = limits[name] ? `  (promised: ${limits[name]})` : '';
    return `${name.padEnd(44)}${value.toLocaleString('en-US').padStart(12)}${limit}`;
  });
  const count = Object.keys(limits).length;
  const verdict =
    broken.length === 0
      ? [`All ${count} promises hold.`]
      : [`${broken.length} of ${count} promises are broken:`, ...broken];
  return [...rows, '', ...verdict].join('\n');
}
