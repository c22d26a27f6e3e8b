import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { DynamoDBClient, ScanCommand } from '@aws-sdk/client-dynamodb';
import {
  CreateSecretCommand,
  DeleteSecretCommand,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import { marshall } from '@aws-sdk/util-dynamodb';
import { ACCOUNT, clientSettings, REGION } from '../emulators/client.ts';
import type { CloudTrailRecord } from '../emulators/cloudtrail.ts';
import { startEventHistory } from '../emulators/event-history.ts';
import { type Messaging, startMessaging } from '../emulators/messaging.ts';
import { startSecretsManager } from '../emulators/secrets-manager.ts';
import type { Resource } from '../emulators/template.ts';
import type { Table } from '../lib/aws/table.ts';
import { DAY_MS } from '../lib/time.ts';
import { ADMIN, NOTIFIER, SUFFIX, secretName } from './cast.ts';
import { injectFaults } from './environment/faults.ts';
import { FAULT_HEADER, RUN_HEADER, TIME_HEADER } from './environment/plan.ts';

/** When a message was published, in simulated ms since 1970, and in which run of a function. */
interface Publication {
  readonly time: number;
  readonly run: number;
  /** The service's answer did not arrive, so that the SDK published once more. */
  readonly isLost: boolean;
}

export interface Cloud extends Messaging {
  readonly table: Table;
  /** By name of a service its endpoint. */
  readonly services: Readonly<Record<string, string>>;
  /** By SNS's id of a message. */
  readonly publications: ReadonlyMap<string, Publication>;
  /** Creates secrets and schedules their deletion, some so that a nearer severity comes within hours. @returns the records. */
  createSecrets(count: number): Promise<readonly CloudTrailRecord[]>;
}

/**
 * Starts what the functions need of AWS; each service fails if its client says so.
 * @param directory where DynamoDB may keep its items
 */
export async function startCloud(
  table: Resource,
  beginning: Date,
  directory: string,
): Promise<Cloud> {
  const publications = new Map<string, Publication>();
  await using starting = new AsyncDisposableStack();
  const endFaults = injectFaults(({ headers }, body) => {
    const [, id] = /<PublishResult>\s*<MessageId>([^<]+)/.exec(body) ?? [];
    if (!id) return;
    const [time, run] = [Number(headers[TIME_HEADER]), Number(headers[RUN_HEADER])];
    publications.set(id, { time, run, isLost: FAULT_HEADER in headers });
  });

  starting.defer(endFaults);
  let now = beginning;
  const records: CloudTrailRecord[] = [];
  const secretsManager = await startSecretsManager({
    region: REGION,
    account: ACCOUNT,
    now: () => now,
    callers: { admin: ADMIN, notifier: NOTIFIER },
    suffix: () => SUFFIX,
    onRecord: (record) => {
      if (record.eventName === 'DeleteSecret') records.push(record);
    },
  });
  starting.defer(() => secretsManager.stop());
  const eventHistory = await startEventHistory(records, () => now, {});
  starting.defer(() => eventHistory.stop());
  const messaging = await startMessaging();
  starting.defer(() => messaging.stop());
  const database = new Worker(new URL('dynamodb-worker.ts', import.meta.url), {
    execArgv: [],
    workerData: { resource: table, directory },
    resourceLimits: { maxYoungGenerationSizeMb: 16, maxOldGenerationSizeMb: 256 },
  });
  starting.defer(async () => void (await database.terminate()));
  const [{ endpoint, tableName }] = await once(database, 'message');
  const client = new DynamoDBClient(clientSettings(endpoint, 'storm'));
  starting.defer(() => client.destroy());

  async function createSecrets(count: number): Promise<readonly CloudTrailRecord[]> {
    const admin = new SecretsManagerClient(clientSettings(secretsManager.endpoint, 'admin'));
    for (let i = 0; i < count; i++) {
      const Name = secretName(i);
      // Some come to their last week, or to their last two days, within the first hours of the storm.
      const daysAgo = [0, 0.95, 5.9][i % 3] ?? 0;
      const RecoveryWindowInDays = [30, 8, 8][i % 3];
      now = new Date(beginning.getTime() - DAY_MS * daysAgo - i * 1000);
      await admin.send(new CreateSecretCommand({ Name, SecretString: 'x' }));
      await admin.send(new DeleteSecretCommand({ SecretId: Name, RecoveryWindowInDays }));
    }
    admin.destroy();
    now = beginning;
    return records;
  }

  const running = starting.move();
  return {
    ...messaging,
    table: { client, name: tableName },
    services: {
      CloudTrail: eventHistory.endpoint,
      DynamoDB: endpoint,
      SecretsManager: secretsManager.endpoint,
      SNS: messaging.endpoint,
    },
    publications,
    createSecrets,
    stop: () => running.disposeAsync(),
  };
}

/** How many attempts a table holds. */
export async function countAttempts({ client, name }: Table): Promise<number> {
  let count = 0;
  let ExclusiveStartKey: Record<string, never> | undefined;
  do {
    const page = await client.send(
      new ScanCommand({
        TableName: name,
        Select: 'COUNT',
        FilterExpression: 'begins_with(pk, :attempt)',
        ExpressionAttributeValues: marshall({ ':attempt': 'attempt#' }),
        ExclusiveStartKey,
      }),
    );
    count += page.Count ?? 0;
    ExclusiveStartKey = page.LastEvaluatedKey as typeof ExclusiveStartKey;
  } while (ExclusiveStartKey);
  return count;
}
