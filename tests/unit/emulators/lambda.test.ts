import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  type InvocationRecord,
  type LambdaOptions,
  startLambda,
} from '../../../emulators/lambda.ts';
import { BUILD } from '../../../emulators/serverless.ts';

let started: AsyncDisposableStack;

beforeEach(() => {
  started = new AsyncDisposableStack();
});
afterEach(() => started.disposeAsync());

/** Starts a function of one file. `timeout` is in seconds. @returns it, with what went to its destination of failures. */
async function start(
  source: string,
  {
    file = 'index.mjs',
    timeout = 10,
    ...options
  }: Partial<LambdaOptions> & { file?: string; timeout?: number } = {},
) {
  await mkdir(BUILD, { recursive: true });
  const taskRoot = await mkdtemp(join(BUILD, 'sample-'));
  started.defer(() => rm(taskRoot, { recursive: true }));
  await writeFile(join(taskRoot, file), source);
  const failures: InvocationRecord[] = [];
  const config = {
    name: 'sample',
    taskRoot,
    handler: 'index.handler',
    environment: { MODE: 'off' },
    timeout,
    memorySize: 256,
    maximumRetryAttempts: 2,
    onFailure: 'arn:aws:sqs:eu-west-1:111122223333:queue',
  };
  const lambda = startLambda(config, {
    accessKeyId: 'key',
    endpoints: { AWS_ENDPOINT_URL_SNS: 'http://127.0.0.1:1' },
    onFailure: async (record) => void failures.push(record),
    ...options,
  });
  started.defer(() => lambda.stop());
  return { ...lambda, failures };
}

describe('an invocation', () => {
  test('gets the event and gives the result', async () => {
    const lambda = await start(
      'export const handler = async (event) => ({ doubled: event.value * 2 });',
    );
    expect(await lambda.invoke({ value: 21 })).toEqual({ result: { doubled: 42 } });
  });

  test('that returns nothing gives null', async () => {
    const lambda = await start('export const handler = async () => {};');
    expect(await lambda.invoke({})).toEqual({ result: null });
  });

  test('has a context', async () => {
    const lambda = await start(`export const handler = async (_, context) => ({
      ...context, remaining: context.getRemainingTimeInMillis(),
    });`);
    const response = (await lambda.invoke({})) as { result: { remaining: number } };
    expect(response.result).toMatchObject({
      awsRequestId: expect.stringMatching(/^[\da-f-]{36}$/),
      functionName: 'sample',
      functionVersion: '$LATEST',
      invokedFunctionArn: 'arn:aws:lambda:eu-west-1:111122223333:function:sample',
      memoryLimitInMB: '256',
    });
    expect(response.result.remaining).toBeGreaterThan(5000);
    expect(response.result.remaining).toBeLessThanOrEqual(10_000);
  });

  test("sees its own environment and nothing of its parent's", async () => {
    const lambda = await start('export const handler = async () => process.env;');
    const { result } = (await lambda.invoke({})) as { result: Record<string, string> };
    expect(result).toMatchObject({
      MODE: 'off',
      AWS_REGION: 'eu-west-1',
      AWS_LAMBDA_FUNCTION_NAME: 'sample',
      AWS_ENDPOINT_URL_SNS: 'http://127.0.0.1:1',
      TZ: ':UTC',
    });
    expect(result).not.toHaveProperty('HOME');
    expect(result).not.toHaveProperty('NODE_OPTIONS');
    expect(result).not.toHaveProperty('JEST_WORKER_ID');
  });

  test.each([
    ["throw new TypeError('no')", 'TypeError', 'no'],
    ["throw Object.assign(new Error('no'), { name: 'NotFound' })", 'NotFound', 'no'],
    ["throw 'no'", 'string', 'no'],
  ])('that ends in "%s" gives the error', async (statement, errorType, errorMessage) => {
    const lambda = await start(`export const handler = async () => { ${statement}; };`);
    expect(await lambda.invoke({})).toMatchObject({ error: { errorType, errorMessage } });
  });

  test('prints to one log, in order', async () => {
    const lambda = await start(`export const handler = async () => {
      console.log('one'); console.error('two'); console.log('three');
    };`);
    await lambda.invoke({});
    expect(lambda.log()).toBe('one\ntwo\nthree\n');
  });

  test('finds the thread as the one before left it', async () => {
    const lambda = await start('let count = 0; export const handler = async () => ++count;');
    await lambda.invoke({});
    expect(await lambda.invoke({})).toEqual({ result: 2 });
  });

  test.each([
    ['ends the thread', 'process.exit(3)', 10, 'Runtime.ExitError', 'exit status 3'],
    ['takes too long', 'await new Promise(() => {})', 1.5, 'Sandbox.Timedout', 'timed out'],
  ])(
    'that %s fails, and the next finds a new thread',
    async (_, statement, timeout, type, text) => {
      const source = `export const handler = async (event) => {
      if (event.fail) ${statement};
      return 'fine';
    };`;
      const lambda = await start(source, { timeout });
      expect(await lambda.invoke({ fail: true })).toMatchObject({
        error: { errorType: type, errorMessage: expect.stringContaining(text) },
      });
      expect(await lambda.invoke({})).toEqual({ result: 'fine' });
    },
  );
});

describe('an asynchronous invocation', () => {
  const countdown = `let left; export const handler = async (event, { awsRequestId }) => {
    left ??= event.failures;
    console.log(awsRequestId);
    if (left-- > 0) throw new Error('not yet');
    return 'done';
  };`;

  test('is tried again until it succeeds, as the same request', async () => {
    const lambda = await start(countdown);
    expect(await lambda.invokeAsync({ failures: 2 })).toEqual({ result: 'done' });
    const requests = lambda.log().trim().split('\n');
    expect([requests.length, new Set(requests).size]).toEqual([3, 1]);
    expect(lambda.failures).toEqual([]);
  });

  test('that keeps failing leaves a record at its destination', async () => {
    const lambda = await start(countdown);
    await lambda.invokeAsync({ failures: 9 });
    expect(lambda.failures).toEqual([
      {
        version: '1.0',
        timestamp: expect.stringMatching(/^\d{4}-.*Z$/),
        requestContext: {
          requestId: expect.any(String),
          functionArn: 'arn:aws:lambda:eu-west-1:111122223333:function:sample:$LATEST',
          condition: 'RetriesExhausted',
          approximateInvokeCount: 3,
        },
        requestPayload: { failures: 9 },
        responseContext: {
          statusCode: 200,
          executedVersion: '$LATEST',
          functionError: 'Unhandled',
        },
        responsePayload: {
          errorType: 'Error',
          errorMessage: 'not yet',
          trace: expect.arrayContaining(['Error: not yet']),
        },
      },
    ]);
  });
});

describe('a package', () => {
  test.each([
    ['lacks a dependency', 'index.mjs', "import 'fflate';", "Cannot find 'fflate' in the package"],
    ['lacks the file', 'other.mjs', '', 'index.mjs'],
    ['lacks the export', 'index.mjs', 'export const other = 1;', 'index.handler is no exported'],
  ])('that %s fails at each invocation', async (_, file, source, message) => {
    const lambda = await start(source, { file });
    const error = { errorMessage: expect.stringContaining(message) };
    expect(await lambda.invoke({})).toMatchObject({ error });
    expect(await lambda.invoke({})).toMatchObject({ error });
  });
});

test('invocations at a time have a thread each, as far as there is room', async () => {
  const lambda = await start(
    'let calls = 0; export const handler = async () => { await null; return ++calls; };',
    { concurrency: 2 },
  );
  const both = [lambda.invoke({}), lambda.invoke({})];
  expect(lambda.hasRoom()).toBe(false);
  await expect(lambda.invoke({})).rejects.toThrow('No environment of sample is free');
  expect(await Promise.all(both)).toEqual([{ result: 1 }, { result: 1 }]);
  expect(await lambda.invoke({})).toEqual({ result: 2 });
});

test('stopping ends whatever the function still does', async () => {
  const lambda = await start(`import { createServer } from 'node:http';
    export const handler = () => new Promise((resolve) => {
      const server = createServer((_, response) => response.end());
      server.listen(0, '127.0.0.1', () => resolve(server.address().port));
    });`);
  const { result: port } = (await lambda.invoke({})) as { result: number };
  expect(await fetch(`http://127.0.0.1:${port}`)).toHaveProperty('ok', true);
  await lambda.stop();
  await expect(fetch(`http://127.0.0.1:${port}`)).rejects.toThrow('fetch failed');
});
