import { all, answered, patched, refused } from '../../../../testing/account.ts';
import { LOG_GROUP, TOPIC } from '../../../../testing/healthy-account.ts';
import type { Any, Faults } from './fault.ts';

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
  /^aws cloudwatch put-metric-alarm --alarm-name AttemptsToAccessDeletedSecretsAlarm .+ --period 300 .+ --alarm-actions \S+:alerts --region eu-west-1$/;
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
      /class INFREQUENT_ACCESS, which has no metric filters/,
      /create-log-group/,
      infrequent,
    ],
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
      /^Its actions are off/,
      /^aws cloudwatch enable-alarm-actions --alarm-names AttemptsToAccessDeletedSecretsAlarm --reg/,
      alarms({ ActionsEnabled: false }),
    ],
    [
      'fail',
      /^It does not publish to the topic arn:/,
      /^aws cloudwatch put-metric-alarm .+ --alarm-actions \S+:alerts-2 \S+:alerts --region eu-west-1$/,
      alarms({ AlarmActions: [`${TOPIC}-2`] }),
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
