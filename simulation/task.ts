import {
  type CloudTrailRecord,
  type EventBridgeEvent,
  eventBridgeEvent,
  subscriptionEvent,
} from '../emulators/cloudtrail.ts';
import type { EventSource } from '../emulators/event-source.ts';
import type { Plan } from '../emulators/faults.ts';
import type { Lambda } from '../emulators/lambda.ts';
import { MINUTE_MS } from '../lib/time.ts';
import { attemptEvent, attemptOf } from './cast.ts';
import { GONE_MS } from './cloud.ts';
import { type Places, type PlacesOptions, placeOf } from './places.ts';
import { below, type Random, type Traffic } from './traffic.ts';
import { BATCH_SIZE, TRAIL_LATEST_MS, type Trail } from './trail.ts';

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
  /** Those that come with it; with a batch of the trail those that EventBridge has lost. */
  readonly attempts: readonly number[];
  /** A fault that lasts for all of its tries. */
  readonly outage?: Outage;
  /** The queue that gives the event: a batch, if one is due by then. */
  readonly source?: EventSource;
}

/** All of AWS fails from a call on, or one service is down: the task may end in the dead-letter queue. */
type Outage = Pick<Plan, 'failFrom' | 'down'>;

export interface Trouble {
  /** The share of calls to AWS that fail, 0 to 1. */
  readonly failures: number;
  /** The share of runs that are killed, 0 to 1. */
  readonly crashes: number;
  /** The share of attempts of which EventBridge loses all events, 0 to 1. */
  readonly losses: number;
}

/** Of an outage it matters what there is to ask. */
type Circumstances = Trouble & PlacesOptions;

/** The share of deliveries that meet an outage, as a part of the share of calls that fail. */
const OUTAGE = 0.25;
const SERVICES = ['SNS', 'DynamoDB', 'SecretsManager', 'CloudTrail'];

/** As many find a service down without which an alert must still go out, as a part of the same share. */
const BEST_EFFORT = ['SecretsManager', 'CloudTrail'];

/** An alert makes about this many calls; a repeat one or two. */
const MANY_CALLS = 10;
const FEW_CALLS = 2;

/** What makes the events of a storm; its beginning in ms since 1970. */
export interface Storm {
  readonly traffic: Traffic;
  readonly trail: Trail;
  readonly secrets: number;
  /** How many of them, the last ones, are gone. */
  readonly gone: number;
  readonly places: Places;
  readonly beginning: number;
}

export const FIRST_TRY = { attempts: [], tries: 0, isAsync: true } as const;

/** Whether an attempt is on a secret that is gone. */
export const isOnGone = (attempt: number, { traffic, secrets, gone }: Storm) =>
  (traffic.pairs[attempt] ?? 0) % secrets >= secrets - gone;

/**
 * The events of attempts as EventBridge delivers them.
 * @param send puts those on secrets that are gone into their queue
 */
export function eventTasks(
  storm: Storm,
  lambda: Lambda,
  send: (event: unknown, time: number) => Task,
  options: Circumstances,
  random: Random,
): Task[] {
  const { traffic, trail, beginning } = storm;
  const delivered = traffic.deliveries.filter(({ attempt }) => !trail.lost.has(attempt));
  return delivered.map(({ attempt, time }) =>
    isOnGone(attempt, storm)
      ? send(eventOf(attempt, storm), beginning + time)
      : {
          ...FIRST_TRY,
          time: beginning + time,
          lambda,
          event: () => eventOf(attempt, storm),
          attempts: [attempt],
          outage: drawOutage(options, random),
        },
  );
}

/** The batches of the trail's log group. */
export function batchTasks(
  storm: Storm,
  lambda: Lambda,
  { failures }: Trouble,
  random: Random,
): Task[] {
  const { trail, beginning } = storm;
  return trail.batches.map(({ attempts, time }) => ({
    ...FIRST_TRY,
    time: beginning + time,
    lambda,
    event: () => subscriptionEvent(attempts.map((attempt) => eventOf(attempt, storm).detail)),
    attempts: attempts.filter((attempt) => trail.lost.has(attempt)),
    outage: random() < failures * OUTAGE ? { failFrom: 1 + below(random, MANY_CALLS) } : undefined,
  }));
}

/** What a function hands on to another: a record of a batch, or a notice for a channel. */
export function handOnTask(
  lambda: Lambda,
  event: unknown,
  time: number,
  options: Circumstances,
  random: Random,
): Task {
  const attempt = attemptOf(event);
  return {
    ...FIRST_TRY,
    time,
    lambda,
    event: () => event,
    attempts: attempt === undefined ? [] : [attempt],
    outage: drawOutage(options, random),
  };
}

function eventOf(attempt: number, storm: Storm): EventBridgeEvent {
  const { traffic, secrets, places, beginning } = storm;
  const pair = traffic.pairs[attempt] ?? 0;
  return attemptEvent(
    {
      attempt,
      secret: pair % secrets,
      caller: Math.floor(pair / secrets),
      time: new Date(beginning + (traffic.times[attempt] ?? 0)),
      isGone: isOnGone(attempt, storm),
    },
    places,
  );
}

export function drawOutage(
  { failures, accounts, regions }: Circumstances,
  random: Random,
): Outage | undefined {
  const elsewhere = accounts * regions > 1 ? ['STS'] : [];
  const bestEffort = [...BEST_EFFORT, ...elsewhere];
  if (random() < failures) return { down: bestEffort[below(random, bestEffort.length)] };
  if (random() >= failures * OUTAGE) return undefined;
  if (random() < 0.5) return { failFrom: 1 + below(random, MANY_CALLS) };
  const services = [...SERVICES, ...elsewhere];
  return { down: services[below(random, services.length)] };
}

/**
 * What records the deletions of a storm in the ledger: the events of those places that send any, a minute before it begins, and
 * later the trail's batches. Those of secrets that are gone have come by then.
 * @param records of each secret, the last `gone` of them of those
 */
export function deletionTasks(
  records: readonly CloudTrailRecord[],
  places: Places,
  { trackDeletion, readTrail }: { readonly trackDeletion: Lambda; readonly readTrail: Lambda },
  { beginning, gone }: Pick<Storm, 'beginning' | 'gone'>,
): Task[] {
  const pending = records.length - gone;
  const timeOf = (secret: number) => beginning - (secret < pending ? MINUTE_MS : GONE_MS);
  const events = records.flatMap((record, secret): Task[] => {
    if (!placeOf(secret, places).hasSpoke) return [];
    const event = () => eventBridgeEvent(record);
    return [{ ...FIRST_TRY, time: timeOf(secret), lambda: trackDeletion, event }];
  });
  const batches = [records.slice(0, pending), records.slice(pending)].flatMap((some, i) =>
    Array.from({ length: Math.ceil(some.length / BATCH_SIZE) }, (_, j): Task => {
      const logged = some.slice(j * BATCH_SIZE, (j + 1) * BATCH_SIZE);
      const time = timeOf(i * pending) + TRAIL_LATEST_MS;
      return { ...FIRST_TRY, time, lambda: readTrail, event: () => subscriptionEvent(logged) };
    }),
  );
  return [...events, ...batches];
}

/** A run of the schedule's function. */
export function scheduledTask(lambda: Lambda, time: number): Task {
  const event = { source: 'aws.events', 'detail-type': 'Scheduled Event', detail: {} };
  return { ...FIRST_TRY, time, lambda, event: () => event };
}

/**
 * The schedule's runs from a time on, until the last of other tasks, of whatever kind, is due: what comes late waits for its next
 * run as all else does. Times in ms.
 */
export function scheduledTasks(
  lambda: Lambda,
  from: number,
  interval: number,
  others: readonly Pick<Task, 'time'>[],
): Task[] {
  const last = others.reduce((latest, { time }) => Math.max(latest, time), from);
  const count = Math.ceil((last - from) / interval);
  return Array.from({ length: count }, (_, i) => scheduledTask(lambda, from + i * interval));
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
