import { APP_SERVER, MARKED_FOR_DELETION } from '../../../testing/records.ts';
import { ARN, NAME, secretsAt, startSecrets } from '../../../testing/secrets-manager.ts';

let secrets: Awaited<ReturnType<typeof startSecrets>>;

beforeEach(async () => {
  secrets = await startSecrets();
});
afterEach(() => secrets.stop());

describe('the stand-in', () => {
  test('lets as many calls of an operation fail as it is told', async () => {
    const throttled = { code: 'ThrottlingException', message: 'Rate exceeded' };
    await secrets.create();
    secrets.failNext('DescribeSecret', throttled, 2);
    await expect(secrets.describe()).rejects.toMatchObject({ name: 'ThrottlingException' });
    expect(await secrets.get()).toMatchObject({ SecretString: 'hunter2' });
    await expect(secrets.describe()).rejects.toMatchObject({ name: 'ThrottlingException' });
    expect(await secrets.describe()).toMatchObject({ Name: NAME });
  });

  test('does not know a caller that it was not told of', async () => {
    const call = secretsAt(secrets.endpoint, 'stranger').list();
    await expect(call).rejects.toMatchObject({ name: 'UnrecognizedClientException' });
    expect(secrets.records).toEqual([]);
  });

  test('records each call as it was sent, with its caller and the id of its answer', async () => {
    await secrets.create();
    await secrets.delete(7);
    const { $metadata } = await secrets.get({ SecretId: ARN }).catch((error) => error);
    expect(secrets.records.map(({ eventName, errorCode }) => [eventName, errorCode])).toEqual([
      ['CreateSecret', undefined],
      ['DeleteSecret', undefined],
      ['GetSecretValue', 'InvalidRequestException'],
    ]);
    expect(secrets.records.at(-1)).toMatchObject({
      requestID: $metadata.requestId,
      errorMessage: MARKED_FOR_DELETION,
      requestParameters: { secretId: ARN },
      responseElements: null,
      sourceIPAddress: APP_SERVER.sourceIPAddress,
      userAgent: expect.stringContaining('aws-sdk-js'),
      userIdentity: { sessionContext: { sessionIssuer: { userName: 'app-server' } } },
    });
  });
});
