/** Simulated time and planned faults, for a Lambda environment in a thread of its own. */
import { subscribe } from 'node:diagnostics_channel';
import type { ClientRequest } from 'node:http';
import { syncBuiltinESMExports } from 'node:module';
import timers from 'node:timers/promises';
import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import { CALM, FAULT_HEADER, type Fault, type Plan, RUN_HEADER, TIME_HEADER } from '../faults.ts';
import type { InvocationRequest } from './runtime.ts';

/** The calls of each AWS service, retries of the SDK included, and the planned failures among them. */
export interface Calls {
  readonly calls: Record<string, number>;
  readonly faults: Record<string, number>;
}

interface Run extends Calls {
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
  AWS_ENDPOINT_URL_SECRETS_MANAGER: 'SecretsManager',
  AWS_ENDPOINT_URL_SNS: 'SNS',
};

/** Longer than the SDK's pauses between its tries, and no longer than any time limit of lib/aws/clients.ts. */
const SHORTEST_LIMIT_MS = 1000;

/**
 * Replaces the clock of this thread, its timers and its calls to AWS, for good.
 * @param die ends the thread at once, so that no more code of the handler runs.
 */
export function simulate(die: (calls: Calls) => never) {
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
    const fault = faultOf(run, service);
    if (!fault) return;
    run.faults[service] = (run.faults[service] ?? 0) + 1;
    request.setHeader(FAULT_HEADER, fault);
  });

  subscribe('http.client.response.finish', () => {
    if (run && ++run.answered === run.plan.killAfter) die(callsOf(run));
  });

  return {
    begin({ requestId: id, time = Date.now(), plan = CALM }: InvocationRequest): void {
      ahead = time - RealDate.now();
      const generator = xoroshiro128plus(plan.seed);
      const random = () => uniformFloat64(generator);
      run = { id, plan, random, calls: {}, faults: {}, sent: 0, answered: 0 };
    },
    /** Ends the run, or the thread if the run is to be killed. */
    end(): Calls {
      if (!run) throw new Error('Nothing has begun');
      const calls = callsOf(run);
      if (run.plan.killAfter) die(calls);
      run = undefined;
      return calls;
    },
  };
}

const callsOf = ({ calls, faults }: Run): Calls => ({ calls, faults });

function faultOf({ random, sent, plan }: Run, service: string): Fault | undefined {
  const { failures, failFrom = Infinity, down } = plan;
  if (sent >= failFrom || service === down) return 'refused';
  if (random() >= failures) return undefined;
  const kind = random();
  return kind < 0.5 ? 'lost' : kind < 0.6 ? 'throttled' : 'refused';
}
