import { attribute, type Resources, ref } from './cloudformation.ts';
import { deadLetterQueueArn } from './dead-letter-queue.ts';
import type { FunctionNames } from './function.ts';

type Rule = {
  Description: string;
  State: 'ENABLED' | 'ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS';
  /** What to look for in the record of a call to Secrets Manager. */
  detail: Record<string, unknown[]>;
};

/** A rule that hands CloudTrail's records of calls to Secrets Manager to a function. */
export const rule = (names: FunctionNames, { Description, State, detail }: Rule): Resources => ({
  [names.rule]: {
    Type: 'AWS::Events::Rule',
    Properties: {
      Description,
      State,
      EventPattern: {
        source: ['aws.secretsmanager'],
        'detail-type': ['AWS API Call via CloudTrail'],
        detail: { eventSource: ['secretsmanager.amazonaws.com'], ...detail },
      },
      Targets: [
        {
          Id: names.key,
          Arn: attribute(names.function, 'Arn'),
          // https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_RetryPolicy.html: the most of both
          RetryPolicy: { MaximumEventAgeInSeconds: 24 * 60 * 60, MaximumRetryAttempts: 185 },
          DeadLetterConfig: { Arn: deadLetterQueueArn },
        },
      ],
    },
  },
  [names.permission]: {
    Type: 'AWS::Lambda::Permission',
    Properties: {
      FunctionName: ref(names.function),
      Action: 'lambda:InvokeFunction',
      Principal: 'events.amazonaws.com',
      SourceArn: attribute(names.rule, 'Arn'),
    },
  },
});
