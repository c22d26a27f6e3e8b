import {
  CloudWatchClient,
  PutMetricDataCommand,
  SetAlarmStateCommand,
} from '@aws-sdk/client-cloudwatch';
import { subscriptionEvent } from '../../../emulators/cloudtrail.ts';
import { ended } from '../../testing/cli.ts';
import { putOnBus } from '../bus.ts';
import { startOperator } from '../commands.ts';
import { drills, pendingDrill } from '../drills.ts';
import { eventually } from '../eventually.ts';
import { handOver, runFunction } from '../functions.ts';
import { useMailbox } from '../mailbox.ts';
import { attempt, createInVain } from '../secrets.ts';
import { countTries } from '../table.ts';
import { aws, deployed } from '../world.ts';

const cloudWatch = new CloudWatchClient(aws);

async function setAlarm(StateValue: 'OK' | 'ALARM'): Promise<void> {
  const { AlarmName } = await deployed();
  await cloudWatch.send(new SetAlarmStateCommand({ AlarmName, StateValue, StateReason: 'e2e' }));
}

const countAttempt = () =>
  cloudWatch.send(
    new PutMetricDataCommand({
      Namespace: 'CloudTrailLogMetrics',
      MetricData: [{ MetricName: 'AttemptsToAccessDeletedSecrets', Value: 1 }],
    }),
  );

describe('A drill', () => {
  const mailbox = useMailbox(async () => (await deployed()).AlertTopicArn);

  test('shows that all paths answer, and leaves nothing', async () => {
    await setAlarm('OK');
    const child = startOperator('drill', ['--json', '--timeout', '1']);
    const name = await pendingDrill();
    const record = await attempt(name);
    await putOnBus(record);
    await handOver((await deployed()).ReadTrailFunctionName, subscriptionEvent([record]));
    await countAttempt();
    const { code, stdout, stderr } = await ended(child);
    expect([code, stderr]).toEqual([0, '']);
    expect(JSON.parse(stdout)).toMatchObject({
      secret: name,
      passed: true,
      // The emulator suppresses nothing.
      paths: [{ path: 'event' }, { path: 'trail' }, { path: 'alarm', mail: 'sent' }],
      dates: { deletedDateIs: 'scheduled' },
      rule: { readArrived: true },
    });
    let mail = await mailbox().next();
    while (!mail.subject.startsWith('DRILL: ')) mail = await mailbox().next();
    expect(mail.subject).toBe(`DRILL: Deleted secret ${name} wanted by app-server, 7 days left`);
    expect(await drills()).toEqual([]);
  });

  test('shows that a creation whose name is taken is told', async () => {
    const child = startOperator('drill', ['--json', '--path', 'name', '--timeout', '1']);
    const name = await pendingDrill();
    await putOnBus(await createInVain(name));
    await eventually(
      () => countTries(name),
      (tries) => tries > 0,
    );
    await runFunction((await deployed()).SummarizeFunctionName);
    const { code, stdout, stderr } = await ended(child);
    expect([code, stderr]).toEqual([0, '']);
    const paths = [{ path: 'name' }];
    expect(JSON.parse(stdout)).toMatchObject({ secret: name, passed: true, paths });
    let mail = await mailbox().next();
    while (!mail.body.includes(name)) mail = await mailbox().next();
    expect(mail).toMatchObject({ attributes: { action: 'drill' } });
    expect(await drills()).toEqual([]);
  });

  test('says what has not answered, and that an alarm was in ALARM before', async () => {
    await setAlarm('ALARM');
    const { code, stdout } = await ended(startOperator('drill', ['--timeout', '0.05']));
    expect(code).toBe(1);
    expect(stdout).toMatch(/^fail {2}event {2}no attempt recorded, after [\d.]+ s$/m);
    expect(stdout).toMatch(/^fail {2}alarm {2}was in ALARM already since/m);
    expect(await drills()).toEqual([]);
  });

  test('that is interrupted leaves nothing', async () => {
    const child = startOperator('drill', ['--path', 'event']);
    await pendingDrill();
    child.kill('SIGINT');
    const { code, stderr } = await ended(child);
    expect([code, stderr]).toEqual([130, 'Interrupted. No secret of the drill is left.\n']);
    expect(await drills()).toEqual([]);
  });
});
