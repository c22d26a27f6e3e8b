import {
  CreateSecretCommand,
  DeleteSecretCommand,
  DescribeSecretCommand,
  ListSecretsCommand,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import { clientSettings } from '../../../emulators/client.ts';
import { APP_SERVER, MARKED_FOR_DELETION } from '../../testing/records.ts';
import {
  ARN,
  ARN_PREFIX,
  NAME,
  NOW,
  secretsAt,
  startSecrets,
} from '../../testing/secrets-manager.ts';
import {
  type ContractTarget,
  secretsManagerContract,
} from '../../testing/secrets-manager-contract.ts';

let secrets: Awaited<ReturnType<typeof startSecrets>>;

beforeEach(async () => {
  secrets = await startSecrets();
});
afterEach(() => secrets.stop());

describe('The fake keeps the contract of Secrets Manager', () => {
  let target: ContractTarget;
  beforeEach(() => {
    const settings = clientSettings(secrets.endpoint, 'app');
    target = { client: new SecretsManagerClient({ ...settings, maxAttempts: 1 }), now: () => NOW };
  });
  afterEach(() => target.client.destroy());

  secretsManagerContract(() => target);
});

test.each([
  ['a part of its name', 'db-prod', 'db', false],
  ['its name and suffix', 'db', 'db-AbCdEf', false],
  ['the ARN of a former one', 'db', `${ARN_PREFIX}db-ZyXwVu`, false],
  ['an ARN of another Region', 'db', `${ARN_PREFIX.replace('west', 'north')}db`, false],
  ['a name that ends like an ARN', 'db-passwd', 'db-passwd', true],
  ['a partial ARN that ends like a full one', 'db-passwd', `${ARN_PREFIX}db-passwd`, false],
])('a secret read by %s: %s, %s: %s', async (_, name, secretId, found) => {
  await secrets.create(name);
  const call = secrets.describe(secretId);
  await (found
    ? expect(call).resolves.toMatchObject({ Name: name })
    : expect(call).rejects.toMatchObject({
        name: 'ResourceNotFoundException',
        message: "Secrets Manager can't find the specified secret.",
        $metadata: { httpStatusCode: 400 },
      }));
});

describe('the fake', () => {
  test('a replica is in its Region, and neither it nor its primary can be deleted', async () => {
    const settings = (region?: string) => ({
      ...clientSettings(secrets.endpoint, 'app', region),
      maxAttempts: 1,
    });
    const [home, there] = [undefined, 'us-east-1'].map(
      (region) => new SecretsManagerClient(settings(region)),
    ) as [SecretsManagerClient, SecretsManagerClient];
    const AddReplicaRegions = [{ Region: 'us-east-1' }];
    await home.send(new CreateSecretCommand({ Name: NAME, SecretString: 'x', AddReplicaRegions }));
    const describe = new DescribeSecretCommand({ SecretId: NAME });
    expect(await home.send(describe)).toMatchObject({
      PrimaryRegion: 'eu-west-1',
      ReplicationStatus: [{ Region: 'us-east-1', Status: 'InSync' }],
    });
    const replica = await there.send(describe);
    expect(replica).toMatchObject({
      ARN: ARN.replace('eu-west-1', 'us-east-1'),
      PrimaryRegion: 'eu-west-1',
    });
    expect(replica.ReplicationStatus).toBeUndefined();
    const { SecretList } = await home.send(new ListSecretsCommand({}));
    expect(SecretList).toMatchObject([{ Name: NAME, PrimaryRegion: 'eu-west-1' }]);
    const remove = new DeleteSecretCommand({ SecretId: NAME, ForceDeleteWithoutRecovery: true });
    await expect(home.send(remove)).rejects.toMatchObject({
      name: 'InvalidParameterException',
      message: `You can't delete secret ${ARN} that still has replica regions [us-east-1].`,
    });
    await expect(there.send(remove)).rejects.toThrow('not permitted on a replica secret');
    for (const client of [home, there]) client.destroy();
  });

  test('fails as many calls of an operation as set', async () => {
    const throttled = { code: 'ThrottlingException', message: 'Rate exceeded' };
    await secrets.create();
    secrets.failNext('DescribeSecret', throttled, 2);
    await expect(secrets.describe()).rejects.toMatchObject({ name: 'ThrottlingException' });
    expect(await secrets.get()).toMatchObject({ SecretString: 'hunter2' });
    await expect(secrets.describe()).rejects.toMatchObject({ name: 'ThrottlingException' });
    expect(await secrets.describe()).toMatchObject({ Name: NAME });
  });

  test('refuses an unknown caller', async () => {
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
