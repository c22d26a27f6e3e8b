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
export async function countErrors(
  client: CloudWatchClient,
  functionName: string,
  now: Date,
): Promise<number> {
  const { Datapoints = [] } = await ask(
    'cloudwatch:GetMetricStatistics',
    client.send(
      new GetMetricStatisticsCommand({
        Namespace: 'AWS/Lambda',
        MetricName: 'Errors',
        Dimensions: [{ Name: 'FunctionName', Value: functionName }],
        StartTime: new Date(now.getTime() - DAY_MS),
        EndTime: now,
        Period: HOUR_MS / 1000,
        Statistics: ['Sum'],
      }),
    ),
  );
  return Datapoints.reduce((sum, { Sum = 0 }) => sum + Sum, 0);
}
