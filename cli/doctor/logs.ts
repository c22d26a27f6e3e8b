import type {
  CloudWatchLogs,
  LogGroup,
  MetricFilter,
  MetricTransformation,
} from '@aws-sdk/client-cloudwatch-logs';
import { DAY_MS, formatShortSpan, formatUtc } from '../../lib/time.ts';
import { FILTER_PATTERN, METRIC_FILTER, METRIC_VALUE } from '../../stack/alarm.ts';
import { TRAIL_LOG_GROUP } from '../../stack/trail.ts';
import { collect } from '../pages.ts';
import { ask, find, UnreadableError } from './ask.ts';
import type { Context } from './context.ts';
import { countByTrail, countInMetric } from './metrics.ts';
import { aws } from './remedy.ts';
import { hasClassicAlarm, hasTrailPath, type Stack } from './stack.ts';
import { type DescribedTrail, judgeDelivery, logGroupOf, otherLogGroup } from './trail.ts';
import { type Checks, type Finding, fail, ok } from './verdict.ts';

/** Checks of the log group that the trail delivers to; none if the stack looks into none. */
export function logChecks(context: Context): Checks {
  const { clients, stack, now, deployed } = context;
  if (!hasClassicAlarm(stack) && !hasTrailPath(stack)) return {};
  const reads = async () =>
    hasClassicAlarm(stack)
      ? countInMetric(clients.cloudWatch, await deployed.metric(), now)
      : countByTrail(clients.cloudWatch, stack.name, now);
  return {
    'log group': async () =>
      judgeLogGroup(context, await deployed.logGroupName(), await deployed.findLogGroup()),
    'log group: trail': async () =>
      judgeDelivery(stack, await deployed.logGroupArn(), await deployed.trails(), reads),
    'log group: events': async () =>
      judgeEvents(await readNewestEvent(clients.logs, await deployed.logGroupName()), now),
  };
}

/** Check of the way of a record from the log group to the alarm's metric. */
export const metricFilterChecks = ({ stack, deployed }: Context): Checks => ({
  'metric filter': async () => {
    const metric = await deployed.metric();
    const filter = await deployed.findFilter();
    return filter
      ? judgeFilter(stack, metric, filter)
      : judgeNoFilter(stack, metric, await readTrailsIfAllowed(deployed));
  },
});

/** The name of a metric in CloudWatch. */
export interface Metric {
  readonly namespace: string;
  readonly name: string;
}

/** How a filter writes a metric; `undefined` if it does not. */
export const transformationOf = (
  { metricTransformations = [] }: MetricFilter,
  { namespace, name }: Metric,
): MetricTransformation | undefined =>
  metricTransformations.find(
    ({ metricNamespace, metricName }) => metricNamespace === namespace && metricName === name,
  );

/** Whether a filter writes a metric. */
export const writes = (filter: MetricFilter, metric: Metric) =>
  transformationOf(filter, metric) !== undefined;

/** The filters that write a metric, on any log group. */
export async function readFiltersOf(
  client: CloudWatchLogs,
  metric: Metric,
): Promise<MetricFilter[]> {
  const { namespace: metricNamespace, name: metricName } = metric;
  const filters = await readFilters(client, { metricNamespace, metricName });
  return filters.filter((filter) => writes(filter, metric));
}

/** The filters on a log group. */
export const readFiltersOn = (client: CloudWatchLogs, logGroupName: string) =>
  readFilters(client, { logGroupName });

function readFilters(
  client: CloudWatchLogs,
  input: { metricName: string; metricNamespace: string } | { logGroupName: string },
): Promise<MetricFilter[]> {
  const pages = client.paginateDescribeMetricFilters(input);
  return ask(
    'logs:DescribeMetricFilters',
    collect(pages, ({ metricFilters }) => metricFilters),
  );
}

export async function readLogGroup(
  client: CloudWatchLogs,
  name: string,
): Promise<LogGroup | undefined> {
  // Sorted by name, so the exact name comes before those that begin with it.
  const { logGroups = [] } = await ask(
    'logs:DescribeLogGroups',
    client.describeLogGroups({ logGroupNamePrefix: name }),
  );
  return logGroups.find(({ logGroupName }) => logGroupName === name);
}

/**
 * The time of the newest event of a log group, which CloudWatch updates up to an hour late, rarely later:
 * https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_LogStream.html
 * `undefined` if there is none. Events of any kind count.
 */
async function readNewestEvent(
  client: CloudWatchLogs,
  logGroupName: string,
): Promise<Date | undefined> {
  const answer = await find(
    'logs:DescribeLogStreams',
    client.describeLogStreams({
      logGroupName,
      orderBy: 'LastEventTime',
      descending: true,
      limit: 1,
    }),
  );
  const time = answer?.logStreams?.[0]?.lastEventTimestamp;
  return time === undefined ? undefined : new Date(time);
}

/** CloudTrail delivers about every five minutes, but an account may be quiet, and the time is updated late. */
const RECENT_MS = DAY_MS;

/** Whether the log group is of the standard class, the only one with metric and subscription filters. */
async function judgeLogGroup(
  { stack, deployed }: Context,
  name: string,
  group: LogGroup | undefined,
): Promise<Finding> {
  if (!group) {
    return fail(`There is no log group ${name}.`, otherLogGroup(stack, await deployed.trails()));
  }
  const { logGroupClass = 'STANDARD' } = group;
  if (logGroupClass === 'STANDARD') return ok(`${name}, standard class`);
  // AWS reserves names that begin with aws/.
  // https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_CreateLogGroup.html
  const other = `${name.replace(/^aws\//, '').slice(0, 500)}-standard`;
  // The class of a group cannot be changed: https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CloudWatch_Logs_Log_Classes.html
  return fail(
    `${name} is of the class ${logGroupClass}, which has no filters: have the trail deliver to another.`,
    aws(stack)`logs create-log-group --log-group-name ${other}`,
  );
}

/** Whether CloudTrail's records still arrive. @param newest the time of the newest, `undefined` if none ever came */
function judgeEvents(newest: Date | undefined, now: Date): Finding {
  if (!newest) return fail('Nothing has ever arrived in the log group.', DELIVERY);
  const age = Math.max(0, now.getTime() - newest.getTime());
  if (age <= RECENT_MS) return ok(`the newest is of ${formatUtc(newest)}`);
  return fail(
    `Nothing has arrived for ${formatShortSpan(age)}, since ${formatUtc(newest)}.`,
    DELIVERY,
  );
}

const DELIVERY =
  'https://docs.aws.amazon.com/awscloudtrail/latest/userguide/send-cloudtrail-events-to-cloudwatch-logs.html';

/**
 * Whether a filter counts the attempts for the alarm, as in AWS's guide:
 * https://docs.aws.amazon.com/secretsmanager/latest/userguide/monitoring_cloudwatch_deleted-secrets.html
 * @param filter the one that writes the alarm's metric
 */
function judgeFilter(stack: Stack, metric: Metric, filter: MetricFilter): Finding {
  const fix = put(stack, metric, filter.logGroupName ?? '', filter.filterName ?? '');
  if (!isOurs(filter)) {
    return fail(`Its pattern is not that of AWS's guide: ${filter.filterPattern}`, fix);
  }
  const written = transformationOf(filter, metric);
  if (written?.metricValue !== METRIC_VALUE) {
    return fail(`It adds ${written?.metricValue} for each attempt, not ${METRIC_VALUE}.`, fix);
  }
  // With dimensions it is another metric, which the alarm does not watch.
  const { emitSystemFieldDimensions = [], fieldSelectionCriteria } = filter;
  const dimensions = [...Object.keys(written.dimensions ?? {}), ...emitSystemFieldDimensions];
  if (dimensions.length > 0) {
    const list = dimensions.join(', ');
    return fail(`Its metric has dimensions (${list}), so that the alarm does not see it.`, fix);
  }
  if (fieldSelectionCriteria) {
    return fail(`It leaves out all records but those with ${fieldSelectionCriteria}.`, fix);
  }
  if (filter.applyOnTransformedLogs) {
    return fail("It looks at what a transformer makes of CloudTrail's records.", fix);
  }
  return ok("counts attempts, as in AWS's guide");
}

function judgeNoFilter(stack: Stack, metric: Metric, trails: readonly DescribedTrail[]): Finding {
  const { namespace, name } = metric;
  const idOf = (logicalId: string) => stack.resources.get(logicalId)?.physicalId;
  const group = idOf(TRAIL_LOG_GROUP) ?? logGroupOf(stack, trails) ?? 'LOG_GROUP_OF_THE_TRAIL';
  return fail(
    `No metric filter writes ${namespace}/${name}, which the alarm watches.`,
    put(stack, metric, group, idOf(METRIC_FILTER) ?? 'AttemptsOnDeletedSecrets'),
  );
}

/** None if they may not be read: they only make the remedy whole. */
const readTrailsIfAllowed = ({ trails }: Context['deployed']) =>
  trails().catch((error: unknown) => {
    if (error instanceof UnreadableError) return [];
    throw error;
  });

function put(stack: Stack, { namespace, name }: Metric, group: string, filter: string): string {
  const written = { metricNamespace: namespace, metricName: name, metricValue: METRIC_VALUE };
  return aws(stack)`logs put-metric-filter --log-group-name ${group} --filter-name ${filter}
    --filter-pattern ${FILTER_PATTERN} --metric-transformations ${JSON.stringify([written])}`;
}

/** Which of the filters that write the alarm's metric is the stack's; `name` is its name in the stack, if it is there. */
export const ownFilter = (filters: readonly MetricFilter[], name: string | undefined) =>
  filters.find(({ filterName }) => filterName === name) ?? filters[0];

/** Whether a filter looks for what ours does. */
export const isOurs = ({ filterPattern }: MetricFilter) =>
  isSamePattern(filterPattern, FILTER_PATTERN);

/** White space means nothing, but within quotes. */
export const isSamePattern = (one = '', other = '') => compact(one) === compact(other);

const compact = (pattern: string) =>
  pattern.replace(/("[^"]*")|\s+/g, (_, text: string | undefined) => text ?? '');
