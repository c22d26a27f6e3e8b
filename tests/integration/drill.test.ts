import { setTimeout as sleep } from 'node:timers/promises';
import { CreateSecretCommand, DeleteSecretCommand } from '@aws-sdk/client-secrets-manager';
import { createSentStore } from '../../lib/notice/channel.ts';
import { NOW } from '../testing/attempts.ts';
import { ended, runCli } from '../testing/cli.ts';
import { deliverByTrail, untilAsked, useDrills } from '../testing/drill.ts';

const startWorld = useDrills();

test('a rule that is dead is no ok, because the trail path has brought the attempt', async () => {
  const world = await startWorld();
  const drill = world.drill('--json', '--timeout', '0.1');
  await untilAsked(world);
  await deliverByTrail(world, world.lastRecord());
  const { code, stdout } = await drill;
  expect(code).toBe(1);
  expect(JSON.parse(stdout)).toMatchObject({
    passed: false,
    paths: [
      { path: 'event', answered: false },
      { path: 'trail', answered: true },
      { path: 'alarm', answered: true },
    ],
    rule: { readArrived: false },
  });
});

test.each([
  [
    'trail',
    'ReadTrailFunctionName',
    /have the trail path, got none \(trailPath=off\); deploy with trailPath=all,/,
  ],
  [
    'alarm',
    'AlarmName',
    /have the classic alarm, got none \(classicAlarm=false\); deploy with classicAlarm=true,/,
  ],
])(
  'the %s path is refused where the stack lacks it, and left out of all',
  async (path, output, message) => {
    const { drill } = await startWorld([output]);
    const { code, stderr } = await drill('--path', path);
    expect([code, stderr]).toEqual([2, expect.stringMatching(message)]);
    const { stdout } = await drill('--timeout', '0.001', '--path', 'both');
    expect(stdout).toMatch(/^fail {2}event/m);
    expect(stdout).not.toMatch(new RegExp(`^(ok|fail) +${path}`, 'm'));
  },
);

test('all paths answer, and no secret is left', async () => {
  const world = await startWorld();
  const drill = world.drill('--json');
  await untilAsked(world);
  const record = world.lastRecord();
  await world.deliver();
  await deliverByTrail(world, record);
  const { code, stdout, stderr } = await drill;
  expect([code, stderr]).toEqual([0, '']);
  expect(JSON.parse(stdout)).toMatchObject({
    secret: expect.stringMatching(/^deleted-secret-notifier-drill-[0-9a-f]{8}$/),
    passed: true,
    paths: [
      { path: 'event', answered: true, text: 'alerted' },
      { path: 'trail', answered: true, text: 'brought' },
      { path: 'alarm', answered: true, text: 'in ALARM', mail: 'suppressed' },
    ],
    dates: { deletedDateIs: 'requested' },
    rule: { state: 'ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS', readArrived: true },
  });
  expect((await world.aws.nextMail())?.subject).toMatch(/^DRILL: Deleted secret .+ wanted by/);
  expect(await world.admin.list(true)).toEqual([]);
});

test('a name that is taken is drilled through to its mail, and no secret is left', async () => {
  const world = await startWorld([], {}, { TrackClashesRuleName: 'clashes' });
  const drill = world.drill('--json', '--path', 'name');
  await untilAsked(world, 'CreateSecret');
  await world.deliver();
  await world.notifier.lambda('SummarizeLambdaFunction').invoke({});
  const { code, stdout, stderr } = await drill;
  expect([code, stderr]).toEqual([0, '']);
  const { paths, ...others } = JSON.parse(stdout);
  expect(paths).toMatchObject([{ path: 'name', answered: true, text: 'mailed' }]);
  expect(others).not.toHaveProperty('rule');
  expect((await world.aws.nextMail())?.subject).toMatch(/^DRILL: /);
  expect(await world.admin.list(true)).toEqual([]);
});

describe('a drill of a name that is taken', () => {
  const startNamed = () => startWorld([], {}, { TrackClashesRuleName: 'clashes' });
  const summarize = ({ notifier }: Awaited<ReturnType<typeof startNamed>>) =>
    notifier.lambda('SummarizeLambdaFunction').invoke({});

  test('leaves no secret after Ctrl-C, and causes no mail', async () => {
    const world = await startNamed();
    const child = world.startDrill('--path', 'name');
    await untilAsked(world, 'CreateSecret');
    await world.deliver();
    child.kill('SIGINT');
    expect((await ended(child)).code).toBe(130);
    expect(await world.admin.list(true)).toEqual([]);
    expect(await summarize(world)).toEqual({ result: null });
    expect(await world.aws.nextMail()).toBeUndefined();
  });

  test('that another drill removes the secret of does not wait for a mail in vain', async () => {
    const world = await startNamed();
    const child = world.startDrill('--path', 'name');
    await untilAsked(world, 'CreateSecret');
    await world.deliver();
    await world.drill('--path', 'event', '--timeout', '0.001');
    await summarize(world);
    const { code, stdout } = await ended(child);
    expect([code, stdout.replace(/\s+/g, ' ')]).toEqual([
      1,
      expect.stringMatching(/^fail name recorded, but dropped: .+ as by another drill/),
    ]);
    expect(await world.admin.list(true)).toEqual([]);
  });
});

test('a name that is taken is not drilled where the stack does not watch for it', async () => {
  const { drill } = await startWorld();
  const { code, stderr } = await drill('--path', 'name');
  expect([code, stderr]).toEqual([
    2,
    expect.stringMatching(/none \(watchNameClashes=false\); deploy with watchNameClashes=true,/),
  ]);
});

test('each channel of the stack is reported: what it has sent of this attempt, or that it has not', async () => {
  const world = await startWorld([], {}, { ChatFunctionName: 'chat', BusFunctionName: 'bus' });
  const drill = world.drill('--json', '--path', 'event', '--timeout', '0.1');
  await untilAsked(world);
  const { eventID } = world.lastRecord();
  await createSentStore(world.aws.dynamoDb.table).note('chat', `alert/${eventID}`, NOW);
  await world.deliver();
  const { code, stdout } = await drill;
  expect(code).toBe(1);
  expect(JSON.parse(stdout)).toMatchObject({
    passed: false,
    paths: [{ path: 'event', answered: true }],
    channels: [
      { channel: 'chat', sent: true, notice: `alert/${eventID}`, sentAt: NOW.toISOString() },
      { channel: 'bus', sent: false, text: 'not sent' },
    ],
  });
});

test('Ctrl-C in the middle leaves no secret', async () => {
  const world = await startWorld();
  const child = world.startDrill();
  await untilAsked(world);
  child.kill('SIGINT');
  child.kill('SIGINT'); // npm forwards what the terminal has sent already
  const { code, stdout, stderr } = await ended(child);
  expect([code, stdout]).toEqual([130, '']);
  expect(stderr).toBe('Interrupted. No secret of the drill is left.\n');
  expect(await world.admin.list(true)).toEqual([]);
});

test('Ctrl-C before there is a secret makes none', async () => {
  const world = await startWorld();
  await world.aws.clientOf('admin').send(
    new CreateSecretCommand({
      Name: 'deleted-secret-notifier-drill-left',
      SecretString: 'x',
      Tags: [{ Key: 'deleted-secret-notifier:drill', Value: 'dev' }],
    }),
  );
  const child = world.startDrill();
  while ((await world.admin.list(true))?.length !== 0) await sleep(1);
  child.kill('SIGINT');
  expect(await ended(child)).toEqual({
    code: 130,
    stdout: '',
    stderr: 'Interrupted. No secret of the drill is left.\n',
  });
  expect(world.aws.records.map((record) => record?.eventName)).not.toContain('GetSecretValue');
});

test('of the secrets of earlier drills those with the prefix and the tag of the stage are removed', async () => {
  const world = await startWorld();
  const client = world.aws.clientOf('admin');
  const make = async (Name: string, stage?: string) => {
    const Tags = stage ? [{ Key: 'deleted-secret-notifier:drill', Value: stage }] : [];
    await client.send(new CreateSecretCommand({ Name, SecretString: 'x', Tags }));
  };
  await make('deleted-secret-notifier-drill-left', 'dev');
  await make('deleted-secret-notifier-drill-pending', 'dev');
  await client.send(new DeleteSecretCommand({ SecretId: 'deleted-secret-notifier-drill-pending' }));
  await make('deleted-secret-notifier-drill-other', 'prod');
  await make('deleted-secret-notifier-drill-untagged');
  await make('prod/db', 'dev');
  const { code, stdout } = await world.drill('--path', 'event', '--timeout', '0.001');
  expect(code).toBe(1);
  expect(stdout).toMatch(/^fail {2}event {2}no attempt recorded, after [\d.]+ s\n/);
  expect(await world.admin.list(true)).toEqual([
    'deleted-secret-notifier-drill-other',
    'deleted-secret-notifier-drill-untagged',
    'prod/db',
  ]);
});

test('what AWS refuses is reported in one line, and the secret removed', async () => {
  const world = await startWorld();
  const error = { code: 'AccessDeniedException', message: 'not authorized' };
  world.aws.secretsManager.failNext('GetSecretValue', error);
  const { code, stderr } = await world.drill('--path', 'event');
  expect([code, stderr]).toEqual([2, 'error: AccessDeniedException: not authorized\n']);
  expect(await world.admin.list(true)).toEqual([]);
});

describe('wrong use ends with exit code 2 and one line on stderr:', () => {
  test.each([
    [
      'an unknown path',
      ['--path', 'mail'],
      /Allowed choices are event, trail, alarm, name, all, both/,
    ],
    ['no time', ['--timeout', '0'], /Expected a number of minutes above 0/],
    ['no credentials', [], /credentials/],
  ])('%s', async (_, args, message) => {
    const { code, stdout, stderr } = await runCli('drill', args, {
      AWS_REGION: 'eu-west-1',
    });
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr.trim().split('\n')).toHaveLength(1);
    expect(stderr).toMatch(message);
  });
});
