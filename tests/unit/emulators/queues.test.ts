import { SendMessageBatchCommand, SQSClient } from '@aws-sdk/client-sqs';
import { clientSettings } from '../../../emulators/client.ts';
import { type Queues, queueUrlOf, startQueues } from '../../../emulators/queues.ts';

let queues: Queues;
let client: SQSClient;
let sent: [logicalId: string, body: string][];

beforeEach(async () => {
  sent = [];
  queues = await startQueues((logicalId, body) => {
    if (logicalId !== 'Reads') return undefined;
    return `message-${sent.push([logicalId, body])}`;
  });
  client = new SQSClient({ ...clientSettings(queues.endpoint, 'key'), maxAttempts: 1 });
});
afterEach(() => {
  client.destroy();
  return queues.stop();
});

const send = (bodies: readonly string[], queue = 'Reads', idOf = (i: number) => String(i)) =>
  client.send(
    new SendMessageBatchCommand({
      QueueUrl: queueUrlOf(queue),
      Entries: bodies.map((MessageBody, i) => ({ Id: idOf(i), MessageBody })),
    }),
  );

test('a batch is taken, and its checksums are right', async () => {
  const { Successful, Failed } = await send(['{"a":"é"}', 'b']);
  expect(sent).toEqual([
    ['Reads', '{"a":"é"}'],
    ['Reads', 'b'],
  ]);
  expect(Successful).toMatchObject([
    { Id: '0', MessageId: 'message-1' },
    { Id: '1', MessageId: 'message-2' },
  ]);
  expect(Failed).toEqual([]);
});

test('planned entries fail, and no other', async () => {
  queues.failEntries(1);
  const { Successful, Failed } = await send(['a', 'b']);
  expect(Failed).toMatchObject([{ Id: '0', SenderFault: false }]);
  expect(Successful).toMatchObject([{ Id: '1' }]);
  expect(sent).toEqual([['Reads', 'b']]);
});

const eleven = Array<string>(11).fill('x');
const large = 'x'.repeat(600_000);

test.each([
  ['nothing', [], 'EmptyBatchRequest'],
  ['eleven entries', eleven, 'TooManyEntriesInBatchRequest'],
  ['more than 1 MB', [large, large], 'BatchRequestTooLong'],
])('a batch of %s is refused', async (_, bodies, name) => {
  await expect(send(bodies)).rejects.toMatchObject({ name });
  expect(sent).toEqual([]);
});

test('a batch whose ids are the same, or are none, is refused', async () => {
  const same = send(['a', 'b'], 'Reads', () => 'x');
  await expect(same).rejects.toMatchObject({ name: 'BatchEntryIdsNotDistinct' });
  const none = send(['a'], 'Reads', () => 'a b');
  await expect(none).rejects.toMatchObject({ name: 'InvalidBatchEntryId' });
});

test('a queue that is not there takes nothing', async () => {
  await expect(send(['a'], 'Others')).rejects.toMatchObject({ name: 'QueueDoesNotExist' });
});
