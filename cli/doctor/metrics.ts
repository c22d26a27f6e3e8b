import type { CloudWatch } from '@aws-sdk/client-cloudwatch';
import { DAY_MS, HOUR_MS } from '../../lib/time.ts';
import { RECORDED_METRIC } from '../../stack/alarm.ts';
import { SERVICE } from '../../stack/names.ts';
import { ask } from './ask.ts';
import type { Metric } from './logs.ts';

/** The errors of a function in the last day. */
export const countErrors = (client: CloudWatch, functionName: string, now: Date) =>
  sumOf(client, ['AWS/Lambda', 'Errors'], { FunctionName: functionName }, 1, now);

/** How many days the doctor looks back for what has arrived. */
export const RECENT_DAYS = 14;

/** How many events a rule has matched in the last {@link RECENT_DAYS}. */
export const countMatches = (client: CloudWatch, ruleName: string, now: Date) =>
  sumOf(client, ['AWS/Events', 'TriggeredRules'], { RuleName: ruleName }, RECENT_DAYS, now);

/** What became of the events that a rule has sent to its target in the last {@link RECENT_DAYS}. */
export async function countForwarded(client: CloudWatch, ruleName: string, now: Date) {
  const count = (name: string) =>
    sumOf(client, ['AWS/Events', name], { RuleName: ruleName }, RECENT_DAYS, now);
  // https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-monitoring.html#eb-metrics
  const [invocations, failed, toQueue, lost] = await Promise.all([
    count('Invocations'),
    count('FailedInvocations'),
    count('InvocationsSentToDlq'),
    count('InvocationsFailedToBeSentToDlq'),
  ]);
  return { invocations, failed, toQueue, lost };
}

/** How many attempts the metric of a metric filter has counted in the last {@link RECENT_DAYS}. */
export const countInMetric = (client: CloudWatch, { namespace, name }: Metric, now: Date) =>
  sumOf(client, [namespace, name], {}, RECENT_DAYS, now);

/** How many attempts the trail path has brought, first or after the rule, in the last {@link RECENT_DAYS}. */
export const countByTrail = (client: CloudWatch, stackName: string, now: Date) =>
  sumOf(client, [SERVICE, RECORDED_METRIC.MetricName], { service: stackName }, RECENT_DAYS, now);

async function sumOf(
  client: CloudWatch,
  [Namespace, MetricName]: readonly [string, string],
  dimensions: Readonly<Record<string, string>>,
  days: number,
  now: Date,
): Promise<number> {
  const { Datapoints = [] } = await ask(
    'cloudwatch:GetMetricStatistics',
    client.getMetricStatistics({
      Namespace,
      MetricName,
      Dimensions: Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value })),
      StartTime: new Date(now.getTime() - days * DAY_MS),
      EndTime: now,
      Period: HOUR_MS / 1000,
      Statistics: ['Sum'],
    }),
  );
  return Datapoints.reduce((sum, { Sum = 0 }) => sum + Sum, 0);
}
