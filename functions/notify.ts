import { randomUUID } from 'node:crypto';
import { Logger } from '@aws-lambda-powertools/logger';
import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import { CloudTrailClient } from '@aws-sdk/client-cloudtrail';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { SNSClient } from '@aws-sdk/client-sns';
import { STSClient } from '@aws-sdk/client-sts';
import { readAttempt } from '../lib/attempt/attempt.ts';
import { attemptKey } from '../lib/attempt/item.ts';
import { createAttemptStore } from '../lib/attempt/store.ts';
import { clientSettings } from '../lib/aws/clients.ts';
import { createHandler, type Home, type Run } from '../lib/aws/handler.ts';
import { lookUpClients } from '../lib/aws/look-up-clients.ts';
import { type CloudTrailEvent, parseEvent } from '../lib/cloudtrail/record.ts';
import type { Action } from '../lib/deletion/auto-cancel.ts';
import { describeSecret, restoreSecret } from '../lib/deletion/describe.ts';
import { historySearchBy } from '../lib/deletion/history.ts';
import { createLedger } from '../lib/deletion/ledger.ts';
import { isDrill } from '../lib/drill.ts';
import { createBudgetStore } from '../lib/incident/budget.ts';
import { createIncidentStore } from '../lib/incident/incidents.ts';
import { type Notification, notify, type Ports } from '../lib/incident/notify.ts';
import { createPairStore } from '../lib/incident/pairs.ts';
import { createProcessMemory } from '../lib/incident/process-memory.ts';
import { renderAlert } from '../lib/notice/mail/alert.ts';
import { mailChannel } from '../lib/notice/mail/delivery.ts';
import { createLeftStore, createNoticeTopic, reportNotTaken } from '../lib/notice/notice-topic.ts';
import { readNotifySettings } from '../lib/settings.ts';

const logger = new Logger();
const metrics = new Metrics();
const settings = readNotifySettings(process.env);

const { hasSpokes, secretsManagerAt, cloudTrailAt } = lookUpClients(
  { CloudTrailClient, SecretsManagerClient, STSClient },
  settings.lookupRoleArn,
  'notify',
);

const sns = new SNSClient(clientSettings(4000));
const table = { client: new DynamoDBClient(clientSettings(1000, 5)), name: settings.tableName };

const stores = {
  attempts: createAttemptStore(table),
  pairs: createPairStore(table),
  incidents: createIncidentStore(table),
  budget: createBudgetStore(table),
};
const ledger = createLedger(table);
const left = createLeftStore(table);
const searchHistory = historySearchBy(ledger, cloudTrailAt);
const processMemory = createProcessMemory();
/** What the gate goes by. */
const policy = { ...settings, hasChannels: settings.noticeTopicArn !== undefined };

function portsOf(run: Run): Ports {
  const { now, home } = run;
  const noticeTopic = createNoticeTopic(sns, settings.noticeTopicArn, {
    left,
    stack: { ...home, stage: settings.stage, hasSpokes },
    now,
    notTaken: reportNotTaken({ logger, metrics }),
  });
  return {
    now,
    home,
    gate: { ...run, ...stores, memory: processMemory, token: randomUUID() },
    getItems: ledger.getItems,
    searchHistory,
    hasSpokes,
    describeSecret: (secretId, place) => describeSecret(secretsManagerAt(place), secretId),
    restoreSecret: async (arn, place) => restoreSecret(await secretsManagerAt(place), arn),
    noteRestoring: (secret, attemptId) => ledger.noteRestoring(secret, attemptId, now()),
    noteRefused: ledger.noteRefused,
    acted: reportAction,
    publish: mailChannel(sns, settings.alertTopicArn, (alert) => ({
      mail: renderAlert(alert, { ...home, stage: settings.stage }),
    })),
    handOn: noticeTopic?.handOn,
  };
}

/** What is logged of any event that is none. */
const NO_ATTEMPT = 'No attempt to use a deleted secret';

/**
 * Sends an alert for a failed GetSecretValue, an EventBridge event from CloudTrail, or defers it to a digest.
 * @throws for what is no such event, and when it cannot be recorded or published: Lambda then tries again, twice,
 * and hands the event to the dead-letter queue.
 */
export const handler = createHandler(
  { logger, metrics, failure: 'Attempt not handled' },
  async (event, run) => {
    const parsed = parseEvent(event);
    const { attempt, reason } = readAttempt(parsed, run.now());
    if (!attempt) {
      logger.debug(NO_ATTEMPT, { reason });
      return;
    }
    const { id, secret, caller, time, isNotFound } = attempt;
    logger.appendKeys({ attempt: id, secret: secret.sent, caller: caller.key });
    const outcome = await notify(attempt, policy, portsOf(run));
    if ('deferred' in outcome && outcome.deferred === 'unknown-secret') {
      logger.debug(NO_ATTEMPT, { reason: 'the ledger knows of no deletion of the secret' });
      return;
    }
    if (isDrill(secret.name)) {
      await stores.attempts.noteHeard(attemptKey(attempt), parsed.path ?? 'rule', run.now());
    }
    // Also of a repeat: it is what the suppressor of the alarm's mails counts, stack/alarm.ts.
    if (parsed.path === 'trail' && !isNotFound) count({ HeardByTrail: 1 });
    if ('deferred' in outcome) {
      const { deferred } = outcome;
      logger.info('Attempt deferred', { deferred });
      if (deferred === 'repeated') return;
      count({ Deferred: 1 });
    } else {
      reportAlert(outcome);
      // By the trail some minutes are no delay, nor are those in the queue before sift-reads.
      if (!parsed.path && !isNotFound) reportDelay(time, run.now());
    }
    count({ Attempts: 1, ...pathCounts(parsed, run.home) });
  },
);

/** Of an attempt that the trail path told first: whether the rule, which hears this account and Region, had missed it. */
function pathCounts({ path, detail, account, region }: CloudTrailEvent, home: Home) {
  if (path !== 'trail') return {};
  const isOwnAccount = (detail.recipientAccountId ?? account) === home.accountId;
  const isOwn = isOwnAccount && (detail.awsRegion ?? region) === home.region;
  return { AttemptsByTrail: 1, ...(isOwn && { MissedByRule: 1 }) };
}

function reportAction(action: Action): void {
  if (action.kind !== 'restored') {
    logger.warn('Deletion not cancelled', { action });
    return;
  }
  logger.info('Deletion cancelled', { action });
  count({ Restores: 1 });
  // At once: the run may yet die.
  metrics.publishStoredMetrics();
}

function reportAlert({ action, lookup, missing }: Notification): void {
  const { notLookedUp } = lookup.place ?? {};
  logger.info('Alert published', { action, lookup: lookup.kind, notLookedUp, missing });
  const isIncomplete = lookup.kind === 'unavailable' || missing !== undefined;
  count({ Alerts: 1, ...(isIncomplete && { EnrichmentFailures: 1 }) });
}

function reportDelay(time: Date, now: Date): void {
  const delay = (now.getTime() - time.getTime()) / 1000;
  metrics.addMetric('AlertDelay', MetricUnit.Seconds, Math.max(0, delay));
}

function count(counts: Readonly<Record<string, number>>): void {
  for (const [name, value] of Object.entries(counts)) {
    metrics.addMetric(name, MetricUnit.Count, value);
  }
}
