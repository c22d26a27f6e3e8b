import {
  type CloudWatchClient,
  DescribeAlarmsCommand,
  GetMetricStatisticsCommand,
  type MetricAlarm,
} from '@aws-sdk/client-cloudwatch';
import { DAY_MS, HOUR_MS } from '../../../lib/time.ts';
import { ask } from './ask.ts';

/** The alarms of these names, at most 100, that exist. @throws UnreadableError, and whatever the SDK throws. */
export async function readAlarms(
  client: CloudWatchClient,
  AlarmNames: string[],
): Promise<MetricAlarm[]> {
  const { MetricAlarms = [] } = await ask(
    'cloudwatch:DescribeAlarms',
    client.send(new DescribeAlarmsCommand({ AlarmNames, MaxRecords: 100 })),
  );
  return MetricAlarms;
}

/** How often a function has failed in the last day. @throws UnreadableError, and whatever the SDK throws. */
export const countErrors = (client: CloudWatchClient, functionName: string, now: Date) =>
  sumOf(
    client,
    { Namespace: 'AWS/Lambda', MetricName: 'Errors', ...dimension('FunctionName', functionName) },
    1,
    now,
  );

/** How many days the doctor looks back for events that a rule has matched. */
export const RECENT_DAYS = 14;

/** How many events a rule has matched of late. @throws UnreadableError, and whatever the SDK throws. */
export const countMatches = (client: CloudWatchClient, ruleName: string, now: Date) =>
  sumOf(
    client,
    { Namespace: 'AWS/Events', MetricName: 'TriggeredRules', ...dimension('RuleName', ruleName) },
    RECENT_DAYS,
    now,
  );

const dimension = (Name: string, Value: string) => ({ Dimensions: [{ Name, Value }] });

async function sumOf(
  client: CloudWatchClient,
  metric: { Namespace: string; MetricName: string; Dimensions: { Name: string; Value: string }[] },
  days: number,
  now: Date,
): Promise<number> {
  const { Datapoints = [] } = await ask(
    'cloudwatch:GetMetricStatistics',
    client.send(
      new GetMetricStatisticsCommand({
        ...metric,
        StartTime: new Date(now.getTime() - days * DAY_MS),
        EndTime: now,
        Period: HOUR_MS / 1000,
        Statistics: ['Sum'],
      }),
    ),
  );
  return Datapoints.reduce((sum, { Sum = 0 }) => sum + Sum, 0);
}
