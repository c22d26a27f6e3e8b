import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { readRecords } from '../../../../cli/preview/records.ts';
import { NotifierError } from '../../../../lib/errors.ts';
import {
  asEvent,
  deleteSecret,
  failedGetSecretValue,
  getSecretValue,
} from '../../../testing/records.ts';

const attempt = failedGetSecretValue();
const success = getSecretValue();
const deletion = deleteSecret();
const text = JSON.stringify(attempt);

const bytes = (content: unknown) =>
  Buffer.from(typeof content === 'string' ? content : JSON.stringify(content));
const packed = (content: unknown) => gzipSync(bytes(content)).toString('base64');

/** What is found, by the names of the calls. */
const names = (content: Uint8Array) =>
  readRecords(content).map(({ event, fault }) => event?.detail.eventName ?? fault);

/** An entry of `aws cloudtrail lookup-events`, whose record is JSON text. */
const entry = (record: { eventName: string }) => ({
  EventId: '0a6b1b57-9c0e-4f0d-9a35-2f1f6f0c7e21',
  EventName: record.eventName,
  ReadOnly: 'true',
  EventTime: '2026-11-22T14:03:00+00:00',
  EventSource: 'secretsmanager.amazonaws.com',
  Resources: [],
  CloudTrailEvent: JSON.stringify(record),
});
const logEvent = (record: unknown) => ({
  logStreamName: '111122223333_CloudTrail_eu-west-1',
  timestamp: 1_795_356_180_000,
  message: JSON.stringify(record),
});
const failure = (requestPayload: unknown) => ({
  version: '1.0',
  requestContext: {
    functionArn: 'arn:aws:lambda:eu-west-1:111122223333:function:notify:$LATEST',
    condition: 'RetriesExhausted',
  },
  requestPayload,
});
const payload = { messageType: 'DATA_MESSAGE', logEvents: [logEvent(attempt)] };

test.each<[string, unknown]>([
  ['an EventBridge event', asEvent(attempt)],
  ['a record', attempt],
  ['a log file', { Records: [attempt] }],
  ['the output of lookup-events', { Events: [entry(attempt)], NextToken: 'x' }],
  ['one of its entries', entry(attempt)],
  ['its records as text, by --query', [text]],
  ['one of them', JSON.stringify(text)],
  ['the output of filter-log-events', { events: [logEvent(attempt)], searchedLogStreams: [] }],
  [
    'the output of get-query-results',
    {
      results: [
        [
          { field: '@timestamp', value: '2026-11-22 14:03:00.000' },
          { field: '@message', value: text },
          { field: '@ptr', value: 'x' },
        ],
      ],
      status: 'Complete',
    },
  ],
  ['an export of Logs Insights', [{ '@timestamp': '2026-11-22', '@message': attempt }]],
  ["a subscription filter's payload", { awslogs: { data: packed(payload) } }],
  ['that, unpacked', payload],
  ['what Lambda keeps of a failed event', failure(asEvent(attempt))],
  ['the output of sqs receive-message', { Messages: [{ Body: JSON.stringify(asEvent(attempt)) }] }],
  [
    'a dead letter in it',
    { Messages: [{ MessageId: 'a', Body: JSON.stringify(failure(asEvent(attempt))) }] },
  ],
  ['an array', [asEvent(attempt)]],
  ['JSON with a byte order mark', `\ufeff${text}`],
])('a record is found in %s', (_, content) => {
  expect(readRecords(bytes(content))).toMatchObject([
    { event: { detail: { eventID: attempt.eventID } } },
  ]);
  expect(names(gzipSync(bytes(content)))).toEqual(['GetSecretValue']);
});

test.each<[string, string]>([
  ['JSON lines', `${text}\n${JSON.stringify(deletion)}\n`],
  ['JSON lines of Windows', `${text}\r\n\r\n${JSON.stringify(deletion)}\r\n`],
  [
    'documents one after another',
    [attempt, deletion].map((r) => JSON.stringify(r, null, 2)).join('\n'),
  ],
  [
    'the output of aws logs tail',
    `2026-11-22T14:03:00.123000+00:00 111122223333_CloudTrail_eu-west-1 ${text}\n2026-11-22T14:03:01 ${JSON.stringify(deletion)}\r\n`,
  ],
  [
    'the output of filter-log-events --output text',
    `EVENTS\t3912\t1795356190000\tstream\t${text}\t1795356180000\nEVENTS\t3913\t1795356190000\tstream\t${JSON.stringify(deletion)}\t1795356180001\nSEARCHEDLOGSTREAMS\tTrue\tstream\n`,
  ],
  ['texts parted by tabs, by --output text', `${text}\t${JSON.stringify(deletion)}\n`],
])('several records are found in %s', (_, content) => {
  expect(names(bytes(content))).toEqual(['GetSecretValue', 'DeleteSecret']);
});

test('what PowerShell writes is read', () => {
  expect(names(Buffer.from(`\ufeff${text}`, 'utf16le'))).toEqual(['GetSecretValue']);
});

test('gzip in several members, as a stream of log files put together, is read', () => {
  const line = gzipSync(`${text}\n`);
  expect(names(Buffer.concat([line, line]))).toHaveLength(2);
});

test('what is no record stands among the others, with where it is', () => {
  const events = [logEvent(success), { message: 'START RequestId: 1' }, logEvent(attempt), {}];
  expect(names(bytes({ events }))).toEqual([
    'GetSecretValue',
    expect.stringMatching(/^events\[1\]\.message is no JSON \(/),
    'GetSecretValue',
    'events[3] is no CloudTrail record, but an object with nothing in it',
  ]);
  expect(names(bytes(`${text}\noops\n${text}`))[1]).toMatch(/^document 2 is no JSON/);
});

let nested: unknown = 1;
for (let i = 0; i < 12; i++) nested = [nested];

test.each<[string, Uint8Array, string | RegExp]>([
  ['nothing', bytes(' \n'), 'Expected CloudTrail records, got nothing.'],
  ['an empty list', bytes({ Records: [] }), /got an empty list\.$/],
  ['a number', bytes('1'), /: it is 1\.$/],
  ['broken JSON', bytes('{"a":\n'), /: it is no JSON \(.+\)\.$/],
  ['another object', bytes({ a: 1, b: 2 }), /no CloudTrail record, but an object with a, b\.$/],
  ['half a record', bytes({ eventSource: 'a', eventName: 1 }), /eventName: expected string, got 1/],
  [
    'another event',
    bytes({ detail: {} }),
    /Expected an EventBridge event with a CloudTrail record/,
  ],
  ['a scheduled run', bytes({ 'detail-type': 'Scheduled Event', detail: {} }), /a scheduled run/],
  [
    'only other lines',
    bytes({ events: [{ message: 'a' }, { message: 'b' }] }),
    /; nor is any of 1 more\.$/,
  ],
  [
    'rows without the record',
    bytes({ results: [[{ field: 'a', value: '1' }]] }),
    /add it to the fields/,
  ],
  ['a broken payload', bytes({ awslogs: { data: 'AAAA' } }), /awslogs\.data is no gzip data/],
  ['too deep a nest', bytes(nested), /is nested too deeply/],
  ['broken gzip', gzipSync(text).subarray(0, 40), /Expected gzip data of at most/],
])('%s is refused', (_, content, message) => {
  expect(() => readRecords(content)).toThrow(
    expect.objectContaining({ code: 'INVALID_FILE', message: expect.stringMatching(message) }),
  );
});

test('gzip that unpacks to more than fits is refused before it is unpacked whole', () => {
  const member = gzipSync(Buffer.alloc(16 * 1024 * 1024));
  const bomb = Buffer.concat(Array.from({ length: 17 }, () => member));
  expect(() => readRecords(bomb)).toThrow(/Expected gzip data of at most 268435456 bytes/);
});

test('whatever comes, records are found or it is refused in a sentence', () => {
  const key = fc.constantFrom('Records', 'message', 'Body', 'detail', 'awslogs', 'data', 'field');
  const { tree } = fc.letrec((tie) => ({
    tree: fc.oneof(
      { maxDepth: 5 },
      fc.anything(),
      fc.array(tie('tree'), { maxLength: 3 }),
      fc.dictionary(key, tie('tree'), { maxKeys: 2 }),
      tie('tree').map((value) => JSON.stringify(value) ?? ''),
      fc.constant(attempt),
    ),
  }));
  fc.assert(
    fc.property(tree, (value) => {
      try {
        expect(readRecords(bytes(JSON.stringify(value) ?? '')).length).toBeGreaterThan(0);
      } catch (error) {
        if (!(error instanceof NotifierError)) throw error;
      }
    }),
  );
});

test('one line of aws logs tail is a record; one that is none is named', () => {
  const time = '2026-11-22T14:03:00.123000+00:00';
  expect(names(bytes(`${time} stream ${text}\n`))).toEqual(['GetSecretValue']);
  expect(names(bytes(`${time} stream ${text}\n${time} stream START\n`))).toEqual([
    'GetSecretValue',
    expect.stringMatching(/^document 2 is no JSON/),
  ]);
});
