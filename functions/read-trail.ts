import { Logger } from '@aws-lambda-powertools/logger';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { SendMessageBatchCommand, SQSClient } from '@aws-sdk/client-sqs';
import { clientSettings } from '../lib/aws/clients.ts';
import { createHandler, type Run } from '../lib/aws/handler.ts';
import { invokeAsync } from '../lib/aws/invoke.ts';
import { type HandOn, sortBatch, unpackBatch } from '../lib/cloudtrail/batch.ts';
import { NotifierError } from '../lib/errors.ts';
import { tryInBatches } from '../lib/in-batches.ts';
import { readTrailSettings } from '../lib/settings.ts';

/** What a batch of invocations may take at worst, all their tries included, in ms: none is begun with less time left. */
const WORST_CASE_MS = 25_000;

const logger = new Logger();
const { notifyFunctionName, trackDeletionFunctionName, readsQueueUrl } = readTrailSettings(
  process.env,
);
const functionNames = { notify: notifyFunctionName, trackDeletion: trackDeletionFunctionName };

// Five tries: what fails for good makes Lambda repeat the whole batch.
const clients = clientSettings(3000, 5);
const lambda = new LambdaClient(clients);
// Not by the URL's host, which is another than the endpoint that the environment may name.
const sqs = new SQSClient({ ...clients, useQueueUrlAsEndpoint: false });

/**
 * Hands on each record of a batch from the trail's log group, a message of a subscription filter, to the function that
 * handles it, or to the queue before it, as the event that EventBridge would have made of it.
 * @throws for what is no such message, and when Lambda or the queue does not take an event: it then tries the batch again, twice, and
 * hands it to the dead-letter queue. What had been taken is then handled twice, which changes nothing.
 */
export const handler = createHandler(
  { logger, failure: 'Batch not handed on' },
  async (event, run) => {
    const batch = unpackBatch(event);
    const { messageType, logGroup, logStream } = batch;
    logger.appendKeys({ logGroup, logStream });
    const { handOns, unrelated, unreadable } = sortBatch(batch, readsQueueUrl !== undefined);
    for (const { id, text } of unreadable) {
      logger.error('Not a CloudTrail record that says where, and so refused by notify', {
        logEvent: id,
        text,
      });
    }
    await handOnAll(handOns, run);
    const counts = { handedOn: handOns.length, unrelated, unreadable: unreadable.length };
    logger.info('Batch handed on', { messageType, ...counts });
  },
);

/** What hands on an event, or several by one request. */
interface Request {
  readonly events: number;
  readonly send: () => Promise<unknown>;
}

/** Tries each, whatever becomes of the others. */
async function handOnAll(handOns: readonly HandOn[], run: Run): Promise<void> {
  const { left, cause } = await tryInBatches(
    requestsFor(handOns),
    ({ send }) => send(),
    () => run.timeLeft() < WORST_CASE_MS,
  );
  const count = left.reduce((sum, { events }) => sum + events, 0);
  if (count === 0) return;
  const what = `Expected Lambda and Amazon SQS to take ${handOns.length} events, they did not take ${count}`;
  const next = 'Lambda repeats the batch, twice, then the dead-letter queue keeps it';
  throw new NotifierError('NOT_HANDED_ON', `${what}. ${next}.`, { cause });
}

/** How many messages a queue takes by one request. */
const MAX_MESSAGES = 10;

/** Those to functions first: attempts do not wait for reads that are perhaps none. */
function requestsFor(handOns: readonly HandOn[]): Request[] {
  const requests: Request[] = [];
  const reads: string[] = [];
  for (const { to, payload } of handOns) {
    if (to === 'siftReads') reads.push(payload);
    else requests.push({ events: 1, send: () => invokeAsync(lambda, functionNames[to], payload) });
  }
  for (let start = 0; start < reads.length; start += MAX_MESSAGES) {
    const bodies = reads.slice(start, start + MAX_MESSAGES);
    requests.push({ events: bodies.length, send: () => enqueue(bodies) });
  }
  return requests;
}

/** @throws Error if the queue does not take one of them: it answers for each. */
async function enqueue(bodies: readonly string[]): Promise<void> {
  const Entries = bodies.map((body, n) => ({ Id: String(n), MessageBody: body }));
  const { Failed = [] } = await sqs.send(
    new SendMessageBatchCommand({ QueueUrl: readsQueueUrl, Entries }),
  );
  const [first] = Failed;
  if (first) throw new Error(`${first.Code}: ${first.Message}`);
}
