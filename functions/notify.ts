import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { Logger } from '@aws-lambda-powertools/logger';
import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import { CloudTrailClient } from '@aws-sdk/client-cloudtrail';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { SNSClient } from '@aws-sdk/client-sns';
import type { Context } from 'aws-lambda';
import { type Attempt, readAttempt } from '../lib/attempt/attempt.ts';
import { noteAlerted, noteUnsent, recordAlerting, recordHeldBack } from '../lib/attempt/store.ts';
import { clientSettings } from '../lib/aws/clients.ts';
import { getItems, putIfNewer, putItem } from '../lib/aws/table.ts';
import { parseEvent } from '../lib/cloudtrail/record.ts';
import type { Action } from '../lib/deletion/auto-cancel.ts';
import { describeSecret, restoreSecret } from '../lib/deletion/describe.ts';
import { findDeletion, historySearch, lookupEvents } from '../lib/deletion/history.ts';
import { noteRestoring } from '../lib/deletion/ledger.ts';
import { TIME_TO_SEND_MS } from '../lib/incident/budget.ts';
import { takeMessage } from '../lib/incident/budget-store.ts';
import type { GatePorts } from '../lib/incident/gate.ts';
import { type Notification, notify, type Ports } from '../lib/incident/notify.ts';
import { claimPair, confirmPair, releasePair } from '../lib/incident/pairs.ts';
import { createProcessMemory } from '../lib/incident/process-memory.ts';
import { deliver } from '../lib/notice/mail/delivery.ts';
import { renderMail } from '../lib/notice/mail/render.ts';
import { readNotifySettings } from '../lib/settings.ts';

/** Of an alert's time no more than this may go into searching CloudTrail's event history, in ms. */
const HISTORY_BUDGET_MS = 4000;

const logger = new Logger();
const metrics = new Metrics();
const settings = readNotifySettings(process.env);

const secretsManager = new SecretsManagerClient(clientSettings(2000));
const cloudTrail = new CloudTrailClient(clientSettings(2000));
const sns = new SNSClient(clientSettings(4000));
const table = { client: new DynamoDBClient(clientSettings(1000, 5)), name: settings.tableName };

const now = () => new Date();
const searchHistory = historySearch({
  now,
  putItem: (item) => putItem(table, item),
  putIfNewer: (item) => putIfNewer(table, item),
  findDeletion: (secret, time) =>
    findDeletion(secret, time, lookupEvents(cloudTrail, AbortSignal.timeout(HISTORY_BUDGET_MS))),
});

const processMemory = createProcessMemory();

/** @param context of this run, which tells when it must have ended. */
function gateOf(context: Context): GatePorts {
  const leaseUntil = Date.now() + context.getRemainingTimeInMillis();
  return {
    now,
    sleep,
    token: randomUUID(),
    leaseUntil,
    mayWaitUntil: leaseUntil - TIME_TO_SEND_MS,
    memory: processMemory,
    takeMessage: (time, maxPerMinute) => takeMessage(table, time, maxPerMinute),
    claimPair: (key, terms) => claimPair(table, key, terms),
    releasePair: (claim) => releasePair(table, claim),
    confirmPair: (claim, confirmation) => confirmPair(table, claim, confirmation),
    recordAlerting: (item, lease) => recordAlerting(table, item, lease),
    recordHeldBack: (item, heldBack) => recordHeldBack(table, item, heldBack),
    noteAlerted: (key, now) => noteAlerted(table, key, now),
    noteUnsent: (key, token, why) => noteUnsent(table, key, token, why),
  };
}

function portsOf(context: Context): Ports {
  return {
    now,
    gate: gateOf(context),
    getItems: (pk) => getItems(table, pk),
    searchHistory,
    describeSecret: (secretId) => describeSecret(secretsManager, secretId),
    restoreSecret: (arn) => restoreSecret(secretsManager, arn),
    noteRestoring: (secret, attemptId) =>
      noteRestoring(secret, attemptId, now(), (item) => putItem(table, item)),
    acted,
    publish: (notice, beforeAgain) =>
      deliver(sns, settings.alertTopicArn, renderMail(notice), beforeAgain),
  };
}

/**
 * Alerts of a failed GetSecretValue, an EventBridge event from CloudTrail, or leaves it to the next summary.
 * @throws for what is no such event, and when it cannot be kept or published: Lambda then tries again, twice,
 * and hands the event to the dead-letter queue.
 */
export async function handler(event: unknown, context: Context): Promise<void> {
  logger.addContext(context);
  const { attempt, reason } = readAttempt(parseEvent(event), now());
  if (!attempt) {
    logger.debug('No attempt to use a deleted secret', { reason });
    return;
  }
  const { id, secret, caller, time } = attempt;
  const facts = { attempt: id, secret: secret.sent, caller: caller.key };
  const outcome = await notify(attempt, settings, portsOf(context)).catch((error: unknown) => {
    logger.error('Attempt not handled', { ...facts, error });
    throw error;
  });
  if ('heldBack' in outcome) {
    logger.info('Attempt held back', { ...facts, heldBack: outcome.heldBack });
    if (outcome.heldBack !== 'known') count({ Attempts: 1, Suppressed: 1 });
    return;
  }
  const { action, lookup, missing } = outcome;
  logger.info('Alert published', { ...facts, action, lookup: lookup.kind, missing });
  countAlert(outcome, time);
}

function acted({ id, secret, caller }: Attempt, action: Action): void {
  const facts = { attempt: id, secret: secret.sent, caller: caller.key, action };
  if (action.kind !== 'restored') {
    logger.warn('Deletion not cancelled', facts);
    return;
  }
  logger.info('Deletion cancelled', facts);
  count({ Restores: 1 });
}

function countAlert({ lookup, missing }: Notification, time: Date): void {
  const delay = (now().getTime() - time.getTime()) / 1000;
  metrics.addMetric('AlertDelay', MetricUnit.Seconds, Math.max(0, delay));
  const isIncomplete = lookup.kind === 'unavailable' || missing !== undefined;
  count({
    Attempts: 1,
    Alerts: 1,
    ...(isIncomplete && { EnrichmentFailures: 1 }),
  });
}

function count(counts: Readonly<Record<string, number>>): void {
  for (const [name, value] of Object.entries(counts)) {
    metrics.addMetric(name, MetricUnit.Count, value);
  }
  metrics.publishStoredMetrics();
}
