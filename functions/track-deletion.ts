import { setTimeout as sleep } from 'node:timers/promises';
import { Logger } from '@aws-lambda-powertools/logger';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { SNSClient } from '@aws-sdk/client-sns';
import type { Context } from 'aws-lambda';
import { clientSettings } from '../lib/aws/clients.ts';
import { getItems, markAnnounced, putIfNewer } from '../lib/aws/table.ts';
import { parseEvent } from '../lib/cloudtrail/record.ts';
import { readChange } from '../lib/deletion/change.ts';
import { describeSecret } from '../lib/deletion/describe.ts';
import { TIME_TO_SEND_MS } from '../lib/incident/budget.ts';
import { takeMessage } from '../lib/incident/budget-store.ts';
import { endQuietWindows } from '../lib/incident/pairs.ts';
import { type TrackPorts, track } from '../lib/incident/track.ts';
import { deliver } from '../lib/notice/mail/delivery.ts';
import { renderMail } from '../lib/notice/mail/render.ts';
import { readTrackSettings } from '../lib/settings.ts';

const logger = new Logger();
const settings = readTrackSettings(process.env);
const announce = settings.announceDeletions ? settings : undefined;

const secretsManager = new SecretsManagerClient(clientSettings(2000));
const sns = new SNSClient(clientSettings(4000));
const table = { client: new DynamoDBClient(clientSettings(2000)), name: settings.tableName };

/** @param context of this run, which tells when it must have ended. */
const portsOf = (context: Context): TrackPorts => ({
  now: () => new Date(),
  sleep,
  mayWaitUntil: Date.now() + context.getRemainingTimeInMillis() - TIME_TO_SEND_MS,
  takeMessage: (time, maxPerMinute) => takeMessage(table, time, maxPerMinute),
  getItems: (pk) => getItems(table, pk),
  putIfNewer: (item) => putIfNewer(table, item),
  endQuietWindows: (pairs, time) => endQuietWindows(table, pairs, time),
  markAnnounced: (pk, order) => markAnnounced(table, pk, order),
  describeSecret: (secretId) => describeSecret(secretsManager, secretId),
  publish: (notice, beforeAgain) =>
    deliver(sns, settings.alertTopicArn, renderMail(notice), beforeAgain),
});

/**
 * Keeps a DeleteSecret or a RestoreSecret, an EventBridge event from CloudTrail, in the ledger.
 * @throws for what is no such event, and when it cannot be kept or announced: Lambda then tries again, twice,
 * and hands the event to the dead-letter queue.
 */
export async function handler(event: unknown, context: Context): Promise<void> {
  logger.addContext(context);
  const change = readChange(parseEvent(event));
  if (!change) {
    logger.debug('A call that failed changed nothing');
    return;
  }
  const { id, kind, secret } = change;
  const facts = { call: id, kind, secret: secret.sent };
  if (change.kind === 'deletion' && change.dateFrom === 'window') {
    logger.warn('The record has no date that can be read; counted the recovery window', facts);
  }
  const tracking = await track(change, announce, portsOf(context)).catch((error: unknown) => {
    logger.error('Change of a deletion not kept', { ...facts, error });
    throw error;
  });
  logger.info('Change of a deletion', { ...facts, tracking });
}
