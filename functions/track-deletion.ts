import { Logger } from '@aws-lambda-powertools/logger';
import { Metrics } from '@aws-lambda-powertools/metrics';
import { CloudTrailClient } from '@aws-sdk/client-cloudtrail';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { SNSClient } from '@aws-sdk/client-sns';
import { STSClient } from '@aws-sdk/client-sts';
import { clientSettings } from '../lib/aws/clients.ts';
import { createHandler, type Run } from '../lib/aws/handler.ts';
import { lookUpClients } from '../lib/aws/look-up-clients.ts';
import { type CloudTrailEvent, parseEvent } from '../lib/cloudtrail/record.ts';
import { type Change, readChanges } from '../lib/deletion/change.ts';
import { isCreation, readClash } from '../lib/deletion/clash.ts';
import { createClashStore, keepClash } from '../lib/deletion/clashes.ts';
import { describeSecret } from '../lib/deletion/describe.ts';
import { historySearchBy } from '../lib/deletion/history.ts';
import { createLedger } from '../lib/deletion/ledger.ts';
import { createBudgetStore } from '../lib/incident/budget.ts';
import { isIgnoredBy } from '../lib/incident/gate.ts';
import { createIncidentStore } from '../lib/incident/incidents.ts';
import { lastLook } from '../lib/incident/last-look.ts';
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

const { hasSpokes, secretsManagerAt, cloudTrailAt } = lookUpClients(
  { CloudTrailClient, SecretsManagerClient, STSClient },
  settings.lookupRoleArn,
  'trackDeletion',
);

const sns = new SNSClient(clientSettings(4000));
const table = { client: new DynamoDBClient(clientSettings(2000)), name: settings.tableName };

const stores = {
  ledger: createLedger(table),
  pairs: createPairStore(table),
  incidents: createIncidentStore(table),
  clashes: createClashStore(table),
  budget: createBudgetStore(table),
};

const left = createLeftStore(table);
const searchHistory = historySearchBy(stores.ledger, cloudTrailAt);

const portsOf = (run: Run): TrackPorts => ({
  ...run,
  ...stores,
  describeSecret: (secretId, place) => describeSecret(secretsManagerAt(place), secretId),
  hasSpokes,
  publish: mailChannel(sns, settings.alertTopicArn, (one) => ({ mail: renderAnnouncement(one) })),
  handOn: createNoticeTopic(sns, settings.noticeTopicArn, {
    left,
    stack: { ...run.home, stage: settings.stage, hasSpokes },
    now: run.now,
    notTaken: reportNotTaken({ logger, metrics }),
  })?.handOn,
});

/**
 * Keeps a DeleteSecret, a RestoreSecret or the removal of replicas, an EventBridge event from CloudTrail, in the ledger; of a
 * CreateSecret that its name kept from making a secret, who tried it.
 * @throws for what is no such event, and when it cannot be kept or announced: Lambda then tries again, twice,
 * and hands the event to the dead-letter queue.
 */
export const handler = createHandler(
  { logger, metrics, failure: 'Change of a deletion not kept' },
  async (event, run) => {
    const parsed = parseEvent(event);
    if (isCreation(parsed)) return keepCreation(parsed, run);
    const changes = readChanges(parsed);
    if (changes.length === 0) logger.debug('A call that failed changed nothing');
    for (const change of changes) await keep(change, run);
  },
);

async function keep(change: Change, run: Run): Promise<void> {
  const { id, kind, secret } = change;
  logger.appendKeys({ call: id, kind, secret: secret.sent });
  if (change.kind === 'deletion' && change.dateFrom === 'window') {
    logger.warn('The record has no date that can be read; counted the recovery window');
  }
  const ports = portsOf(run);
  const tracking = await track(await lastLook(change, settings.tagKeys, ports), announce, ports);
  logger.info('Change of a deletion', { tracking });
}

async function keepCreation(event: CloudTrailEvent, { now, home }: Run): Promise<void> {
  const clash = readClash(event);
  if (!clash) {
    logger.debug('A creation that no secret scheduled for deletion stood in the way of');
    return;
  }
  const { id, secret, caller } = clash;
  logger.appendKeys({ call: id, kind: 'clash', secret: secret.sent, caller: caller.key });
  if (isIgnoredBy(settings, clash)) {
    logger.info('Name of a secret taken, for an ignored caller');
    return;
  }
  const isNew = await keepClash(clash, {
    now,
    home,
    hasSpokes,
    clashes: stores.clashes,
    getItems: stores.ledger.getItems,
    searchHistory,
  });
  logger.info('Name of a secret taken', { isNew });
}
