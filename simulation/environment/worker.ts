/**
 * The inside of a simulated Lambda environment: a thread that loads a packaged handler and runs it for each
 * invocation that it is sent, on a simulated clock, with calls to AWS that fail and an end that comes at a call of
 * AWS, as planned.
 */
import { subscribe } from 'node:diagnostics_channel';
import type { ClientRequest } from 'node:http';
import { syncBuiltinESMExports } from 'node:module';
import timers from 'node:timers/promises';
import { parentPort, workerData } from 'node:worker_threads';
import type { Invocation, Report } from '../environment.ts';
import { createRandom, type Random } from '../random.ts';
import { FAULT_HEADER, type Fault, type Plan, RUN_HEADER, TIME_HEADER } from './plan.ts';

interface Run extends Invocation {
  readonly random: Random;
  /** Calls of each service so far. */
  readonly calls: Record<string, number>;
  /** Calls of each service that failed as planned. */
  readonly faults: Record<string, number>;
  sent: number;
  answered: number;
}

/** `services`: by host and port of an endpoint the name of what is there. */
const { handlerFile, handlerName, services } = workerData as {
  readonly handlerFile: string;
  readonly handlerName: string;
  readonly services: Readonly<Record<string, string>>;
};

/** The simulated time is the real one plus this, in ms. */
let ahead = 0;
const RealDate = Date;
globalThis.Date = class extends RealDate {
  constructor(...args: unknown[]) {
    super(...((args.length > 0 ? args : [Date.now()]) as [number]));
  }

  static override now(): number {
    return RealDate.now() + ahead;
  }
} as DateConstructor;

// Nobody waits for a simulated pause.
timers.setTimeout = async <T>(ms = 0, value?: T) => {
  ahead += ms;
  return value as T;
};
syncBuiltinESMExports();
// Nor for one of the SDK between its tries, which is shorter than any time limit of lib/aws/clients.ts.
const SHORTEST_LIMIT_MS = 1000;
const realSetTimeout = globalThis.setTimeout;
globalThis.setTimeout = ((run: (...args: unknown[]) => void, ms = 0, ...args: unknown[]) => {
  if (ms >= SHORTEST_LIMIT_MS) return realSetTimeout(run, ms, ...args);
  ahead += ms;
  return realSetTimeout(run, 0, ...args);
}) as typeof setTimeout;
// Logs and metrics would only cost time.
process.stdout.write = () => true;
process.stderr.write = () => true;

let run: Run | undefined;

subscribe('http.client.request.created', (message) => {
  const { request } = message as { request: ClientRequest };
  if (!run) return;
  const service = services[String(request.getHeader('host'))] ?? 'other';
  run.calls[service] = (run.calls[service] ?? 0) + 1;
  run.sent++;
  request.setHeader(TIME_HEADER, Date.now());
  request.setHeader(RUN_HEADER, run.id);
  const fault = faultOf(run, run.plan, service);
  if (!fault) return;
  run.faults[service] = (run.faults[service] ?? 0) + 1;
  request.setHeader(FAULT_HEADER, fault);
});

subscribe('http.client.response.finish', () => {
  if (run && ++run.answered === run.plan.killAfter) die(run);
});

function faultOf(
  { random, sent }: Run,
  { failures, failFrom = Infinity, down }: Plan,
  service: string,
): Fault | undefined {
  if (sent >= failFrom || service === down) return 'refused';
  if (random() >= failures) return undefined;
  const kind = random();
  return kind < 0.5 ? 'lost' : kind < 0.6 ? 'throttled' : 'refused';
}

/** Ends this thread at once: no code of the handler runs any more. */
function die(killed: Run): never {
  report(killed, 'killed');
  process.exit();
}

function report({ calls, faults }: Run, outcome: Report['outcome'], error?: string): void {
  parentPort?.postMessage({ outcome, error, calls, faults } satisfies Report);
}

/** Source: https://docs.aws.amazon.com/lambda/latest/dg/nodejs-context.html */
function contextOf({ id, time, timeout }: Invocation) {
  return {
    awsRequestId: String(id),
    functionName: process.env.AWS_LAMBDA_FUNCTION_NAME,
    functionVersion: '$LATEST',
    invokedFunctionArn: `arn:aws:lambda:eu-west-1:111122223333:function:${process.env.AWS_LAMBDA_FUNCTION_NAME}`,
    memoryLimitInMB: process.env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE,
    getRemainingTimeInMillis: () => time + timeout - Date.now(),
  };
}

const loaded = import(handlerFile);

parentPort?.on('message', async (invocation: Invocation) => {
  const handler = (await loaded)[handlerName];
  ahead = invocation.time - RealDate.now();
  const current = {
    ...invocation,
    random: createRandom(invocation.plan.seed),
    calls: {},
    faults: {},
    sent: 0,
    answered: 0,
  };
  run = current;
  const error = await handler(invocation.event, contextOf(invocation)).then(
    () => undefined,
    (thrown: unknown) => String(thrown),
  );
  if (current.plan.killAfter) die(current);
  run = undefined;
  report(current, error ? 'failed' : 'done', error);
});
