import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { clientSettings, REGION } from './client.ts';
import type { CloudTrailRecord, RoleSession } from './cloudtrail.ts';
import { type DynamoDb, startDynamoDb } from './dynamodb.ts';
import { type EventBuses, startEventBuses } from './event-buses.ts';
import { type EventHistory, type EventHistoryOptions, startEventHistory } from './event-history.ts';
import { type Messaging, startMessaging } from './messaging.ts';
import { type SecretsManagerOptions, startSecretsManager } from './secrets-manager.ts';
import type { StandIn } from './service.ts';
import { type Roles, type Sts, startSts } from './sts.ts';

export interface LocalAwsOptions
  extends EventHistoryOptions,
    Pick<SecretsManagerOptions, 'callers' | 'now' | 'suffix'> {
  /** Whether CloudTrail records a call. Default: each. */
  readonly isRecorded?: (record: CloudTrailRecord) => boolean;
  /** The directory where DynamoDB stores its items, in a thread of its own. Default: in memory. */
  readonly databaseDirectory?: string;
  /** The roles that may be assumed. Default: none. */
  readonly roles?: Roles;
}

export interface LocalAws extends Omit<Messaging, 'endpoint'> {
  readonly secretsManager: StandIn;
  readonly dynamoDb: DynamoDb;
  readonly sts: Sts;
  readonly eventBuses: EventBuses;
  /** Over {@link records}. */
  readonly eventHistory: EventHistory;
  /** CloudTrail's records of the calls to Secrets Manager so far, the oldest first. */
  readonly records: readonly CloudTrailRecord[];
  /** The variables that point a function's AWS SDK here. */
  readonly endpoints: Readonly<Record<string, string>>;
  /** A client of Secrets Manager for one of the callers, by default in the Region of the service. */
  clientOf(accessKeyId: string, region?: string): SecretsManagerClient;
}

/** Starts the AWS services that the notifier uses, on 127.0.0.1 only. */
export async function startLocalAws(options: LocalAwsOptions): Promise<LocalAws> {
  const { now, isRecorded = () => true, databaseDirectory, roles = new Map() } = options;
  const callers: Record<string, RoleSession> = { ...options.callers };
  const records: CloudTrailRecord[] = [];
  await using starting = new AsyncDisposableStack();

  const secretsManager = await startSecretsManager({
    ...options,
    callers,
    onRecord: (record) => isRecorded(record) && records.push(record),
  });
  starting.defer(() => secretsManager.stop());
  const dynamoDb = await startDynamoDb(databaseDirectory);
  starting.defer(() => dynamoDb.stop());
  const eventHistory = await startEventHistory(records, now, callers, options);
  starting.defer(() => eventHistory.stop());
  const sts = await startSts(now, callers, roles);
  starting.defer(() => sts.stop());
  const eventBuses = await startEventBuses(now);
  starting.defer(() => eventBuses.stop());
  const messaging = await startMessaging();
  starting.defer(() => messaging.stop());

  const clients = new Map<string, SecretsManagerClient>();
  const running = starting.move();
  return {
    ...messaging,
    secretsManager,
    dynamoDb,
    eventHistory,
    sts,
    eventBuses,
    records,
    endpoints: {
      AWS_ENDPOINT_URL_CLOUDTRAIL: eventHistory.endpoint,
      AWS_ENDPOINT_URL_DYNAMODB: dynamoDb.endpoint,
      AWS_ENDPOINT_URL_EVENTBRIDGE: eventBuses.endpoint,
      AWS_ENDPOINT_URL_SECRETS_MANAGER: secretsManager.endpoint,
      AWS_ENDPOINT_URL_SNS: messaging.endpoint,
      AWS_ENDPOINT_URL_STS: sts.endpoint,
    },
    clientOf(accessKeyId, region = REGION) {
      const key = `${accessKeyId} ${region}`;
      const known = clients.get(key);
      if (known) return known;
      const settings = clientSettings(secretsManager.endpoint, accessKeyId, region);
      const client = new SecretsManagerClient(settings);
      clients.set(key, client);
      running.defer(() => client.destroy());
      return client;
    },
    stop: () => running.disposeAsync(),
  };
}
