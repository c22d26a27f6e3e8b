import {
  type CloudWatchLogsClient,
  DescribeLogGroupsCommand,
  DescribeLogStreamsCommand,
  type LogGroup,
  type MetricFilter,
  type MetricTransformation,
  paginateDescribeMetricFilters,
} from '@aws-sdk/client-cloudwatch-logs';
import { ask, find } from './ask.ts';
import { collect } from './pages.ts';

/** What CloudWatch calls a metric. */
export interface Metric {
  readonly namespace: string;
  readonly name: string;
}

/** What a filter writes to a metric; `undefined` if nothing. */
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

/** The filters that write a metric, on any log group. @throws UnreadableError, and whatever the SDK throws. */
export async function readFiltersOf(
  client: CloudWatchLogsClient,
  metric: Metric,
): Promise<MetricFilter[]> {
  const { namespace: metricNamespace, name: metricName } = metric;
  const filters = await readFilters(client, { metricNamespace, metricName });
  return filters.filter((filter) => writes(filter, metric));
}

/** The filters on a log group. @throws UnreadableError, and whatever the SDK throws. */
export const readFiltersOn = (client: CloudWatchLogsClient, logGroupName: string) =>
  readFilters(client, { logGroupName });

function readFilters(
  client: CloudWatchLogsClient,
  input: { metricName: string; metricNamespace: string } | { logGroupName: string },
): Promise<MetricFilter[]> {
  const pages = paginateDescribeMetricFilters({ client }, input);
  return ask(
    'logs:DescribeMetricFilters',
    collect(pages, ({ metricFilters }) => metricFilters),
  );
}

/** @throws UnreadableError, and whatever the SDK throws. */
export async function readLogGroup(
  client: CloudWatchLogsClient,
  name: string,
): Promise<LogGroup | undefined> {
  // Sorted by name, so that the name itself comes before all that only begin with it.
  const { logGroups = [] } = await ask(
    'logs:DescribeLogGroups',
    client.send(new DescribeLogGroupsCommand({ logGroupNamePrefix: name })),
  );
  return logGroups.find(({ logGroupName }) => logGroupName === name);
}

/**
 * When the newest event of a log group was made, up to an hour late, rarely later:
 * https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_LogStream.html
 * `undefined` if there is none. It tells nothing of what the events say.
 * @throws UnreadableError, and whatever the SDK throws.
 */
export async function readNewestEvent(
  client: CloudWatchLogsClient,
  logGroupName: string,
): Promise<Date | undefined> {
  const answer = await find(
    'logs:DescribeLogStreams',
    client.send(
      new DescribeLogStreamsCommand({
        logGroupName,
        orderBy: 'LastEventTime',
        descending: true,
        limit: 1,
      }),
    ),
  );
  const time = answer?.logStreams?.[0]?.lastEventTimestamp;
  return time === undefined ? undefined : new Date(time);
}
