import {
  allow,
  attribute,
  type Resource,
  ref,
  type Statement,
  serviceRole,
  sub,
  type Value,
} from './cloudformation.ts';
import { deadLetterQueueArn } from './dead-letter-queue.ts';
import type { Settings } from './settings.ts';
import { TABLE } from './table.ts';
import { topicArn } from './topic.ts';

const SIX_HOURS = 6 * 60 * 60; // seconds, the most that Lambda allows

/** What a function and the resources around it are called. */
export type FunctionNames = ReturnType<typeof functionNames>;

/** @param key the function's key in serverless.yml, from which osls derives two of the logical ids */
export function functionNames(key: string) {
  const prefix = key.charAt(0).toUpperCase() + key.slice(1);
  return {
    key,
    prefix,
    function: `${prefix}LambdaFunction`,
    logGroup: `${prefix}LogGroup`,
    role: `${prefix}Role`,
    rule: `${prefix}Rule`,
    permission: `${prefix}Permission`,
  };
}

/** What serverless.yml leaves open: what depends on the settings, or is the same for all functions. */
export const functionDefinition = (
  names: FunctionNames,
  settings: Settings,
  environment: Record<string, Value> = {},
) => ({
  role: sub(`\${${names.role}.Arn}`),
  logRetentionInDays: settings.logRetentionDays,
  // An event that the function fails on is tried again, then kept.
  maximumRetryAttempts: 2,
  maximumEventAge: SIX_HOURS,
  destinations: { onFailure: { type: 'sqs', arn: deadLetterQueueArn } },
  environment: {
    TABLE_NAME: ref(TABLE),
    ALERT_TOPIC_ARN: topicArn(settings),
    OWNER_TAG_KEYS: settings.ownerTagKeys.join(','),
    REPLACEMENT_TAG_KEYS: settings.replacementTagKeys.join(','),
    MAX_ALERTS_PER_MINUTE: String(settings.maxAlertsPerMinute),
    ...environment,
  },
});

/** A function's own role: its logs, what it fails on, and what it is for. */
export const functionRole = (names: FunctionNames, ...statements: Statement[]): Resource =>
  serviceRole(
    'lambda.amazonaws.com',
    allow(
      'WriteOwnLogs',
      ['logs:CreateLogStream', 'logs:PutLogEvents'],
      attribute(names.logGroup, 'Arn'),
    ),
    allow('KeepFailedEvents', 'sqs:SendMessage', deadLetterQueueArn),
    ...statements,
  );
