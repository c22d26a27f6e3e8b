import { type Resource, type Resources, ref, sub, type Value } from './cloudformation.ts';
import { NOTIFY } from './names.ts';
import type { Settings } from './settings.ts';
import { topicArn } from './topic.ts';
import { TRAIL_LOG_GROUP } from './trail.ts';

export const METRIC_FILTER = 'AttemptsMetricFilter';
export const ALARM = 'AttemptsAlarm';

/** The pattern of AWS's guide for CloudTrail's records. */
export const FILTER_PATTERN =
  '{ $.eventName = "GetSecretValue" && $.errorMessage = "*secret because it was marked for deletion*" }';
/** What each such record adds to the metric. */
export const METRIC_VALUE = '1';

const AT_THREE_IN_THE_MORNING = `\
Someone asked for the value of a secret that is scheduled for deletion, and was refused.
A mail of its own tells which secret, who asks, until when it can be saved, and how. It comes from \
\${${NOTIFY.function}} and covers \${AWS::Region} only; this alarm covers all that the trail logs, a few \
minutes later, and mails only when it goes from OK to ALARM.
Of a caller that has been reported, or is muted, no mail comes before the next digest: npm run status shows who has read \
what. No such mail, and not in the status? 1. See that function's log group and the stack's dead-letter queue.
2. In CloudWatch Logs Insights, on the trail's log group: fields eventTime, awsRegion, \
requestParameters.secretId, userIdentity.arn, sourceIPAddress | filter eventName = "GetSecretValue" \
and errorMessage like "marked for deletion"
3. Still needed: aws secretsmanager restore-secret --secret-id ID --region REGION. \
Replaced: tell its caller the new secret. Truly unused: do nothing.`;

/**
 * The classic path, beside the rule because CloudTrail's delivery to EventBridge is best effort:
 * https://docs.aws.amazon.com/secretsmanager/latest/userguide/monitoring_cloudwatch_deleted-secrets.html
 */
export function alarm(settings: Settings): Resources {
  const { metricNamespace, metricName, alarmName, cloudTrailLogGroup } = settings;
  return {
    [METRIC_FILTER]: {
      Type: 'AWS::Logs::MetricFilter',
      Properties: {
        LogGroupName: cloudTrailLogGroup ?? ref(TRAIL_LOG_GROUP),
        FilterPattern: FILTER_PATTERN,
        MetricTransformations: [
          { MetricNamespace: metricNamespace, MetricName: metricName, MetricValue: METRIC_VALUE },
        ],
      },
    },
    [ALARM]: alarmAtOne(settings, {
      AlarmName: alarmName,
      AlarmDescription: sub(AT_THREE_IN_THE_MORNING),
      Namespace: metricNamespace,
      MetricName: metricName,
      Statistic: 'Sum',
    }),
  };
}

/** What an alarm counts, and the text of its mail. */
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
  // that keeps trying would turn the alarm off and on, one mail for each batch.
  // https://docs.aws.amazon.com/awscloudtrail/latest/userguide/send-cloudtrail-events-to-cloudwatch-logs.html
  Period: 300, // seconds
  EvaluationPeriods: 1,
  Threshold: 1,
  ComparisonOperator: 'GreaterThanOrEqualToThreshold',
  // Without attempts there are no datapoints, and the alarm would never go back to OK.
  // https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html
  TreatMissingData: 'notBreaching',
} as const;

/** An alarm that goes off at 1, and mails only then: not while it lasts, not when it is over. */
export const alarmAtOne = (settings: Settings, watched: Watched): Resource => ({
  Type: 'AWS::CloudWatch::Alarm',
  Properties: { ...watched, ...AT_ONE, AlarmActions: [topicArn(settings)] },
});
