import { randomUUID } from 'node:crypto';
import { ACCOUNT, REGION } from '../../emulators/client.ts';
import { packedBatch, subscriptionEvent } from '../../emulators/cloudtrail.ts';
import { getItems } from '../../lib/aws/table.ts';
import { identifySecret } from '../../lib/cloudtrail/secret-id.ts';
import { partitionKey, readPage } from '../../lib/deletion/ledger.ts';
import {
  deleteSecret,
  failedGetSecretValue,
  getSecretValue,
  notFoundGetSecretValue,
} from '../testing/records.ts';
import { useWorld, type World } from '../testing/world.ts';

const start = useWorld();

/** An attempt in another account and Region, or in the stack's own. */
function attempt(overrides: Record<string, unknown> = {}) {
  return failedGetSecretValue({ eventID: randomUUID(), ...overrides });
}

const ELSEWHERE = { recipientAccountId: '444455556666', awsRegion: 'us-west-2' };

/** Sends log events to the function, and waits for all that it hands on. */
async function send({ readTrail, notifier }: World, ...logged: (object | string)[]) {
  const response = await readTrail.invokeAsync(subscriptionEvent(logged));
  await notifier.settled();
  return response;
}

async function mailsOf({ aws }: World) {
  const mails = await aws.takeMails();
  return mails.map(({ subject, body }) => ({ subject, body }));
}

test('of two attempts of two accounts and Regions, a deletion, garbage and an unrelated record come two mails and a ledger entry', async () => {
  const world = await start();
  const garbage = '{"eventSource":"secretsmanager.amazonaws.com"';
  const records = [attempt(), attempt(ELSEWHERE), deleteSecret(), garbage, getSecretValue()];
  expect(await send(world, ...records)).toEqual({ result: null });

  const mails = await mailsOf(world);
  expect(mails).toHaveLength(2);
  const rows = mails.map(({ body }) => [
    /^Account: +(\d+)/m.exec(body)?.[1],
    /^Region: +(\S+)/m.exec(body)?.[1],
  ]);
  expect(rows.sort()).toEqual([
    ['111122223333', 'eu-west-1'],
    ['444455556666', 'us-west-2'],
  ]);

  const secret = identifySecret('prod/db-password', { accountId: ACCOUNT, region: REGION });
  const entry = await getItems(world.aws.dynamoDb.table, partitionKey(secret) ?? '');
  expect(readPage(entry, secret).change).toMatchObject({ kind: 'deletion', dateFrom: 'record' });

  expect(await world.aws.nextDeadLetter()).toMatchObject({
    requestContext: { functionArn: expect.stringContaining(world.notify.name) },
    requestPayload: { path: 'trail', detail: { message: garbage } },
  });
  expect(await world.aws.nextDeadLetter()).toBeUndefined();
  expect(world.readTrail.log()).toMatch(/"level":"ERROR".+Not a CloudTrail record/);
  expect(world.readTrail.log()).toMatch(/"handedOn":4,"unrelated":1,"unreadable":1/);
});

test.each([
  ['before', true],
  ['after', false],
])('an attempt that EventBridge has delivered %s makes no second mail', async (_, isFirst) => {
  const world = await start();
  const record = attempt();
  if (isFirst) await world.notifier.handle(record);
  await send(world, record);
  if (!isFirst) await world.notifier.handle(record);
  expect(await mailsOf(world)).toHaveLength(1);
});

test('what Lambda does not take at once is tried again, alone', async () => {
  const world = await start();
  world.notifier.invocations.failNext(2, 500);
  expect(await send(world, attempt(), attempt(ELSEWHERE))).toEqual({ result: null });
  expect(await mailsOf(world)).toHaveLength(2);
  expect(world.notify.log().match(/"Alert published"/g)).toHaveLength(2);
});

test('a batch that was handed on in part is repeated, and mails nothing twice', async () => {
  const world = await start();
  // 400 is not tried again.
  world.notifier.invocations.failNext(1, 400);
  expect(await send(world, attempt(), attempt(ELSEWHERE))).toEqual({ result: null });
  expect(await mailsOf(world)).toHaveLength(2);
  expect(world.readTrail.log()).toMatch(
    /"Expected Lambda and Amazon SQS to take 2 events, they did not take 1\. Lambda repeats the batch/,
  );
  expect(await world.aws.nextDeadLetter()).toBeUndefined();
});

test('a batch that Lambda never takes is kept as it came', async () => {
  const world = await start();
  world.notifier.invocations.failNext(3, 403);
  const event = subscriptionEvent([attempt()]);
  expect(await world.readTrail.invokeAsync(event)).toHaveProperty(
    'error.errorType',
    'NotifierError',
  );
  expect(await world.aws.nextDeadLetter()).toMatchObject({
    requestContext: { functionArn: expect.stringContaining(world.readTrail.name) },
    requestPayload: event,
  });
});

test('what is no batch is refused, and kept', async () => {
  const world = await start();
  expect(await world.readTrail.invokeAsync({ awslogs: { data: 'x' } })).toMatchObject({
    error: { errorMessage: expect.stringMatching(/^Expected a batch of a subscription filter/) },
  });
  expect(await world.aws.nextDeadLetter()).toMatchObject({
    requestPayload: { awslogs: { data: 'x' } },
  });
});

test("a check of CloudWatch Logs' own hands on nothing", async () => {
  const world = await start();
  const event = packedBatch({
    messageType: 'CONTROL_MESSAGE',
    logGroup: '',
    logStream: '',
    logEvents: [{ id: '', message: 'CWL CONTROL MESSAGE: Checking health of destination Lambda.' }],
  });
  expect(await world.readTrail.invokeAsync(event)).toEqual({ result: null });
  expect(world.readTrail.log()).toMatch(/"messageType":"CONTROL_MESSAGE","handedOn":0/);
});

test('a read of what AWS does not find is told where the secret was deleted, and else dropped', async () => {
  const world = await start();
  const forced = { secretId: 'prod/db-password', forceDeleteWithoutRecovery: true };
  await send(world, deleteSecret({ requestParameters: forced }));
  const unknown = { requestParameters: { secretId: 'never' } };
  const reads = [{}, unknown].map((one) =>
    notFoundGetSecretValue({ eventID: randomUUID(), eventTime: '2026-11-22T14:05:00Z', ...one }),
  );
  await send(world, ...reads);
  expect(await mailsOf(world)).toHaveLength(1);
});
