import { Logger } from '@aws-lambda-powertools/logger';
import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { SNSClient } from '@aws-sdk/client-sns';
import { STSClient } from '@aws-sdk/client-sts';
import { createAttemptStore } from '../lib/attempt/store.ts';
import { clientSettings } from '../lib/aws/clients.ts';
import { createHandler, type Run } from '../lib/aws/handler.ts';
import { functionSpokes, type Place } from '../lib/aws/spokes.ts';
import { createClashStore } from '../lib/deletion/clashes.ts';
import { describeSecret } from '../lib/deletion/describe.ts';
import { createLedger } from '../lib/deletion/ledger.ts';
import { createBudgetStore } from '../lib/incident/budget.ts';
import { createIncidentStore } from '../lib/incident/incidents.ts';
import { createPairStore } from '../lib/incident/pairs.ts';
import { createRunStore } from '../lib/incident/runs.ts';
import { type SummarizePorts, summarize } from '../lib/incident/summarize.ts';
import { renderClashes } from '../lib/notice/mail/clash.ts';
import { mailChannel } from '../lib/notice/mail/delivery.ts';
import { renderDigest } from '../lib/notice/mail/digest.ts';
import { createLeftStore, createNoticeTopic, reportNotTaken } from '../lib/notice/notice-topic.ts';
import { readSummarizeSettings } from '../lib/settings.ts';

const logger = new Logger();
const metrics = new Metrics();
const settings = readSummarizeSettings(process.env);

const sns = new SNSClient(clientSettings(4000));
// Best effort: where it does not answer, others are to be looked up in the time that is left.
const lookUpSettings = clientSettings(2000, 2);
const secretsManager = new SecretsManagerClient(lookUpSettings);
const spokes = functionSpokes(settings.lookupRoleArn, 'summarize', {
  settings: lookUpSettings,
  own: secretsManager,
  newSts: () => new STSClient(lookUpSettings),
  clientsOf: (there, watch) => watch(new SecretsManagerClient(there)),
});
const secretsManagerAt = async (place?: Place) =>
  place && spokes ? spokes.at(place) : secretsManager;
// Thousands of writes in a row may be throttled.
const table = { client: new DynamoDBClient(clientSettings(2000, 8)), name: settings.tableName };

const stores = {
  attempts: createAttemptStore(table),
  pairs: createPairStore(table),
  incidents: createIncidentStore(table),
  runs: createRunStore(table),
  clashes: createClashStore(table),
  budget: createBudgetStore(table),
};
const ledger = createLedger(table);
const left = createLeftStore(table);

const portsOf = (run: Run): SummarizePorts => ({
  ...run,
  ...stores,
  token: run.id,
  getItems: ledger.getItems,
  hasSpokes: spokes !== undefined,
  describeSecret: (secretId, place) => describeSecret(secretsManagerAt(place), secretId),
  publish: mailChannel(sns, settings.alertTopicArn, (notice) => renderDigest(notice, stackOf(run))),
  publishClashes: mailChannel(sns, settings.alertTopicArn, (notice) =>
    renderClashes(notice, stackOf(run)),
  ),
  noticeTopic: createNoticeTopic(sns, settings.noticeTopicArn, {
    left,
    stack: stackOf(run),
    now: run.now,
    notTaken: reportNotTaken({ logger, metrics }),
  }),
});

const stackOf = ({ home }: Run) => ({
  ...home,
  stage: settings.stage,
  hasSpokes: spokes !== undefined,
});

/** What each kind of notice is counted as. */
const METRIC = {
  digest: 'Digests',
  'last-call': 'LastCalls',
  resolved: 'Resolved',
  gone: 'Gone',
  over: 'Over',
  clash: 'NamesTaken',
} as const;

/**
 * Sends the digests, last calls and ends of incidents that are due, and who found the name of a secret taken. Runs on a schedule; its event is not read.
 * @throws when a notice cannot be sent: Lambda then tries again, twice, and else the next run goes on.
 */
export const handler = createHandler(
  { logger, metrics, failure: 'Notices not sent' },
  async (_event, run) => {
    const summarized = await summarize(settings, portsOf(run));
    if (summarized.outcome === 'busy') {
      logger.info('Nothing sent: another run is at work');
      return;
    }
    const { sent, clashes, overdue } = summarized;
    const counted = [
      ...sent.map(({ kind, secrets }) => ({ kind, secrets: secrets.length })),
      ...clashes.map((one) => ({ kind: one.kind, secrets: one.clashes.length })),
    ];
    for (const { kind, secrets } of counted) {
      logger.info('Notice sent', { kind, secrets });
      metrics.addMetric(METRIC[kind], MetricUnit.Count, 1);
    }
    metrics.addMetric('NoticeOverdue', MetricUnit.Seconds, Math.round(overdue / 1000));
  },
);
