import { useSamples } from '../../../testing/sample-function.ts';

const start = useSamples();

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
    const requests = (await lambda.log()).trim().split('\n');
    expect([requests.length, new Set(requests).size]).toEqual([3, 1]);
    expect(lambda.failures).toEqual([]);
  });

  test('that keeps failing leaves a record at its destination', async () => {
    const lambda = await start(countdown);
    await lambda.invokeAsync({ failures: 9 });
    expect(lambda.failures).toEqual([
      [
        'arn:aws:sqs:eu-west-1:111122223333:queue',
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
      ],
    ]);
  });
});
