import { CloudTrailClient, LookupEventsCommand } from '@aws-sdk/client-cloudtrail';
import {
  CreateSecretCommand,
  DeleteSecretCommand,
  DescribeSecretCommand,
  RestoreSecretCommand,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import {
  AssumeRoleCommand,
  GetCallerIdentityCommand,
  STSClient,
  type STSClientConfig,
} from '@aws-sdk/client-sts';
import { type LocalAws, startLocalAws } from '../../../emulators/aws.ts';
import { clientSettings } from '../../../emulators/client.ts';
import type { Permissions } from '../../../emulators/cloudtrail.ts';
import { APP_SERVER } from '../../testing/records.ts';

const NOW = new Date('2026-11-22T14:03:00Z');
const OTHER = '444455556666';
const READ = ['DescribeSecret', 'LookupEvents'];
const roleArn = (name: string) => `arn:aws:iam::${OTHER}:role/some/path/${name}`;

let now = NOW;
let roles: Map<string, Permissions>;
let aws: LocalAws;
let started: AsyncDisposableStack;

beforeEach(async () => {
  now = NOW;
  started = new AsyncDisposableStack();
  roles = new Map([
    [roleArn('looker'), { region: 'us-east-1', operations: READ }],
    [roleArn('rescuer'), { region: 'us-east-1', operations: [...READ, 'RestoreSecret'] }],
  ]);
  aws = await startLocalAws({
    callers: { app: APP_SERVER, admin: { ...APP_SERVER, account: OTHER, role: 'admin' } },
    roles,
    now: () => now,
    suffix: () => 'AbCdEf',
  });
  started.defer(() => aws.stop());
});
afterEach(() => started.disposeAsync());

const use = <Client extends { destroy(): void }>(client: Client) =>
  started.adopt(client, () => client.destroy());

const endpoint = (service: string) => aws.endpoints[`AWS_ENDPOINT_URL_${service}`] ?? '';
const sts = (credentials?: STSClientConfig['credentials']) =>
  use(
    new STSClient({
      ...clientSettings(endpoint('STS'), 'app'),
      ...(credentials && { credentials }),
      maxAttempts: 1,
    }),
  );

const assume = (name: string) =>
  sts().send(new AssumeRoleCommand({ RoleArn: roleArn(name), RoleSessionName: 'notify' }));

/** Credentials of a session of a role. */
async function credentialsOf(name: string) {
  const { AccessKeyId = '', SecretAccessKey = '' } = (await assume(name)).Credentials ?? {};
  return { accessKeyId: AccessKeyId, secretAccessKey: SecretAccessKey };
}

async function secretsBy(name: string, region: string) {
  const settings = clientSettings(endpoint('SECRETS_MANAGER'), '', region);
  const credentials = await credentialsOf(name);
  return use(new SecretsManagerClient({ ...settings, credentials, maxAttempts: 1 }));
}

/** The same name at home and in the other account's two Regions, there to be deleted. */
async function createSecrets() {
  const NAME = 'prod/db-password';
  await aws.clientOf('app').send(new CreateSecretCommand({ Name: NAME }));
  for (const region of ['us-east-1', 'eu-west-1']) {
    const client = aws.clientOf('admin', region);
    await client.send(new CreateSecretCommand({ Name: NAME }));
    await client.send(new DeleteSecretCommand({ SecretId: NAME }));
  }
  return NAME;
}

test('who calls is told by the credentials', async () => {
  expect(await sts().send(new GetCallerIdentityCommand())).toMatchObject({
    Account: '111122223333',
    Arn: 'arn:aws:sts::111122223333:assumed-role/app-server/i-0abc1234def567890',
  });
  const assumed = sts(await credentialsOf('looker'));
  expect(await assumed.send(new GetCallerIdentityCommand())).toMatchObject({
    Account: OTHER,
    Arn: `arn:aws:sts::${OTHER}:assumed-role/looker/notify`,
  });
});

test("a role's session is in its own account and Region: a name is another secret in each place", async () => {
  const SecretId = await createSecrets();
  const client = await secretsBy('looker', 'us-east-1');
  expect(await client.send(new DescribeSecretCommand({ SecretId }))).toMatchObject({
    ARN: `arn:aws:secretsmanager:us-east-1:${OTHER}:secret:${SecretId}-AbCdEf`,
    DeletedDate: NOW,
  });
  const atHome = await aws.clientOf('app').send(new DescribeSecretCommand({ SecretId }));
  expect(atHome).toMatchObject({
    ARN: `arn:aws:secretsmanager:eu-west-1:111122223333:secret:${SecretId}-AbCdEf`,
  });
  expect(atHome.DeletedDate).toBeUndefined();
  expect(aws.records.at(-2)).toMatchObject({
    eventName: 'DescribeSecret',
    awsRegion: 'us-east-1',
    recipientAccountId: OTHER,
    userIdentity: { accountId: OTHER, arn: `arn:aws:sts::${OTHER}:assumed-role/looker/notify` },
  });
});

test("a role's session finds the changes of its own account and Region", async () => {
  await createSecrets();
  const client = use(
    new CloudTrailClient({
      ...clientSettings(endpoint('CLOUDTRAIL'), '', 'us-east-1'),
      credentials: await credentialsOf('looker'),
    }),
  );
  const { Events = [] } = await client.send(new LookupEventsCommand());
  expect(Events.map(({ EventName }) => EventName)).toEqual(['DeleteSecret', 'CreateSecret']);
  expect(Events[0]?.CloudTrailEvent).toContain('"awsRegion":"us-east-1"');
});

test.each([
  ['nowhere but in its Region', 'rescuer', 'eu-west-1'],
  ['nothing that it is not allowed', 'looker', 'us-east-1'],
])('a role may do %s', async (_, role, region) => {
  const SecretId = await createSecrets();
  const client = await secretsBy(role, region);
  await expect(client.send(new RestoreSecretCommand({ SecretId }))).rejects.toMatchObject({
    name: 'AccessDeniedException',
    message: `User: arn:aws:sts::${OTHER}:assumed-role/${role}/notify is not authorized to perform: secretsmanager:RestoreSecret because no identity-based policy allows the secretsmanager:RestoreSecret action`,
  });
});

test('a role that may restores a secret', async () => {
  const SecretId = await createSecrets();
  const client = await secretsBy('rescuer', 'us-east-1');
  await client.send(new RestoreSecretCommand({ SecretId }));
  const { DeletedDate } = await client.send(new DescribeSecretCommand({ SecretId }));
  expect(DeletedDate).toBeUndefined();
});

test('a role that is not there is refused as one that may not be assumed, until it is made', async () => {
  await expect(assume('missing')).rejects.toMatchObject({
    name: 'AccessDenied',
    message: `User: arn:aws:sts::111122223333:assumed-role/app-server/i-0abc1234def567890 is not authorized to perform: sts:AssumeRole on resource: ${roleArn('missing')}`,
    $metadata: { httpStatusCode: 403 },
  });
  roles.set(roleArn('missing'), { region: 'us-east-1', operations: READ });
  const { Credentials } = await assume('missing');
  expect(Credentials?.Expiration).toEqual(new Date('2026-11-22T15:03:00Z'));
  expect(aws.sts.assumptions).toEqual(
    [true, false].map((isRefused) => ({
      roleArn: roleArn('missing'),
      session: 'notify',
      time: NOW,
      isRefused,
      isLost: false,
    })),
  );
});

test('credentials expire', async () => {
  const SecretId = await createSecrets();
  const client = await secretsBy('looker', 'us-east-1');
  now = new Date('2026-11-22T15:03:00Z');
  await expect(client.send(new DescribeSecretCommand({ SecretId }))).rejects.toMatchObject({
    name: 'ExpiredTokenException',
  });
});

test('fails as often as set', async () => {
  aws.sts.failNext('AssumeRole', { code: 'Throttling', message: 'Rate exceeded' });
  await expect(assume('looker')).rejects.toMatchObject({ name: 'Throttling' });
  await expect(assume('looker')).resolves.toBeDefined();
});
