import { Logger } from '@aws-lambda-powertools/logger';
import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { SNSClient } from '@aws-sdk/client-sns';
import type { Context } from 'aws-lambda';
import { readAttempt } from '../lib/attempt.ts';
import { describeSecret, restoreSecret } from '../lib/aws/secrets-manager.ts';
import { publish } from '../lib/aws/sns.ts';
import { type Notification, notify, type Ports } from '../lib/notify.ts';
import { parseEvent } from '../lib/record.ts';
import { readSettings } from '../lib/settings.ts';

const logger = new Logger();
const metrics = new Metrics();
const settings = readSettings(process.env);

// Enrichment may take no more than a few seconds of the alert's time, three attempts included.
const secretsManager = new SecretsManagerClient({
  maxAttempts: 3,
  requestHandler: { connectionTimeout: 1000, requestTimeout: 2000, throwOnRequestTimeout: true },
});
const sns = new SNSClient({
  maxAttempts: 3,
  requestHandler: { connectionTimeout: 1000, requestTimeout: 4000, throwOnRequestTimeout: true },
});

const ports: Ports = {
  now: () => new Date(),
  describeSecret: (secretId) => describeSecret(secretsManager, secretId),
  restoreSecret: (arn) => restoreSecret(secretsManager, arn),
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
  logger.appendKeys({
    attempt: attempt.id,
    secret: attempt.secret.sent,
    caller: attempt.caller.key,
  });
  try {
    const notification = await notify(attempt, settings, ports);
    logger.info('Alert published', {
      action: notification.action,
      lookup: notification.lookup.kind,
    });
    count(notification, attempt.time);
  } catch (error) {
    logger.error('Alert not published', { error });
    throw error;
  } finally {
    logger.resetKeys();
  }
}

function count({ lookup, action }: Notification, attemptTime: Date): void {
  metrics.addMetric('Alerts', MetricUnit.Count, 1);
  const delay = (ports.now().getTime() - attemptTime.getTime()) / 1000;
  metrics.addMetric('AlertDelay', MetricUnit.Seconds, Math.max(0, delay));
  if (lookup.kind === 'unavailable') metrics.addMetric('EnrichmentFailures', MetricUnit.Count, 1);
  if (action.kind === 'restored') metrics.addMetric('Restores', MetricUnit.Count, 1);
  metrics.publishStoredMetrics();
}
