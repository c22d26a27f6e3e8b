import {
  CloudWatchClient,
  DescribeAlarmsCommand,
  PutMetricDataCommand,
} from '@aws-sdk/client-cloudwatch';
import { useMailbox } from '../mailbox.ts';
import { aws, deployed } from '../world.ts';

const cloudWatch = new CloudWatchClient(aws);

describe('The classic alarm is mailed by another', () => {
  const mailbox = useMailbox(async () => (await deployed()).AlertTopicArn);

  test('when its metric counts an attempt', async () => {
    const { AlarmName = '', UnexplainedAlarmName = '' } = await deployed();
    await cloudWatch.send(
      new PutMetricDataCommand({
        Namespace: 'CloudTrailLogMetrics',
        MetricData: [{ MetricName: 'AttemptsToAccessDeletedSecrets', Value: 1 }],
      }),
    );
    let mail = await mailbox().next();
    // Those on the service itself may go off first: the emulator looks at all of them now.
    while (!mail.subject.includes(UnexplainedAlarmName)) mail = await mailbox().next();
    expect(JSON.parse(mail.body)).toMatchObject({
      AlarmName: UnexplainedAlarmName,
      NewStateValue: 'ALARM',
    });
    const { MetricAlarms } = await cloudWatch.send(
      new DescribeAlarmsCommand({ AlarmNames: [AlarmName] }),
    );
    expect(MetricAlarms).toMatchObject([{ AlarmName, StateValue: 'ALARM' }]);
  });
});
