import { randomUUID } from 'node:crypto';
import { closeSync, openSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { FunctionError, InvocationResponse } from './lambda/runtime.ts';
import { createSandbox } from './lambda/sandbox.ts';
import { environmentOf, type Surroundings, unpack } from './lambda/task.ts';
import type { FunctionConfig } from './template.ts';

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
