import {
  attribute,
  denyInsecureTransport,
  policyDocument,
  type Resources,
  ref,
  type Value,
} from './cloudformation.ts';

export const DEAD_LETTER_QUEUE = 'DeadLetterQueue';
export const deadLetterQueueArn = attribute(DEAD_LETTER_QUEUE, 'Arn');

/** The most that SQS allows. */
export const DEAD_LETTER_DAYS = 14;
const ONE_DAY = 24 * 60 * 60; // seconds

/**
 * Keeps the events that a rule could not deliver to its function, and those on which a function
 * failed. The functions may send by their roles, the rules only by this policy:
 * https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-dlq.html#eb-dlq-perms
 *
 * @param rules logical ids of the rules
 * @param name the queue's, where it is not left to CloudFormation
 */
export function deadLetterQueue(rules: string[], name: { QueueName?: Value } = {}): Resources {
  return {
    [DEAD_LETTER_QUEUE]: {
      Type: 'AWS::SQS::Queue',
      Properties: {
        ...name,
        SqsManagedSseEnabled: true,
        MessageRetentionPeriod: DEAD_LETTER_DAYS * ONE_DAY,
      },
    },
    DeadLetterQueuePolicy: {
      Type: 'AWS::SQS::QueuePolicy',
      Properties: {
        Queues: [ref(DEAD_LETTER_QUEUE)],
        PolicyDocument: policyDocument(
          ...rules.map((rule) => ({
            Sid: `Allow${rule}`,
            Effect: 'Allow' as const,
            Principal: { Service: 'events.amazonaws.com' },
            Action: 'sqs:SendMessage',
            Resource: deadLetterQueueArn,
            Condition: { ArnEquals: { 'aws:SourceArn': attribute(rule, 'Arn') } },
          })),
          denyInsecureTransport('sqs:*', deadLetterQueueArn),
        ),
      },
    },
  };
}
