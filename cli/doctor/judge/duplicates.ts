import type { MetricFilter } from '@aws-sdk/client-cloudwatch-logs';
import { METRIC_FILTER } from '../../../stack/alarm.ts';
import { NOTIFY, SERVICE } from '../../../stack/names.ts';
import { type Metric, writes } from '../read/logs.ts';
import type { OtherRule } from '../read/other-rules.ts';
import { aws, deploy, param } from '../remedy.ts';
import type { Stack } from '../stack.ts';
import { type Finding, ok, warn } from '../verdict.ts';
import { isOurs } from './logs.ts';

/** The stage whose function this is the ARN of. */
const stageOfFunction = (arn: string) =>
  new RegExp(`:function:${SERVICE}-([^:]+)-${NOTIFY.key}(:|$)`).exec(arn)?.[1];

/** The stage whose stack has named a resource, as CloudFormation names one: stack, logical id, and some letters. */
const stageOfName = (name: string, logicalId: string) =>
  new RegExp(`^${SERVICE}-(.+)-${logicalId}-[^-]+$`).exec(name)?.[1];

const unique = (names: readonly (string | undefined)[]) => [
  ...new Set(names.filter((name) => name !== undefined)),
];

/**
 * Whether another rule hands the same attempts to the same topic. Another stage of this service is none of that: it
 * has a topic, and a purpose, of its own.
 */
export function judgeOtherRules(
  stack: Stack,
  topic: string,
  others: readonly OtherRule[],
): Finding {
  const otherStageOf = ({ name, targets }: OtherRule) =>
    [stageOfName(name, NOTIFY.rule), ...targets.map(({ arn }) => stageOfFunction(arn))].find(
      (stage) => stage !== undefined && stage !== stack.stage,
    );
  const isTwice = ({ arn }: OtherRule['targets'][number]) =>
    arn === topic || stageOfFunction(arn) === stack.stage;
  const twice = others.filter((rule) => !otherStageOf(rule) && rule.targets.some(isTwice));
  const [first] = twice;
  if (!first) {
    const stages = unique(others.map(otherStageOf));
    if (stages.length === 0) return ok('none alerts the same attempts');
    return ok(`none but the stage ${stages.join(', ')} of this service, to its own topic`);
  }
  const names = twice.map(({ name }) => name).join(', ');
  // What else the rule serves stays.
  const ids = first.targets.filter(isTwice).map(({ id }) => id);
  const rest =
    ids.length < first.targets.length
      ? ['remove-targets', '--rule', first.name, '--ids', ...ids]
      : ['disable-rule', '--name', first.name];
  return warn(`The same attempts are alerted by ${names} too.`, aws(stack, 'events', ...rest));
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
    .filter((filter) => isOurs(filter) || writes(filter, metric));
  const stageOf = ({ filterName = '' }: MetricFilter) => {
    const stage = stageOfName(filterName, METRIC_FILTER);
    return stage === stack.stage ? undefined : stage;
  };
  const byHand = others.filter((filter) => !stageOf(filter));
  const [first] = byHand;
  if (first) {
    const names = byHand.map(({ filterName }) => filterName).join(', ');
    return warn(
      `The same attempts are counted by ${names} too, for this alarm or one of its own.`,
      aws(
        stack,
        ...['logs', 'delete-metric-filter', '--log-group-name', first.logGroupName ?? ''],
        ...['--filter-name', first.filterName ?? ''],
      ),
    );
  }
  const stages = unique(others.map(stageOf));
  const [shared] = unique(others.filter((filter) => writes(filter, metric)).map(stageOf));
  if (shared) {
    return warn(
      `Two stages count in the metric ${metric.name}: ${shared} needs one of its own.`,
      deploy({ ...stack, stage: shared }, param('metricName', `${metric.name}-${shared}`)),
    );
  }
  return stages.length > 0
    ? ok(`none but the stage ${stages.join(', ')} of this service, for its own alarm`)
    : ok('none counts the same attempts');
}

const isSame = (one: MetricFilter, other: MetricFilter) =>
  one.filterName === other.filterName && one.logGroupName === other.logGroupName;
