import { randomUUID } from 'node:crypto';
import { OPERATOR, runCli } from '../testing/cli.ts';
import { startControlPlane } from '../testing/control-plane.ts';
import { asEvent, deleteSecret, failedGetSecretValue } from '../testing/records.ts';
import { useWorld, type World } from '../testing/world.ts';

const start = useWorld();

let started = new AsyncDisposableStack();
afterEach(async () => {
  await started.disposeAsync();
  started = new AsyncDisposableStack();
});

/** A world, and what runs the command in it. */
async function startReplay(environment: Record<string, string> = {}) {
  const world = await start(environment);
  const { notify, trackDeletion, aws } = world;
  const controlPlane = await startControlPlane([notify, trackDeletion], {
    queueUrl: aws.deadLetterQueueUrl,
    outputs: { NotifyFunctionName: notify.name, TrackDeletionFunctionName: trackDeletion.name },
  });
  started.defer(() => controlPlane.stop());
  const variables = { ...controlPlane.endpoints, ...OPERATOR };
  const replay = (...args: string[]) =>
    run(['--queue-url', aws.deadLetterQueueUrl, ...args], variables);
  return { ...world, replay };
}

const run = (args: string[], environment: Record<string, string>) =>
  runCli('cli/replay.ts', args, environment);

const counted = (replayed: number, failed: number, left: number) =>
  `replayed: ${replayed}\nfailed: ${failed}\nleft: ${left}\n`;

const attempt = asEvent(failedGetSecretValue());

/** Lets an attempt end in the dead-letter queue, as Lambda puts it there. */
function putFailed({ aws, notify }: Pick<World, 'aws' | 'notify'>, event: unknown = attempt) {
  const functionArn = `arn:aws:lambda:eu-west-1:111122223333:function:${notify.name}:$LATEST`;
  return aws.sendDeadLetter({ requestContext: { functionArn }, requestPayload: event });
}

test("an event in EventBridge's shape and one in Lambda's go to their functions", async () => {
  const world = await startReplay({ ANNOUNCE_DELETIONS: 'true' });
  await putFailed(world);
  await world.aws.sendDeadLetter(asEvent(deleteSecret()));
  expect(await world.replay()).toEqual({ code: 0, stdout: counted(2, 0, 0), stderr: '' });
  const subjects = [await world.aws.nextMail(), await world.aws.nextMail()].map(
    (mail) => mail?.subject,
  );
  expect(subjects.sort()).toEqual([
    expect.stringMatching(/wanted by app-server/),
    expect.stringMatching(/scheduled for deletion by/),
  ]);
  expect(await world.aws.nextDeadLetter()).toBeUndefined();
});

test('more messages than come at once are all replayed', async () => {
  const world = await startReplay();
  for (let i = 0; i < 23; i++) {
    await putFailed(world, asEvent({ ...failedGetSecretValue(), eventID: randomUUID() }));
  }
  expect(await world.replay()).toEqual({ code: 0, stdout: counted(23, 0, 0), stderr: '' });
});

test('what fails again, and what is no event, stays for another time', async () => {
  const world = await startReplay({ ALERT_TOPIC_ARN: 'arn:aws:sns:eu-west-1:111122223333:gone' });
  await putFailed(world);
  await world.aws.sendDeadLetter({ hello: 'world' });
  const { code, stdout, stderr } = await world.replay();
  expect([code, stdout]).toEqual([1, counted(0, 2, 2)]);
  expect(stderr).toMatch(/^\S+ failed: arn:.+ threw NotFoundException: Topic does not exist$/m);
  expect(stderr).toMatch(/^\S+ failed: it is no event of this service$/m);
  expect(await world.aws.nextDeadLetter()).toBeDefined();
  expect(await world.aws.nextDeadLetter()).toBeDefined();
});

test('with --dry-run nothing is changed, and it says what would be', async () => {
  const world = await startReplay();
  await world.aws.sendDeadLetter(attempt);
  const { code, stdout, stderr } = await world.replay('--dry-run');
  expect([code, stdout]).toEqual([0, counted(0, 0, 1)]);
  expect(stderr).toMatch(new RegExp(`^\\S+ would go to ${world.notify.name}\n$`));
  expect(await world.aws.nextMail()).toBeUndefined();
  expect(await world.aws.nextDeadLetter()).toEqual(attempt);
});

describe('wrong use ends with exit code 2 and one line on stderr:', () => {
  const url = 'http://127.0.0.1:1/111122223333/queue';
  const credentials = { AWS_ACCESS_KEY_ID: 'operator', AWS_SECRET_ACCESS_KEY: 'local' };

  test.each([
    ['no queue', [], {}, /required option '--queue-url <url>' not specified/],
    ['no URL', ['--queue-url', 'queue'], {}, /'queue' is invalid. Expected a URL such as/],
    ['no credentials', ['--queue-url', url], { AWS_REGION: 'eu-west-1' }, /credentials/],
    ['no Region', ['--queue-url', url], credentials, /Region is missing/],
  ])('%s', async (_, args, environment: Record<string, string>, message) => {
    const { code, stdout, stderr } = await run(args, environment);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr.trim().split('\n')).toHaveLength(1);
    expect(stderr).toMatch(message);
  });

  test('a queue that is not there', async () => {
    const world = await startReplay();
    const { code, stderr } = await world.replay('--queue-url', `${world.aws.deadLetterQueueUrl}-2`);
    expect([code, stderr]).toEqual([2, expect.stringMatching(/^error: QueueDoesNotExist: .+\n$/)]);
  });
});
