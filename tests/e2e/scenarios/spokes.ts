import { readFile } from 'node:fs/promises';
import { CreateRoleCommand, IAMClient, PutRolePolicyCommand } from '@aws-sdk/client-iam';
import { GetFunctionConfigurationCommand } from '@aws-sdk/client-lambda';
import {
  DescribeSecretCommand,
  RestoreSecretCommand,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import { GetQueueUrlCommand, SQSClient } from '@aws-sdk/client-sqs';
import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts';
import { HOME } from '../../../emulators/client.ts';
import { subscriptionEvent } from '../../../emulators/cloudtrail.ts';
import { take } from '../../../emulators/messaging.ts';
import { createIncidentStore, incidentKey } from '../../../lib/incident/incidents.ts';
import { formatUtc } from '../../../lib/time.ts';
import { countAttempts } from '../../../simulation/cloud.ts';
import { lookupRoleArn, spokeNames } from '../../../stack/names.ts';
import { putOnBus } from '../bus.ts';
import { operate } from '../commands.ts';
import { eventually } from '../eventually.ts';
import { handOver, lambda, runFunction } from '../functions.ts';
import { letHoursPass } from '../hours.ts';
import { useMailbox } from '../mailbox.ts';
import { attempt, createPending, usersAt } from '../secrets.ts';
import { deploySpoke, deployTemplate, SPOKE } from '../spokes.ts';
import { changeOf, deployedTable, secretOf } from '../table.ts';
import { aws, awsAt, deployed, STAGE } from '../world.ts';

const { accountId, region } = SPOKE;
const there = usersAt(SPOKE);
const OWNER = { Key: 'owner', Value: 'payments' };

describe('An attempt in a spoke', () => {
  const mailbox = useMailbox(async () => (await deployed()).AlertTopicArn);
  beforeAll(async () => deploySpoke(SPOKE, await deployed()));

  test('is mailed with the owner of the secret and the date, by its role', async () => {
    const date = await createPending('prod/spoke', [OWNER], there.admin);
    await putOnBus(await attempt('prod/spoke', there.app));
    const { subject, body, attributes } = await mailbox().next();
    expect(subject).toMatch(
      /^WARNING: Deleted secret prod\/spoke wanted by app-server, 7 days left/,
    );
    expect(body).toMatch(
      new RegExp(`^Deletion: +${formatUtc(date)}, 7 days left \\(exact\\)$`, 'm'),
    );
    expect(body).toMatch(/^Owner: +payments \(tag owner\)$/m);
    expect(attributes).toMatchObject({ account: accountId, region, owner: 'payments' });
  });

  test('is in a digest with both when it is made again', async () => {
    const table = await deployedTable();
    const before = await countAttempts(table);
    await putOnBus(await attempt('prod/spoke', there.app));
    await eventually(
      () => countAttempts(table),
      (count) => count === before + 1,
    );
    await letHoursPass(table, 'prod/spoke', SPOKE);
    await runFunction((await deployed()).SummarizeFunctionName);
    const { body, attributes } = await mailbox().next();
    expect(body).toMatch(/^prod\/spoke, account 444455556666, Region us-east-1$/m);
    expect(body).toMatch(/^ {2}Deletion: \S+ \S+ UTC, 7 days left \(exact\)$/m);
    expect(body).toMatch(/^ {2}Owner: payments \(tag owner\)$/m);
    expect(attributes).toMatchObject({ account: accountId, region, action: 'digest' });
  });

  test('its deletion and restoration reach the ledger', async () => {
    const change = () => changeOf('prod/spoke-ledger', SPOKE);
    await createPending('prod/spoke-ledger', [], there.admin);
    await putOnBus(there.admin.lastRecord());
    const deletion = await eventually(change, (found) => found !== undefined);
    expect(deletion).toMatchObject({ kind: 'deletion', windowDays: 7 });
    await there.admin.restore('prod/spoke-ledger');
    const record = there.admin.lastRecord();
    // Of changes in the same second a deletion would be the later one.
    const eventTime = new Date(Date.parse(record.eventTime) + 1000).toISOString();
    await putOnBus({ ...record, eventTime });
    await eventually(change, (found) => found?.kind === 'cancellation');
  });

  test('is mailed without them where there is no spoke, with the reason', async () => {
    const without = { accountId: '123456789012', region };
    const users = usersAt(without);
    await createPending('prod/no-spoke', [OWNER], users.admin);
    const { ReadTrailFunctionName } = await deployed();
    const record = await attempt('prod/no-spoke', users.app);
    await handOver(ReadTrailFunctionName, subscriptionEvent([record]));
    const { body, attributes } = await mailbox().next();
    expect(attributes).toMatchObject({ account: without.accountId, region });
    expect(attributes).not.toHaveProperty('owner');
    const [, reason = ''] = /^Looked up: +((?:.+\n)(?: +.+\n)*)/m.exec(body) ?? [];
    expect(reason.replaceAll(/\s+/g, ' ')).toMatch(
      /may not assume the role deleted-secret-notifier-e2e-us-east-1 of account 123456789012, .+ Deploy the spoke there\./,
    );
  });

  test('is mailed from a template that `npm run spoke` has written, without parameters', async () => {
    const place = { accountId, region: 'eu-central-1' };
    const { code, stdout, stderr } = await operate('spoke');
    expect([code, stderr]).toEqual([0, '']);
    const [, file = ''] = /^Written: (.+)$/m.exec(stdout) ?? [];
    await deployTemplate(place, await readFile(file, 'utf8'));
    const users = usersAt(place);
    await createPending('prod/spoke-written', [OWNER], users.admin);
    await putOnBus(await attempt('prod/spoke-written', users.app));
    const { attributes } = await mailbox().next();
    expect(attributes).toMatchObject({ region: place.region, owner: 'payments' });
  });

  test('is of an incident of its own where the name is the same', async () => {
    const name = 'prod/same-name';
    const further = [
      { ...SPOKE, region: HOME.region },
      { ...HOME, region },
    ];
    for (const place of further) await deploySpoke(place, await deployed());
    const places = [HOME, SPOKE, ...further];
    for (const place of places) {
      const users = usersAt(place);
      await createPending(name, [], users.admin);
      await putOnBus(await attempt(name, users.app));
    }
    const mails = await Promise.all(places.map(() => mailbox().next()));
    expect(mails.map(({ subject }) => subject)).toEqual(
      places.map(() => expect.stringContaining(name)),
    );
    expect(
      mails.map(({ attributes }) => `${attributes.account} ${attributes.region}`).sort(),
    ).toEqual(places.map((place) => `${place.accountId} ${place.region}`).sort());
    const incidents = createIncidentStore(await deployedTable());
    const keys = places.map((place) => incidentKey(secretOf(name, place)));
    expect(new Set(keys).size).toBe(places.length);
    for (const key of keys) expect(await incidents.find(key)).toBeDefined();
  });
});

describe("A spoke's role", () => {
  const RoleArn = lookupRoleArn(STAGE, { partition: 'aws', ...SPOKE });
  const SecretId = 'prod/spoke-role';

  /** The credentials of a session of a role, as whoever `by` is; by default the root of the account, who may all. */
  async function assume(role: string | undefined, RoleSessionName: string, by = aws) {
    const sts = new STSClient({ ...by, maxAttempts: 1 });
    const input = { RoleArn: role, RoleSessionName };
    const { Credentials } = await sts.send(new AssumeRoleCommand(input));
    const { AccessKeyId = '', SecretAccessKey = '', SessionToken } = Credentials ?? {};
    return {
      accessKeyId: AccessKeyId,
      secretAccessKey: SecretAccessKey,
      sessionToken: SessionToken,
    };
  }

  /** Clients of the stack's account, as the role of a function. */
  async function asFunction(FunctionName: string | undefined) {
    const { Role } = await lambda.send(new GetFunctionConfigurationCommand({ FunctionName }));
    return { ...aws, credentials: await assume(Role, 'function') };
  }

  /** Clients of the stack's account, as a role that is not the stack's, and may assume all. */
  async function asForeigner() {
    const role = { RoleName: 'foreign' };
    const trust = { Effect: 'Allow', Principal: { AWS: HOME.accountId }, Action: 'sts:AssumeRole' };
    const may = { Effect: 'Allow', Action: 'sts:AssumeRole', Resource: '*' };
    const document = (statement: object) =>
      JSON.stringify({ Version: '2012-10-17', Statement: [statement] });
    const iam = new IAMClient(aws);
    const { Role } = await iam.send(
      new CreateRoleCommand({ ...role, AssumeRolePolicyDocument: document(trust) }),
    );
    await iam.send(
      new PutRolePolicyCommand({ ...role, PolicyName: 'all', PolicyDocument: document(may) }),
    );
    return { ...aws, credentials: await assume(Role?.Arn, 'foreign') };
  }

  /** Secrets Manager in the spoke, by a session of its role. */
  async function inSpoke(session: string, by: typeof aws) {
    const credentials = await assume(RoleArn, session, by);
    return new SecretsManagerClient({ ...awsAt(SPOKE), credentials, maxAttempts: 1 });
  }

  beforeAll(async () => {
    await deploySpoke(SPOKE, await deployed(), 'all');
    await createPending(SecretId, [], there.admin);
  });

  test.each([
    ['NotifyFunctionName', 'notify'],
    ['SummarizeFunctionName', 'summarize'],
  ] as const)('lets that of %s look, as %s only', async (output, session) => {
    const by = await asFunction((await deployed())[output]);
    const client = await inSpoke(session, by);
    expect(await client.send(new DescribeSecretCommand({ SecretId }))).toHaveProperty(
      'DeletedDate',
    );
    await expect(inSpoke('other', by)).rejects.toThrow(/not authorized to perform: sts:AssumeRole/);
  });

  test('lets an operator look, but not restore', async () => {
    const operator = await assume((await deployed()).OperatorRoleArn, 'ada');
    const client = await inSpoke('operator', { ...aws, credentials: operator });
    expect(await client.send(new DescribeSecretCommand({ SecretId }))).toHaveProperty(
      'DeletedDate',
    );
    await expect(client.send(new RestoreSecretCommand({ SecretId }))).rejects.toMatchObject({
      name: 'AccessDeniedException',
    });
  });

  test.each([
    ['trackDeletion', async () => asFunction((await deployed()).TrackDeletionFunctionName)],
    ["a role of the account that is not the stack's", asForeigner],
    ['the root of the account', async () => aws],
  ])('refuses %s', async (_, by) => {
    await expect(inSpoke('notify', await by())).rejects.toThrow(
      /not authorized to perform: sts:AssumeRole/,
    );
  });
});

describe('A spoke outside of the organization', () => {
  test("keeps what the hub's bus refuses", async () => {
    const place = { accountId: '777788889999', region };
    await deploySpoke(place, await deployed());
    const users = usersAt(place);
    await createPending('prod/not-taken', [], users.admin);
    const deletion = users.admin.lastRecord();
    await putOnBus(deletion, await attempt('prod/not-taken', users.app));
    const sqs = new SQSClient(awsAt(place));
    const QueueName = spokeNames(STAGE).deadLetterQueue;
    const { QueueUrl: url = '' } = await sqs.send(new GetQueueUrlCommand({ QueueName }));
    const kept = (await take(sqs, { url }, 10, 20)) as { detail: { eventName: string } }[];
    expect(kept.map(({ detail }) => detail.eventName)).toEqual(['DeleteSecret', 'GetSecretValue']);
  });
});
