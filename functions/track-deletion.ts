import { Logger } from '@aws-lambda-powertools/logger';
import { Metrics } from '@aws-lambda-powertools/metrics';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { SNSClient } from '@aws-sdk/client-sns';
import { clientSettings } from '../lib/aws/clients.ts';
import { createHandler, type Run } from '../lib/aws/handler.ts';
import { parseEvent } from '../lib/cloudtrail/record.ts';
import { readChange } from '../lib/deletion/change.ts';
import { describeSecret } from '../lib/deletion/describe.ts';
import { createLedger } from '../lib/deletion/ledger.ts';
import { createBudgetStore } from '../lib/incident/budget.ts';
import { createIncidentStore } from '../lib/incident/incidents.ts';
import { createPairStore } from '../lib/incident/pairs.ts';
import { type TrackPorts, track } from '../lib/incident/track.ts';
import { renderAnnouncement } from '../lib/notice/mail/announcement.ts';
import { mailChannel } from '../lib/notice/mail/delivery.ts';
import { createLeftStore, createNoticeTopic, reportNotTaken } from '../lib/notice/notice-topic.ts';
import { readTrackSettings } from '../lib/settings.ts';

const logger = new Logger();
const metrics = new Metrics();
const settings = readTrackSettings(process.env);
const announce = settings.announceDeletions ? settings : undefined;

const secretsManager = new SecretsManagerClient(clientSettings(2000));
const sns = new SNSClient(clientSettings(4000));
const table = { client: new DynamoDBClient(clientSettings(2000)), name: settings.tableName };

const stores = {
  ledger: createLedger(table),
  pairs: createPairStore(table),
  incidents: createIncidentStore(table),
  budget: createBudgetStore(table),
};

const left = createLeftStore(table);

const portsOf = (run: Run): TrackPorts => ({
  ...run,
  ...stores,
  describeSecret: (secretId) => describeSecret(secretsManager, secretId),
  publish: mailChannel(sns, settings.alertTopicArn, (one) => ({ mail: renderAnnouncement(one) })),
  handOn: createNoticeTopic(sns, settings.noticeTopicArn, {
    left,
    stack: { ...run.home, stage: settings.stage },
    now: run.now,
    notTaken: reportNotTaken({ logger, metrics }),
  })?.handOn,
});

/**
 * Keeps a DeleteSecret or a RestoreSecret, an EventBridge event from CloudTrail, in the ledger.
 * @throws for what is no such event, and when it cannot be kept or announced: Lambda then tries again, twice,
 * and hands the event to the dead-letter queue.
 */
export const handler = createHandler(
  { logger, metrics, failure: 'Change of a deletion not kept' },
  async (event, run) => {
    const change = readChange(parseEvent(event));
    if (!change) {
      logger.debug('A call that failed changed nothing');
      return;
    }
    const { id, kind, secret } = change;
    logger.appendKeys({ call: id, kind, secret: secret.sent });
    if (change.kind === 'deletion' && change.dateFrom === 'window') {
      logger.warn('The record has no date that can be read; counted the recovery window');
    }
    const tracking = await track(change, announce, portsOf(run));
    logger.info('Change of a deletion', { tracking });
  },
);
