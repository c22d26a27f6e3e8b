import { type Resources, ref, sub } from './cloudformation.ts';
import { NOTIFY } from './notify.ts';
import type { Settings } from './settings.ts';
import { topicArn } from './topic.ts';
import { TRAIL_LOG_GROUP } from './trail.ts';

export const ALARM = 'AttemptsAlarm';

const AT_THREE_IN_THE_MORNING = `\
Someone asked for the value of a secret that is scheduled for deletion, and was refused.
A mail of its own tells which secret, who asks, until when it can be saved, and how. It comes from \
\${${NOTIFY.function}} and covers \${AWS::Region} only; this alarm covers all that the trail logs, a few \
minutes later, and mails only when it goes from OK to ALARM.
No such mail? 1. See that function's log group and the stack's dead-letter queue.
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
    AttemptsMetricFilter: {
      Type: 'AWS::Logs::MetricFilter',
      Properties: {
        LogGroupName: cloudTrailLogGroup ?? ref(TRAIL_LOG_GROUP),
        FilterPattern:
          '{ $.eventName = "GetSecretValue" && $.errorMessage = "*secret because it was marked for deletion*" }',
        MetricTransformations: [
          { MetricNamespace: metricNamespace, MetricName: metricName, MetricValue: '1' },
        ],
      },
    },
    [ALARM]: {
      Type: 'AWS::CloudWatch::Alarm',
      Properties: {
        AlarmName: alarmName,
        AlarmDescription: sub(AT_THREE_IN_THE_MORNING),
        Namespace: metricNamespace,
        MetricName: metricName,
        Statistic: 'Sum',
        // CloudTrail delivers in batches about every five minutes: with a shorter period a caller
        // that asks all the time would turn the alarm off and on, one mail for each batch.
        // https://docs.aws.amazon.com/awscloudtrail/latest/userguide/send-cloudtrail-events-to-cloudwatch-logs.html
        Period: 300, // seconds
        EvaluationPeriods: 1,
        Threshold: 1,
        ComparisonOperator: 'GreaterThanOrEqualToThreshold',
        // No matching record is no datapoint, which would leave the alarm without a state to leave.
        // https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html
        TreatMissingData: 'notBreaching',
        AlarmActions: [topicArn(settings)],
      },
    },
  };
}
