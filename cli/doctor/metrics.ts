import type { CloudWatch } from '@aws-sdk/client-cloudwatch';
import { DAY_MS, HOUR_MS } from '../../lib/time.ts';
import { ask } from './ask.ts';

/** How often a function has failed in the last day. */
export const countErrors = (client: CloudWatch, functionName: string, now: Date) =>
  sumOf(client, ['AWS/Lambda', 'Errors'], ['FunctionName', functionName], 1, now);

/** How many days the doctor looks back for events that a rule has matched. */
export const RECENT_DAYS = 14;

/** How many events a rule has matched of late. */
export const countMatches = (client: CloudWatch, ruleName: string, now: Date) =>
  sumOf(client, ['AWS/Events', 'TriggeredRules'], ['RuleName', ruleName], RECENT_DAYS, now);

async function sumOf(
  client: CloudWatch,
  [Namespace, MetricName]: readonly [string, string],
  [Name, Value]: readonly [string, string],
  days: number,
  now: Date,
): Promise<number> {
  const { Datapoints = [] } = await ask(
    'cloudwatch:GetMetricStatistics',
    client.getMetricStatistics({
      Namespace,
      MetricName,
      Dimensions: [{ Name, Value }],
      StartTime: new Date(now.getTime() - days * DAY_MS),
      EndTime: now,
      Period: HOUR_MS / 1000,
      Statistics: ['Sum'],
    }),
  );
  return Datapoints.reduce((sum, { Sum = 0 }) => sum + Sum, 0);
}
