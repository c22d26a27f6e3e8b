import { randomUUID } from 'node:crypto';
import { closeSync, openSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { devNull } from 'node:os';
import { dirname, join } from 'node:path';
import { unzipSync } from 'fflate';
import type { FunctionError, InvocationResponse } from './lambda/runtime.ts';
import { createSandbox } from './lambda/sandbox.ts';
import type { FunctionConfig } from './template.ts';

export interface LambdaOptions {
  readonly region: string;
  readonly account: string;
  /** What signs the function's requests. */
  readonly accessKeyId: string;
  /** Where the function finds AWS, such as `AWS_ENDPOINT_URL_SNS`. */
  readonly endpoints: Readonly<Record<string, string>>;
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
  await unpack(config.code, taskRoot);
  // Keeps the project's own "type": "module" away from the package's .js files.
  await writeFile(join(directory, 'package.json'), '{}');
  const logFile = join(directory, 'log');
  const log = openSync(logFile, 'a');
  starting.defer(() => closeSync(log));
  const environment = { ...config.environment, ...runtimeEnvironment(config, options, taskRoot) };
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

async function unpack(zip: string, directory: string): Promise<void> {
  for (const [name, content] of Object.entries(unzipSync(await readFile(zip)))) {
    await mkdir(dirname(join(directory, name)), { recursive: true });
    await writeFile(join(directory, name), content);
  }
}

/**
 * What Lambda adds to a function's environment, and what keeps its SDK from the AWS account of whoever runs this.
 * Source: https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html
 */
function runtimeEnvironment(config: FunctionConfig, options: LambdaOptions, taskRoot: string) {
  return {
    _HANDLER: config.handler,
    LAMBDA_TASK_ROOT: taskRoot,
    AWS_LAMBDA_FUNCTION_NAME: config.name,
    AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(config.memorySize),
    AWS_REGION: options.region,
    AWS_DEFAULT_REGION: options.region,
    AWS_ACCESS_KEY_ID: options.accessKeyId,
    AWS_SECRET_ACCESS_KEY: 'local',
    AWS_SESSION_TOKEN: 'local',
    AWS_CONFIG_FILE: devNull,
    AWS_SHARED_CREDENTIALS_FILE: devNull,
    TZ: ':UTC',
    PATH: process.env.PATH ?? '',
    ...options.endpoints,
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
