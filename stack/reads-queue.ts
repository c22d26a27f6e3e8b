import {
  attribute,
  denyInsecureTransport,
  policyDocument,
  type Resources,
  ref,
} from './cloudformation.ts';
import { deadLetterQueueArn } from './dead-letter-queue.ts';
import { READS_QUEUE, rulesOf, SIFT_READS } from './names.ts';
import type { Settings } from './settings.ts';

export const readsQueueArn = attribute(READS_QUEUE, 'Arn');

/**
 * Until the record of a DeleteSecret, which comes by the same paths as those of reads, has reached the ledger also if it was handled
 * at the second retry alone, which Lambda makes three minutes later: in seconds.
 */
// https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html
const DELAY = 300;

/** In days. What is not taken by then is lost; what the dead-letter queue takes over keeps its age, and so has ten days left. */
export const READS_KEPT_DAYS = 4;

/** How often a read is handed to the function before the dead-letter queue takes it: at least 5, AWS advises. */
export const READ_TRIES = 5;

/** Of the function, in seconds: serverless.yml. */
const TIMEOUT = 60;

/** How long reads are gathered before the function is run, in seconds: a probe of names is then handed over in batches. */
const GATHERED = 5;

/** How long the queue waits for the function before it hands a read over again, in seconds: as long as AWS advises. */
export const READ_AGAIN = 6 * TIMEOUT + GATHERED;

/** The attributes of the queue that are not AWS's defaults. */
export const READS_ATTRIBUTES = {
  DelaySeconds: DELAY,
  MessageRetentionPeriod: READS_KEPT_DAYS * 24 * 60 * 60,
  VisibilityTimeout: READ_AGAIN,
};

/** How its messages are handed over. The concurrency is the least that AWS takes. */
// https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-scaling.html
export const READS_MAPPING = {
  BatchSize: 1000,
  MaximumBatchingWindowInSeconds: GATHERED,
  ScalingConfig: { MaximumConcurrency: 2 },
  FunctionResponseTypes: ['ReportBatchItemFailures'] as const,
};

/**
 * The queue of reads that found no secret, and what hands them to the function `siftReads`. Not by the rule itself: who probes a
 * thousand names a second would then take the concurrency of the account from those that report attempts.
 * https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html
 */
export const readsQueue = (settings: Settings): Resources => ({
  [READS_QUEUE]: {
    Type: 'AWS::SQS::Queue',
    Properties: {
      SqsManagedSseEnabled: true,
      ...READS_ATTRIBUTES,
      RedrivePolicy: { deadLetterTargetArn: deadLetterQueueArn, maxReceiveCount: READ_TRIES },
    },
  },
  [`${READS_QUEUE}Policy`]: {
    Type: 'AWS::SQS::QueuePolicy',
    Properties: {
      Queues: [ref(READS_QUEUE)],
      PolicyDocument: policyDocument(
        ...rulesOf(settings)
          .filter(({ queue }) => queue === READS_QUEUE)
          .map(({ rule }) => ({
            Sid: `Allow${rule}`,
            Effect: 'Allow' as const,
            Principal: { Service: 'events.amazonaws.com' },
            Action: 'sqs:SendMessage',
            Resource: readsQueueArn,
            Condition: { ArnEquals: { 'aws:SourceArn': attribute(rule, 'Arn') } },
          })),
        denyInsecureTransport('sqs:*', readsQueueArn),
      ),
    },
  },
  [SIFT_READS.mapping]: {
    Type: 'AWS::Lambda::EventSourceMapping',
    Properties: {
      EventSourceArn: readsQueueArn,
      FunctionName: ref(SIFT_READS.function),
      ...READS_MAPPING,
    },
  },
});
