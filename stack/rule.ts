import { API_CALL, SECRETS_MANAGER } from '../lib/cloudtrail/record.ts';
import { attribute, type Resources, ref, type Value } from './cloudformation.ts';
import { deadLetterQueueArn } from './dead-letter-queue.ts';
import type { RuleFunctionNames } from './names.ts';

const ONE_DAY = 24 * 60 * 60; // seconds, the most that EventBridge allows

/** A rule on CloudTrail's records, without its target. */
export type RecordRule = {
  Description: string;
  State: 'ENABLED' | 'ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS';
  /** The pattern for the record of a call to Secrets Manager. */
  detail: Record<string, Expected[]>;
};

/** A value that a field may have. */
export type Expected = string | { wildcard: string } | { exists: false };

/**
 * A rule that sends CloudTrail's records of calls to Secrets Manager to a function, or to the queue from which it takes them.
 * @param where its bus and its name, if it is not on the default bus
 */
export const recordRule = (
  names: RuleFunctionNames,
  recorded: RecordRule,
  where: { EventBusName?: Value; Name?: string } = {},
): Resources => rule(names, ONE_DAY, { ...where, ...matching(recorded) });

/** What such a rule matches, as its properties. */
export const matching = (recorded: RecordRule) => {
  const { Description, State } = recorded;
  return { Description, State, EventPattern: eventPattern(recorded) };
};

/** The event pattern of such a rule. */
export const eventPattern = ({ detail }: RecordRule) => ({
  source: ['aws.secretsmanager'],
  'detail-type': [API_CALL],
  detail: { eventSource: [SECRETS_MANAGER], ...detail },
});

/** A rule on a schedule, without its target. */
export type Schedule = {
  Description: string;
  /** How many minutes apart, at least 2. */
  minutes: number;
};

/** A rule that runs a function on a schedule. A run that could not start before the next is due is dropped. */
export const scheduleRule = (names: RuleFunctionNames, schedule: Schedule): Resources => {
  const { Description, minutes } = schedule;
  return rule(names, minutes * 60, { Description, ScheduleExpression: expressionOf(schedule) });
};

/** https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rate-expressions.html */
export const expressionOf = ({ minutes }: Schedule) => `rate(${minutes} minutes)`;

/** @param maxAge how long EventBridge tries to deliver an event, in seconds, at least 60 */
const rule = (
  names: RuleFunctionNames,
  maxAge: number,
  properties: Record<string, unknown>,
): Resources => ({
  [names.rule]: {
    Type: 'AWS::Events::Rule',
    Properties: {
      ...properties,
      Targets: [
        {
          Id: names.key,
          Arn: attribute(names.queue ?? names.function, 'Arn'),
          // https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_RetryPolicy.html
          RetryPolicy: { MaximumEventAgeInSeconds: maxAge, MaximumRetryAttempts: 185 },
          DeadLetterConfig: { Arn: deadLetterQueueArn },
        },
      ],
    },
  },
  // What may send to a queue the queue's own policy says.
  ...(!names.queue && {
    [names.permission]: {
      Type: 'AWS::Lambda::Permission',
      Properties: {
        FunctionName: ref(names.function),
        Action: 'lambda:InvokeFunction',
        Principal: 'events.amazonaws.com',
        SourceArn: attribute(names.rule, 'Arn'),
      },
    },
  }),
});
