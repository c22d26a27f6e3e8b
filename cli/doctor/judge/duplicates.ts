import type { MetricFilter } from '@aws-sdk/client-cloudwatch-logs';
import { FILTER_PATTERN } from '../../../infrastructure/alarm.ts';
import { SERVICE } from '../../service.ts';
import { type Metric, writes } from '../read/logs.ts';
import type { OtherRule } from '../read/other-rules.ts';
import { aws } from '../remedy.ts';
import type { Stack } from '../stack.ts';
import { type Finding, ok, warn } from '../verdict.ts';

/** The function of any stage of this service. */
const NOTIFY_OF_A_STAGE = new RegExp(`:function:${SERVICE}-[^:]+-notify(:|$)`);

/** Whether another rule hands the same attempts to the same topic, or to another stage of this service. */
export function judgeOtherRules(
  stack: Stack,
  topic: string,
  others: readonly OtherRule[],
): Finding {
  const twice = others.filter(({ targets }) =>
    targets.some((target) => target === topic || NOTIFY_OF_A_STAGE.test(target)),
  );
  const [first] = twice;
  if (!first) return ok('none alerts the same attempts');
  const names = twice.map(({ name }) => name).join(', ');
  return warn(
    `The same attempts are alerted by ${names} too.`,
    aws(stack, 'events', 'disable-rule', '--name', first.name),
  );
}

/** Whether another metric filter counts the same attempts, for this alarm or for another. */
export function judgeOtherFilters(
  stack: Stack,
  own: MetricFilter,
  metric: Metric,
  filters: readonly MetricFilter[],
): Finding {
  const others = filters
    .filter((filter) => !isSame(filter, own))
    .filter((filter) => filter.filterPattern === FILTER_PATTERN || writes(filter, metric));
  const [first] = others;
  if (!first) return ok('none counts the same attempts');
  const names = others.map(({ filterName }) => filterName).join(', ');
  return warn(
    `The same attempts are counted by ${names} too, for this alarm or one of its own.`,
    aws(
      stack,
      ...['logs', 'delete-metric-filter', '--log-group-name', first.logGroupName ?? ''],
      ...['--filter-name', first.filterName ?? ''],
    ),
  );
}

const isSame = (one: MetricFilter, other: MetricFilter) =>
  one.filterName === other.filterName && one.logGroupName === other.logGroupName;
