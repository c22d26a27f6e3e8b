import { all, patched } from '../../../../testing/account.ts';
import { TOPIC } from '../../../../testing/healthy-account.ts';
import type { Faults } from './fault.ts';

export const ELSEWHERE = 'arn:aws:sns:eu-west-1:111122223333:elsewhere';

/** There is a rule that sees attempts. */
export const otherRule = (
  targets: readonly string[],
  more: { readonly [key: string]: unknown; readonly Name?: string } = {},
) => {
  const { Name = 'another' } = more;
  return all(
    patched('ListRules', ({ Rules }) =>
      Rules.push({
        Name,
        State: 'ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS',
        EventPattern: '{"source":["aws.secretsmanager"]}',
        ...more,
      }),
    ),
    patched('ListTargetsByRule', (answer, { Rule }) => {
      if (Rule !== Name) return;
      answer.Targets = targets.map((Arn) => ({ Id: Arn === TOPIC ? 'copy' : 'main', Arn }));
    }),
  );
};

/** There is a metric filter like the stack's own. */
export const twin = (more: object) =>
  patched('DescribeMetricFilters', ({ metricFilters }) =>
    metricFilters.push({ ...metricFilters[0], ...more }),
  );

/** What alerts, or counts, the same attempts. */
export const DUPLICATES: Faults = {
  'other rules': [
    [
      'warn',
      /alerted by another too/,
      /^aws events disable-rule --name another --region eu-west-1$/,
      otherRule([TOPIC]),
    ],
    [
      'warn',
      /alerted by another too/,
      /^aws events remove-targets --rule another --ids copy --region eu-west-1$/,
      otherRule([ELSEWHERE, TOPIC]),
    ],
  ],
  'other filters': [
    [
      'warn',
      /counted by mine too/,
      /^aws logs delete-metric-filter --log-group-name CloudTrail\/MyCloudWatchLogGroup --filter-name mine /,
      twin({
        filterName: 'mine',
        metricTransformations: [{ metricNamespace: 'mine', metricName: 'attempts' }],
      }),
    ],
    [
      'warn',
      /counted by other-pattern too/,
      /delete-metric-filter/,
      twin({ filterName: 'other-pattern', filterPattern: 'deleted' }),
    ],
    [
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
      'warn',
      /^Two stages count in the metric AttemptsToAccessDeletedSecrets: prod needs one of its own\.$/,
      /^npx serverless deploy --region eu-west-1 --stage prod --param="metricName=AttemptsToAccessDeletedSecrets-prod" /,
      twin({ filterName: 'deleted-secret-notifier-prod-AttemptsMetricFilter-1A2B3C4D5E6F' }),
    ],
  ],
};
