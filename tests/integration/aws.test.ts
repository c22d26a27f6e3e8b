import { createServer } from 'node:http';
import { CloudTrailClient } from '@aws-sdk/client-cloudtrail';
import {
  CreateSecretCommand,
  DeleteSecretCommand,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import { SNSClient } from '@aws-sdk/client-sns';
import { type LocalAws, startLocalAws } from '../../emulators/aws.ts';
import { clientSettings } from '../../emulators/client.ts';
import { listen, serve } from '../../emulators/service.ts';
import type { Resource } from '../../emulators/template.ts';
import { clientSettings as productSettings } from '../../lib/aws/clients.ts';
import { identifySecret } from '../../lib/cloudtrail/secret-id.ts';
import type { Change } from '../../lib/deletion/change.ts';
import { describeSecret, restoreSecret } from '../../lib/deletion/describe.ts';
import { findDeletion, lookupEvents } from '../../lib/deletion/history.ts';
import {
  changeItem,
  createLedger,
  historyItem,
  type Ledger,
  partitionKey,
  readPage,
} from '../../lib/deletion/ledger.ts';
import { deliver } from '../../lib/notice/mail/delivery.ts';
import { TABLE, table } from '../../stack/table.ts';
import { cancellation, deletion, NOW } from '../testing/attempts.ts';
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
  const createdDate = new Date('2026-11-22T17:05:00Z');
  const secret = { arn, name: 'prod/db', createdDate, tags: { owner: 'payments' } };
  expect(await describeSecret(client, 'prod/db')).toEqual({
    kind: 'found',
    secret: { ...secret, deletedDate: new Date('2026-11-22T17:05:00Z') },
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

test('a service that does not answer is given up as unavailable, in the time of its tries', async () => {
  await using started = new AsyncDisposableStack();
  const silent = await listen(createServer(() => {}));
  started.defer(() => silent.stop());
  const local = clientSettings(silent.endpoint, 'x');
  const silenced = new SecretsManagerClient({ ...local, ...productSettings(20, 2) });
  started.defer(() => silenced.destroy());
  expect(await describeSecret(silenced, 'prod/db')).toEqual({
    kind: 'unavailable',
    reason: 'DescribeSecret was refused (TimeoutError).',
  });
});

test('a restore that AWS refuses throws', async () => {
  const arn = await makePending('rds!db');
  aws.secretsManager.failNext('RestoreSecret', { code: 'InvalidRequestException', message: 'no' });
  await expect(restoreSecret(client, arn)).rejects.toThrow('no');
});

describe('the ledger in the table', () => {
  const { secret } = deletion();
  const pk = partitionKey(secret) ?? '';
  let ledger: Ledger;
  beforeEach(async () => {
    await aws.dynamoDb.createTable(table[TABLE] as Resource);
    ledger = createLedger(aws.dynamoDb.table);
  });

  const page = async () => readPage(await ledger.getItems(pk), secret);
  const put = (change: Change) => ledger.putIfNewer(changeItem(change, pk));

  test('keeps the newest change, and what the history said', async () => {
    expect(await put(deletion())).toBe(true);
    expect(await put(cancellation())).toBe(true);
    expect(await put(deletion())).toBe(false);
    await ledger.putItem(historyItem(pk, NOW, 'Nothing.'));
    expect(await page()).toEqual({
      change: cancellation(),
      isHeard: false,
      history: { kind: 'history', askAgainAt: NOW, missing: 'Nothing.' },
    });
  });

  test('takes a change again until it has been announced', async () => {
    await put(deletion());
    expect(await put(deletion())).toBe(true);
    const { order } = changeItem(deletion(), pk);
    await ledger.markAnnounced(pk, order);
    expect(await put(deletion())).toBe(false);
    await put(cancellation());
    await ledger.markAnnounced(pk, order);
    expect(await put(cancellation())).toBe(true);
  });

  test('that is not there throws', async () => {
    const gone = createLedger({ ...aws.dynamoDb.table, name: 'no-such-table' });
    await expect(gone.putIfNewer(changeItem(deletion(), pk))).rejects.toThrow();
  });
});

describe('the event history', () => {
  const find = async (signal: AbortSignal) => {
    await makePending('prod/db');
    const settings = clientSettings(aws.eventHistory.endpoint, 'notifier');
    const cloudTrail = new CloudTrailClient({ ...productSettings(2000), ...settings });
    try {
      const secret = identifySecret('prod/db', {});
      return await findDeletion(secret, NOW, lookupEvents(cloudTrail, signal));
    } finally {
      cloudTrail.destroy();
    }
  };

  test('knows who scheduled a deletion', async () => {
    const found = await find(AbortSignal.timeout(4000));
    expect(found).toMatchObject({ windowDays: 7, requestedBy: { shortName: 'app-server' } });
  });

  test('is not waited for beyond the time given', async () => {
    await expect(find(AbortSignal.abort(new Error('late')))).rejects.toThrow(/abort/i);
  });
});

describe('a message', () => {
  const message = {
    subject: 'Hello',
    body: 'First line\n\nThird line',
    attributes: { owner: 'me' },
  };
  let sns: SNSClient;
  beforeEach(() => {
    sns = new SNSClient(clientSettings(aws.endpoints.AWS_ENDPOINT_URL_SNS ?? '', 'notifier'));
  });
  afterEach(() => sns.destroy());
  const never = () => Promise.reject(new Error('It was tried again.'));

  test('arrives with its subject, its lines and its attributes', async () => {
    expect(await deliver(sns, aws.topicArn, message, never)).toMatch(/\w/);
    expect(await aws.nextMail()).toEqual(message);
  });

  test('arrives with an attribute of several values', async () => {
    await deliver(sns, aws.topicArn, { ...message, attributes: { secret: ['a', 'b'] } }, never);
    expect((await aws.nextMail())?.attributes).toEqual({ secret: '["a","b"]' });
  });

  test('for a topic that is gone throws', async () => {
    await expect(deliver(sns, `${aws.topicArn}-gone`, message, never)).rejects.toThrow(/exist/i);
  });

  test('is tried again only once that is allowed', async () => {
    await using failing = new AsyncDisposableStack();
    const service = await serve(() => {
      throw new Error('a passing fault');
    });
    failing.defer(() => service.stop());
    const client = new SNSClient(clientSettings(service.endpoint, 'notifier'));
    failing.defer(() => client.destroy());
    let asked = 0;
    const beforeAgain = async () => {
      if (++asked === 2) throw new Error('no budget');
    };
    const published = deliver(client, aws.topicArn, message, beforeAgain);
    await expect(published).rejects.toThrow('no budget');
    expect(asked).toBe(2);
  });
});
