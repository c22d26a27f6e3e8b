import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { clientSettings } from './client.ts';
import type { CloudTrailRecord } from './cloudtrail.ts';
import { type DynamoDb, startDynamoDb } from './dynamodb.ts';
import { type EventHistory, type EventHistoryOptions, startEventHistory } from './event-history.ts';
import { type Messaging, startMessaging } from './messaging.ts';
import { type SecretsManagerOptions, startSecretsManager } from './secrets-manager.ts';
import type { StandIn } from './service.ts';

export interface LocalAwsOptions
  extends EventHistoryOptions,
    Pick<SecretsManagerOptions, 'callers' | 'now' | 'suffix'> {
  /** Whether CloudTrail keeps the record of a call. Default: of each. */
  readonly isRecorded?: (record: CloudTrailRecord) => boolean;
  /** Where DynamoDB keeps its items, in a thread of its own. Default: in memory. */
  readonly databaseDirectory?: string;
}

export interface LocalAws extends Omit<Messaging, 'endpoint'> {
  readonly secretsManager: StandIn;
  readonly dynamoDb: DynamoDb;
  /** Knows what {@link records} has. */
  readonly eventHistory: EventHistory;
  /** What CloudTrail has recorded so far of the calls to Secrets Manager, the oldest first. */
  readonly records: readonly CloudTrailRecord[];
  /** The variables that lead a function's AWS SDK here. */
  readonly endpoints: Readonly<Record<string, string>>;
  /** A client of Secrets Manager for one of the callers. */
  clientOf(accessKeyId: string): SecretsManagerClient;
}

/** Starts what the notifier needs of AWS, on 127.0.0.1 only. */
export async function startLocalAws(options: LocalAwsOptions): Promise<LocalAws> {
  const { now, isRecorded = () => true, databaseDirectory } = options;
  const records: CloudTrailRecord[] = [];
  await using starting = new AsyncDisposableStack();

  const secretsManager = await startSecretsManager({
    ...options,
    onRecord: (record) => isRecorded(record) && records.push(record),
  });
  starting.defer(() => secretsManager.stop());
  const dynamoDb = await startDynamoDb(databaseDirectory);
  starting.defer(() => dynamoDb.stop());
  const eventHistory = await startEventHistory(records, now, options);
  starting.defer(() => eventHistory.stop());
  const messaging = await startMessaging();
  starting.defer(() => messaging.stop());

  const clients = new Map<string, SecretsManagerClient>();
  const running = starting.move();
  return {
    ...messaging,
    secretsManager,
    dynamoDb,
    eventHistory,
    records,
    endpoints: {
      AWS_ENDPOINT_URL_CLOUDTRAIL: eventHistory.endpoint,
      AWS_ENDPOINT_URL_DYNAMODB: dynamoDb.endpoint,
      AWS_ENDPOINT_URL_SECRETS_MANAGER: secretsManager.endpoint,
      AWS_ENDPOINT_URL_SNS: messaging.endpoint,
    },
    clientOf(accessKeyId) {
      const known = clients.get(accessKeyId);
      if (known) return known;
      const client = new SecretsManagerClient(clientSettings(secretsManager.endpoint, accessKeyId));
      clients.set(accessKeyId, client);
      running.defer(() => client.destroy());
      return client;
    },
    stop: () => running.disposeAsync(),
  };
}
