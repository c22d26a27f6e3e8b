import {
  attribute,
  type Resource,
  type Resources,
  ref,
  type Statement,
  serviceRole,
  sub,
  type Value,
} from './cloudformation.ts';
import { deadLetterQueueArn } from './dead-letter-queue.ts';
import type { Settings } from './settings.ts';
import { topicArn } from './topic.ts';

export const NOTIFY_RULE = 'NotifyRule';
export const NOTIFY_FUNCTION = 'NotifyLambdaFunction'; // osls derives it from the name `notify`
const NOTIFY_LOG_GROUP = 'NotifyLogGroup'; // likewise
const NOTIFY_ROLE = 'NotifyRole';

/** What of the function's definition in serverless.yml depends on the settings. */
export const notifyFunction = (settings: Settings) => ({
  role: sub(`\${${NOTIFY_ROLE}.Arn}`),
  logRetentionInDays: settings.logRetentionDays,
  environment: {
    ALERT_TOPIC_ARN: topicArn(settings),
    AUTO_CANCEL_DELETION: settings.autoCancelDeletion,
    OWNER_TAG_KEYS: settings.ownerTagKeys.join(','),
    REPLACEMENT_TAG_KEYS: settings.replacementTagKeys.join(','),
  },
});

/** The rule that hands each attempt to the function `notify`, and what that function may do. */
export const notify = (settings: Settings): Resources => ({
  [NOTIFY_RULE]: rule,
  NotifyPermission: {
    Type: 'AWS::Lambda::Permission',
    Properties: {
      FunctionName: ref(NOTIFY_FUNCTION),
      Action: 'lambda:InvokeFunction',
      Principal: 'events.amazonaws.com',
      SourceArn: attribute(NOTIFY_RULE, 'Arn'),
    },
  },
  [NOTIFY_ROLE]: serviceRole('lambda.amazonaws.com', ...statements(settings)),
});

const rule: Resource = {
  Type: 'AWS::Events::Rule',
  Properties: {
    Description: 'Failed requests for the values of secrets that are scheduled for deletion',
    // A rule that is merely ENABLED never sees a Get* call.
    // https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-service-event-cloudtrail.html
    State: 'ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS',
    EventPattern: {
      source: ['aws.secretsmanager'],
      'detail-type': ['AWS API Call via CloudTrail'],
      detail: {
        eventSource: ['secretsmanager.amazonaws.com'],
        eventName: ['GetSecretValue'],
        errorMessage: [{ wildcard: '*marked for deletion*' }],
      },
    },
    Targets: [
      {
        Id: 'notify',
        Arn: attribute(NOTIFY_FUNCTION, 'Arn'),
        // https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_RetryPolicy.html: the most of both
        RetryPolicy: { MaximumEventAgeInSeconds: 24 * 60 * 60, MaximumRetryAttempts: 185 },
        DeadLetterConfig: { Arn: deadLetterQueueArn },
      },
    ],
  },
};

const SECRETS = sub(
  'arn:${AWS::Partition}:secretsmanager:${AWS::Region}:${AWS::AccountId}:secret:*',
);

const allow = (
  Sid: string,
  Action: string | string[],
  Resource: Value,
  Condition?: Statement['Condition'],
): Statement => ({ Sid, Effect: 'Allow', Action, Resource, ...(Condition && { Condition }) });

function statements(settings: Settings): Statement[] {
  const { kmsKeyArn } = settings;
  return [
    allow(
      'WriteOwnLogs',
      ['logs:CreateLogStream', 'logs:PutLogEvents'],
      attribute(NOTIFY_LOG_GROUP, 'Arn'),
    ),
    allow('DescribeSecrets', 'secretsmanager:DescribeSecret', SECRETS),
    allow('SendAlerts', 'sns:Publish', topicArn(settings)),
    allow('KeepFailedEvents', 'sqs:SendMessage', deadLetterQueueArn),
    // https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html#sns-what-permissions-for-sse
    ...(kmsKeyArn
      ? [allow('EncryptAlerts', ['kms:GenerateDataKey*', 'kms:Decrypt'], kmsKeyArn)]
      : []),
    ...restoreSecret(settings.autoCancelDeletion),
  ];
}

/** Absent unless asked for, so that a template without it proves that nothing is ever restored. */
function restoreSecret(autoCancelDeletion: Settings['autoCancelDeletion']): Statement[] {
  if (autoCancelDeletion === 'off') return [];
  const tagged = {
    StringEquals: { 'aws:ResourceTag/deleted-secret-notifier:auto-cancel': 'true' },
  };
  return [
    allow(
      'CancelDeletions',
      'secretsmanager:RestoreSecret',
      SECRETS,
      autoCancelDeletion === 'tagged' ? tagged : undefined,
    ),
  ];
}
