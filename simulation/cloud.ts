import { ScanCommand } from '@aws-sdk/client-dynamodb';
import { CreateSecretCommand, DeleteSecretCommand } from '@aws-sdk/client-secrets-manager';
import { marshall } from '@aws-sdk/util-dynamodb';
import { type LocalAws, startLocalAws } from '../emulators/aws.ts';
import type { CloudTrailRecord } from '../emulators/cloudtrail.ts';
import { FAULT_HEADER, injectFaults, RUN_HEADER, TIME_HEADER } from '../emulators/faults.ts';
import type { Table } from '../lib/aws/table.ts';
import { DAY_MS } from '../lib/time.ts';
import { lookupRoleArn } from '../stack/names.ts';
import { ADMIN, NOTIFIER, SUFFIX, secretName } from './cast.ts';
import { AT_HOME, type Places, placeOf } from './places.ts';

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
 * @param places where secrets are, and whose spokes have roles
 */
export async function startCloud(
  beginning: Date,
  databaseDirectory: string,
  places: Places = AT_HOME,
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
  const aws = await startLocalAws({
    now: () => now,
    callers: { ...adminsOf(places), notifier: NOTIFIER },
    roles: rolesOf(places),
    suffix: () => SUFFIX,
    isRecorded: ({ eventName }) => eventName === 'DeleteSecret',
    databaseDirectory,
  });
  starting.defer(() => aws.stop());

  async function createSecrets(count: number): Promise<readonly CloudTrailRecord[]> {
    for (let i = 0; i < count; i++) {
      const Name = secretName(i, places);
      const { accountId, region } = placeOf(i, places);
      const admin = aws.clientOf(accountId, region);
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

/** That of a package for which no other was chosen. */
export const STAGE = 'dev';

/** The admin of each account, by its id. */
const adminsOf = (places: Places) =>
  Object.fromEntries(places.map(({ accountId }) => [accountId, { ...ADMIN, account: accountId }]));

/** The lookup roles of the spokes, with RestoreMode `off`. */
const rolesOf = (places: Places) =>
  new Map(
    places
      .filter(({ hasSpoke }) => hasSpoke)
      .map((place) => [
        lookupRoleArn(STAGE, { ...place, partition: 'aws' }),
        { region: place.region, operations: ['DescribeSecret', 'ListSecrets', 'LookupEvents'] },
      ]),
  );

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
