import { Logger } from '@aws-lambda-powertools/logger';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { clientSettings } from '../lib/aws/clients.ts';
import { createHandler, type Run } from '../lib/aws/handler.ts';
import { type HandOn, sortBatch, unpackBatch } from '../lib/cloudtrail/batch.ts';
import { NotifierError } from '../lib/errors.ts';
import { inBatches } from '../lib/in-batches.ts';
import { readTrailSettings } from '../lib/settings.ts';

/** What a batch of invocations may take at worst, all their tries included, in ms: none is begun with less time left. */
const WORST_CASE_MS = 25_000;

const logger = new Logger();
const { notifyFunctionName, trackDeletionFunctionName } = readTrailSettings(process.env);
const functionNames = { notify: notifyFunctionName, trackDeletion: trackDeletionFunctionName };

// Five tries: what fails for good makes Lambda repeat the whole batch.
const lambda = new LambdaClient(clientSettings(3000, 5));

/**
 * Hands on each record of a batch from the trail's log group, a message of a subscription filter, to the function that
 * handles it, as the event that EventBridge would have made of it.
 * @throws for what is no such message, and when Lambda does not take an event: it then tries the batch again, twice, and
 * hands it to the dead-letter queue. What had been taken is then handled twice, which changes nothing.
 */
export const handler = createHandler(
  { logger, failure: 'Batch not handed on' },
  async (event, run) => {
    const batch = unpackBatch(event);
    const { messageType, logGroup, logStream } = batch;
    logger.appendKeys({ logGroup, logStream });
    const { handOns, unrelated, unreadable } = sortBatch(batch);
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

/** Tries each, whatever becomes of the others. */
async function handOnAll(handOns: readonly HandOn[], run: Run): Promise<void> {
  const failures: unknown[] = [];
  const noTime = await inBatches(
    handOns,
    (one) => handOn(one).catch((error) => failures.push(error)),
    () => run.timeLeft() < WORST_CASE_MS,
  );
  const left = failures.length + noTime.length;
  if (left === 0) return;
  const what = `Expected Lambda to take ${handOns.length} events, it did not take ${left}`;
  const next = 'Lambda repeats the batch, twice, then the dead-letter queue keeps it';
  throw new NotifierError('NOT_HANDED_ON', `${what}. ${next}.`, { cause: failures[0] });
}

const handOn = ({ to, payload }: HandOn): Promise<unknown> =>
  lambda.send(
    new InvokeCommand({
      FunctionName: functionNames[to],
      InvocationType: 'Event',
      Payload: Buffer.from(payload),
    }),
  );
