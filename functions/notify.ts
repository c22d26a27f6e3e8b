import { Logger } from '@aws-lambda-powertools/logger';
import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import { CloudTrailClient } from '@aws-sdk/client-cloudtrail';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { SNSClient } from '@aws-sdk/client-sns';
import type { Context } from 'aws-lambda';
import { readAttempt } from '../lib/attempt.ts';
import { clientSettings } from '../lib/aws/clients.ts';
import { lookupEvents } from '../lib/aws/cloudtrail.ts';
import { describeSecret, restoreSecret } from '../lib/aws/secrets-manager.ts';
import { publish } from '../lib/aws/sns.ts';
import { getItems, putIfNewer, putItem } from '../lib/aws/table.ts';
import { findDeletion } from '../lib/history.ts';
import { type Notification, notify, type Ports } from '../lib/notify.ts';
import { type Memory, recall } from '../lib/recall.ts';
import { parseEvent } from '../lib/record.ts';
import { readNotifySettings } from '../lib/settings.ts';

/** Of an alert's time no more than this may go into searching CloudTrail's event history, in ms. */
const HISTORY_BUDGET_MS = 4000;

const logger = new Logger();
const metrics = new Metrics();
const settings = readNotifySettings(process.env);

const secretsManager = new SecretsManagerClient(clientSettings(2000));
const cloudTrail = new CloudTrailClient(clientSettings(2000));
const sns = new SNSClient(clientSettings(4000));
const table = { client: new DynamoDBClient(clientSettings(1000)), name: settings.tableName };

const memory: Memory = {
  now: () => new Date(),
  getItems: (pk) => getItems(table, pk),
  putItem: (item) => putItem(table, item),
  putIfNewer: (item) => putIfNewer(table, item),
  findDeletion: (secret, time) =>
    findDeletion(secret, time, lookupEvents(cloudTrail, AbortSignal.timeout(HISTORY_BUDGET_MS))),
};

const ports: Ports = {
  now: memory.now,
  describeSecret: (secretId) => describeSecret(secretsManager, secretId),
  restoreSecret: (arn) => restoreSecret(secretsManager, arn),
  recall: (secret, time, askHistory) => recall(secret, time, memory, askHistory),
  publish: (alert) => publish(sns, settings.alertTopicArn, alert),
};

/**
 * Alerts of a failed GetSecretValue, an EventBridge event from CloudTrail.
 * @throws for what is no such event, and when the alert cannot be published: Lambda then tries again, twice,
 * and hands the event to the dead-letter queue.
 */
export async function handler(event: unknown, context: Context): Promise<void> {
  logger.addContext(context);
  const { attempt, reason } = readAttempt(parseEvent(event), ports.now());
  if (!attempt) {
    logger.debug('No attempt to use a deleted secret', { reason });
    return;
  }
  const { id, secret, caller, time } = attempt;
  const facts = { attempt: id, secret: secret.sent, caller: caller.key };
  try {
    const { action, lookup, recollection } = await notify(attempt, settings, ports);
    const { missing } = recollection;
    logger.info('Alert published', { ...facts, action, lookup: lookup.kind, missing });
    count({ action, lookup, recollection }, time);
  } catch (error) {
    logger.error('Alert not published', { ...facts, error });
    throw error;
  }
}

function count({ lookup, action, recollection }: Omit<Notification, 'alert'>, time: Date): void {
  const delay = (ports.now().getTime() - time.getTime()) / 1000;
  const isIncomplete = lookup.kind === 'unavailable' || recollection.missing !== undefined;
  metrics.addMetric('Alerts', MetricUnit.Count, 1);
  metrics.addMetric('AlertDelay', MetricUnit.Seconds, Math.max(0, delay));
  if (isIncomplete) metrics.addMetric('EnrichmentFailures', MetricUnit.Count, 1);
  if (action.kind === 'restored') metrics.addMetric('Restores', MetricUnit.Count, 1);
  metrics.publishStoredMetrics();
}
