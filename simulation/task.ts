import { type CloudTrailRecord, eventBridgeEvent } from '../emulators/cloudtrail.ts';
import type { Plan } from '../emulators/faults.ts';
import type { Lambda } from '../emulators/lambda.ts';
import { attemptEvent } from './cast.ts';
import { below, type Delivery, type Random, type Traffic } from './traffic.ts';

/** An event for a function. */
export interface Task {
  /** In simulated ms since 1970. */
  readonly time: number;
  readonly lambda: Lambda;
  /** Created for each run, so that waiting ones cost no memory. */
  readonly event: () => unknown;
  /** By what Lambda knows it, once it has begun. */
  readonly invocation?: number;
  /** The number of tries before this one. */
  readonly tries: number;
  /** Whether it may be retried. */
  readonly isAsync: boolean;
  readonly attempt?: number;
  readonly isRepeat?: boolean;
  /** A fault that lasts for all of its tries. */
  readonly outage?: Outage;
}

/** All of AWS fails from a call on, or one service is down: the task may end in the dead-letter queue. */
type Outage = Pick<Plan, 'failFrom' | 'down'>;

export interface Trouble {
  /** The share of calls to AWS that fail, 0 to 1. */
  readonly failures: number;
  /** The share of runs that are killed, 0 to 1. */
  readonly crashes: number;
}

/** The share of deliveries that meet an outage, as a part of the share of calls that fail. */
const OUTAGE = 0.25;
const SERVICES = ['SNS', 'DynamoDB', 'SecretsManager', 'CloudTrail'];

/** As many find a service down without which an alert must still go out, as a part of the same share. */
const BEST_EFFORT = ['SecretsManager', 'CloudTrail'];

/** An alert makes about this many calls; a repeat one or two. */
const MANY_CALLS = 10;
const FEW_CALLS = 2;

/** The deliveries of the attempts of a storm that begins at `beginning`, in ms since 1970. */
export function attemptTasks(
  { times, pairs, deliveries }: Traffic,
  secrets: number,
  lambda: Lambda,
  beginning: number,
  { failures }: Trouble,
  random: Random,
): Task[] {
  const taskOf = ({ attempt, time, isRepeat }: Delivery): Task => {
    const pair = pairs[attempt] ?? 0;
    const numbers = { attempt, secret: pair % secrets, caller: Math.floor(pair / secrets) };
    const made = new Date(beginning + (times[attempt] ?? 0));
    return {
      time: beginning + time,
      lambda,
      event: () => attemptEvent({ ...numbers, time: made }),
      tries: 0,
      isAsync: true,
      attempt,
      isRepeat,
      outage: drawOutage(failures, random),
    };
  };
  return deliveries.map(taskOf);
}

function drawOutage(failures: number, random: Random): Outage | undefined {
  if (random() < failures) return { down: BEST_EFFORT[below(random, BEST_EFFORT.length)] };
  if (random() >= failures * OUTAGE) return undefined;
  if (random() < 0.5) return { failFrom: 1 + below(random, MANY_CALLS) };
  return { down: SERVICES[below(random, SERVICES.length)] };
}

/** The events that record the deletions of a storm in the ledger, a minute before it begins. */
export function deletionTasks(
  records: readonly CloudTrailRecord[],
  lambda: Lambda,
  beginning: number,
): Task[] {
  return records.map((record) => ({
    time: beginning - 60_000,
    lambda,
    event: () => eventBridgeEvent(record),
    tries: 0,
    isAsync: true,
  }));
}

/** A run of the schedule's function. */
export function scheduledTask(lambda: Lambda, time: number): Task {
  const event = { source: 'aws.events', 'detail-type': 'Scheduled Event', detail: {} };
  return { time, lambda, event: () => event, tries: 0, isAsync: true };
}

/** The faults of a run. */
export function planOf({ outage }: Task, { failures, crashes }: Trouble, random: Random): Plan {
  const seed = below(random, 2 ** 31);
  const isKilled = random() < crashes;
  const killAfter = 1 + below(random, random() < 0.5 ? FEW_CALLS : MANY_CALLS);
  return { seed, failures, ...outage, ...(isKilled && { killAfter }) };
}

/**
 * The next try of a task that failed, if there is one.
 * Source: https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html: after one minute and
 * after two more.
 */
export function retryOf(task: Task): Task | undefined {
  const { time, tries, lambda, isAsync } = task;
  if (!isAsync || tries >= lambda.maximumRetryAttempts) return undefined;
  return { ...task, time: time + 60_000 * (tries + 1), tries: tries + 1 };
}
