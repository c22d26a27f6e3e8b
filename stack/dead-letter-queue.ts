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
 * Keeps the events that a rule or a topic could not deliver to its function, and those on which a function
 * failed. The functions may send by their roles, rules and topics only by this policy:
 * https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-dlq.html#eb-dlq-perms
 * https://docs.aws.amazon.com/sns/latest/dg/sns-configure-dead-letter-queue.html
 *
 * @param senders logical ids of the rules and topics
 * @param name the queue's, where it is not left to CloudFormation
 */
export function deadLetterQueue(
  senders: { rules: string[]; topics?: string[] },
  name: { QueueName?: Value } = {},
): Resources {
  const allowed = (service: string, sender: string, arn: Value) => ({
    Sid: `Allow${sender}`,
    Effect: 'Allow' as const,
    Principal: { Service: service },
    Action: 'sqs:SendMessage',
    Resource: deadLetterQueueArn,
    Condition: { ArnEquals: { 'aws:SourceArn': arn } },
  });
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
          ...senders.rules.map((id) => allowed('events.amazonaws.com', id, attribute(id, 'Arn'))),
          ...(senders.topics ?? []).map((id) => allowed('sns.amazonaws.com', id, ref(id))),
          denyInsecureTransport('sqs:*', deadLetterQueueArn),
        ),
      },
    },
  };
}
