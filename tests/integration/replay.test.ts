import { randomUUID } from 'node:crypto';
import { subscriptionEvent } from '../../emulators/cloudtrail.ts';
import type { Lambda } from '../../emulators/lambda.ts';
import { getItems } from '../../lib/aws/table.ts';
import { sortBatch, unpackBatch } from '../../lib/cloudtrail/batch.ts';
import { createClashStore } from '../../lib/deletion/clashes.ts';
import { encode, type HandedOn } from '../../lib/notice/incident-notice.ts';
import type { OutputName } from '../../stack/stack.ts';
import { ended, OPERATOR, runCli, startCli } from '../testing/cli.ts';
import { startControlPlane } from '../testing/control-plane.ts';
import {
  asEvent,
  deleteSecret,
  failedCreateSecret,
  failedGetSecretValue,
  notFoundGetSecretValue,
  removeReplicas,
} from '../testing/records.ts';

import { useWorld, type World } from '../testing/world.ts';

const start = useWorld();

let started = new AsyncDisposableStack();
afterEach(async () => {
  await started.disposeAsync();
  started = new AsyncDisposableStack();
});

/** A world, and what runs the command in it. @param channels the functions of channels beside the mail */
async function startReplay(environment: Record<string, string> = {}, channels: Channel[] = []) {
  const world = await start(environment);
  const { notify, trackDeletion, readTrail, aws } = world;
  const controlPlane = await startControlPlane([notify, trackDeletion, readTrail, ...channels], {
    outputs: {
      DeadLetterQueueUrl: aws.deadLetterQueueUrl,
      NotifyFunctionName: notify.name,
      TrackDeletionFunctionName: trackDeletion.name,
      SummarizeFunctionName: 'summarize',
      ReadTrailFunctionName: readTrail.name,
      ...Object.fromEntries(channels.map(({ output, name }) => [output, name])),
    },
  });
  started.defer(() => controlPlane.stop());
  const variables = { ...controlPlane.endpoints, ...OPERATOR };
  return { ...world, replay: (...args: string[]) => run(args, variables) };
}

/** A stand-in for the function of a channel. */
interface Channel extends Pick<Lambda, 'name' | 'invoke'> {
  readonly output: OutputName;
  /** What it was invoked with. */
  readonly events: readonly unknown[];
}

/** @param errorMessage what it throws; default: nothing */
function channel(key: 'chat' | 'bus', errorMessage?: string): Channel {
  const events: unknown[] = [];
  return {
    name: `deleted-secret-notifier-dev-${key}`,
    output: key === 'chat' ? 'ChatFunctionName' : 'BusFunctionName',
    events,
    async invoke(event) {
      events.push(event);
      return errorMessage
        ? { error: { errorType: 'Error', errorMessage, trace: [] } }
        : { result: null };
    },
  };
}

const run = (args: string[], environment: Record<string, string>) =>
  runCli('replay', args, environment);

const counted = (counts: Record<string, number>) =>
  Object.entries({ replayed: 0, dropped: 0, failed: 0, foreign: 0, left: 0, ...counts })
    .map(([name, count]) => `${name}: ${count}\n`)
    .join('');

const attempt = asEvent(failedGetSecretValue());

/** Lets an attempt end in the dead-letter queue, as Lambda puts it there. */
function putFailed({ aws, notify }: Pick<World, 'aws' | 'notify'>, event: unknown = attempt) {
  const functionArn = `arn:aws:lambda:eu-west-1:111122223333:function:${notify.name}:$LATEST`;
  return aws.sendDeadLetter({ requestContext: { functionArn }, requestPayload: event });
}

/** What somebody puts there who would have an operator invoke another function of the account. */
function putForeign({ aws, trackDeletion }: Pick<World, 'aws' | 'trackDeletion'>) {
  const functionArn = `arn:aws:lambda:eu-west-1:111122223333:function:${trackDeletion.name}`;
  return aws.sendDeadLetter({ requestContext: { functionArn }, requestPayload: attempt });
}

test('a read that the queue of reads has given up is dropped unless a deletion is known of its secret', async () => {
  const world = await startReplay({ ANNOUNCE_DELETIONS: 'true' });
  const read = asEvent(notFoundGetSecretValue());
  await world.aws.sendDeadLetter(read);
  expect(await world.replay()).toEqual({ code: 0, stdout: counted({ replayed: 1 }), stderr: '' });
  expect(await world.replay()).toEqual({ code: 0, stdout: counted({}), stderr: '' });
  // A mail of the read would have come before.
  await world.aws.sendDeadLetter(asEvent(deleteSecret()));
  await world.replay();
  expect((await world.aws.nextMail())?.subject).toMatch(/scheduled for deletion by/);
});

test("an event in EventBridge's shape and one in Lambda's go to their functions", async () => {
  const world = await startReplay({ ANNOUNCE_DELETIONS: 'true' });
  await putFailed(world);
  await world.aws.sendDeadLetter(asEvent(deleteSecret()));
  expect(await world.replay()).toEqual({ code: 0, stdout: counted({ replayed: 2 }), stderr: '' });
  const subjects = [await world.aws.nextMail(), await world.aws.nextMail()].map(
    (mail) => mail?.subject,
  );
  expect(subjects.sort()).toEqual([
    expect.stringMatching(/wanted by app-server/),
    expect.stringMatching(/scheduled for deletion by/),
  ]);
  expect(await world.aws.nextDeadLetter()).toBeUndefined();
});

test('a creation whose name is taken and a removal of replicas are recorded, once however often they are replayed', async () => {
  const world = await startReplay();
  const { aws, trackDeletion } = world;
  const removal = asEvent(removeReplicas(['us-east-1', 'us-west-2']));
  const creation = asEvent(failedCreateSecret());
  for (const event of [creation, removal]) {
    await aws.sendDeadLetter(event);
    const functionArn = `arn:aws:lambda:eu-west-1:111122223333:function:${trackDeletion.name}:$LATEST`;
    await aws.sendDeadLetter({ requestContext: { functionArn }, requestPayload: event });
  }
  expect(await world.replay()).toEqual({ code: 0, stdout: counted({ replayed: 4 }), stderr: '' });
  expect(await createClashStore(aws.dynamoDb.table).list()).toMatchObject([{ calls: [{}] }]);
  const known = await Promise.all(
    ['us-east-1', 'us-west-2'].map((region) =>
      getItems(aws.dynamoDb.table, `secret#111122223333#${region}#prod/db-password`),
    ),
  );
  expect(known).toMatchObject([
    [{ forced: true, replicaOf: 'eu-west-1' }],
    [{ forced: true, replicaOf: 'eu-west-1' }],
  ]);
});

test("a batch of the trail's log group goes back to read-trail, which hands its records on", async () => {
  const world = await startReplay();
  const { aws, readTrail, notifier } = world;
  const functionArn = `arn:aws:lambda:eu-west-1:111122223333:function:${readTrail.name}:$LATEST`;
  const requestPayload = subscriptionEvent([failedGetSecretValue()]);
  await aws.sendDeadLetter({ requestContext: { functionArn }, requestPayload });
  expect((await world.replay('--dry-run')).stdout.replaceAll(/\s+/g, ' ')).toContain(
    `replay 1 log events of CloudTrail/MyCloudWatchLogGroup, for ${readTrail.name} `,
  );
  expect(await world.replay()).toEqual({ code: 0, stdout: counted({ replayed: 1 }), stderr: '' });
  await notifier.settled();
  expect((await aws.nextMail())?.subject).toMatch(/wanted by app-server/);
  expect(await aws.nextDeadLetter()).toBeUndefined();
});

describe('notices that a channel beside the mail could not send', () => {
  const notice = {
    id: 'alert/a',
    kind: 'opened',
    now: new Date('2026-11-22T17:03:00Z'),
    secret: { name: 'prod/db\u001b[2J' },
  };
  const Message = encode({ notices: [notice], isMailed: true, stack: {} } as unknown as HandedOn);
  const event = { Records: [{ EventSource: 'aws:sns', Sns: { Message } }] };
  const what = 'opened of prod/db?[2J, 2026-11-22 17:03 UTC';
  const failedOn = ({ name }: Channel, requestPayload: unknown = event) => ({
    requestContext: { functionArn: `arn:aws:lambda:eu-west-1:111122223333:function:${name}` },
    requestPayload,
  });
  const said = (stdout: string) => stdout.replaceAll(/\s+/g, ' ');

  test('go to its function again, and to no other', async () => {
    const [chat, bus] = [channel('chat'), channel('bus')];
    const { aws, replay } = await startReplay({}, [chat, bus]);
    await aws.sendDeadLetter(failedOn(chat));
    const dry = await replay('--dry-run');
    expect(said(dry.stdout)).toContain(`replay chat: ${what}, for ${chat.name} `);
    expect(chat.events).toEqual([]);
    expect(await replay()).toEqual({ code: 0, stdout: counted({ replayed: 1 }), stderr: '' });
    expect([chat.events, bus.events]).toEqual([[event], []]);
    expect(await aws.nextDeadLetter()).toBeUndefined();
  });

  test('go to all if SNS could hand them to no function, and stay until all have taken them', async () => {
    const [chat, bus] = [channel('chat', 'Slack is down'), channel('bus')];
    const { aws, replay } = await startReplay({}, [chat, bus]);
    const notification = { Type: 'Notification', MessageId: 'a', Message };
    await aws.sendDeadLetter(notification);
    const { code, stdout } = await replay();
    expect([code, stdout]).toEqual([1, expect.stringContaining(counted({ failed: 1, left: 1 }))]);
    expect(said(stdout)).toContain(
      `failed chat, bus: ${what}, for ${chat.name} and ${bus.name}: ${chat.name}: it threw Error: Slack is down `,
    );
    const handed = { Records: [expect.objectContaining({ Sns: notification })] };
    expect([chat.events, bus.events]).toEqual([[handed], [handed]]);
    expect(await aws.nextDeadLetter()).toEqual(notification);
  });

  test('stay if the stack has lost the channel, with the way on', async () => {
    const { aws, replay } = await startReplay({}, [channel('bus')]);
    await aws.sendDeadLetter(failedOn(channel('chat')));
    const { code, stdout } = await replay();
    expect([code, stdout]).toEqual([1, expect.stringContaining(counted({ foreign: 1, left: 1 }))]);
    expect(said(stdout)).toMatch(
      /^foreign \S{36}: chat: opened of prod\/db.+: the stack has no function for it any more\. Deploy with its settings, or remove it by --drop-foreign /,
    );
  });
});

test('an event of the trail path keeps its path, and goes to its function', async () => {
  const world = await startReplay();
  await putFailed(world, { ...attempt, path: 'trail' });
  expect(await world.replay()).toEqual({ code: 0, stdout: counted({ replayed: 1 }), stderr: '' });
  expect((await world.aws.nextMail())?.subject).toMatch(/wanted by app-server/);
});

test('more messages than come at once are all replayed', async () => {
  const world = await startReplay();
  for (let i = 0; i < 23; i++) {
    await putFailed(world, asEvent({ ...failedGetSecretValue(), eventID: randomUUID() }));
  }
  expect(await world.replay()).toEqual({ code: 0, stdout: counted({ replayed: 23 }), stderr: '' });
});

test('what fails again stays for another time', async () => {
  const world = await startReplay({ ALERT_TOPIC_ARN: 'arn:aws:sns:eu-west-1:111122223333:gone' });
  await putFailed(world);
  const { code, stdout } = await world.replay();
  expect(code).toBe(1);
  expect(stdout.replaceAll(/\s+/g, ' ')).toMatch(
    /^failed GetSecretValue of prod\/db-password by role app-server, .+ UTC, for \S+: it threw NotFoundException: Topic does not exist replayed: 0/,
  );
  expect(stdout).toContain(counted({ failed: 1, left: 1 }));
  expect(await world.aws.nextDeadLetter()).toBeDefined();
});

test('what is not for a function of the stack is never invoked, and stays', async () => {
  const world = await startReplay();
  await putForeign(world);
  await world.aws.sendDeadLetter({ hello: 'world\u001b[2J' });
  const { code, stdout } = await world.replay();
  expect([code, stdout]).toEqual([1, expect.stringContaining(counted({ foreign: 2, left: 2 }))]);
  expect(stdout).toMatch(/^foreign {2}\S{36}: no event of this service$/m);
  expect(stdout).toMatch(/^foreign {2}\S{36}: GetSecretValue of/m);
  expect(await world.aws.nextDeadLetter()).toBeDefined();
  expect(await world.aws.nextDeadLetter()).toBeDefined();
});

test('with --drop-foreign that is removed, and nothing else', async () => {
  const world = await startReplay({ ALERT_TOPIC_ARN: 'arn:aws:sns:eu-west-1:111122223333:gone' });
  await putFailed(world);
  await putForeign(world);
  const shown = await world.replay('--drop-foreign', '--dry-run');
  expect([shown.code, shown.stdout]).toEqual([
    0,
    expect.stringContaining(counted({ foreign: 1, left: 2 })),
  ]);
  const { code, stdout } = await world.replay('--drop-foreign');
  expect([code, stdout]).toEqual([
    1,
    expect.stringContaining(counted({ dropped: 1, failed: 1, foreign: 1, left: 1 })),
  ]);
  expect(await world.aws.nextDeadLetter()).toMatchObject({ requestPayload: attempt });
  expect(await world.aws.nextDeadLetter()).toBeUndefined();
});

test('a log event that no function can read is ours, and goes with --drop-unreadable alone', async () => {
  const world = await startReplay();
  const { handOns } = sortBatch(unpackBatch(subscriptionEvent(['no JSON'])), true);
  await putFailed(world, JSON.parse(handOns[0]?.payload ?? ''));
  const { code, stdout } = await world.replay('--drop-foreign');
  expect([code, stdout]).toEqual([1, expect.stringContaining(counted({ left: 1 }))]);
  expect(stdout).toMatch(
    /^unreadable {2}\S{36}: unreadable log event of\s+CloudTrail\/MyCloudWatchLogGroup$/m,
  );
  const dropped = await world.replay('--drop-unreadable');
  expect([dropped.code, dropped.stdout]).toEqual([
    0,
    expect.stringContaining(counted({ dropped: 1 })),
  ]);
  expect(await world.aws.nextDeadLetter()).toBeUndefined();
});

test('what strangers wrote makes no link', async () => {
  const world = await startReplay();
  const requestParameters = { secretId: 'https://evil.example/x' };
  await world.aws.sendDeadLetter(asEvent(failedGetSecretValue({ requestParameters })));
  const { stdout } = await world.replay('--dry-run');
  expect(stdout.replaceAll(/\s+/g, ' ')).toContain('GetSecretValue of https[:]//evil[.]example/x');
});

test('with --dry-run nothing is changed, and it shows secret, caller and function', async () => {
  const world = await startReplay();
  await world.aws.sendDeadLetter(attempt);
  await world.aws.sendDeadLetter('x');
  const { code, stdout, stderr } = await world.replay('--dry-run');
  expect([code, stderr]).toEqual([0, '']);
  expect(stdout).toContain(counted({ foreign: 1, left: 2 }));
  expect(stdout.replaceAll(/\s+/g, ' ')).toContain(
    `replay GetSecretValue of prod/db-password by role app-server, session i-0abc1234def567890, account 111122223333, `,
  );
  expect(stdout).toContain(world.notify.name);
  for (const line of stdout.split('\n')) expect(line.length).toBeLessThanOrEqual(80);
  expect(await world.aws.nextMail()).toBeUndefined();
  expect(await world.aws.nextDeadLetter()).toEqual(attempt);
});

describe('wrong use ends with exit code 2 and one line on stderr:', () => {
  const url =
    'https://sqs.eu-west-1.amazonaws.com/1/deleted-secret-notifier-prod-DeadLetterQueue-1A';
  const { AWS_REGION: _, ...credentials } = OPERATOR;

  test.each([
    ['no URL', ['--queue-url', 'queue'], {}, /'queue' is invalid. Expected a URL such as/],
    ['no credentials', [], { AWS_REGION: 'eu-west-1' }, /credentials/],
    ['no Region', [], credentials, /^error: Expected a Region/],
  ])('%s', async (_, args, environment: Record<string, string>, message) => {
    const { code, stdout, stderr } = await run(args, environment);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr.trim().split('\n')).toHaveLength(1);
    expect(stderr).toMatch(message);
  });

  // In a process of its own: within Jest the errors of Node's own modules are of another realm.
  test('no answer', async () => {
    const nobody = { ...OPERATOR, AWS_ENDPOINT_URL: 'http://127.0.0.1:1' };
    const { code, stdout, stderr } = await ended(startCli('replay', [], nobody));
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr.trim().split('\n')).toHaveLength(1);
    expect(stderr).toMatch(/^error: ECONNREFUSED/);
  });

  test("a queue that is not the stack's, of which nothing is received", async () => {
    const { aws, replay } = await startReplay();
    await aws.sendDeadLetter(attempt);
    const { code, stdout, stderr } = await replay('--queue-url', `${aws.deadLetterQueueUrl}-2`);
    expect([code, stdout, stderr]).toEqual([
      2,
      '',
      `error: Expected the queue of the stack deleted-secret-notifier-dev, ${aws.deadLetterQueueUrl}, got ${aws.deadLetterQueueUrl}-2. Give the stage by --stage instead.\n`,
    ]);
    const { stdout: shown } = await replay('--dry-run', '--queue-url', aws.deadLetterQueueUrl);
    expect(shown).toContain(counted({ left: 1 }));
  });

  test('the queue of a stage that is not deployed: its URL names the stage, and the Region', async () => {
    const { replay } = await startReplay();
    const { code, stderr } = await replay('--queue-url', url);
    expect([code, stderr]).toEqual([
      2,
      expect.stringContaining('a stack deleted-secret-notifier-prod in eu-west-1, got none'),
    ]);
  });
});
