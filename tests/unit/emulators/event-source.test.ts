import { type Batch, type EventSource, eventSourcesOf } from '../../../emulators/event-source.ts';

const NOW = Date.parse('2026-11-22T08:00:00Z');
const SECOND = 1000;

let dead: string[];
beforeEach(() => {
  dead = [];
});

/** A queue with a delay of a minute, of which a function gets batches of three at most, after five seconds at most. */
function open(mapping = {}, queue = {}): EventSource {
  const [source] = eventSourcesOf(
    {
      Resources: {
        Queue: {
          Type: 'AWS::SQS::Queue',
          Properties: {
            DelaySeconds: 60,
            VisibilityTimeout: 100,
            RedrivePolicy: { maxReceiveCount: 2 },
            ...queue,
          },
        },
        Sift: { Type: 'AWS::Lambda::Function', Properties: {} },
        Mapping: {
          Type: 'AWS::Lambda::EventSourceMapping',
          Properties: {
            EventSourceArn: { 'Fn::GetAtt': ['Queue', 'Arn'] },
            FunctionName: { Ref: 'Sift' },
            BatchSize: 3,
            MaximumBatchingWindowInSeconds: 5,
            FunctionResponseTypes: ['ReportBatchItemFailures'],
            ScalingConfig: { MaximumConcurrency: 2 },
            ...mapping,
          },
        },
      },
    },
    (body) => dead.push(body),
  );
  if (source) return source;
  throw new Error('Expected an event source');
}

const bodies = (batch?: Batch) => batch?.event.Records.map(({ body }) => body);

/** Seconds after {@link NOW}. */
const at = (seconds: number) => NOW + seconds * SECOND;

test('a mapping tells its queue, its function and its limit', () => {
  expect(open()).toMatchObject({ queue: 'Queue', function: 'Sift', maxConcurrency: 2 });
});

test('a message is handed over after the delay and the window', () => {
  const source = open();
  expect(source.due()).toBeUndefined();
  const id = source.send('{"a":1}', NOW);
  expect(source.due()).toBe(at(65));
  expect(source.take(at(65) - 1)).toBeUndefined();
  expect(source.take(at(65))?.event).toEqual({
    Records: [
      {
        messageId: id,
        receiptHandle: `${id}#1`,
        body: '{"a":1}',
        attributes: {
          ApproximateReceiveCount: '1',
          SentTimestamp: String(NOW),
          SenderId: 'AIDAEXAMPLE',
          ApproximateFirstReceiveTimestamp: String(NOW),
        },
        messageAttributes: {},
        md5OfBody: 'bb6cb5c68df4652941caf652a366f2d8',
        eventSource: 'aws:sqs',
        eventSourceARN: 'arn:aws:sqs:eu-west-1:111122223333:Queue',
        awsRegion: 'eu-west-1',
      },
    ],
  });
});

test('a full batch is handed over at once, and the rest in its own time', () => {
  const source = open();
  for (const [i, body] of ['a', 'b', 'c', 'd'].entries()) source.send(body, at(i));
  expect(source.due()).toBe(at(62));
  expect(bodies(source.take(at(62)))).toEqual(['a', 'b', 'c']);
  expect(source.take(at(63))).toBeUndefined();
  expect(bodies(source.take(at(68)))).toEqual(['d']);
});

test('a batch has 6 MB at most', () => {
  const source = open();
  const large = 'x'.repeat(4 * 1024 * 1024);
  source.send(large, NOW);
  source.send(large, NOW);
  expect(source.take(at(65))?.messages).toHaveLength(1);
  expect(source.take(at(65))?.messages).toHaveLength(1);
});

const first = (batch: Batch) => batch.messages[0]?.id;

test.each<[what: string, answer: (batch: Batch) => object, again: string[]]>([
  ['says nothing', () => ({ result: null }), []],
  ['has no failures', () => ({ result: { batchItemFailures: [] } }), []],
  ['has no list', () => ({ result: { batchItemFailures: null } }), []],
  [
    'names one',
    (batch) => ({ result: { batchItemFailures: [{ itemIdentifier: first(batch) }] } }),
    ['a'],
  ],
  [
    'names another',
    () => ({ result: { batchItemFailures: [{ itemIdentifier: 'x' }] } }),
    ['a', 'b'],
  ],
  ['names none', () => ({ result: { batchItemFailures: [{ id: 'x' }] } }), ['a', 'b']],
  ['is an error', () => ({ error: {} }), ['a', 'b']],
])('of an answer that %s the right messages come again', (_, answer, again) => {
  const source = open();
  source.send('a', NOW);
  source.send('b', NOW);
  const batch = source.take(at(65));
  if (batch) source.settle(batch, answer(batch));
  expect(source.take(at(164))).toBeUndefined();
  expect(bodies(source.take(at(170))) ?? []).toEqual(again);
});

test('without partial failures an answer says nothing', () => {
  const source = open({ FunctionResponseTypes: undefined });
  source.send('a', NOW);
  const batch = source.take(at(65));
  if (batch) {
    source.settle(batch, { result: { batchItemFailures: [{ itemIdentifier: first(batch) }] } });
  }
  expect(source.due()).toBeUndefined();
});

test('what has failed too often is dead, and comes no more', () => {
  const source = open();
  source.send('a', NOW);
  for (let batch = source.take(Infinity); batch; batch = source.take(Infinity)) {
    source.settle(batch, { error: {} });
  }
  expect(dead).toEqual(['a']);
  expect(source.due()).toBeUndefined();
});
