import { ScanCommand } from '@aws-sdk/client-dynamodb';
import { CreateSecretCommand, DeleteSecretCommand } from '@aws-sdk/client-secrets-manager';
import { marshall } from '@aws-sdk/util-dynamodb';
import { type LocalAws, startLocalAws } from '../emulators/aws.ts';
import type { CloudTrailRecord } from '../emulators/cloudtrail.ts';
import { FAULT_HEADER, injectFaults, RUN_HEADER, TIME_HEADER } from '../emulators/faults.ts';
import type { Table } from '../lib/aws/table.ts';
import { DAY_MS } from '../lib/time.ts';
import { ADMIN, NOTIFIER, SUFFIX, secretName } from './cast.ts';

/** The publication of a message: its time, in simulated ms since 1970, and the run of a function. */
interface Publication {
  readonly time: number;
  readonly run: number;
  /** The service's answer got lost, so that the SDK published again. */
  readonly isLost: boolean;
}

export interface Cloud extends LocalAws {
  /** By SNS's id of a message. */
  readonly publications: ReadonlyMap<string, Publication>;
  /** Creates secrets and schedules their deletion, some so that a nearer severity comes within hours. @returns the records. */
  createSecrets(count: number): Promise<readonly CloudTrailRecord[]>;
}

/**
 * Starts the AWS services that the functions use; each fails if its client says so.
 * @param databaseDirectory where DynamoDB may store its items
 */
export async function startCloud(beginning: Date, databaseDirectory: string): Promise<Cloud> {
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
  const aws = await startLocalAws({
    now: () => now,
    callers: { admin: ADMIN, notifier: NOTIFIER },
    suffix: () => SUFFIX,
    isRecorded: ({ eventName }) => eventName === 'DeleteSecret',
    databaseDirectory,
  });
  starting.defer(() => aws.stop());

  async function createSecrets(count: number): Promise<readonly CloudTrailRecord[]> {
    const admin = aws.clientOf('admin');
    for (let i = 0; i < count; i++) {
      const Name = secretName(i);
      // Some reach their last week, or their last two days, within the first hours of the storm.
      const daysAgo = [0, 0.95, 5.9][i % 3] ?? 0;
      const RecoveryWindowInDays = [30, 8, 8][i % 3];
      now = new Date(beginning.getTime() - DAY_MS * daysAgo - i * 1000);
      await admin.send(new CreateSecretCommand({ Name, SecretString: 'x' }));
      await admin.send(new DeleteSecretCommand({ SecretId: Name, RecoveryWindowInDays }));
    }
    now = beginning;
    return aws.records;
  }

  const running = starting.move();
  return { ...aws, publications, createSecrets, stop: () => running.disposeAsync() };
}

/** The number of attempts in a table. */
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
