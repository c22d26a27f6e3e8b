import { attribute, type Resource, type Resources, sub, type Value } from './cloudformation.ts';
import { NOTIFY, SERVICE } from './names.ts';
import type { Settings } from './settings.ts';
import { topicArn } from './topic.ts';
import { TRAIL_LOG_GROUP, trailLogGroup } from './trail.ts';

export const METRIC_FILTER = 'AttemptsMetricFilter';
export const ALARM = 'AttemptsAlarm';
/** The composite alarm that mails for {@link ALARM} what the functions have not heard of by the trail path. */
export const UNEXPLAINED = 'UnexplainedAttemptsAlarm';
/** The alarm that suppresses its mails: in ALARM for an hour from each attempt that the trail path has brought to the functions. */
export const RECORDED = 'AttemptsRecordedAlarm';

/** The dimension of the metrics that the functions write by Powertools: their service is the stack's name (serverless.yml). */
export const OWN_DIMENSION = { Name: 'service', Value: '${AWS::StackName}' } as const;

/** The pattern of AWS's guide for CloudTrail's records. */
export const FILTER_PATTERN =
  '{ $.eventName = "GetSecretValue" && $.errorMessage = "*secret because it was marked for deletion*" }';
/** What each such record adds to the metric. */
export const METRIC_VALUE = '1';

/** A command of this project on the deployed stage, as the mail of an alarm prints it. */
export const command = (name: 'doctor' | 'mute' | 'replay' | 'status', stage: string) =>
  `npm run ${name} -- --stage ${stage} --region \${AWS::Region}`;

/** How long the name of a log group may be, in characters, to have room in a mail; CloudWatch takes 512. */
const MAX_NAME = 80;

/** The log group by name, which for one that the stack makes CloudFormation puts in. */
function logGroupText({ cloudTrailLogGroup: name }: Settings): string {
  if (!name) return `\${${TRAIL_LOG_GROUP}}`;
  return name.length <= MAX_NAME ? name : 'of the trail';
}

const findAndAct = (settings: Settings) => `\
CloudWatch Logs Insights, log group ${logGroupText(settings)}: fields eventTime, recipientAccountId, awsRegion, \
requestParameters.secretId, userIdentity.arn, errorMessage | filter eventName = "GetSecretValue" \
and errorMessage like "marked for deletion"
3. Still needed? With credentials of that account: aws secretsmanager restore-secret --secret-id ID --region REGION. \
Replaced: tell the caller. Unused: do nothing.`;

/** What the function hears that mails, if it is less than the trail logs. */
function whatItHears({ trailPath, organizationId }: Settings): string {
  if (trailPath !== 'off') return '';
  return organizationId
    ? ', which hears its own Region and spokes only'
    : ', which hears ${AWS::Region} of this account only';
}

const alwaysMailed = (settings: Settings, stage: string) => `\
Someone tried to read a secret scheduled for deletion.
Another mail says which, who, until when to save it, and how. It comes from \
\${${NOTIFY.function}}${whatItHears(settings)}; this alarm covers all that the trail \
logs, minutes later, and mails only on going from OK to ALARM.
Of a caller reported or muted none comes before the next digest: ${command('status', stage)}
1. Not there either? See that function's log, the dead-letter queue.
2. ${findAndAct(settings)}`;

const UNEXPLAINED_NAME = `\${AWS::StackName}-UnexplainedAttempts`;

const MAILED_BY_ANOTHER = `\
Someone asked for the value of a secret that is scheduled for deletion, and was refused: the alarm of AWS's guide.
It mails nothing itself. ${UNEXPLAINED_NAME} mails for it if \${${NOTIFY.function}} has heard nothing by the trail's log group; alarmMails=always \
has this one mail whenever it goes off.`;

const nothingElseReported = (settings: Settings, stage: string) => `\
Someone tried to read a secret scheduled for deletion. The trail has logged it, but for an hour none has come from its log \
group to \${${NOTIFY.function}}: unless the rule brought it, nothing reports it.
1. Why? ${command('doctor', stage)}; the dead-letter queue. Reported all the same? npm run status, with \
the same options. errorMessage says more than AWS does? Somebody sent AWS's words as a secret's id.
2. ${findAndAct(settings)}
The next mail comes after ten minutes without an attempt.`;

const RECORDED_TEXT = `\
No fault: within the last hour an attempt on a deleted secret has come to \${${NOTIFY.function}} by the trail's log group, \
and is recorded: mailed, left to a digest, or known by the rule. Until this is OK again ${UNEXPLAINED_NAME} does not mail.`;

/** Whether the alarm mails only what the functions have not heard of. It takes that they hear all that it hears. */
export const mailsUnexplainedOnly = ({ alarmMails, classicAlarm, trailPath }: Settings) =>
  classicAlarm && alarmMails === 'unexplained' && trailPath === 'all';

/**
 * The classic path, beside the rule because CloudTrail's delivery to EventBridge is best effort:
 * https://docs.aws.amazon.com/secretsmanager/latest/userguide/monitoring_cloudwatch_deleted-secrets.html
 * Nothing unless `classicAlarm` is set.
 */
export function alarm(settings: Settings, stage: string): Resources {
  const { metricNamespace, metricName, alarmName } = settings;
  if (!settings.classicAlarm) return {};
  const attempts = (text: string): Watched => ({
    AlarmName: alarmName,
    AlarmDescription: sub(text),
    Namespace: metricNamespace,
    MetricName: metricName,
    Statistic: 'Sum',
  });
  return {
    [METRIC_FILTER]: {
      Type: 'AWS::Logs::MetricFilter',
      Properties: {
        LogGroupName: trailLogGroup(settings),
        FilterPattern: FILTER_PATTERN,
        MetricTransformations: [
          { MetricNamespace: metricNamespace, MetricName: metricName, MetricValue: METRIC_VALUE },
        ],
      },
    },
    ...(mailsUnexplainedOnly(settings)
      ? {
          [ALARM]: metricAlarm(attempts(MAILED_BY_ANOTHER), AT_ONE),
          ...unexplained(settings, stage),
        }
      : { [ALARM]: alarmAtOne(settings, attempts(alwaysMailed(settings, stage))) }),
  };
}

/** What an alarm counts, and the text of its mail. */
export type Watched = {
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

const metricAlarm = (watched: Watched, when: Record<string, unknown>): Resource => ({
  Type: 'AWS::CloudWatch::Alarm',
  Properties: { ...watched, ...when },
});

/** An alarm that goes off at so much, and mails only then: not while it lasts, not when it is over. */
export const alarmAt = (Threshold: number, settings: Settings, watched: Watched): Resource =>
  metricAlarm(watched, { ...AT_ONE, Threshold, AlarmActions: [topicArn(settings)] });

/** As {@link alarmAt}, at the first. */
export const alarmAtOne = (settings: Settings, watched: Watched): Resource =>
  alarmAt(AT_ONE.Threshold, settings, watched);

/**
 * When the suppressor is in ALARM: as soon as the trail path has brought an attempt, and for an hour. It has to outlast the
 * classic alarm, which hears of the same attempt by the same delivery of CloudTrail, and is in ALARM for five to fifteen
 * minutes: a composite alarm acts if its suppressor leaves ALARM while it is in ALARM itself.
 */
export const FOR_AN_HOUR = { ...AT_ONE, EvaluationPeriods: 12, DatapointsToAlarm: 1 } as const;

/**
 * The metric of the attempts that have come by the trail's log group, first or again, and are recorded. Not of all that are
 * recorded: those of the rule would suppress the mail of what only the trail path hears, while that is dead.
 */
export const RECORDED_METRIC = {
  Namespace: SERVICE,
  MetricName: 'HeardByTrail',
  Statistic: 'Sum',
} as const;

/**
 * How the mail is suppressed: docs/decisions/0019-alarm-of-the-unexplained.md. In seconds.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutCompositeAlarm.html
 */
export const SUPPRESSION = {
  // Time for a record that reaches the functions by the same batch of CloudTrail as the alarm, one failed run included.
  // Less than the five minutes for which the classic alarm is in ALARM at least: what is over before is never mailed.
  ActionsSuppressorWaitPeriod: 180,
  // If nothing has come by the trail path for an hour while attempts go on, the mail is due.
  ActionsSuppressorExtensionPeriod: 60,
} as const;

/** The rule of the composite alarm. By the ARN, which holds a name with spaces too. */
export const ruleOn = (alarmArn: string) => `ALARM("${alarmArn}")`;

/** What mails for the classic alarm, and what suppresses that. Without the metric nothing is suppressed. */
const unexplained = (settings: Settings, stage: string): Resources => ({
  [RECORDED]: metricAlarm(
    {
      AlarmName: sub('${AWS::StackName}-AttemptsRecorded'),
      AlarmDescription: sub(RECORDED_TEXT),
      ...RECORDED_METRIC,
      Dimensions: [{ Name: OWN_DIMENSION.Name, Value: sub(OWN_DIMENSION.Value) }],
    },
    FOR_AN_HOUR,
  ),
  [UNEXPLAINED]: {
    Type: 'AWS::CloudWatch::CompositeAlarm',
    Properties: {
      AlarmName: sub(UNEXPLAINED_NAME),
      AlarmDescription: sub(nothingElseReported(settings, stage)),
      AlarmRule: sub(ruleOn(`\${${ALARM}.Arn}`)),
      ActionsSuppressor: attribute(RECORDED, 'Arn'),
      ...SUPPRESSION,
      AlarmActions: [topicArn(settings)],
    },
  },
});
