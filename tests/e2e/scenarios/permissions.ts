import {
  CreateAccessKeyCommand,
  CreateUserCommand,
  IAMClient,
  PutUserPolicyCommand,
} from '@aws-sdk/client-iam';
import {
  DescribeSecretCommand,
  GetSecretValueCommand,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import { policiesOf } from '../roles.ts';
import { admin } from '../secrets.ts';
import { aws, deployed } from '../world.ts';

const iam = new IAMClient(aws);
const SecretId = 'prod/permissions';

/** Secrets Manager for a user who may what a function's role may. */
async function clientOf(functionName: string | undefined): Promise<SecretsManagerClient> {
  const user = { UserName: `as-${functionName}` };
  await iam.send(new CreateUserCommand(user));
  for (const [PolicyName, PolicyDocument] of await policiesOf(functionName)) {
    await iam.send(new PutUserPolicyCommand({ ...user, PolicyName, PolicyDocument }));
  }
  const { AccessKey } = await iam.send(new CreateAccessKeyCommand(user));
  const { AccessKeyId: accessKeyId = '', SecretAccessKey: secretAccessKey = '' } = AccessKey ?? {};
  const credentials = { accessKeyId, secretAccessKey };
  return new SecretsManagerClient({ ...aws, credentials, maxAttempts: 1 });
}

describe('No role reads a value', () => {
  beforeAll(() => admin.create(SecretId));

  test.each([
    ['NotifyFunctionName', true],
    ['SummarizeFunctionName', true],
    ['TrackDeletionFunctionName', true],
    ['SiftReadsFunctionName', false],
  ] as const)('not that of %s, which may describe a secret: %s', async (output, mayDescribe) => {
    const client = await clientOf((await deployed())[output]);
    await expect(client.send(new GetSecretValueCommand({ SecretId }))).rejects.toMatchObject({
      name: 'AccessDeniedException',
    });
    const description = client.send(new DescribeSecretCommand({ SecretId }));
    await (mayDescribe
      ? expect(description).resolves.toMatchObject({ Name: SecretId })
      : expect(description).rejects.toMatchObject({ name: 'AccessDeniedException' }));
  });
});
