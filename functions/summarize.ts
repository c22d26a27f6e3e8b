import { setTimeout as sleep } from 'node:timers/promises';
import { Logger } from '@aws-lambda-powertools/logger';
import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { SNSClient } from '@aws-sdk/client-sns';
import type { Context } from 'aws-lambda';
import { attemptsToTell, countIgnored, takeUp } from '../lib/attempt/store.ts';
import { clientSettings } from '../lib/aws/clients.ts';
import { getItems } from '../lib/aws/table.ts';
import { describeSecret } from '../lib/deletion/describe.ts';
import { TIME_TO_SEND_MS } from '../lib/incident/budget.ts';
import { takeMessage } from '../lib/incident/budget-store.ts';
import { beginSummary, endSummary } from '../lib/incident/summaries.ts';
import { type SummaryPorts, summarize } from '../lib/incident/summarize.ts';
import { deliver } from '../lib/notice/mail/delivery.ts';
import { renderMail } from '../lib/notice/mail/render.ts';
import { readSettings } from '../lib/settings.ts';

const logger = new Logger();
const metrics = new Metrics();
const settings = readSettings(process.env);
const sns = new SNSClient(clientSettings(4000));
// Best effort: where it does not answer, others are to be looked up in the time that is left.
const secretsManager = new SecretsManagerClient(clientSettings(2000, 2));
// Tens of thousands of writes in a row may be throttled.
const table = { client: new DynamoDBClient(clientSettings(2000, 8)), name: settings.tableName };

/** @param context of this run, which tells when it must have ended. */
function portsOf(context: Context): SummaryPorts {
  const now = () => new Date();
  const leaseUntil = now().getTime() + context.getRemainingTimeInMillis();
  const run = { token: context.awsRequestId, leaseUntil };
  return {
    now,
    sleep,
    mayWaitUntil: leaseUntil - TIME_TO_SEND_MS,
    begin: (time) => beginSummary(table, run, time),
    end: (outcome, time) => endSummary(table, run, outcome, time),
    attemptsToTell: (tell) => attemptsToTell(table, tell),
    takeUp: (key, summary, time) => takeUp(table, key, summary, time),
    countIgnored: (since) => countIgnored(table, since),
    getItems: (pk) => getItems(table, pk),
    describeSecret: (secretId) => describeSecret(secretsManager, secretId),
    takeMessage: (time, maxPerMinute) => takeMessage(table, time, maxPerMinute),
    publish: (notice, beforeAgain) =>
      deliver(sns, settings.alertTopicArn, renderMail(notice), beforeAgain),
    timeLeft: () => context.getRemainingTimeInMillis(),
  };
}

/**
 * Tells in one message of all attempts that nothing has told yet. Runs on a schedule; its event says nothing.
 * @throws when the summary cannot be sent: Lambda then tries again, twice, and else the next run goes on.
 */
export async function handler(_event: unknown, context: Context): Promise<void> {
  logger.addContext(context);
  const summary = await summarize(settings, portsOf(context)).catch((error: unknown) => {
    logger.error('Summary not sent', { error });
    throw error;
  });
  if (summary.outcome === 'busy') {
    logger.info('No summary: another run is at work');
    return;
  }
  const { outcome, oldestLeft } = summary;
  const attempts = outcome === 'sent' ? summary.digest.attempts : 0;
  if (oldestLeft) logger.warn('The next run tells what there was no time for', { oldestLeft });
  logger.info(outcome === 'sent' ? 'Summary sent' : 'No summary: nothing to tell', { attempts });
  if (outcome === 'sent') metrics.addMetric('Summaries', MetricUnit.Count, 1);
  const age = oldestLeft ? (Date.now() - oldestLeft.getTime()) / 1000 : 0;
  metrics.addMetric('OldestUntoldAge', MetricUnit.Seconds, Math.max(0, age));
  metrics.publishStoredMetrics();
}
