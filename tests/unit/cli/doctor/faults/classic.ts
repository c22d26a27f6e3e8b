import { all, answered, patched, refused } from '../../../../testing/account.ts';
import { LOG_GROUP, TOPIC } from '../../../../testing/healthy-account.ts';
import type { Any, Faults } from './fault.ts';
import { foreignTrail } from './trail.ts';

const filter = (more: object) =>
  patched('DescribeMetricFilters', ({ metricFilters: [one] }) => Object.assign(one, more));
/** What the filter writes is different. */
export const transformation = (more: object) =>
  patched('DescribeMetricFilters', ({ metricFilters: [one] }) =>
    Object.assign(one.metricTransformations[0], more),
  );
export const alarms = (more: object, suffix = 'SecretsAlarm') =>
  patched('DescribeAlarms', ({ MetricAlarms }) => {
    const named = MetricAlarms.filter((one: Any) => one.AlarmName.endsWith(suffix));
    for (const one of named) Object.assign(one, more);
  });
export const state = (StateValue: string, since: string, suffix?: string) =>
  alarms({ StateValue, StateTransitionedTimestamp: new Date(since) }, suffix);

const PUT =
  /^aws logs put-metric-filter --log-group-name CloudTrail\/MyCloudWatchLogGroup --filter-name attempts --filter-pattern '\{ .+ \}' --metric-transformations '\[\{"metricNamespace":"CloudTrailLogMetrics","metricName":"AttemptsToAccessDeletedSecrets","metricValue":"1"\}\]'/;
const PUT_ALARM =
  /^aws cloudwatch put-metric-alarm --alarm-name AttemptsToAccessDeletedSecretsAlarm .+ --period 300 .+ --treat-missing-data notBreaching --region eu-west-1$/;
const PUT_COMPOSITE =
  /^aws cloudwatch put-composite-alarm --alarm-name \S+-UnexplainedAttemptsAlarm --alarm-rule 'ALARM\("arn:aws:cloudwatch:\S+:alarm:AttemptsTo\w+"\)' --actions-suppressor arn:aws:\S+-AttemptsRecordedAlarm --actions-suppressor-wait-period 180 --actions-suppressor-extension-period 60 --alarm-actions \S+:alerts --region eu-west-1$/;
const PUT_SUPPRESSOR =
  /^aws cloudwatch put-metric-alarm --alarm-name \S+-AttemptsRecordedAlarm --namespace deleted-secret-notifier --metric-name HeardByTrail --dimensions '\[\{"Name":"service","Value":"deleted-secret-notifier-dev"\}\]' --statistic Sum --period 300 --evaluation-periods 12 --datapoints-to-alarm 1 --threshold 1 --comparison-operator GreaterThanOrEqualToThreshold --treat-missing-data notBreaching --region eu-west-1$/;
const composite = (more: object) =>
  patched('DescribeAlarms', ({ CompositeAlarms: [one] }) => Object.assign(one, more));
const suppressor = (more: object) => alarms(more, 'AttemptsRecordedAlarm');
/** As with `alarmMails=always`, and before this version: no other alarm mails for the classic one. */
export const always = all(
  patched('ListStackResources', (answer) => {
    answer.StackResourceSummaries = answer.StackResourceSummaries.filter(
      ({ LogicalResourceId }: Any) => !/Unexplained|Recorded/.test(LogicalResourceId),
    );
  }),
  alarms({ AlarmActions: [TOPIC] }),
);
const noFilter = answered('DescribeMetricFilters', { metricFilters: [] });
const infrequent = patched('DescribeLogGroups', ({ logGroups: [one] }) =>
  Object.assign(one, { logGroupClass: 'INFREQUENT_ACCESS' }),
);
const lastEvent = (time: string) =>
  answered('DescribeLogStreams', { logStreams: [{ lastEventTimestamp: Date.parse(time) }] });

/** What may be wrong between the log group and the alarm. */
export const CLASSIC_FAULTS: Faults = {
  'log group': [
    [
      'fail',
      /^There is no log group CloudTrail/,
      /createTrail=true" # with its other settings, but no cloudTrailLogGroup$/,
      answered('DescribeLogGroups', { logGroups: [{ logGroupName: `${LOG_GROUP}-2` }] }),
    ],
    [
      'fail',
      /^There is no log group CloudTrail/,
      /^docs\/operations\.md#the-organizations-trail$/,
      all(foreignTrail, answered('DescribeLogGroups', { logGroups: [] })),
    ],
    ['fail', /class INFREQUENT_ACCESS, which has no filters/, /create-log-group/, infrequent],
    [
      'fail',
      /^aws\/cloudtrail\/main is of the class INFREQUENT_ACCESS/,
      // AWS refuses to make one whose name begins with aws/.
      /^aws logs create-log-group --log-group-name cloudtrail\/main-standard --region eu-west-1$/,
      all(filter({ logGroupName: 'aws/cloudtrail/main' }), infrequent),
    ],
    ['unknown', /^Without its metric filter/, undefined, noFilter],
  ],
  'log group: events': [
    [
      'fail',
      /^Nothing has ever arrived/,
      /^https:/,
      answered('DescribeLogStreams', { logStreams: [] }),
    ],
    [
      'fail',
      /^Nothing has arrived for 1 day, since 2026-11-23 11:59 UTC\.$/,
      /^https:/,
      lastEvent('2026-11-23T11:59:00Z'),
    ],
  ],
  'metric filter': [
    [
      'fail',
      /^No metric filter writes CloudTrailLogMetrics\/AttemptsToAccessDeletedSecrets/,
      PUT,
      noFilter,
    ],
    [
      'fail',
      /^No metric filter writes/,
      /--log-group-name stack-TrailLogGroup-1 --filter-name attempts /,
      all(
        noFilter,
        patched('ListStackResources', ({ StackResourceSummaries }) =>
          StackResourceSummaries.push({
            LogicalResourceId: 'TrailLogGroup',
            PhysicalResourceId: 'stack-TrailLogGroup-1',
            ResourceStatus: 'CREATE_COMPLETE',
          }),
        ),
      ),
    ],
    [
      'fail',
      /^No metric filter writes/,
      /--log-group-name LOG_GROUP_OF_THE_TRAIL --filter-name attempts /,
      all(noFilter, answered('DescribeTrails', { trailList: [] })),
    ],
    [
      'fail',
      /^No metric filter writes/,
      /--log-group-name LOG_GROUP_OF_THE_TRAIL --filter-name attempts /,
      all(noFilter, refused('DescribeTrails', 'AccessDeniedException')),
    ],
    [
      'fail',
      /^Its pattern is not that of AWS's guide: ERROR$/,
      PUT,
      filter({ filterPattern: 'ERROR' }),
    ],
    ['fail', /^It adds 0 for each attempt, not 1\.$/, PUT, transformation({ metricValue: '0' })],
    ['fail', /dimensions/, PUT, transformation({ dimensions: { Region: '$.awsRegion' } })],
    [
      'fail',
      /^Its metric has dimensions \(@aws\.account, @aws\.region\), so that the alarm does not see it\.$/,
      PUT,
      filter({ emitSystemFieldDimensions: ['@aws.account', '@aws.region'] }),
    ],
    [
      'fail',
      /^It leaves out all records but those with @aws\.account = "444455556666"\.$/,
      PUT,
      filter({ fieldSelectionCriteria: '@aws.account = "444455556666"' }),
    ],
    ['fail', /transformer/, PUT, filter({ applyOnTransformedLogs: true })],
  ],
  alarm: [
    ['fail', /^There is no alarm AttemptsTo/, /#alarmsV2:create$/, answered('DescribeAlarms', {})],
    [
      'fail',
      /^It was changed: Period is 60, not 300; TreatMissingData is missing, not notBreaching\.$/,
      PUT_ALARM,
      alarms({ Period: 60, TreatMissingData: 'missing' }),
    ],
    ['fail', /dimensions/, PUT_ALARM, alarms({ Dimensions: [{ Name: 'a' }] })],
    [
      'fail',
      /^It was changed: Unit is Count, but the filter writes none\.$/,
      PUT_ALARM,
      alarms({ Unit: 'Count', StateValue: 'INSUFFICIENT_DATA' }),
    ],
    [
      'warn',
      /^In ALARM since 2026-11-10 00:00 UTC: it mails no more until it has gone back to OK/,
      /^npm run status -- --stage dev --region eu-west-1$/,
      state('ALARM', '2026-11-10T00:00:00Z'),
    ],
    [
      'warn',
      /^INSUFFICIENT_DATA since 2026-11-24 11:00 UTC/,
      /^npm run drill -- --stage dev --region eu-west-1 --path alarm$/,
      state('INSUFFICIENT_DATA', '2026-11-24T11:00:00Z'),
    ],
  ],
  'alarm: actions': [
    [
      'fail',
      /^There is no alarm \S+-UnexplainedAttemptsAlarm, which mails for it\.$/,
      PUT_COMPOSITE,
      patched('DescribeAlarms', (answer) => {
        answer.CompositeAlarms = [];
      }),
    ],
    [
      'fail',
      /^The actions of \S+-UnexplainedAttemptsAlarm are off: it notifies nobody\.$/,
      /^aws cloudwatch enable-alarm-actions --alarm-names \S+-UnexplainedAttemptsAlarm --reg/,
      composite({ ActionsEnabled: false }),
    ],
    [
      'fail',
      /^\S+-UnexplainedAttemptsAlarm does not publish to the topic arn:\S+\.$/,
      /^aws cloudwatch put-composite-alarm .+ --alarm-actions \S+:alerts-2 \S+:alerts --region eu-west-1$/,
      composite({ AlarmActions: [`${TOPIC}-2`] }),
    ],
    [
      'fail',
      /^\S+ was changed: ActionsSuppressorWaitPeriod is 900, not 180; ActionsSuppressorExtensionPeriod is missing, not 60\.$/,
      PUT_COMPOSITE,
      composite({ ActionsSuppressorWaitPeriod: 900, ActionsSuppressorExtensionPeriod: undefined }),
    ],
    [
      'fail',
      /^\S+ was changed: ActionsSuppressor is missing\.$/,
      PUT_COMPOSITE,
      composite({ ActionsSuppressor: undefined }),
    ],
    [
      'fail',
      /^\S+ was changed: ActionsSuppressor is maintenance; AlarmRule is FALSE\.$/,
      PUT_COMPOSITE,
      composite({ AlarmRule: 'FALSE', ActionsSuppressor: 'maintenance' }),
    ],
    [
      'warn',
      /^It mails itself too, and so what \S+-UnexplainedAttemptsAlarm would not\.$/,
      PUT_ALARM,
      alarms({ AlarmActions: [TOPIC] }),
    ],
    [
      'fail',
      /^Its actions are off/,
      /^aws cloudwatch enable-alarm-actions --alarm-names AttemptsToAccessDeletedSecretsAlarm --reg/,
      all(always, alarms({ ActionsEnabled: false })),
    ],
    [
      'fail',
      /^It does not publish to the topic arn:/,
      /^aws cloudwatch put-metric-alarm .+ --alarm-actions \S+:alerts-2 \S+:alerts --region eu-west-1$/,
      all(always, alarms({ AlarmActions: [`${TOPIC}-2`] })),
    ],
  ],
  'alarm: suppressor': [
    [
      'warn',
      /^There is no alarm \S+-AttemptsRecordedAlarm: each attempt is mailed, reported or not\.$/,
      PUT_SUPPRESSOR,
      patched('DescribeAlarms', (answer) => {
        answer.MetricAlarms = answer.MetricAlarms.filter(
          ({ AlarmName }: Any) => !AlarmName.endsWith('AttemptsRecordedAlarm'),
        );
      }),
    ],
    [
      'fail',
      /^\S+ was changed: EvaluationPeriods is 1, not 12; Threshold is 0, not 1; TreatMissingData is breaching, not notBreaching\.$/,
      PUT_SUPPRESSOR,
      suppressor({ EvaluationPeriods: 1, Threshold: 0, TreatMissingData: 'breaching' }),
    ],
    [
      'fail',
      /^\S+ was changed: it watches a metric other than that of deleted-secret-notifier-dev\.$/,
      PUT_SUPPRESSOR,
      suppressor({ Dimensions: [{ Name: 'service', Value: 'deleted-secret-notifier-prod' }] }),
    ],
    [
      'fail',
      /^\S+ was changed: MetricName is Alerts, not HeardByTrail\.$/,
      PUT_SUPPRESSOR,
      suppressor({ MetricName: 'Alerts' }),
    ],
  ],
  'own alarms': [
    [
      'warn',
      /^The actions of deleted-secret-notifier-dev-DeadLettersAlarm are off\.$/,
      /enable-alarm-actions --alarm-names deleted-secret-notifier-dev-DeadLettersAlarm /,
      alarms({ ActionsEnabled: false }, 'DeadLettersAlarm'),
    ],
    [
      'warn',
      /^These do not publish to the topic: \S+-NotifyErrorsAlarm\.$/,
      /#alarmsV2/,
      alarms({ AlarmActions: [] }, 'NotifyErrorsAlarm'),
    ],
    [
      'warn',
      /^In ALARM: \S+-NotifyErrorsAlarm\.$/,
      /#alarmsV2/,
      alarms({ StateValue: 'ALARM' }, 'NotifyErrorsAlarm'),
    ],
    [
      'warn',
      /^\S+-NoticeOverdueAlarm has had no data since 2026-11-24 09:00 UTC: no run of summarize has come to its end\.$/,
      /^docs\/operations\.md#the-services-own-alarms$/,
      state('INSUFFICIENT_DATA', '2026-11-24T09:00:00Z', 'NoticeOverdueAlarm'),
    ],
    [
      'warn',
      /^\S+-NotifyErrorsAlarm has had no data since 2026-11-24 11:00 UTC\.$/,
      /^docs\/operations\.md#the-services-own-alarms$/,
      state('INSUFFICIENT_DATA', '2026-11-24T11:00:00Z', 'NotifyErrorsAlarm'),
    ],
    [
      'warn',
      /^There is no \S+-DeadLettersAlarm, /,
      /#alarmsV2/,
      patched('DescribeAlarms', (answer) => {
        answer.MetricAlarms = answer.MetricAlarms.slice(0, 1);
      }),
    ],
  ],
};
