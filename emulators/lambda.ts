import { randomUUID } from 'node:crypto';
import { devNull } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { ACCOUNT, REGION } from './client.ts';
import type { Plan } from './faults.ts';
import type {
  FunctionError,
  InvocationRequest,
  Message,
  Report,
  RuntimeOptions,
} from './lambda/runtime.ts';
import type { FunctionConfig } from './template.ts';

export type { Report } from './lambda/runtime.ts';

/** Where a function's AWS SDK sends its calls, and how it signs them. */
export interface Surroundings {
  /** The access key that signs the function's requests. */
  readonly accessKeyId: string;
  /** The variables that name AWS's endpoints, such as `AWS_ENDPOINT_URL_SNS`. */
  readonly endpoints: Readonly<Record<string, string>>;
}

export interface LambdaOptions extends Surroundings {
  /** Receives the record of an event whose retries failed, if the function has a destination for it. */
  readonly onFailure: (record: InvocationRecord) => Promise<void>;
  /** The most concurrent invocations. Default: no limit. */
  readonly concurrency?: number;
  /** Whether each invocation has its own simulated time and planned faults, and there is no log. Default false. */
  readonly isSimulated?: boolean;
  /** When invocations begin that say nothing else: simulated time, with a log. Default: now. */
  readonly clock?: () => Date;
}

/** One run of a function. */
interface Invocation {
  readonly event: unknown;
  readonly requestId: string;
  /** Its beginning, in ms since 1970, and its faults; only for a simulated function. */
  readonly time?: number;
  readonly plan?: Plan;
}

type Response = { readonly result: unknown } | { readonly error: FunctionError };

/** A packaged function, run as in Lambda, with its own environment and nothing of this project's. */
export interface Lambda {
  readonly name: string;
  readonly arn: string;
  readonly environment: Readonly<Record<string, string>>;
  /** The number of retries of an asynchronous invocation. */
  readonly maximumRetryAttempts: number;
  /** Whether another invocation may begin. */
  hasRoom(): boolean;
  /** Invokes the function once. @throws Error at the limit, and what the thread throws outside the handler. */
  run(invocation: Invocation): Promise<Report>;
  /** Invokes the function once, as `RequestResponse` does. */
  invoke(event: unknown): Promise<Response>;
  /**
   * Invokes the function as `Event` does: a failure is retried, here without the minutes between, and after the
   * last retry its record goes to the destination.
   * Source: https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html
   */
  invokeAsync(event: unknown): Promise<Response>;
  /** All that the function has printed. */
  log(): string;
  stop(): Promise<void>;
}

export type InvocationRecord = ReturnType<typeof failureRecord>;

/**
 * Runs a packaged function in threads, each of which serves one invocation after the other.
 * Source: https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html
 */
export function startLambda(config: FunctionConfig, options: LambdaOptions): Lambda {
  const { onFailure, concurrency = Number.POSITIVE_INFINITY, isSimulated = false, clock } = options;
  const arn = `arn:aws:lambda:${REGION}:${ACCOUNT}:function:${config.name}`;
  const env = environmentOf(config, options);
  const threads = new Set<Worker>();
  // The last used is used next, as in Lambda: the others stay idle while there is little to do.
  const idle: Worker[] = [];
  let printed = '';

  function start(): Worker {
    const workerData: RuntimeOptions = {
      functionArn: arn,
      isSimulated: isSimulated || clock !== undefined,
      isSilent: isSimulated,
    };
    const thread = new Worker(new URL('lambda/runtime.ts', import.meta.url), {
      // Threads share compiled code, because many start after others have ended.
      env: { ...env, NODE_COMPILE_CACHE: join(config.taskRoot, '.compile-cache') },
      execArgv: [],
      // By default each thread would keep much more garbage than it needs memory.
      resourceLimits: { maxYoungGenerationSizeMb: 4, maxOldGenerationSizeMb: config.memorySize },
      workerData,
    });
    thread.on('message', (message: Message) => {
      if ('printed' in message) printed += message.printed;
    });
    threads.add(thread);
    return thread;
  }

  async function end(thread: Worker): Promise<void> {
    threads.delete(thread);
    await thread.terminate();
  }

  const hasRoom = () => idle.length > 0 || threads.size < concurrency;

  async function run({ event, ...invocation }: Invocation): Promise<Report> {
    if (!hasRoom()) throw new Error(`No environment of ${config.name} is free`);
    const thread = idle.pop() ?? start();
    const timeout = config.timeout * 1000;
    const report = await handle(thread, { ...invocation, event: JSON.stringify(event), timeout });
    if (report.outcome === 'killed') {
      await end(thread);
      idle.unshift(start());
    } else idle.push(thread);
    return report;
  }

  async function attempt(event: unknown, requestId: string): Promise<Response> {
    const { error, result } = await run({ event, requestId, time: clock?.().getTime() });
    return error ? { error } : { result };
  }

  async function invokeAsync(event: unknown): Promise<Response> {
    const requestId = randomUUID();
    const attempts = 1 + config.maximumRetryAttempts;
    let response = await attempt(event, requestId);
    for (let i = 1; i < attempts && 'error' in response; i++) {
      response = await attempt(event, requestId);
    }
    if ('error' in response && config.onFailure) {
      await onFailure(failureRecord(event, response.error, { requestId, arn, attempts }));
    }
    return response;
  }

  return {
    name: config.name,
    arn,
    environment: config.environment,
    maximumRetryAttempts: config.maximumRetryAttempts,
    hasRoom,
    run,
    invoke: (event) => attempt(event, randomUUID()),
    invokeAsync,
    log: () => printed,
    async stop() {
      await Promise.all([...threads].map(end));
    },
  };
}

/** Runs an invocation in a thread. @returns its report, or how it ended. @throws what it throws outside the handler. */
function handle(thread: Worker, request: InvocationRequest): Promise<Report> {
  const { promise, resolve, reject } = Promise.withResolvers<Report>();
  const settle = (message: Message) => 'outcome' in message && resolve(message);
  const kill = (errorType: string, text: string) => {
    const errorMessage = `RequestId: ${request.requestId} Error: ${text}`;
    const error = { errorType, errorMessage, trace: [] };
    resolve({ outcome: 'killed', error, calls: {}, faults: {}, metrics: {} });
  };
  const exit = (code: number) =>
    kill('Runtime.ExitError', `Runtime exited with error: exit status ${code}`);
  const timer = setTimeout(kill, request.timeout, 'Sandbox.Timedout', 'Task timed out');
  thread.on('message', settle).on('error', reject).on('exit', exit);
  thread.postMessage(request);
  return promise.finally(() => {
    clearTimeout(timer);
    thread.off('message', settle).off('error', reject).off('exit', exit);
  });
}

/**
 * A function's environment: its own, what Lambda adds to it, and what keeps its SDK away from the AWS account of
 * the person who runs this.
 * Source: https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html
 */
export function environmentOf(
  { name, handler, taskRoot, memorySize, environment }: FunctionConfig,
  { accessKeyId, endpoints }: Surroundings,
): Record<string, string> {
  return {
    ...environment,
    _HANDLER: handler,
    LAMBDA_TASK_ROOT: taskRoot,
    AWS_LAMBDA_FUNCTION_NAME: name,
    AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(memorySize),
    AWS_REGION: REGION,
    AWS_DEFAULT_REGION: REGION,
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: 'local',
    AWS_SESSION_TOKEN: 'local',
    AWS_CONFIG_FILE: devNull,
    AWS_SHARED_CREDENTIALS_FILE: devNull,
    TZ: ':UTC',
    PATH: process.env.PATH ?? '',
    ...endpoints,
  };
}

/** Source: https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html */
function failureRecord(
  requestPayload: unknown,
  responsePayload: FunctionError,
  invocation: { requestId: string; arn: string; attempts: number },
) {
  return {
    version: '1.0',
    timestamp: new Date().toISOString(),
    requestContext: {
      requestId: invocation.requestId,
      functionArn: `${invocation.arn}:$LATEST`,
      condition: 'RetriesExhausted',
      approximateInvokeCount: invocation.attempts,
    },
    requestPayload,
    responseContext: { statusCode: 200, executedVersion: '$LATEST', functionError: 'Unhandled' },
    responsePayload,
  };
}
