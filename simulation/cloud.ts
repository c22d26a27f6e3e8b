import { ScanCommand } from '@aws-sdk/client-dynamodb';
import { CreateSecretCommand, DeleteSecretCommand } from '@aws-sdk/client-secrets-manager';
import { marshall } from '@aws-sdk/util-dynamodb';
import { type LocalAws, startLocalAws } from '../emulators/aws.ts';
import type { CloudTrailRecord } from '../emulators/cloudtrail.ts';
import { injectFaults } from '../emulators/faults.ts';
import type { Published } from '../emulators/messaging.ts';
import type { Table } from '../lib/aws/table.ts';
import type { Channel } from '../lib/notice/channel.ts';
import { DAY_MS, HOUR_MS } from '../lib/time.ts';
import { lookupRoleArn } from '../stack/names.ts';
import { ADMIN, NOTIFIER, SUFFIX, secretName } from './cast.ts';
import { AT_HOME, type Places, placeOf } from './places.ts';

/** How long before a storm the secrets were deleted that are gone, in ms: their records have come by all paths. */
export const GONE_MS = HOUR_MS;

/** A channel takes nothing for a time, in simulated ms since 1970. */
export interface Outage {
  readonly channel: 'mail' | Channel;
  readonly from: number;
  readonly until: number;
}

export interface Cloud extends LocalAws {
  /** The mails, by SNS's id of each. */
  readonly publications: ReadonlyMap<string, Published>;
  /**
   * Creates secrets and schedules their deletion, some so that a nearer severity comes within hours; the last `gone` of them it
   * deletes at once. @returns the records.
   */
  createSecrets(count: number, gone?: number): Promise<readonly CloudTrailRecord[]>;
}

/**
 * Starts the AWS services that the functions use; each fails if its client says so.
 * @param databaseDirectory where DynamoDB may store its items
 * @param places where secrets are, and whose spokes have roles
 * @param outage of one channel. Default: none
 */
export async function startCloud(
  beginning: Date,
  databaseDirectory: string,
  places: Places = AT_HOME,
  outage?: Outage,
): Promise<Cloud> {
  const publications = new Map<string, Published>();
  await using starting = new AsyncDisposableStack();
  starting.defer(injectFaults());

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
  aws.onPublished(aws.topicArn, (published) => publications.set(published.id, published));
  if (outage) {
    const isDown = (time: number) => outage.from <= time && time < outage.until;
    if (outage.channel === 'mail') aws.failWhile(aws.topicArn, isDown);
    if (outage.channel === 'chat') aws.failWhile(aws.chatTopicArn, isDown);
    if (outage.channel === 'bus') aws.eventBuses.failWhile(isDown);
  }

  async function createSecrets(count: number, gone = 0): Promise<readonly CloudTrailRecord[]> {
    for (let i = 0; i < count; i++) {
      const Name = secretName(i, places);
      const { accountId, region } = placeOf(i, places);
      const admin = aws.clientOf(accountId, region);
      // Some reach their last week, or their last two days, within the first hours of the storm.
      const daysAgo = [0, 0.95, 5.9][i % 3] ?? 0;
      const RecoveryWindowInDays = [30, 8, 8][i % 3];
      const isGone = i >= count - gone;
      const ago = isGone ? GONE_MS : DAY_MS * daysAgo;
      now = new Date(beginning.getTime() - ago - i * 1000);
      await admin.send(new CreateSecretCommand({ Name, SecretString: 'x' }));
      const how = isGone ? { ForceDeleteWithoutRecovery: true } : { RecoveryWindowInDays };
      await admin.send(new DeleteSecretCommand({ SecretId: Name, ...how }));
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
