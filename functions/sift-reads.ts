import { Logger } from '@aws-lambda-powertools/logger';
import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { LambdaClient } from '@aws-sdk/client-lambda';
import type { SQSBatchResponse } from 'aws-lambda';
import { readAttempt } from '../lib/attempt/attempt.ts';
import { clientSettings } from '../lib/aws/clients.ts';
import { createHandler } from '../lib/aws/handler.ts';
import { invokeAsync } from '../lib/aws/invoke.ts';
import { type Message, unpackMessages } from '../lib/cloudtrail/messages.ts';
import { parseEvent } from '../lib/cloudtrail/record.ts';
import { createDeletedSecrets } from '../lib/deletion/deleted.ts';
import { tryInBatches } from '../lib/in-batches.ts';
import { readSiftSettings } from '../lib/settings.ts';

/** What a batch of invocations may take at worst, all their tries included, in ms: none is begun with less time left. */
const WORST_CASE_MS = 20_000;

const logger = new Logger();
const metrics = new Metrics();
const { tableName, notifyFunctionName } = readSiftSettings(process.env);

const table = { client: new DynamoDBClient(clientSettings(2000)), name: tableName };
const deleted = createDeletedSecrets(table);
const lambda = new LambdaClient(clientSettings(3000));

/**
 * Tells reads of secrets that are gone, which it hands on to `notify`, from those of names that never were, which it drops:
 * messages of a queue, each an EventBridge event from CloudTrail.
 * @returns the messages that cannot be read, or handed on: Amazon SQS delivers them again, and then keeps them in the
 * dead-letter queue.
 * @throws what reading the ledger throws: all are delivered again.
 */
export const handler = createHandler<SQSBatchResponse>(
  { logger, metrics, failure: 'Reads not sifted' },
  async (event, { now, timeLeft }) => {
    const failed: Message[] = [];
    const known: Message[] = [];
    const messages = unpackMessages(event);
    for (const message of messages) {
      const secret = secretIn(message, now());
      if (secret === undefined) failed.push(message);
      else if (secret && (await deleted.isKnown(secret, now()))) known.push(message);
    }
    const unknown = messages.length - failed.length - known.length;
    const { left } = await tryInBatches(known, handOn, () => timeLeft() < WORST_CASE_MS);
    failed.push(...left);
    const gone = known.length - left.length;
    count({ GoneReads: gone, UnknownReads: unknown });
    logger.info('Reads sifted', { gone, unknown, failed: failed.length });
    return { batchItemFailures: failed.map(({ id }) => ({ itemIdentifier: id })) };
  },
);

/** A metric costs for each hour in which it has a value, be it 0. */
function count(counts: Readonly<Record<string, number>>): void {
  for (const [name, value] of Object.entries(counts)) {
    if (value > 0) metrics.addMetric(name, MetricUnit.Count, value);
  }
}

/** The secret that a message's read is of; `null` if it is no read that failed on one, `undefined` if it cannot be read. */
function secretIn({ id, body }: Message, now: Date) {
  try {
    const { attempt } = readAttempt(parseEvent(JSON.parse(body)), now);
    return attempt?.secret ?? null;
  } catch (error) {
    logger.error('Not an event from CloudTrail', { message: id, error: error as Error });
    return undefined;
  }
}

async function handOn({ id, body }: Message): Promise<void> {
  try {
    await invokeAsync(lambda, notifyFunctionName, body);
  } catch (error) {
    logger.error('Read not handed on', { message: id, error: error as Error });
    throw error;
  }
}
