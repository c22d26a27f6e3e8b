import { type Account, patch } from '../../../../testing/account.ts';
import { TOPIC } from '../../../../testing/healthy-account.ts';
import type { Fault } from './fault.ts';

export const otherRule = (account: Account, target: string, more: object = {}) => {
  patch(account, 'ListRules', ({ Rules }) =>
    Rules.push({
      Name: 'another',
      State: 'ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS',
      EventPattern: '{"source":["aws.secretsmanager"]}',
      ...more,
    }),
  );
  patch(account, 'ListTargetsByRule', (answer, { Rule }) => {
    if (Rule === 'another') answer.Targets = [{ Arn: target }];
  });
};

const twin = (more: object) => (account: Account) =>
  patch(account, 'DescribeMetricFilters', ({ metricFilters }) =>
    metricFilters.push({ ...metricFilters[0], ...more }),
  );

/** What alerts, or counts, the same attempts. */
export const DUPLICATES: readonly Fault[] = [
  [
    'other rules',
    'warn',
    /alerted by another too/,
    /^aws events disable-rule --name another --region eu-west-1$/,
    (account) => otherRule(account, TOPIC),
  ],
  [
    'other rules',
    'warn',
    /alerted by another too/,
    /disable-rule/,
    (account) =>
      otherRule(
        account,
        'arn:aws:lambda:eu-west-1:111122223333:function:deleted-secret-notifier-prod-notify',
      ),
  ],
  [
    'other filters',
    'warn',
    /counted by mine too/,
    /^aws logs delete-metric-filter --log-group-name CloudTrail\/MyCloudWatchLogGroup --filter-name mine /,
    twin({
      filterName: 'mine',
      metricTransformations: [{ metricNamespace: 'mine', metricName: 'attempts' }],
    }),
  ],
  [
    'other filters',
    'warn',
    /counted by other-pattern too/,
    /delete-metric-filter/,
    twin({ filterName: 'other-pattern', filterPattern: 'deleted' }),
  ],
];
