import { useSamples } from '../../../testing/sample-function.ts';

const start = useSamples();

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
    expect(await lambda.log()).toBe('one\ntwo\nthree\n');
  });

  test('finds the process as the one before left it', async () => {
    const lambda = await start('let count = 0; export const handler = async () => ++count;');
    await lambda.invoke({});
    expect(await lambda.invoke({})).toEqual({ result: 2 });
  });

  test.each([
    ['ends the process', 'process.exit(3)', 10, 'Runtime.ExitError', 'exit status 3'],
    ['takes too long', 'await new Promise(() => {})', 1.5, 'Sandbox.Timedout', 'timed out'],
  ])(
    'that %s fails, and the next finds a new process',
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
