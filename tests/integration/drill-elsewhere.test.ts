import { createServer } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import type { SecretsManager } from '@aws-sdk/client-secrets-manager';
import { listen } from '../../emulators/service.ts';
import { ended, runCli } from '../testing/cli.ts';
import { untilAsked, useDrills } from '../testing/drill.ts';
import { asEvent } from '../testing/records.ts';

const startWorld = useDrills();

const there = ['--account', '444455556666', '--region', 'us-east-1', '--profile', 'there'];
/** The secrets that are left there. */
const left = async (world: { there: SecretsManager }) =>
  (await world.there.listSecrets({ IncludePlannedDeletion: true })).SecretList;
/** What the hub gets of it through a spoke: what is sent on is the event of there. */
const THERE = { account: '444455556666', region: 'us-east-1' };

test('the secret is made there, and the hub read with the environment', async () => {
  const world = await startWorld();
  const drill = world.drill(...there, '--json');
  await untilAsked(world);
  const record = world.lastRecord();
  expect(record).toMatchObject({ recipientAccountId: '444455556666', awsRegion: 'us-east-1' });
  await world.notify.invoke(asEvent(record, THERE));
  await world.notify.invoke(asEvent(record, { ...THERE, path: 'trail' }));
  const { code, stdout, stderr } = await drill;
  expect([code, stderr]).toEqual([0, '']);
  expect(JSON.parse(stdout)).toMatchObject({
    account: '444455556666',
    region: 'us-east-1',
    passed: true,
    paths: [
      { path: 'event', answered: true, text: 'alerted' },
      { path: 'trail', answered: true, text: 'brought' },
    ],
    rule: { state: 'ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS', readArrived: true },
  });
  const mail = await world.aws.nextMail();
  expect(mail?.subject).toMatch(/^DRILL: Deleted secret .+ wanted by/);
  expect(mail?.body).toContain('444455556666');
  expect(await left(world)).toEqual([]);
});

test('an attempt on a secret of that name at the hub is no answer', async () => {
  const world = await startWorld();
  const drill = world.drill(...there, '--path', 'event', '--timeout', '0.05');
  await untilAsked(world);
  const record = {
    ...world.lastRecord(),
    awsRegion: 'eu-west-1',
    recipientAccountId: '111122223333',
  };
  await world.notify.invoke(asEvent(record));
  const { code, stdout } = await drill;
  expect(code).toBe(1);
  expect(stdout).toMatch(
    /^The attempt was made in account 444455556666, us-east-1, and has not come to\nthe hub\.\n\nfail {2}event {2}no attempt recorded/,
  );
  expect(stdout).toMatch(
    /\n\nnpm run doctor -- --stage dev --region us-east-1 --profile there --spoke\nnpm run doctor -- --stage dev --region eu-west-1\n$/,
  );
});

test('a name that is taken there is drilled through to its mail', async () => {
  const world = await startWorld([], {}, { TrackClashesRuleName: 'clashes' });
  const drill = world.drill(...there, '--json', '--path', 'name');
  await untilAsked(world, 'CreateSecret');
  await world.trackDeletion.invoke(asEvent(world.lastRecord(), THERE));
  await world.notifier.lambda('SummarizeLambdaFunction').invoke({});
  const { code, stdout } = await drill;
  expect(code).toBe(0);
  expect(JSON.parse(stdout).paths).toMatchObject([{ path: 'name', answered: true }]);
  expect((await world.aws.nextMail())?.body).toContain('444455556666');
  expect(await left(world)).toEqual([]);
});

test('Ctrl-C leaves no secret there', async () => {
  const world = await startWorld();
  const child = world.startDrill(...there);
  await untilAsked(world);
  child.kill('SIGINT');
  expect((await ended(child)).code).toBe(130);
  expect(await left(world)).toEqual([]);
});

describe('a hub that hangs', () => {
  /** A table that answers no more once the drill has looked at it, for its two items. */
  async function startHanging() {
    let asked = 0;
    const { endpoint, stop } = await listen(
      createServer((_, response) => {
        if (++asked <= 2) response.end('{"Items":[],"Count":0}');
      }),
    );
    const world = await startWorld([], { AWS_ENDPOINT_URL_DYNAMODB: endpoint });
    const hangs = async () => {
      while (asked <= 2) await sleep(10);
    };
    return { world, hangs, [Symbol.asyncDispose]: stop };
  }

  test('leaves no secret there after Ctrl-C', async () => {
    await using started = await startHanging();
    const child = started.world.startDrill(...there, '--path', 'event');
    await started.hangs();
    child.kill('SIGINT');
    expect(await ended(child)).toEqual({
      code: 130,
      stdout: '',
      stderr: expect.stringMatching(/^Interrupted\. No secret of the drill is left\.\n$/m),
    });
    expect(await left(started.world)).toEqual([]);
  });

  test('leaves none there when the time is up', async () => {
    await using started = await startHanging();
    const args = ['--path', 'event', '--timeout', '0.001'];
    const { code, stdout } = await started.world.drill(...there, ...args);
    expect(code).toBe(1);
    expect(stdout).toMatch(/\nfail {2}event {2}AWS did not answer in time, after \d+(\.\d)? s\n/);
    expect(await left(started.world)).toEqual([]);
  });
});

const other = ['--account', '444455556666', '--region', 'us-east-1'];
test.each<[string, string[], RegExp, string[]]>([
  [
    'credentials of another account',
    [...other, '--profile', 'here'],
    /^error: Expected credentials of account 444455556666, got those of 111122223333 \(\S+\/alice\); nothing was made\. Name a profile of account 444455556666 by --profile; AWS_PROFILE means the hub\.\n$/,
    [],
  ],
  ['those of the hub', other, /got those of 111122223333/, []],
  [
    "the hub's own place",
    ['--account', '111122223333', '--region', 'eu-west-1'],
    /^error: Expected an account and Region other than the hub's, got 111122223333 and eu-west-1 for both\. The environment \(AWS_PROFILE, AWS_REGION\) means the hub; .+ leave --account out\.\n$/,
    [],
  ],
  [
    'no Region',
    ['--account', '444455556666'],
    /^error: Expected --region with --account, got none/,
    [],
  ],
  [
    'a stage that is not deployed',
    [...there, '--stage', 'prod'],
    /^error: Expected a stack deleted-secret-notifier-prod in eu-west-1, got none\. With --account the hub is found by --stage and the environment: AWS_PROFILE, AWS_REGION\.\n$/,
    [],
  ],
  ['no account', ['--account', '4444'], /Expected the 12 digits of an account/, []],
  [
    'the alarm',
    [...there, '--path', 'alarm'],
    /^error: Expected --path event, trail or name elsewhere, got alarm; leave --account out/,
    [],
  ],
  [
    'the event path without a hub',
    [...there, '--path', 'event'],
    /an event bus for spokes, got none \(organizationId=\); deploy with organizationId=\S+, or drill with --path trail\n$/,
    ['HubBusArn'],
  ],
  [
    'a name that is taken, which nothing brings from elsewhere',
    [...there, '--path', 'name'],
    /an event bus for spokes or the trail path, got neither \(organizationId=, trailPath=off\);/,
    ['HubBusArn', 'ReadTrailFunctionName'],
  ],
  [
    'a name that is taken, for which the hub does not watch',
    [...there, '--path', 'name'],
    /a rule on names that are taken, got none \(watchNameClashes=false\);/,
    [],
  ],
  [
    'neither path',
    there,
    /an event bus for spokes, got none/,
    ['HubBusArn', 'ReadTrailFunctionName'],
  ],
])('%s: an error, and nothing is made', async (_, args, message, without) => {
  const world = await startWorld(without);
  const { code, stdout, stderr } = await world.drill(...args);
  expect([code, stdout, stderr]).toEqual([2, '', expect.stringMatching(message)]);
  expect(world.aws.records).toEqual([]);
});

test("without the hub's Region it is said where that comes from", async () => {
  const { code, stderr } = await runCli(
    'drill',
    ['--account', '444455556666', '--region', 'eu-west-3'],
    {},
  );
  expect([code, stderr]).toEqual([
    2,
    "error: Expected the hub's Region in AWS_REGION, got none. With --account the hub is found by --stage and the environment: AWS_PROFILE, AWS_REGION.\n",
  ]);
});
