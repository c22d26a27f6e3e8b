import { type Account, patch } from '../../../../testing/account.ts';
import { LOG_GROUP, TOPIC } from '../../../../testing/healthy-account.ts';
import type { Any, Fault } from './fault.ts';

const filter = (account: Account, change: (filter: Any) => void) =>
  patch(account, 'DescribeMetricFilters', ({ metricFilters: [one] }) => change(one));
const alarms = (account: Account, change: (alarm: Any) => void, suffix = 'SecretsAlarm') =>
  patch(account, 'DescribeAlarms', ({ MetricAlarms }) =>
    MetricAlarms.filter((one: Any) => one.AlarmName.endsWith(suffix)).forEach(change),
  );

const PUT =
  /^aws logs put-metric-filter --log-group-name CloudTrail\/MyCloudWatchLogGroup --filter-name attempts --filter-pattern '\{ .+ \}' --metric-transformations '\[\{"metricNamespace":"CloudTrailLogMetrics","metricName":"AttemptsToAccessDeletedSecrets","metricValue":"1"\}\]'/;
const noFilter = (account: Account) => {
  account.DescribeMetricFilters = () => ({ metricFilters: [] });
};
const events = (lastEventTimestamp: string | undefined) => (account: Account) => {
  const logStreams = lastEventTimestamp
    ? [{ lastEventTimestamp: Date.parse(lastEventTimestamp) }]
    : [];
  account.DescribeLogStreams = () => ({ logStreams });
};

/** What may be wrong between the log group and the alarm. */
export const CLASSIC_FAULTS: readonly Fault[] = [
  [
    'log group',
    'fail',
    /^There is no log group CloudTrail/,
    /createTrail=true/,
    (account) => {
      account.DescribeLogGroups = () => ({ logGroups: [{ logGroupName: `${LOG_GROUP}-2` }] });
    },
  ],
  [
    'log group',
    'fail',
    /class INFREQUENT_ACCESS, which has no metric filters/,
    /create-log-group/,
    (account) =>
      patch(account, 'DescribeLogGroups', ({ logGroups: [one] }) => {
        one.logGroupClass = 'INFREQUENT_ACCESS';
      }),
  ],
  ['log group', 'unknown', /^Without its metric filter/, undefined, noFilter],
  ['log group: events', 'fail', /^Nothing has ever come/, /^https:/, events(undefined)],
  [
    'log group: events',
    'fail',
    /^Nothing has come to it for 1 day, since 2026-11-23 11:59 UTC\.$/,
    /^https:/,
    events('2026-11-23T11:59:00Z'),
  ],
  [
    'metric filter',
    'fail',
    /^No metric filter writes CloudTrailLogMetrics\/AttemptsToAccessDeletedSecrets/,
    /put-metric-filter --log-group-name LOG_GROUP_OF_THE_TRAIL/,
    noFilter,
  ],
  [
    'metric filter',
    'fail',
    /^Its pattern is not that of AWS's guide: ERROR$/,
    PUT,
    (account) => filter(account, (one) => Object.assign(one, { filterPattern: 'ERROR' })),
  ],
  [
    'metric filter',
    'fail',
    /^It adds 0 for each attempt, not 1\.$/,
    PUT,
    (account) =>
      filter(account, (one) => {
        one.metricTransformations[0].metricValue = '0';
      }),
  ],
  [
    'metric filter',
    'fail',
    /dimensions/,
    PUT,
    (account) =>
      filter(account, (one) => {
        one.metricTransformations[0].dimensions = { Region: '$.awsRegion' };
      }),
  ],
  [
    'alarm',
    'fail',
    /^There is no alarm AttemptsTo/,
    /#alarmsV2:create$/,
    (account) => {
      account.DescribeAlarms = () => ({});
    },
  ],
  [
    'alarm',
    'fail',
    /^It was changed: Period is 60, not 300; TreatMissingData is missing, not notBreaching\.$/,
    /#alarmsV2:alarm\/AttemptsToAccessDeletedSecretsAlarm$/,
    (account) =>
      alarms(account, (one) => Object.assign(one, { Period: 60, TreatMissingData: 'missing' })),
  ],
  [
    'alarm',
    'fail',
    /dimensions/,
    /#alarmsV2/,
    (account) => alarms(account, (one) => Object.assign(one, { Dimensions: [{ Name: 'a' }] })),
  ],
  [
    'alarm: actions',
    'fail',
    /^Its actions are off/,
    /^aws cloudwatch enable-alarm-actions --alarm-names AttemptsToAccessDeletedSecretsAlarm --reg/,
    (account) => alarms(account, (one) => Object.assign(one, { ActionsEnabled: false })),
  ],
  [
    'alarm: actions',
    'fail',
    /^It does not tell the topic arn:/,
    /#alarmsV2:alarm/,
    (account) => alarms(account, (one) => Object.assign(one, { AlarmActions: [`${TOPIC}-2`] })),
  ],
  [
    'own alarms',
    'warn',
    /^The actions are off of deleted-secret-notifier-dev-DeadLettersAlarm\.$/,
    /enable-alarm-actions --alarm-names deleted-secret-notifier-dev-DeadLettersAlarm /,
    (account) =>
      alarms(account, (one) => Object.assign(one, { ActionsEnabled: false }), 'DeadLettersAlarm'),
  ],
  [
    'own alarms',
    'warn',
    /^The topic is not told by \S+-NotifyErrorsAlarm\.$/,
    /#alarmsV2/,
    (account) =>
      alarms(account, (one) => Object.assign(one, { AlarmActions: [] }), 'NotifyErrorsAlarm'),
  ],
  [
    'own alarms',
    'warn',
    /^In ALARM: \S+-NotifyErrorsAlarm\.$/,
    /#alarmsV2/,
    (account) =>
      alarms(account, (one) => Object.assign(one, { StateValue: 'ALARM' }), 'NotifyErrorsAlarm'),
  ],
  [
    'own alarms',
    'warn',
    /^There is no \S+-DeadLettersAlarm, /,
    /#alarmsV2/,
    (account) =>
      patch(account, 'DescribeAlarms', (answer) => {
        answer.MetricAlarms = answer.MetricAlarms.slice(0, 1);
      }),
  ],
];
