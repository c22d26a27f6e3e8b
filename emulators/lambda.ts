import { type ChildProcess, fork } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { FunctionError, InvocationRequest, InvocationResponse } from './lambda/runtime.ts';
import { environmentOf, type Surroundings, unpack } from './lambda/task.ts';
import type { FunctionConfig } from './template.ts';

const RUNTIME = fileURLToPath(new URL('lambda/runtime.ts', import.meta.url));

export interface LambdaOptions extends Surroundings {
  readonly account: string;
  /** An existing directory, where the package is unpacked. */
  readonly workDirectory: string;
  /** Takes the record of an event that failed for good, for the destination of that ARN. */
  readonly onFailure: (destination: string, record: InvocationRecord) => Promise<void>;
}

export interface Lambda {
  readonly name: string;
  /** Invokes the function once, as `RequestResponse` does. */
  invoke(event: unknown): Promise<InvocationResponse>;
  /**
   * Invokes the function as `Event` does: a failure is tried again, here without the minutes between, and in
   * the end its record goes to the destination.
   * Source: https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html
   */
  invokeAsync(event: unknown): Promise<InvocationResponse>;
  /** All that the function has printed. */
  log(): Promise<string>;
  stop(): Promise<void>;
}

export type InvocationRecord = ReturnType<typeof failureRecord>;

/** Runs a packaged function as Lambda would, out of its zip, with its environment and nothing of ours. */
export async function startLambda(config: FunctionConfig, options: LambdaOptions): Promise<Lambda> {
  await using starting = new AsyncDisposableStack();
  const directory = await mkdtemp(join(options.workDirectory, 'lambda-'));
  starting.defer(() => rm(directory, { recursive: true }));
  const taskRoot = join(directory, 'task');
  await unpack(config, taskRoot);
  // Keeps the project's own "type": "module" away from the package's .js files.
  await writeFile(join(directory, 'package.json'), '{}');
  const logFile = join(directory, 'log');
  const log = openSync(logFile, 'a');
  starting.defer(() => closeSync(log));
  const environment = environmentOf(config, options, taskRoot);
  const sandbox = createSandbox({ taskRoot, environment, log });
  starting.defer(() => sandbox.stop());
  const functionArn = `arn:aws:lambda:${options.region}:${options.account}:function:${config.name}`;

  function attempt(event: unknown, requestId: string): Promise<InvocationResponse> {
    const deadline = Date.now() + config.timeout * 1000;
    return sandbox.run({ event, requestId, functionArn, deadline });
  }

  async function invokeAsync(event: unknown): Promise<InvocationResponse> {
    const requestId = randomUUID();
    const attempts = 1 + config.maximumRetryAttempts;
    let response = await attempt(event, requestId);
    for (let i = 1; i < attempts && 'error' in response; i++) {
      response = await attempt(event, requestId);
    }
    if ('error' in response && config.onFailure) {
      const record = failureRecord(event, response.error, { requestId, functionArn, attempts });
      await options.onFailure(config.onFailure, record);
    }
    return response;
  }

  const running = starting.move();
  return {
    name: config.name,
    invoke: (event) => attempt(event, randomUUID()),
    invokeAsync,
    log: () => readFile(logFile, 'utf8'),
    stop: () => running.disposeAsync(),
  };
}

/** Source: https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html */
function failureRecord(
  requestPayload: unknown,
  responsePayload: FunctionError,
  invocation: { requestId: string; functionArn: string; attempts: number },
) {
  return {
    version: '1.0',
    timestamp: new Date().toISOString(),
    requestContext: {
      requestId: invocation.requestId,
      functionArn: `${invocation.functionArn}:$LATEST`,
      condition: 'RetriesExhausted',
      approximateInvokeCount: invocation.attempts,
    },
    requestPayload,
    responseContext: { statusCode: 200, executedVersion: '$LATEST', functionError: 'Unhandled' },
    responsePayload,
  };
}

interface SandboxOptions {
  readonly taskRoot: string;
  /** All that the process sees of the environment. */
  readonly environment: Readonly<Record<string, string>>;
  /** File descriptor of the log, for all that the process prints. */
  readonly log: number;
}

interface Sandbox {
  /** Runs the function once. Not to be called again before that is done. */
  run(request: InvocationRequest): Promise<InvocationResponse>;
  stop(): Promise<void>;
}

/**
 * A Node.js process that serves one invocation after the other. One that exits or does not answer in time is
 * replaced at the next invocation.
 * Source: https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html
 */
function createSandbox({ taskRoot, environment, log }: SandboxOptions): Sandbox {
  let child: ChildProcess | undefined;

  function start(): ChildProcess {
    const stdio = ['ignore' as const, log, log, 'ipc' as const];
    return fork(RUNTIME, { cwd: taskRoot, env: environment, execArgv: [], stdio });
  }

  async function stop(): Promise<void> {
    if (child && isAlive(child)) {
      const exited = once(child, 'exit');
      child.kill('SIGKILL');
      await exited;
    }
    child = undefined;
  }

  async function run(request: InvocationRequest): Promise<InvocationResponse> {
    if (!child || !isAlive(child)) child = start();
    const outcome = await firstOf(child, request);
    if (outcome !== 'timeout') return outcome;
    await stop();
    return failure('Sandbox.Timedout', request, 'Task timed out');
  }

  return { run, stop };
}

async function firstOf(
  child: ChildProcess,
  request: InvocationRequest,
): Promise<InvocationResponse | 'timeout'> {
  const over = new AbortController();
  try {
    child.send(request);
    return await Promise.race([
      once(child, 'message', over).then(([response]) => response as InvocationResponse),
      once(child, 'exit', over).then(([code, signal]) => exitError(request, code ?? signal)),
      sleep(request.deadline - Date.now(), 'timeout' as const, over),
    ]);
  } finally {
    over.abort();
  }
}

function isAlive(child: ChildProcess): boolean {
  return child.exitCode === null && child.signalCode === null;
}

function exitError(request: InvocationRequest, status: number | string): InvocationResponse {
  return failure('Runtime.ExitError', request, `Runtime exited with error: exit status ${status}`);
}

function failure(
  errorType: string,
  { requestId }: InvocationRequest,
  text: string,
): InvocationResponse {
  return {
    error: { errorType, errorMessage: `RequestId: ${requestId} Error: ${text}`, trace: [] },
  };
}
