import { isDeepStrictEqual } from 'node:util';
import type { EventSourceMappingConfiguration, Lambda } from '@aws-sdk/client-lambda';
import type { SQS } from '@aws-sdk/client-sqs';
import { READ_RULE } from '../../stack/functions.ts';
import { READS_QUEUE, SIFT_READS } from '../../stack/names.ts';
import { READ_TRIES, READS_ATTRIBUTES, READS_MAPPING } from '../../stack/reads-queue.ts';
import { find } from './ask.ts';
import type { Context } from './context.ts';
import { functionChecks } from './function.ts';
import { aws, redeploy } from './remedy.ts';
import { ruleChecks } from './rule.ts';
import { deadLetterQueueArn, physicalId, queueArn, type Stack, watchedBy } from './stack.ts';
import { type Checks, type Finding, fail, ok, warn } from './verdict.ts';

/** Checks of the way of a read that found no secret to the function that tells whether that is gone. */
export function readsChecks(context: Context): Checks {
  const { clients, stack } = context;
  if (!watchedBy(stack).watchGoneSecrets) {
    return { 'gone secrets': async () => ok('not watched (watchGoneSecrets=false)') };
  }
  return {
    ...ruleChecks(context, SIFT_READS, READ_RULE),
    [`${SIFT_READS.key}: queue`]: async () => {
      const url = physicalId(stack, READS_QUEUE);
      return judgeQueue(stack, url, await readAttributes(clients.sqs, url));
    },
    [`${SIFT_READS.key}: mapping`]: async () =>
      judgeMapping(stack, await readMapping(clients.lambda, stack)),
    ...functionChecks(context, SIFT_READS),
  };
}

type Attributes = Readonly<Record<string, string | undefined>>;

/** `undefined` if there is no such queue. */
async function readAttributes(client: SQS, QueueUrl: string): Promise<Attributes | undefined> {
  const answer = await find(
    'sqs:GetQueueAttributes',
    client.getQueueAttributes({ QueueUrl, AttributeNames: ['All'] }),
  );
  return answer && (answer.Attributes ?? {});
}

/** More reads than the function judges in a minute, which only wait in the queue if it does not keep up. */
const MANY_WAITING = 100 * READS_MAPPING.BatchSize;

/** Whether the queue holds reads until they can be judged, and keeps those that nobody can judge. */
function judgeQueue(stack: Stack, url: string, attributes: Attributes | undefined): Finding {
  if (!attributes) return fail(`There is no queue ${url}.`, redeploy(stack));
  const deadLetterTargetArn = deadLetterQueueArn(stack);
  const set = (values: Readonly<Record<string, unknown>>) => {
    const texts = Object.entries(values).map(([name, value]) => [name, String(value)]);
    return aws(stack)`sqs set-queue-attributes --queue-url ${url}
      --attributes ${JSON.stringify(Object.fromEntries(texts))}`;
  };
  const changed = Object.entries(READS_ATTRIBUTES)
    .filter(([name, value]) => attributes[name] !== String(value))
    .map(([name, value]) => `${name} is ${attributes[name] ?? 'missing'}, not ${value}`);
  if (changed.length > 0)
    return warn(`It was changed: ${changed.join('; ')}.`, set(READS_ATTRIBUTES));
  const redrive = JSON.parse(attributes.RedrivePolicy ?? '{}');
  if (redrive.deadLetterTargetArn !== deadLetterTargetArn) {
    const RedrivePolicy = JSON.stringify({ deadLetterTargetArn, maxReceiveCount: READ_TRIES });
    return warn(
      `Reads that ${SIFT_READS.key} fails on do not go to the dead-letter queue.`,
      set({ RedrivePolicy }),
    );
  }
  // Not those that it still holds back.
  // https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_GetQueueAttributes.html
  const waiting = Number(attributes.ApproximateNumberOfMessages ?? 0);
  if (waiting > MANY_WAITING) {
    return warn(
      `Some ${waiting} reads wait for ${SIFT_READS.key}, which does not keep up: see whether they get fewer.`,
      aws(stack)`sqs get-queue-attributes --queue-url ${url}
        --attribute-names ApproximateNumberOfMessages`,
    );
  }
  return ok(`holds each read for ${READS_ATTRIBUTES.DelaySeconds} seconds`);
}

/** What hands the queue's messages to the function: a queue has one for a function; `undefined` if there is none. */
async function readMapping(
  client: Lambda,
  stack: Stack,
): Promise<EventSourceMappingConfiguration | undefined> {
  const answer = await find(
    'lambda:ListEventSourceMappings',
    client.listEventSourceMappings({
      FunctionName: physicalId(stack, SIFT_READS.function),
      EventSourceArn: queueArn(stack, READS_QUEUE),
    }),
  );
  return answer?.EventSourceMappings?.[0];
}

/** Whether the queue's messages are handed to the function as they were deployed to be. */
function judgeMapping(stack: Stack, mapping: EventSourceMappingConfiguration | undefined): Finding {
  const { BatchSize, MaximumBatchingWindowInSeconds, ScalingConfig, FunctionResponseTypes } =
    READS_MAPPING;
  const as = [
    ...['--batch-size', String(BatchSize)],
    ...['--maximum-batching-window-in-seconds', String(MaximumBatchingWindowInSeconds)],
    ...['--scaling-config', JSON.stringify(ScalingConfig)],
    ...['--function-response-types', ...FunctionResponseTypes],
  ];
  if (!mapping) {
    return fail(
      `Nothing hands the reads of the queue to ${SIFT_READS.key}.`,
      aws(stack)`lambda create-event-source-mapping
        --function-name ${physicalId(stack, SIFT_READS.function)}
        --event-source-arn ${queueArn(stack, READS_QUEUE)} ${as}`,
    );
  }
  const { UUID, State = '' } = mapping;
  if (/^Disabl/.test(State)) {
    const enable = aws(stack)`lambda update-event-source-mapping --uuid ${UUID} --enabled`;
    return fail(`It is ${State}: no read gets to ${SIFT_READS.key}.`, enable);
  }
  if (State !== 'Enabled') {
    const show = aws(stack)`lambda get-event-source-mapping --uuid ${UUID}`;
    return warn(`It is ${State}; run this again when that is over.`, show);
  }
  const changed = Object.entries(READS_MAPPING)
    .filter(([name, value]) => !isDeepStrictEqual(mapping[name as keyof typeof mapping], value))
    .map(([name, value]) => `${name} is not ${JSON.stringify(value)}`);
  if (changed.length > 0) {
    return warn(
      `It was changed: ${changed.join('; ')}.`,
      aws(stack)`lambda update-event-source-mapping --uuid ${UUID} ${as}`,
    );
  }
  return ok(
    `Enabled, at most ${BatchSize} reads at a time and ${ScalingConfig.MaximumConcurrency} runs`,
  );
}
