import { answered, patched, refused } from '../../../../testing/account.ts';
import { MAPPING, policyOf, READS_ARN } from '../../../../testing/healthy-account.ts';
import type { Faults } from './fault.ts';
import { rule } from './functions.ts';

const targets = (Targets: object[]) =>
  patched('ListTargetsByRule', (answer, { Rule }) => {
    if (/-SiftReadsRule$/.test(Rule)) answer.Targets = Targets;
  });
/** The queue of reads has other attributes; the dead-letter queue has not. */
const queue = (more: object) =>
  patched('GetQueueAttributes', ({ Attributes }, { QueueUrl }) => {
    if (/\/reads$/.test(QueueUrl)) Object.assign(Attributes, more);
  });
const mapping = (more: object) =>
  patched('ListEventSourceMappings', ({ EventSourceMappings: [one] }) => Object.assign(one, more));

const SET = /^aws sqs set-queue-attributes --queue-url \S+\/reads --attributes /;
const HANDED_OVER =
  '--batch-size 1000 --maximum-batching-window-in-seconds 5 --scaling-config \'\\{"MaximumConcurrency":2\\}\' --function-response-types ReportBatchItemFailures --region eu-west-1$';
const UPDATE = `^aws lambda update-event-source-mapping --uuid ${MAPPING} `;

/** What may be wrong with the way of a read that found no secret, and with that of a name that is taken. */
export const READS_FAULTS: Faults = {
  'siftReads: rule': [
    [
      'fail',
      /^Its state is ENABLED, which never sees a read/,
      /^aws events put-rule --name \S+-SiftReadsRule --state ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS .+find the specified secret/,
      rule('SiftReadsRule', { State: 'ENABLED' }),
    ],
  ],
  'siftReads: target': [
    [
      'fail',
      /^The rule does not send its events to siftReads\.$/,
      new RegExp(
        `^aws events put-targets --rule \\S+-SiftReadsRule --targets '\\[\\{"Id":"siftReads","Arn":"${READS_ARN}","DeadLetterConfig":`,
      ),
      targets([{ Id: 'target', Arn: 'arn:aws:lambda:eu-west-1:111122223333:function:x' }]),
    ],
  ],
  'siftReads: permission': [
    [
      'fail',
      /^Its policy does not let \S+-SiftReadsRule send: siftReads gets nothing from it\.$/,
      /^aws sqs set-queue-attributes --queue-url \S+\/reads --attributes '\{"Policy":.+SiftReadsRuleByHand.+rule\/\S+-SiftReadsRule/,
      queue({ Policy: policyOf() }),
    ],
    [
      'unknown',
      /^Its policy has conditions that cannot be evaluated here\.$/,
      /^aws sqs get-queue-attributes --queue-url \S+\/reads --attribute-names Policy /,
      queue({
        Policy: policyOf({
          Effect: 'Allow',
          Principal: { Service: 'events.amazonaws.com' },
          Action: 'sqs:SendMessage',
          Resource: READS_ARN,
          Condition: { DateGreaterThan: { 'aws:CurrentTime': '2026-01-01T00:00:00Z' } },
        }),
      }),
    ],
  ],
  'siftReads: queue': [
    [
      'fail',
      /^There is no queue \S+\/reads\.$/,
      /serverless remove .+ && npx serverless deploy/,
      refused('GetQueueAttributes', 'QueueDoesNotExist'),
    ],
    [
      'warn',
      /^It was changed: DelaySeconds is 0, not 300; VisibilityTimeout is missing, not 365\.$/,
      SET,
      queue({ DelaySeconds: '0', VisibilityTimeout: undefined }),
    ],
    [
      'warn',
      /^Reads that siftReads fails on do not go to the dead-letter queue\.$/,
      SET,
      queue({ RedrivePolicy: undefined }),
    ],
    [
      'warn',
      /^Some 100001 reads wait for siftReads, which does not keep up: see whether they get fewer\.$/,
      /^aws sqs get-queue-attributes --queue-url \S+\/reads --attribute-names ApproximateNumberOfMessages /,
      queue({ ApproximateNumberOfMessages: '100001' }),
    ],
  ],
  'siftReads: mapping': [
    [
      'fail',
      /^Nothing hands the reads of the queue to siftReads\.$/,
      new RegExp(
        `^aws lambda create-event-source-mapping --function-name \\S+-sift-reads --event-source-arn ${READS_ARN} ${HANDED_OVER}`,
      ),
      answered('ListEventSourceMappings', { EventSourceMappings: [] }),
    ],
    [
      'fail',
      /^It is Disabled: no read gets to siftReads\.$/,
      new RegExp(`${UPDATE}--enabled --region`),
      mapping({ State: 'Disabled' }),
    ],
    [
      'warn',
      /^It is Updating; run this again when that is over\.$/,
      /^aws lambda get-event-source-mapping --uuid /,
      mapping({ State: 'Updating' }),
    ],
    [
      'warn',
      /^It was changed: ScalingConfig is not \{"MaximumConcurrency":2\}; FunctionResponseTypes is not \["ReportBatchItemFailures"\]\.$/,
      new RegExp(`${UPDATE}${HANDED_OVER}`),
      mapping({ ScalingConfig: undefined, FunctionResponseTypes: [] }),
    ],
  ],
  'siftReads: function': [
    [
      'fail',
      /^Its reserved concurrency is 0: it never runs\.$/,
      /^aws lambda delete-function-concurrency --function-name \S+-sift-reads /,
      patched('GetFunctionConcurrency', (answer, { FunctionName }) => {
        if (/-sift-reads$/.test(FunctionName)) answer.ReservedConcurrentExecutions = 0;
      }),
    ],
  ],
  'trackDeletion: clash rule': [
    [
      'fail',
      /^It is DISABLED\.$/,
      /put-rule --name \S+-TrackDeletionClashRule --state ENABLED --desc.+already scheduled for deletion/,
      rule('TrackDeletionClashRule', { State: 'DISABLED' }),
    ],
  ],
  'trackDeletion: clash permission': [
    [
      'fail',
      /^The rule may not invoke the function\.$/,
      /^aws lambda add-permission --function-name \S+-track-deletion --statement-id TrackDeletionClashRuleByHand /,
      patched('GetPolicy', (answer, { FunctionName }) => {
        if (/-track-deletion$/.test(FunctionName)) answer.Policy = policyOf();
      }),
    ],
  ],
};
