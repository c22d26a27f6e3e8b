import type { MetricAlarm } from '@aws-sdk/client-cloudwatch';
import type { MetricFilter } from '@aws-sdk/client-cloudwatch-logs';
import { ALARM, METRIC_FILTER } from '../../stack/alarm.ts';
import { ownFilter } from './judge/logs.ts';
import { readAlarms } from './read/alarms.ts';
import type { Clients } from './read/clients.ts';
import { type Metric, readFiltersOf, readLogGroup, transformationOf } from './read/logs.ts';
import { readTopic } from './read/topic.ts';
import { readTrails } from './read/trails.ts';
import { physicalId, type Stack, topicArn } from './stack.ts';
import { UnreadableError } from './unreadable.ts';

/** What several checks look at, read once. Each throws UnreadableError, and whatever the SDK throws. */
export type Facts = ReturnType<typeof factsOf>;

/**
 * The classic path is followed from its end: topic, alarm, metric, filter, log group, trail. So the names of the
 * settings are those that work now, whatever the stack was deployed with.
 */
export function factsOf({ cloudTrail, cloudWatch, logs, sns }: Clients, stack: Stack) {
  const ownAlarms = Array.from(stack.resources)
    .filter(([logicalId, { type }]) => type === 'AWS::CloudWatch::Alarm' && logicalId !== ALARM)
    .map(([, resource]) => resource.physicalId ?? '');

  const alarms = once(async () => readAlarms(cloudWatch, [physicalId(stack, ALARM), ...ownAlarms]));
  const findAlarm = once(async () => {
    const name = physicalId(stack, ALARM);
    return (await alarms()).find(({ AlarmName }) => AlarmName === name);
  });
  const metric = once(async (): Promise<Metric> => {
    const { Namespace, MetricName } = required(await findAlarm(), 'there is no alarm');
    return { namespace: Namespace ?? '', name: MetricName ?? '' };
  });
  const filters = once(async () => readFiltersOf(logs, await metric()));
  const findFilter = once(async () =>
    ownFilter(await filters(), stack.resources.get(METRIC_FILTER)?.physicalId),
  );
  const filter = once(
    async (): Promise<MetricFilter> =>
      required(await findFilter(), 'without its metric filter the log group is not known'),
  );
  const findLogGroup = once(async () => readLogGroup(logs, (await filter()).logGroupName ?? ''));
  return {
    trails: once(() => readTrails(cloudTrail)),
    findAlarm,
    alarm: async (): Promise<MetricAlarm> => required(await findAlarm(), 'there is no alarm'),
    ownAlarmNames: ownAlarms,
    ownAlarms: async () =>
      (await alarms()).filter(({ AlarmName = '' }) => ownAlarms.includes(AlarmName)),
    metric,
    filters,
    findFilter,
    filter,
    /** That of what the filter writes; `undefined` if there is none. */
    writtenUnit: async () => {
      const found = await findFilter();
      return found && transformationOf(found, await metric())?.unit;
    },
    findLogGroup,
    /** Without the `:*` that ARNs of log groups may end in. */
    logGroupArn: async () =>
      required(await findLogGroup(), 'there is no log group').arn?.replace(/:\*$/, '') ?? '',
    topic: once(async () => readTopic(sns, topicArn(stack))),
  };
}

function once<Fact>(read: () => Promise<Fact>): () => Promise<Fact> {
  let fact: Promise<Fact> | undefined;
  return () => {
    fact ??= read();
    return fact;
  };
}

function required<Fact>(fact: Fact | undefined, missing: string): Fact {
  if (fact !== undefined) return fact;
  throw new UnreadableError(missing);
}
