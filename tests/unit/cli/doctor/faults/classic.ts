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
const PUT_ALARM =
  /^aws cloudwatch put-metric-alarm --alarm-name AttemptsToAccessDeletedSecretsAlarm .+ --period 300 .+ --alarm-actions \S+:alerts --region eu-west-1$/;
const noFilter = (account: Account) => {
  account.DescribeMetricFilters = () => ({ metricFilters: [] });
};
const events = (lastEventTimestamp: string | undefined) => (account: Account) => {
  const logStreams = lastEventTimestamp
    ? [{ lastEventTimestamp: Date.parse(lastEventTimestamp) }]
    : [];
  account.DescribeLogStreams = () => ({ logStreams });
};

export const state = (StateValue: string, since: string) => (account: Account) =>
  alarms(account, (one) =>
    Object.assign(one, { StateValue, StateTransitionedTimestamp: new Date(since) }),
  );

/** What may be wrong between the log group and the alarm. */
export const CLASSIC_FAULTS: readonly Fault[] = [
  [
    'log group',
    'fail',
    /^There is no log group CloudTrail/,
    /createTrail=true" # with its other settings, but no cloudTrailLogGroup$/,
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
  [
    'log group',
    'fail',
    /^aws\/cloudtrail\/main is of the class INFREQUENT_ACCESS/,
    // AWS refuses to make one whose name begins with aws/.
    /^aws logs create-log-group --log-group-name cloudtrail\/main-standard --region eu-west-1$/,
    (account) => {
      filter(account, (one) => Object.assign(one, { logGroupName: 'aws/cloudtrail/main' }));
      patch(account, 'DescribeLogGroups', ({ logGroups: [one] }) => {
        one.logGroupClass = 'INFREQUENT_ACCESS';
      });
    },
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
    'metric filter',
    'fail',
    /^Its metric has dimensions \(@aws\.account, @aws\.region\), so that the alarm does not see it\.$/,
    PUT,
    (account) =>
      filter(account, (one) =>
        Object.assign(one, { emitSystemFieldDimensions: ['@aws.account', '@aws.region'] }),
      ),
  ],
  [
    'metric filter',
    'fail',
    /^It leaves out all records but those with @aws\.account = "444455556666"\.$/,
    PUT,
    (account) =>
      filter(account, (one) =>
        Object.assign(one, { fieldSelectionCriteria: '@aws.account = "444455556666"' }),
      ),
  ],
  [
    'metric filter',
    'fail',
    /transformer/,
    PUT,
    (account) => filter(account, (one) => Object.assign(one, { applyOnTransformedLogs: true })),
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
    PUT_ALARM,
    (account) =>
      alarms(account, (one) => Object.assign(one, { Period: 60, TreatMissingData: 'missing' })),
  ],
  [
    'alarm',
    'fail',
    /dimensions/,
    PUT_ALARM,
    (account) => alarms(account, (one) => Object.assign(one, { Dimensions: [{ Name: 'a' }] })),
  ],
  [
    'alarm',
    'fail',
    /^It was changed: Unit is Count, but the filter writes none\.$/,
    PUT_ALARM,
    (account) =>
      alarms(account, (one) =>
        Object.assign(one, { Unit: 'Count', StateValue: 'INSUFFICIENT_DATA' }),
      ),
  ],
  [
    'alarm',
    'warn',
    /^In ALARM since 2026-11-10 00:00 UTC: it mails no more until it has gone back to OK/,
    /^npm run status -- --stage dev --region eu-west-1$/,
    state('ALARM', '2026-11-10T00:00:00Z'),
  ],
  [
    'alarm',
    'warn',
    /^INSUFFICIENT_DATA since 2026-11-24 11:00 UTC/,
    /^npm run drill -- --stage dev --region eu-west-1 --path alarm$/,
    state('INSUFFICIENT_DATA', '2026-11-24T11:00:00Z'),
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
    /^aws cloudwatch put-metric-alarm .+ --alarm-actions \S+:alerts-2 \S+:alerts --region eu-west-1$/,
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
