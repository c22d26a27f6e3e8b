import { gzipSync } from 'node:zlib';
import { packedBatch, subscriptionEvent } from '../../../emulators/cloudtrail.ts';
import { readAttempt } from '../../../lib/attempt/attempt.ts';
import { sortBatch, unpackBatch } from '../../../lib/cloudtrail/batch.ts';
import { parseEvent } from '../../../lib/cloudtrail/record.ts';
import {
  asEvent,
  deleteSecret,
  failedCreateSecret,
  failedGetSecretValue,
  getSecretValue,
  notFoundGetSecretValue,
  removeReplicas,
  restoreSecret,
} from '../../testing/records.ts';

const sorted = (...logged: (object | string)[]) =>
  sortBatch(unpackBatch(subscriptionEvent(logged)), true);

/** What is handed on, with its event read. */
const handedOn = (...logged: (object | string)[]) =>
  sorted(...logged).handOns.map(({ to, payload }) => ({ to, event: JSON.parse(payload) }));

test('a record of another account and Region becomes the event that EventBridge would have made', () => {
  const record = failedGetSecretValue({
    awsRegion: 'us-west-2',
    recipientAccountId: '444455556666',
  });
  const [one, ...others] = handedOn(record);
  expect(others).toEqual([]);
  expect(one).toEqual({
    to: 'notify',
    event: {
      version: '0',
      id: record.eventID,
      'detail-type': 'AWS API Call via CloudTrail',
      source: 'aws.secretsmanager',
      account: '444455556666',
      time: '2026-11-22T14:03:00Z',
      region: 'us-west-2',
      resources: [],
      path: 'trail',
      detail: record,
    },
  });
  expect(parseEvent(one?.event)).toMatchObject({ account: '444455556666', region: 'us-west-2' });
});

test('each record of a batch goes to the function that handles it', () => {
  const names = handedOn(
    failedGetSecretValue(),
    notFoundGetSecretValue(),
    deleteSecret(),
    restoreSecret(),
    failedCreateSecret(),
    removeReplicas(['eu-west-3']),
  ).map(({ to, event }) => [to, event.detail.eventName]);
  expect(names).toEqual([
    ['notify', 'GetSecretValue'],
    ['siftReads', 'GetSecretValue'],
    ['trackDeletion', 'DeleteSecret'],
    ['trackDeletion', 'RestoreSecret'],
    ['trackDeletion', 'CreateSecret'],
    ['trackDeletion', 'RemoveRegionsFromReplication'],
  ]);
});

test.each<[string, object]>([
  ['a read that succeeded', getSecretValue()],
  ['a deletion that failed', deleteSecret({ errorCode: 'ResourceNotFoundException' })],
  ['a restore that failed', restoreSecret({ errorMessage: 'no' })],
  ['a creation that succeeded', deleteSecret({ eventName: 'CreateSecret' })],
  ['another call', failedGetSecretValue({ eventName: 'PutSecretValue' })],
  ['a call to another service', failedGetSecretValue({ eventSource: 'kms.amazonaws.com' })],
  ['a network activity event', failedGetSecretValue({ eventCategory: 'NetworkActivity' })],
])('%s is dropped, and counted', (_, record) => {
  expect(sorted(record, failedGetSecretValue())).toMatchObject({
    handOns: [{ to: 'notify' }],
    unrelated: 1,
    unreadable: [],
  });
});

test('a read of what AWS does not find is dropped where nothing sifts such reads', () => {
  const batch = unpackBatch(subscriptionEvent([notFoundGetSecretValue(), deleteSecret()]));
  expect(sortBatch(batch, false)).toMatchObject({
    handOns: [{ to: 'trackDeletion' }],
    unrelated: 1,
  });
});

test('ten reads for a queue are together no more than it takes by one request, however large they are', () => {
  const additionalEventData = 'x'.repeat(50_000);
  const large = notFoundGetSecretValue({ additionalEventData });
  const [read, attempt] = sorted(large, failedGetSecretValue({ additionalEventData })).handOns;
  expect(Buffer.byteLength(read?.payload ?? '')).toBeLessThan(256 * 1024 * 0.1);
  expect(attempt?.payload).toContain(additionalEventData);
});

test('no character keeps a queue from taking a read, and its sender is not changed by that', () => {
  const userAgent = 'a\uFFFF\uFFFE\u0000b';
  const [read] = sorted(notFoundGetSecretValue({ userAgent })).handOns;
  // What Amazon SQS takes: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessage.html
  expect(read?.payload).toMatch(/^[\t\n\r\u0020-\uD7FF\uE000-\uFFFD]*$/);
  expect(JSON.parse(read?.payload ?? '').detail.userAgent).toBe(userAgent);
});

test('a record without a category, as older ones are, is handed on', () => {
  expect(handedOn(failedGetSecretValue({ eventCategory: undefined }))).toHaveLength(1);
});

test.each<[string, string]>([
  ['no JSON', '{"eventSource": "secretsmanager.am'],
  ['JSON but no record', '[1, 2]'],
  ['a record without the name of its call', '{"eventSource":"secretsmanager.amazonaws.com"}'],
  ['nothing', ''],
  ['null', 'null'],
])('%s is handed on to be refused and kept, and the others are handled', (_, message) => {
  const { handOns, unrelated, unreadable } = sorted(message, deleteSecret());
  expect([handOns.map(({ to }) => to), unrelated]).toEqual([['notify', 'trackDeletion'], 0]);
  expect(unreadable).toEqual([{ id: expect.any(String), text: message }]);
  const event = JSON.parse(handOns[0]?.payload ?? '');
  expect(event).toMatchObject({
    path: 'trail',
    detail: {
      logGroup: 'CloudTrail/MyCloudWatchLogGroup',
      logStream: '111122223333_CloudTrail_eu-west-1',
      id: unreadable[0]?.id,
      message,
    },
  });
  expect(() => parseEvent(event)).toThrow(
    /^Expected an EventBridge event with a CloudTrail record/,
  );
});

/** A batch of one log event in a stream of this name. */
const inStream = (logStream: string, record: object) =>
  sortBatch(
    {
      messageType: 'DATA_MESSAGE',
      logGroup: 'g',
      logStream,
      logEvents: [{ id: '1', message: JSON.stringify(record) }],
    },
    true,
  );

test.each([
  '444455556666_CloudTrail_us-east-1',
  'o-a1b2c3d4e5_444455556666_CloudTrail_us-east-1_2',
])(
  'of a record without an account the log stream tells that, not the account of the caller: %s',
  (logStream) => {
    const record = failedGetSecretValue({ recipientAccountId: undefined, awsRegion: 'us-west-2' });
    const [one] = inStream(logStream, record).handOns;
    const { attempt } = readAttempt(parseEvent(JSON.parse(one?.payload ?? '')), new Date());
    expect(attempt?.secret).toMatchObject({ accountId: '444455556666', region: 'us-west-2' });
  },
);

test.each<[string, string, Record<string, undefined>]>([
  ['an account', 'stream', { recipientAccountId: undefined }],
  ['a Region', '444455556666_CloudTrail_us-east-1', { awsRegion: undefined }],
])(
  'a record without %s is refused, lest the secret of its name at home pass for its',
  (_, stream, left) => {
    const { handOns, unreadable } = inStream(stream, failedGetSecretValue(left));
    expect(unreadable).toHaveLength(1);
    expect(() => parseEvent(JSON.parse(handOns[0]?.payload ?? ''))).toThrow(/^Expected/);
    const requestParameters = {
      secretId: 'arn:aws:secretsmanager:us-east-1:444455556666:secret:prod/db-AbCdEf',
    };
    const known = inStream(stream, failedGetSecretValue({ ...left, requestParameters }));
    expect(known.unreadable).toEqual([]);
  },
);

test('of a record that is nested too deeply to be written again what this service reads is handed on', () => {
  const text = JSON.stringify(failedGetSecretValue());
  const deep = `${text.slice(0, -1)},"deep":${'['.repeat(200_000)}${']'.repeat(200_000)}}`;
  const { handOns, unreadable } = sorted(deep, deleteSecret());
  expect(handOns.map(({ to }) => to)).toEqual(['notify', 'trackDeletion']);
  expect(unreadable).toEqual([]);
  const { detail } = parseEvent(JSON.parse(handOns[0]?.payload ?? ''));
  expect(detail).toEqual(parseEvent(asEvent(failedGetSecretValue())).detail);
});

test('a log event without a message is refused alone', () => {
  const batch = unpackBatch(
    packedBatch({
      messageType: 'DATA_MESSAGE',
      owner: '111122223333',
      logGroup: 'g',
      logStream: '111122223333_CloudTrail_eu-west-1',
      subscriptionFilters: [],
      logEvents: [
        { id: '1', timestamp: 0 },
        { timestamp: 0, message: 7 },
        { id: '3', timestamp: 0, message: JSON.stringify(deleteSecret()) },
      ] as never,
    }),
  );
  const { handOns, unreadable } = sortBatch(batch, true);
  expect(handOns.map(({ to }) => to)).toEqual(['notify', 'notify', 'trackDeletion']);
  expect(unreadable).toEqual([
    { id: '1', text: '' },
    { id: '', text: '' },
  ]);
});

test('what is no record is logged as one short harmless line, and handed on cut', () => {
  const hostile = `\u001b[2J\r\n{"level":"INFO"}\u202e${'x'.repeat(300_000)}`;
  const { unreadable, handOns } = sorted(hostile);
  const [{ text } = { text: '' }] = unreadable;
  expect(text).not.toMatch(/[\p{C}\p{Zl}\p{Zp}]/u);
  expect(text.length).toBeLessThanOrEqual(200);
  expect(handOns[0]?.payload.length).toBeLessThan(20_000);
});

test('of a record that is larger than an invocation takes what this service reads is handed on', () => {
  const large = failedGetSecretValue({ additionalEventData: 'é'.repeat(600_000) });
  const [one] = sorted(large).handOns;
  expect(Buffer.byteLength(one?.payload ?? '')).toBeLessThan(10_000);
  const { detail, ...envelope } = JSON.parse(one?.payload ?? '');
  expect(envelope).toMatchObject({ id: large.eventID, path: 'trail', region: 'eu-west-1' });
  const read = parseEvent({ ...envelope, detail: failedGetSecretValue() }).detail;
  expect(parseEvent({ ...envelope, detail }).detail).toEqual(read);
});

test('a message of CloudWatch Logs itself, a check of the destination, is no record', () => {
  const message = 'CWL CONTROL MESSAGE: Checking health of destination Lambda.';
  const batch = unpackBatch(
    packedBatch({
      messageType: 'CONTROL_MESSAGE',
      owner: 'CloudwatchLogs',
      logGroup: '',
      logStream: '',
      subscriptionFilters: [],
      logEvents: [{ id: '', timestamp: 1_795_000_000_000, message }],
    }),
  );
  expect(sortBatch(batch, true)).toEqual({ handOns: [], unrelated: 0, unreadable: [] });
});

test('an empty batch is handed on as nothing', () => {
  expect(sorted()).toEqual({ handOns: [], unrelated: 0, unreadable: [] });
});

const data = (text: string) => ({ awslogs: { data: text } });
const gzipped = (text: string) => data(gzipSync(text).toString('base64'));

test.each<[string, unknown, string]>([
  ['nothing', undefined, 'awslogs.data is missing'],
  ['null', null, 'awslogs.data is missing'],
  ['an event of EventBridge', { detail: {} }, 'awslogs.data is missing'],
  ['data that is no text', { awslogs: { data: 1 } }, 'awslogs.data is missing'],
  ['no data', data(''), 'unexpected end of file'],
  ['data that is not packed', data('eyJhIjoxfQ=='), 'incorrect header check'],
  ['data that is cut', data(subscriptionEvent([]).awslogs.data.slice(0, 60)), 'unexpected end'],
  ['packed text', gzipped('no JSON'), 'Unexpected token'],
  ['a packed record', packedBatch(failedGetSecretValue()), 'messageType: expected'],
  [
    'another kind of message',
    packedBatch({ messageType: 'X'.repeat(999) }),
    'messageType: expected ("DATA_MESSAGE" | "CONTROL_MESSAGE"), got "XXX',
  ],
  [
    'a batch without its log group',
    packedBatch({
      messageType: 'DATA_MESSAGE',
      logStream: 's',
      logEvents: [],
    }),
    'logGroup: expected',
  ],
])('%s is no batch, and says what was expected and what came', (_, event, why) => {
  const start =
    'Expected a batch of a subscription filter of CloudWatch Logs, which is JSON packed by gzip and base64; ';
  expect(() => unpackBatch(event)).toThrow(expect.objectContaining({ code: 'INVALID_EVENT' }));
  expect(() => unpackBatch(event)).toThrow(start + why);
  expect(() => unpackBatch(event)).toThrow(
    expect.objectContaining({ message: expect.stringMatching(/^.{1,300}$/) }),
  );
});

test('a batch that grows beyond measure when unpacked is refused', () => {
  const bomb = packedBatch({ messageType: 'x'.repeat(64 * 1024 * 1024) });
  expect(() => unpackBatch(bomb)).toThrow(
    /Cannot create a Buffer larger than|larger than 33554432/,
  );
});
