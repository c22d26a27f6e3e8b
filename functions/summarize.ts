import { Logger } from '@aws-lambda-powertools/logger';
import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { SNSClient } from '@aws-sdk/client-sns';
import { createAttemptStore } from '../lib/attempt/store.ts';
import { clientSettings } from '../lib/aws/clients.ts';
import { createHandler, type Run } from '../lib/aws/handler.ts';
import { describeSecret } from '../lib/deletion/describe.ts';
import { createLedger } from '../lib/deletion/ledger.ts';
import { createBudgetStore } from '../lib/incident/budget.ts';
import { createSummaryStore } from '../lib/incident/summaries.ts';
import { type SummaryPorts, summarize } from '../lib/incident/summarize.ts';
import { mailChannel } from '../lib/notice/mail/delivery.ts';
import { readSettings } from '../lib/settings.ts';

const logger = new Logger();
const metrics = new Metrics();
const settings = readSettings(process.env);

const sns = new SNSClient(clientSettings(4000));
// Best effort: where it does not answer, others are to be looked up in the time that is left.
const secretsManager = new SecretsManagerClient(clientSettings(2000, 2));
// Tens of thousands of writes in a row may be throttled.
const table = { client: new DynamoDBClient(clientSettings(2000, 8)), name: settings.tableName };

const stores = {
  attempts: createAttemptStore(table),
  summaries: createSummaryStore(table),
  budget: createBudgetStore(table),
};
const ledger = createLedger(table);

const portsOf = (run: Run): SummaryPorts => ({
  ...run,
  ...stores,
  token: run.id,
  getItems: ledger.getItems,
  describeSecret: (secretId) => describeSecret(secretsManager, secretId),
  publish: mailChannel(sns, settings.alertTopicArn),
});

/**
 * Sends one message with all attempts that nothing has reported yet. Runs on a schedule; its event is not read.
 * @throws when the summary cannot be sent: Lambda then tries again, twice, and else the next run goes on.
 */
export const handler = createHandler(
  { logger, metrics, failure: 'Summary not sent' },
  async (_event, run) => {
    const summary = await summarize(settings, portsOf(run));
    if (summary.outcome === 'busy') {
      logger.info('No summary: another run is at work');
      return;
    }
    const { outcome, oldestLeft } = summary;
    const attempts = outcome === 'sent' ? summary.digest.attempts : 0;
    if (oldestLeft) logger.warn('Left to the next run what there was no time for', { oldestLeft });
    logger.info(outcome === 'sent' ? 'Summary sent' : 'No summary: nothing to report', {
      attempts,
    });
    if (outcome === 'sent') metrics.addMetric('Summaries', MetricUnit.Count, 1);
    const age = oldestLeft ? (run.now().getTime() - oldestLeft.getTime()) / 1000 : 0;
    metrics.addMetric('OldestUntoldAge', MetricUnit.Seconds, Math.max(0, age));
  },
);
