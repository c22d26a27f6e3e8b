import { REGION } from '../../emulators/client.ts';
import { type Invocations, startInvocations } from '../../emulators/invocations.ts';
import { putItem } from '../../lib/aws/table.ts';
import { identifySecret } from '../../lib/cloudtrail/secret-id.ts';
import { changeItem, partitionKey } from '../../lib/deletion/ledger.ts';
import { ACCOUNT, deletion, HOME } from '../testing/attempts.ts';
import { asEvent, NOT_FOUND, notFoundGetSecretValue } from '../testing/records.ts';
import { useState } from '../testing/state.ts';

const state = useState();
const NAME = 'prod/db-password';

/** What `notify` was invoked with. */
let handedOn: unknown[];
let invocations: Invocations;
beforeEach(async () => {
  handedOn = [];
  invocations = await startInvocations((name, event) => {
    if (name === 'notify') handedOn.push(event);
    return name === 'notify';
  });
});
afterEach(() => invocations.stop());

const forget = async (name: string) => {
  const secret = identifySecret(name, HOME);
  const gone = deletion({ secret, forced: true, windowDays: 0 });
  await putItem(state.table, changeItem(gone, partitionKey(secret) ?? ''));
};

const read = (secretId: string) =>
  asEvent(notFoundGetSecretValue({ requestParameters: { secretId } }));
const message = (event: unknown, n: number) => ({
  messageId: `message-${n}`,
  body: typeof event === 'string' ? event : JSON.stringify(event),
});

let modules = 0;

/** Runs the function, as a cold start finds it, with messages of these events. @returns what it leaves to be delivered again. */
async function sift(events: readonly unknown[], { timeLeft = 60_000 } = {}) {
  const { env } = process;
  const endpoint = await state.table.client.config.endpoint?.();
  process.env = {
    TABLE_NAME: state.table.name,
    NOTIFY_FUNCTION_NAME: 'notify',
    AWS_REGION: REGION,
    AWS_ACCESS_KEY_ID: 'sift-reads',
    AWS_SECRET_ACCESS_KEY: 'local',
    AWS_ENDPOINT_URL_LAMBDA: invocations.endpoint,
    AWS_ENDPOINT_URL_DYNAMODB: `http://${endpoint?.hostname}:${endpoint?.port}`,
  };
  const write = import.meta.jest.spyOn(process.stdout, 'write').mockReturnValue(true);
  const errors = import.meta.jest.spyOn(process.stderr, 'write').mockReturnValue(true);
  try {
    const { handler } = await import(`../../functions/sift-reads.ts?${++modules}`);
    const context = {
      awsRequestId: 'run',
      functionName: 'sift-reads',
      invokedFunctionArn: `arn:aws:lambda:${REGION}:${ACCOUNT}:function:sift-reads`,
      getRemainingTimeInMillis: () => timeLeft,
    };
    const { batchItemFailures } = await handler({ Records: events.map(message) }, context);
    const left = batchItemFailures.map((one: { itemIdentifier: string }) => one.itemIdentifier);
    return { left, log: write.mock.calls.join('') };
  } finally {
    process.env = env;
    write.mockRestore();
    errors.mockRestore();
  }
}

test('of a thousand reads of names those of secrets that were deleted are handed on, as they came', async () => {
  await forget(NAME);
  const gone = { ...read(NAME), path: 'trail' };
  const probes = Array.from({ length: 999 }, (_, n) => read(`probe/${n}`));
  const { left, log } = await sift([...probes, gone]);
  expect(left).toEqual([]);
  expect(handedOn).toEqual([gone]);
  expect(log).toMatch(/"gone":1,"unknown":999,"failed":0/);
  expect(log).toMatch(/"GoneReads":1,"UnknownReads":999/);
});

test('what there was none of is no metric, as it would cost', async () => {
  await forget(NAME);
  const { log: gone } = await sift([read(NAME)]);
  expect(gone).toMatch(/"GoneReads":1/);
  expect(gone).not.toContain('UnknownReads');
  const { log: unknown } = await sift([read('probe')]);
  expect(unknown).toMatch(/"UnknownReads":1/);
  expect(unknown).not.toContain('GoneReads');
});

test.each<[string, object]>([
  ['that succeeded', { errorCode: undefined, errorMessage: undefined }],
  ['that found no version', { errorMessage: NOT_FOUND.replace('.', ' value for VersionId: x') }],
])('a read %s is dropped', async (_, overrides) => {
  await forget(NAME);
  const other = asEvent(notFoundGetSecretValue({ ...overrides }));
  const { left } = await sift([other, read(NAME)]);
  expect(left).toEqual([]);
  expect(handedOn).toEqual([read(NAME)]);
});

test('what cannot be read is delivered again, alone', async () => {
  await forget(NAME);
  const { left } = await sift(['no JSON', read(NAME), { detail: {} }]);
  expect(left).toEqual(['message-0', 'message-2']);
  expect(handedOn).toHaveLength(1);
});

test('what Lambda does not take is delivered again, alone', async () => {
  await forget(NAME);
  // 400 is not tried again.
  invocations.failNext(1, 400);
  const { left } = await sift([read(NAME), read(NAME)]);
  expect(left).toHaveLength(1);
  expect(handedOn).toHaveLength(1);
});

test('what there is no time for is delivered again', async () => {
  await forget(NAME);
  expect(await sift([read('probe'), read(NAME)], { timeLeft: 1000 })).toMatchObject({
    left: ['message-1'],
  });
  expect(handedOn).toEqual([]);
});
