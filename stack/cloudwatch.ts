import type { Resource, Value } from './cloudformation.ts';
import type { Settings } from './settings.ts';
import { topicArn } from './topic.ts';

/** A metric that the functions write by Powertools: their service is the stack's name (serverless.yml). */
export const OWN_NAMESPACE = 'deleted-secret-notifier';
export const OWN_DIMENSION = { Name: 'service', Value: '${AWS::StackName}' } as const;

/** What an alarm counts, and what it tells its reader. */
type Watched = {
  AlarmName: Value;
  AlarmDescription: Value;
  Namespace: string;
  MetricName: string;
  Statistic: 'Sum' | 'Maximum';
  Dimensions?: { Name: string; Value: Value }[];
};

/** When an alarm goes off: at 1. */
export const AT_ONE = {
  // CloudTrail delivers in batches about every five minutes: with a shorter period a caller
  // that asks all the time would turn the alarm off and on, one mail for each batch.
  // https://docs.aws.amazon.com/awscloudtrail/latest/userguide/send-cloudtrail-events-to-cloudwatch-logs.html
  Period: 300, // seconds
  EvaluationPeriods: 1,
  Threshold: 1,
  ComparisonOperator: 'GreaterThanOrEqualToThreshold',
  // Nothing to count is no datapoint, which would leave the alarm without a state to leave.
  // https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html
  TreatMissingData: 'notBreaching',
} as const;

/** An alarm that goes off at 1, and mails only then: not while it lasts, not when it is over. */
export const alarmAtOne = (settings: Settings, watched: Watched): Resource => ({
  Type: 'AWS::CloudWatch::Alarm',
  Properties: { ...watched, ...AT_ONE, AlarmActions: [topicArn(settings)] },
});
