import {
  CloudWatchClient,
  DescribeAlarmsCommand,
  PutMetricDataCommand,
} from '@aws-sdk/client-cloudwatch';
import { useMailbox } from '../mailbox.ts';
import { aws, deployed } from '../world.ts';

const cloudWatch = new CloudWatchClient(aws);

describe('The classic alarm is mailed', () => {
  const mailbox = useMailbox(async () => (await deployed()).AlertTopicArn);

  test('when its metric counts an attempt', async () => {
    const { AlarmName = '' } = await deployed();
    await cloudWatch.send(
      new PutMetricDataCommand({
        Namespace: 'CloudTrailLogMetrics',
        MetricData: [{ MetricName: 'AttemptsToAccessDeletedSecrets', Value: 1 }],
      }),
    );
    const { subject, body } = await mailbox().next();
    expect(subject).toContain(AlarmName);
    expect(JSON.parse(body)).toMatchObject({ AlarmName, NewStateValue: 'ALARM' });
    const { MetricAlarms } = await cloudWatch.send(
      new DescribeAlarmsCommand({ AlarmNames: [AlarmName] }),
    );
    expect(MetricAlarms).toMatchObject([{ AlarmName, StateValue: 'ALARM' }]);
  });
});
