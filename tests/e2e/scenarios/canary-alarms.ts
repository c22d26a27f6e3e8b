import { randomUUID } from 'node:crypto';
import {
  CloudWatchClient,
  DeleteAlarmsCommand,
  DescribeAlarmsCommand,
  GetMetricStatisticsCommand,
  PutCompositeAlarmCommand,
  PutMetricAlarmCommand,
  PutMetricDataCommand,
  SetAlarmStateCommand,
} from '@aws-sdk/client-cloudwatch';
import {
  CloudWatchLogsClient,
  CreateLogStreamCommand,
  PutLogEventsCommand,
} from '@aws-sdk/client-cloudwatch-logs';
import { CreateTopicCommand, DeleteTopicCommand, SNSClient } from '@aws-sdk/client-sns';
import { HOUR_MS } from '../../../lib/time.ts';
import { policyDocument } from '../../../stack/cloudformation.ts';
import { failedGetSecretValue } from '../../testing/records.ts';
import { expectGap } from '../canary.ts';
import { openMailbox } from '../mailbox.ts';
import { aws, deployed, LOG_GROUP } from '../world.ts';

const cloudWatch = new CloudWatchClient(aws);
const logs = new CloudWatchLogsClient(aws);
const sns = new SNSClient(aws);

describe('Gaps of the emulator: metrics and alarms', () => {
  let AlarmName: string;
  const alarmOn = (MetricName: string, AlarmActions: string[] = []) =>
    cloudWatch.send(
      new PutMetricAlarmCommand({
        AlarmName,
        AlarmActions,
        Namespace: 'canary',
        MetricName,
        Statistic: 'Sum',
        Period: 60,
        EvaluationPeriods: 1,
        Threshold: 1,
        ComparisonOperator: 'GreaterThanOrEqualToThreshold',
        TreatMissingData: 'notBreaching',
      }),
    );
  const count = (MetricName: string) =>
    cloudWatch.send(
      new PutMetricDataCommand({ Namespace: 'canary', MetricData: [{ MetricName, Value: 1 }] }),
    );

  beforeEach(() => {
    AlarmName = randomUUID();
  });
  afterEach(() => cloudWatch.send(new DeleteAlarmsCommand({ AlarmNames: [AlarmName] })));

  test('a metric filter counts nothing', async () => {
    await deployed();
    const stream = { logGroupName: LOG_GROUP, logStreamName: 'canary' };
    const timestamp = Date.now();
    await logs.send(new CreateLogStreamCommand(stream));
    const message = JSON.stringify(failedGetSecretValue());
    await logs.send(new PutLogEventsCommand({ ...stream, logEvents: [{ timestamp, message }] }));
    const { Datapoints } = await cloudWatch.send(
      new GetMetricStatisticsCommand({
        Namespace: 'CloudTrailLogMetrics',
        MetricName: 'AttemptsToAccessDeletedSecrets',
        StartTime: new Date(timestamp - HOUR_MS),
        EndTime: new Date(timestamp + HOUR_MS),
        Period: 60,
        Statistics: ['Sum'],
      }),
    );
    const isOpen = Datapoints?.length === 0;
    expectGap(isOpen, 'Let scenarios/alarm.ts write a record to the log group instead.');
  });

  test('missing data leave an alarm as it is', async () => {
    await alarmOn('never');
    await cloudWatch.send(
      new SetAlarmStateCommand({ AlarmName, StateValue: 'ALARM', StateReason: 'canary' }),
    );
    await count('other'); // lets all alarms be evaluated
    const command = new DescribeAlarmsCommand({ AlarmNames: [AlarmName] });
    const { MetricAlarms } = await cloudWatch.send(command);
    const isOpen = MetricAlarms?.[0]?.StateValue === 'ALARM';
    expectGap(isOpen, 'Let scenarios/alarm.ts see the alarm go back to OK.');
  });

  test('an alarm publishes to a topic whose policy does not let it', async () => {
    const deny = policyDocument({
      Sid: 'NoAlarms',
      Effect: 'Deny',
      Principal: { Service: 'cloudwatch.amazonaws.com' },
      Action: 'sns:Publish',
      Resource: '*',
    });
    const Attributes = { Policy: JSON.stringify(deny) };
    const { TopicArn = '' } = await sns.send(
      new CreateTopicCommand({ Name: AlarmName, Attributes }),
    );
    const mailbox = await openMailbox(TopicArn);
    await alarmOn('denied', [TopicArn]);
    await count('denied');
    const message = await mailbox.next().catch(() => undefined);
    await mailbox.close();
    await sns.send(new DeleteTopicCommand({ TopicArn }));
    const isOpen = message !== undefined;
    expectGap(isOpen, "Say in docs/testing.md that the topic's policy is checked for alarms too.");
  });

  test('a composite alarm acts although its suppressor is in ALARM', async () => {
    const composite = `${AlarmName}-composite`;
    const { TopicArn = '' } = await sns.send(new CreateTopicCommand({ Name: composite }));
    const mailbox = await openMailbox(TopicArn);
    await alarmOn('suppressed');
    await cloudWatch.send(
      new PutCompositeAlarmCommand({
        AlarmName: composite,
        AlarmRule: `ALARM("${AlarmName}")`,
        AlarmActions: [TopicArn],
        ActionsSuppressor: AlarmName,
        ActionsSuppressorWaitPeriod: 60,
        ActionsSuppressorExtensionPeriod: 60,
      }),
    );
    await count('suppressed');
    const message = await mailbox.next().catch(() => undefined);
    await mailbox.close();
    await cloudWatch.send(new DeleteAlarmsCommand({ AlarmNames: [composite] }));
    await sns.send(new DeleteTopicCommand({ TopicArn }));
    const isOpen = message !== undefined;
    expectGap(isOpen, 'Let scenarios/alarm.ts see that a recorded attempt suppresses the mail.');
  });
});
