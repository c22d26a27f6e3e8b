import {
  CreateSecretCommand,
  DeleteSecretCommand,
  type SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import { SNSClient } from '@aws-sdk/client-sns';
import { describeSecret, restoreSecret } from '../../lib/aws/secrets-manager.ts';
import { publish } from '../../lib/aws/sns.ts';
import { type LocalAws, startLocalAws } from '../../local/aws.ts';
import { clientSettings } from '../../local/client.ts';
import { NOW } from '../testing/attempts.ts';
import { APP_SERVER } from '../testing/records.ts';

let aws: LocalAws;
let client: SecretsManagerClient;

beforeEach(async () => {
  aws = await startLocalAws({ callers: { notifier: APP_SERVER }, now: () => NOW });
  client = aws.clientOf('notifier');
});
afterEach(() => aws.stop());

/** Makes a secret with a tag; pending with a window of 7 days. @returns its ARN. */
async function makePending(name: string): Promise<string> {
  const Tags = [{ Key: 'owner', Value: 'payments' }];
  const command = new CreateSecretCommand({ Name: name, SecretString: 'x', Tags });
  const { ARN = '' } = await client.send(command);
  await client.send(new DeleteSecretCommand({ SecretId: name, RecoveryWindowInDays: 7 }));
  return ARN;
}

test('a pending secret is found by name, and restored by ARN', async () => {
  const arn = await makePending('prod/db');
  const secret = { arn, name: 'prod/db', tags: { owner: 'payments' } };
  expect(await describeSecret(client, 'prod/db')).toEqual({
    kind: 'found',
    secret: { ...secret, deletedDate: new Date('2026-11-29T17:05:00Z') },
  });
  await restoreSecret(client, arn);
  expect(await describeSecret(client, arn)).toEqual({ kind: 'found', secret });
});

test('a secret that AWS does not know is not found', async () => {
  expect(await describeSecret(client, 'no-such-secret')).toEqual({ kind: 'not-found' });
});

test('a refusal is an answer, by the name of its error', async () => {
  aws.secretsManager.failNext('DescribeSecret', { code: 'AccessDeniedException', message: 'no' });
  expect(await describeSecret(client, 'prod/db')).toEqual({
    kind: 'unavailable',
    reason: 'DescribeSecret was refused (AccessDeniedException).',
  });
});

test('a restore that AWS refuses throws', async () => {
  const arn = await makePending('rds!db');
  aws.secretsManager.failNext('RestoreSecret', { code: 'InvalidRequestException', message: 'no' });
  await expect(restoreSecret(client, arn)).rejects.toThrow('no');
});

describe('a message', () => {
  const message = {
    subject: 'Hello',
    body: 'First line\n\nThird line',
    attributes: { owner: 'me' },
  };
  let sns: SNSClient;
  beforeEach(() => {
    sns = new SNSClient({
      ...clientSettings(aws.endpoints.AWS_ENDPOINT_URL_SNS ?? '', 'notifier'),
    });
  });
  afterEach(() => sns.destroy());

  test('arrives with its subject, its lines and its attributes', async () => {
    expect(await publish(sns, aws.topicArn, message)).toMatch(/\w/);
    expect(await aws.nextMail()).toEqual(message);
  });

  test('for a topic that is gone throws', async () => {
    await expect(publish(sns, `${aws.topicArn}-gone`, message)).rejects.toThrow(/exist/i);
  });
});
