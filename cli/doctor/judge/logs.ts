import type { LogGroup, MetricFilter } from '@aws-sdk/client-cloudwatch-logs';
import { DAY_MS, formatShortSpan, formatUtc } from '../../../lib/time.ts';
import { FILTER_PATTERN, METRIC_VALUE } from '../../../stack/alarm.ts';
import { type Metric, transformationOf } from '../read/logs.ts';
import { aws, createTrail } from '../remedy.ts';
import type { Stack } from '../stack.ts';
import { type Finding, fail, ok } from '../verdict.ts';

/** CloudTrail delivers about every five minutes, but an account may be quiet, and the time of the newest is told late. */
const RECENT_MS = DAY_MS;

/** Whether a metric filter counts in the log group: it does so in those of the standard class only. */
export function judgeLogGroup(stack: Stack, name: string, group: LogGroup | undefined): Finding {
  if (!group) return fail(`There is no log group ${name}.`, createTrail(stack));
  const { logGroupClass = 'STANDARD' } = group;
  if (logGroupClass === 'STANDARD') return ok(`${name}, standard class`);
  // The class of a group is for good: https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CloudWatch_Logs_Log_Classes.html
  return fail(
    `${name} is of the class ${logGroupClass}, which has no metric filters: let the trail deliver to another.`,
    // AWS keeps names that begin with aws/ to itself, and makes such groups.
    // https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_CreateLogGroup.html
    aws(
      stack,
      ...['logs', 'create-log-group', '--log-group-name'],
      `${name.replace(/^aws\//, '').slice(0, 500)}-standard`,
    ),
  );
}

/** Whether CloudTrail's records still come. @param newest when the newest was made, `undefined` if none ever came */
export function judgeEvents(newest: Date | undefined, now: Date): Finding {
  if (!newest) return fail('Nothing has ever come to the log group.', DELIVERY);
  const age = Math.max(0, now.getTime() - newest.getTime());
  if (age <= RECENT_MS) return ok(`the newest is of ${formatUtc(newest)}`);
  return fail(
    `Nothing has come to it for ${formatShortSpan(age)}, since ${formatUtc(newest)}.`,
    DELIVERY,
  );
}

const DELIVERY =
  'https://docs.aws.amazon.com/awscloudtrail/latest/userguide/send-cloudtrail-events-to-cloudwatch-logs.html';

/**
 * Whether a filter counts the attempts for the alarm, as AWS's guide has it:
 * https://docs.aws.amazon.com/secretsmanager/latest/userguide/monitoring_cloudwatch_deleted-secrets.html
 * @param filter the one that writes the alarm's metric, if one does
 */
export function judgeFilter(
  stack: Stack,
  metric: Metric,
  filter: MetricFilter | undefined,
): Finding {
  const { namespace, name } = metric;
  if (!filter) {
    return fail(
      `No metric filter writes ${namespace}/${name}, which the alarm watches.`,
      put(stack, metric, 'LOG_GROUP_OF_THE_TRAIL', 'AttemptsOnDeletedSecrets'),
    );
  }
  const mend = put(stack, metric, filter.logGroupName ?? '', filter.filterName ?? '');
  if (!isOurs(filter)) {
    return fail(`Its pattern is not that of AWS's guide: ${filter.filterPattern}`, mend);
  }
  const written = transformationOf(filter, metric);
  if (written?.metricValue !== METRIC_VALUE) {
    return fail(`It adds ${written?.metricValue} for each attempt, not ${METRIC_VALUE}.`, mend);
  }
  // A metric with dimensions is another than that without: the alarm would not see it.
  const { emitSystemFieldDimensions = [], fieldSelectionCriteria } = filter;
  const dimensions = [...Object.keys(written.dimensions ?? {}), ...emitSystemFieldDimensions];
  if (dimensions.length > 0) {
    const list = dimensions.join(', ');
    return fail(`Its metric has dimensions (${list}), so that the alarm does not see it.`, mend);
  }
  if (fieldSelectionCriteria) {
    return fail(`It leaves out all records but those with ${fieldSelectionCriteria}.`, mend);
  }
  if (filter.applyOnTransformedLogs) {
    return fail("It looks at what a transformer makes of CloudTrail's records.", mend);
  }
  return ok("counts attempts, as in AWS's guide");
}

const put = (stack: Stack, { namespace, name }: Metric, group: string, filter: string) =>
  aws(
    stack,
    ...['logs', 'put-metric-filter', '--log-group-name', group, '--filter-name', filter],
    ...['--filter-pattern', FILTER_PATTERN, '--metric-transformations'],
    JSON.stringify([{ metricNamespace: namespace, metricName: name, metricValue: METRIC_VALUE }]),
  );

/** Which of the filters that write the alarm's metric is the stack's; `name` is its name in the stack, if it is there. */
export const ownFilter = (filters: readonly MetricFilter[], name: string | undefined) =>
  filters.find(({ filterName }) => filterName === name) ?? filters[0];

/** Whether a filter looks for what ours does. White space means nothing, but within quotes. */
export const isOurs = ({ filterPattern = '' }: MetricFilter) =>
  compact(filterPattern) === compact(FILTER_PATTERN);

const compact = (pattern: string) =>
  pattern.replace(/("[^"]*")|\s+/g, (_, text: string | undefined) => text ?? '');
