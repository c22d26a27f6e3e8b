import { MINUTE_MS } from '../lib/time.ts';
import type { Report } from '../simulation/report.ts';
import { maxPer } from '../simulation/tally.ts';
import type { Traffic } from '../simulation/traffic.ts';
import { classicAlarm, functionToTopic, ruleToTopic } from './side-by-side/alternatives.ts';
import { deliver, type Publication } from './side-by-side/mailbox.ts';

/** What a way of telling makes of a storm. */
export interface Outcome {
  readonly mails: number;
  readonly mostPerMinute: number;
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

/** The same attempts, told in each way. */
export interface SideBySide {
  readonly attempts: number;
  readonly ways: Readonly<Record<Way, Outcome>>;
}

/** How long a function takes from its cold start to the request that publishes, in ms. */
export interface Latencies {
  readonly ours: number;
  readonly plain: number;
}

/**
 * Compares what this service made of a storm, by the storm's own report, with what other ways make of the same
 * attempts at the same times.
 */
export function compare(traffic: Traffic, report: Report, latencies: Latencies): SideBySide {
  const first = traffic.times[0] ?? 0;
  const firstDelivery = traffic.deliveries[0]?.time ?? 0;
  const outcome = (publications: readonly Publication[]) =>
    outcomeOf(publications, traffic.times.length, first);
  return {
    attempts: report.attempts,
    ways: {
      'this service': {
        mails: report.messages,
        mostPerMinute: report.maxMessagesPerMinute,
        told: report.told / report.attempts,
        // The report has no times. The first attempt is alerted at once, by a function that starts for it.
        firstMailAfter: (firstDelivery + latencies.ours - first) / 1000,
      },
      'rule to topic': outcome(ruleToTopic(traffic)),
      'function to topic': outcome(functionToTopic(traffic, latencies.plain)),
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
    mostPerMinute: maxPer(MINUTE_MS, mails),
    told: told.size / attempts,
    ...(firstMail && { firstMailAfter: (firstMail.time - first) / 1000 }),
    ...(suspendedAt !== undefined && { suspendedAfter: (suspendedAt - first) / 1000 }),
  };
}
