/** Simulated time and planned faults, for a Lambda environment in a thread of its own. */
import { subscribe } from 'node:diagnostics_channel';
import type { ClientRequest } from 'node:http';
import { syncBuiltinESMExports } from 'node:module';
import timers from 'node:timers/promises';
import { threadId } from 'node:worker_threads';
import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import {
  CALM,
  FAULT_HEADER,
  type Fault,
  type Plan,
  PROCESS_HEADER,
  RUN_HEADER,
  TIME_HEADER,
} from '../faults.ts';
import type { InvocationRequest } from './runtime.ts';

/** What is counted of a run. */
export interface Counts {
  /** The calls of each AWS service, retries of the SDK included, and the planned failures among them. */
  readonly calls: Record<string, number>;
  readonly faults: Record<string, number>;
  /** The sums of the metrics that it printed. */
  readonly metrics: Record<string, number>;
}

interface Run extends Counts {
  readonly id: string;
  readonly plan: Plan;
  readonly random: () => number;
  sent: number;
  answered: number;
}

/** The services, by the variable that names their endpoint. */
const SERVICES = {
  AWS_ENDPOINT_URL_CLOUDTRAIL: 'CloudTrail',
  AWS_ENDPOINT_URL_DYNAMODB: 'DynamoDB',
  AWS_ENDPOINT_URL_EVENTBRIDGE: 'EventBridge',
  AWS_ENDPOINT_URL_LAMBDA: 'Lambda',
  AWS_ENDPOINT_URL_SECRETS_MANAGER: 'SecretsManager',
  AWS_ENDPOINT_URL_SNS: 'SNS',
  AWS_ENDPOINT_URL_SQS: 'SQS',
  AWS_ENDPOINT_URL_STS: 'STS',
};

/** Longer than the SDK's pauses between its tries, and no longer than any time limit of lib/aws/clients.ts. */
const SHORTEST_LIMIT_MS = 1000;

/**
 * Replaces the clock of this thread, its timers and its calls to AWS, for good.
 * @param die ends the thread at once, so that no more code of the handler runs.
 */
export function simulate(die: (counts: Counts) => never) {
  const RealDate = Date;
  /** The simulated time is the real one plus this, in ms. */
  let ahead = 0;
  let run: Run | undefined;

  globalThis.Date = class extends RealDate {
    constructor(...args: unknown[]) {
      super(...((args.length > 0 ? args : [Date.now()]) as [number]));
    }

    static override now(): number {
      return RealDate.now() + ahead;
    }
  } as DateConstructor;

  // Simulated pauses take no time, and neither do those of the SDK between its tries.
  timers.setTimeout = async <T>(ms = 0, value?: T) => {
    ahead += ms;
    return value as T;
  };
  syncBuiltinESMExports();
  const realSetTimeout = globalThis.setTimeout;
  globalThis.setTimeout = ((run: (...args: unknown[]) => void, ms = 0, ...args: unknown[]) => {
    if (ms >= SHORTEST_LIMIT_MS) return realSetTimeout(run, ms, ...args);
    ahead += ms;
    return realSetTimeout(run, 0, ...args);
  }) as typeof setTimeout;

  const services = new Map(
    Object.entries(SERVICES).map(([variable, name]) => [
      new URL(process.env[variable] ?? '').host,
      name,
    ]),
  );

  subscribe('http.client.request.created', (message) => {
    const { request } = message as { request: ClientRequest };
    if (!run) return;
    const service = services.get(String(request.getHeader('host'))) ?? 'other';
    run.calls[service] = (run.calls[service] ?? 0) + 1;
    run.sent++;
    request.setHeader(TIME_HEADER, Date.now());
    request.setHeader(RUN_HEADER, run.plan.run ?? run.id);
    request.setHeader(PROCESS_HEADER, threadId);
    const fault = faultOf(run, service);
    if (!fault) return;
    run.faults[service] = (run.faults[service] ?? 0) + 1;
    request.setHeader(FAULT_HEADER, fault);
  });

  subscribe('http.client.response.finish', () => {
    if (run && ++run.answered === run.plan.killAfter) die(countsOf(run));
  });

  return {
    begin({ requestId: id, time = Date.now(), plan = CALM }: InvocationRequest): void {
      ahead = time - RealDate.now();
      const generator = xoroshiro128plus(plan.seed);
      const random = () => uniformFloat64(generator);
      run = { id, plan, random, calls: {}, faults: {}, metrics: {}, sent: 0, answered: 0 };
    },
    /** Counts the metrics of a line that the run has printed, if it has any. */
    notePrinted(line: string): void {
      for (const [name, value] of metricsIn(line)) {
        if (run) run.metrics[name] = (run.metrics[name] ?? 0) + value;
      }
    },
    /** Ends the run, or the thread if the run is to be killed. */
    end(): Counts {
      if (!run) throw new Error('Nothing has begun');
      const counts = countsOf(run);
      if (run.plan.killAfter) die(counts);
      run = undefined;
      return counts;
    },
  };
}

const countsOf = ({ calls, faults, metrics }: Run): Counts => ({ calls, faults, metrics });

/** Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html */
function metricsIn(line: string): [name: string, sum: number][] {
  if (!line.startsWith('{"_aws"')) return [];
  const { _aws, ...values } = JSON.parse(line);
  return Object.entries<unknown>(values).filter((entry): entry is [string, number] => {
    return typeof entry[1] === 'number';
  });
}

function faultOf({ random, sent, plan }: Run, service: string): Fault | undefined {
  const { failures, failFrom = Infinity, down } = plan;
  if (sent >= failFrom || service === down) return 'refused';
  if (random() >= failures) return undefined;
  const kind = random();
  return kind < 0.5 ? 'lost' : kind < 0.6 ? 'throttled' : 'refused';
}
