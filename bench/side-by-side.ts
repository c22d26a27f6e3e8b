import { HOUR_MS, MINUTE_MS } from '../lib/time.ts';
import type { Report } from '../simulation/report.ts';
import { MAX_PER_SECOND, maxPer } from '../simulation/tally.ts';
import { makeTraffic, type Traffic, type TrafficOptions } from '../simulation/traffic.ts';
import type { Measuring } from './measure/measuring.ts';
import { duration, percent, type Section, whole } from './report/section.ts';
import { runStorm } from './scale.ts';

/** The outcome of a storm with one way of reporting. */
export interface Outcome {
  readonly mails: number;
  readonly mostPerHour: number;
  /** The share of attempts that a mail names, 0 to 1. */
  readonly told: number;
  /** From the first attempt to the first mail, in seconds. */
  readonly firstMailAfter?: number;
  /** From the first attempt to the suspension of the subscription, in seconds. */
  readonly suspendedAfter?: number;
}

export const WAYS = [
  'this service',
  'rule to topic',
  'function to topic',
  'classic alarm',
] as const;

export type Way = (typeof WAYS)[number];

/** A storm that is reported in each way, by a name for readers. */
export interface NamedStorm {
  readonly name: string;
  readonly traffic: TrafficOptions;
}

const storm = (name: string, of: Omit<TrafficOptions, 'duplicates' | 'seed'>): NamedStorm => {
  return { name, traffic: { ...of, duplicates: 0.05, seed: 1 } };
};

/** A job that goes on every minute or every hour, and many secrets that many callers read. */
export const STORMS: readonly NamedStorm[] = [
  storm('a job a minute, 7 days', { attempts: 10_080, secrets: 1, callers: 1, minutes: 10_080 }),
  storm('a job an hour, 30 days', { attempts: 720, secrets: 1, callers: 1, minutes: 43_200 }),
  storm('250 secrets, 8 hours', { attempts: 100_000, secrets: 250, callers: 20, minutes: 480 }),
];

/** One to see that it works. */
export const SMALL_STORMS: readonly NamedStorm[] = [
  storm('a job a minute, 2 hours', { attempts: 120, secrets: 1, callers: 1, minutes: 120 }),
];

/** The same attempts, reported in each way. */
export interface SideBySide {
  readonly name: string;
  readonly attempts: number;
  readonly ways: Readonly<Record<Way, Outcome>>;
}

/** The time of a function from its cold start to the request that publishes, in ms. */
interface Latencies {
  readonly ours: number;
  readonly plain: number;
}

/** Sends each storm to the packaged service, and compares. @throws as {@link runStorm}. */
export async function measureSideBySide(
  storms: readonly NamedStorm[],
  latencies: Latencies,
  { signal, onProgress }: Pick<Measuring, 'signal' | 'onProgress'>,
): Promise<SideBySide[]> {
  const compared: SideBySide[] = [];
  for (const { name, traffic } of storms) {
    const report = await runStorm(traffic, signal);
    compared.push({ name, ...compare(makeTraffic(traffic), report, latencies) });
    onProgress();
  }
  return compared;
}

/**
 * Compares the outcome of a storm with this service, by the storm's own report, with that of other ways for the same
 * attempts at the same times.
 */
export function compare(traffic: Traffic, report: Report, latencies: Latencies) {
  const first = traffic.times[0] ?? 0;
  const firstDelivery = traffic.deliveries[0]?.time ?? 0;
  const outcome = (publications: readonly Publication[]) =>
    outcomeOf(publications, traffic.times.length, first);
  return {
    attempts: report.attempts,
    ways: {
      'this service': {
        mails: report.mails,
        mostPerHour: report.maxMailsPerHour,
        told: report.told / report.attempts,
        // The report has no times. The first attempt is alerted at once, by a function that starts for it.
        firstMailAfter: (firstDelivery + latencies.ours - first) / 1000,
      },
      'rule to topic': outcome(eachDelivery(traffic)),
      'function to topic': outcome(eachDelivery(traffic, latencies.plain)),
      'classic alarm': outcome(classicAlarm(traffic)),
    },
  };
}

function outcomeOf(publications: readonly Publication[], attempts: number, first: number): Outcome {
  const { mails, suspendedAt } = deliver(publications);
  const told = new Set(mails.flatMap((mail) => mail.attempts));
  const [firstMail] = mails;
  return {
    mails: mails.length,
    mostPerHour: maxPer(HOUR_MS, mails),
    told: told.size / attempts,
    ...(firstMail && { firstMailAfter: (firstMail.time - first) / 1000 }),
    ...(suspendedAt !== undefined && { suspendedAfter: (suspendedAt - first) / 1000 }),
  };
}

/** A message that is published, and the attempts that it names. */
interface Publication {
  /** In ms since the storm began. */
  readonly time: number;
  readonly attempts: readonly number[];
}

/**
 * Publishes each event that matches, and each that is delivered again, because EventBridge delivers, and Lambda runs, at
 * least once: a rule whose target is the topic, with an input transformer that makes a readable mail, at once, as AWS
 * documents no time that EventBridge adds; or a function, of which as many copies run at a time as there are events.
 * Sources: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-transform-target-input.html
 * https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-troubleshooting.html (one event, several deliveries)
 * https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html
 * @param takes from the event to the message, in ms
 */
export function eachDelivery({ deliveries }: Traffic, takes = 0): Publication[] {
  return deliveries.map(({ attempt, time }) => ({ time: time + takes, attempts: [attempt] }));
}

/**
 * CloudTrail delivers a record to CloudWatch Logs about five minutes after the call on average.
 * Source: https://docs.aws.amazon.com/awscloudtrail/latest/userguide/send-cloudtrail-events-to-cloudwatch-logs.html
 */
const TO_LOGS_MS = 5 * MINUTE_MS;

/**
 * The period of the alarm in AWS's recipe and in this stack, in ms.
 * Source: https://docs.aws.amazon.com/secretsmanager/latest/userguide/monitoring_cloudwatch_deleted-secrets.html
 */
const PERIOD_MS = 5 * MINUTE_MS;

/**
 * The classic metric filter and alarm: once a minute the alarm sums up its period, and it publishes only when its state
 * becomes ALARM, not while it stays so. Its mail names no secret and no caller, so it reports no attempt.
 * Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/AlarmThatSendsEmail.html
 */
export function classicAlarm({ times }: Traffic): Publication[] {
  const logged = times.map((time) => time + TO_LOGS_MS);
  const publications: Publication[] = [];
  const end = (logged.at(-1) ?? 0) + PERIOD_MS;
  let isInAlarm = false;
  let seen = 0;
  for (let now = 0; now <= end; now += MINUTE_MS) {
    while ((logged[seen] ?? Number.POSITIVE_INFINITY) <= now) seen++;
    const isBreaching = (logged[seen - 1] ?? Number.NEGATIVE_INFINITY) > now - PERIOD_MS;
    if (isBreaching && !isInAlarm) publications.push({ time: now, attempts: [] });
    isInAlarm = isBreaching;
  }
  return publications;
}

/** The mails in the mailbox. */
interface Delivered {
  readonly mails: readonly Publication[];
  /** When SNS suspended the subscription, in ms since the storm began. */
  readonly suspendedAt?: number;
}

/**
 * Delivers messages, given in the order of time, to an e-mail subscription. One that gets too many in a second is
 * suspended at once, and gets nothing until its owner confirms it again, which nobody does while the storm lasts.
 */
export function deliver(publications: readonly Publication[]): Delivered {
  let second = Number.NEGATIVE_INFINITY;
  let inSecond = 0;
  for (const [i, { time }] of publications.entries()) {
    const now = Math.floor(time / 1000);
    inSecond = now === second ? inSecond + 1 : 1;
    second = now;
    if (inSecond > MAX_PER_SECOND) return { mails: publications.slice(0, i), suspendedAt: time };
  }
  return { mails: publications };
}

export function sideBySideTable(storms: readonly SideBySide[]): Section {
  return {
    title: 'Side by side',
    text: `Three storms, each reported in four ways: one job that reads one secret, and 20 callers of each of 250. *This service* is what the packaged functions did, failing calls and killed runs
included. The other ways are simulated from the same attempts at the same times, and nothing fails for them: a rule that
sends each event to the topic through an input transformer, a function that publishes each event, and AWS's metric filter
and alarm alone. *Reported* is the share of attempts that a mail in the mailbox names; the alarm's mail names none. SNS
[suspends](https://docs.aws.amazon.com/sns/latest/dg/sns-email-notifications.html) an e-mail subscription that gets more than
10 messages in a second. \`bench/side-by-side.ts\` states the page of AWS behind each rule.`,
    head: [
      'storm',
      'attempts',
      'way',
      'reported',
      'mails',
      'most in an hour',
      'first mail after',
      'suspended after',
    ],
    rows: storms.flatMap(({ name, attempts, ways }) =>
      WAYS.map((way, i) => {
        const { told, mails, mostPerHour, firstMailAfter, suspendedAfter } = ways[way];
        return [
          i === 0 ? name : '',
          i === 0 ? whole(attempts) : '',
          way,
          percent(told),
          whole(mails),
          whole(mostPerHour),
          firstMailAfter === undefined ? 'never' : duration(firstMailAfter),
          suspendedAfter === undefined ? '' : duration(suspendedAfter),
        ];
      }),
    ),
    after: '![Mails sent and share of attempts reported, by storm and way](performance.svg)',
  };
}
