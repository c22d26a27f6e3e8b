import { type Account, patch } from '../../../../testing/account.ts';
import { TOPIC } from '../../../../testing/healthy-account.ts';
import type { Fault } from './fault.ts';

export const ELSEWHERE = 'arn:aws:sns:eu-west-1:111122223333:elsewhere';

/** Adds a rule that sees attempts. */
export const otherRule = (
  account: Account,
  targets: readonly string[],
  more: { readonly [key: string]: unknown; readonly Name?: string } = {},
) => {
  const { Name = 'another' } = more;
  patch(account, 'ListRules', ({ Rules }) =>
    Rules.push({
      Name,
      State: 'ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS',
      EventPattern: '{"source":["aws.secretsmanager"]}',
      ...more,
    }),
  );
  patch(account, 'ListTargetsByRule', (answer, { Rule }) => {
    if (Rule !== Name) return;
    answer.Targets = targets.map((Arn) => ({ Id: Arn === TOPIC ? 'copy' : 'main', Arn }));
  });
};

/** Adds a metric filter like the stack's own. */
export const twin = (more: object) => (account: Account) =>
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
    (account) => otherRule(account, [TOPIC]),
  ],
  [
    'other rules',
    'warn',
    /alerted by another too/,
    /^aws events remove-targets --rule another --ids copy --region eu-west-1$/,
    (account) => otherRule(account, [ELSEWHERE, TOPIC]),
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
  [
    'other filters',
    'warn',
    /counted by mine too/,
    /delete-metric-filter/,
    twin({
      filterName: 'mine',
      filterPattern: `{$.eventName="GetSecretValue"  &&
        $.errorMessage = "*secret because it was marked for deletion*"}`,
      metricTransformations: [{ metricNamespace: 'mine', metricName: 'attempts' }],
    }),
  ],
  [
    'other filters',
    'warn',
    /^Two stages count in the metric AttemptsToAccessDeletedSecrets: prod needs one of its own\.$/,
    /^npx serverless deploy --region eu-west-1 --stage prod --param="metricName=AttemptsToAccessDeletedSecrets-prod" /,
    twin({ filterName: 'deleted-secret-notifier-prod-AttemptsMetricFilter-1A2B3C4D5E6F' }),
  ],
];
