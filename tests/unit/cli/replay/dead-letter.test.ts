import fc from 'fast-check';
import { type FunctionOutput, judge, readDeadLetter } from '../../../../cli/replay/dead-letter.ts';
import { packedBatch, subscriptionEvent } from '../../../../emulators/cloudtrail.ts';
import {
  asEvent,
  deleteSecret,
  failedGetSecretValue,
  restoreSecret,
} from '../../../testing/records.ts';

const FUNCTIONS: Record<FunctionOutput, string> = {
  NotifyFunctionName: 'dsn-notify',
  TrackDeletionFunctionName: 'dsn-track-deletion',
  SummarizeFunctionName: 'dsn-summarize',
  ReadTrailFunctionName: 'dsn-read-trail',
};

const output = (name: string) => FUNCTIONS[name as FunctionOutput];
const stack = {
  name: 'dsn',
  region: 'eu-west-1',
  accountId: '111122223333',
  output,
  findOutput: output,
};

const attempt = asEvent(failedGetSecretValue());
const schedule = { source: 'aws.events', 'detail-type': 'Scheduled Event', detail: {} };
const batch = subscriptionEvent([failedGetSecretValue(), deleteSecret()]);
const arnOf = (name: string) => `arn:aws:lambda:eu-west-1:111122223333:function:${name}`;
const failed = (functionArn: string, requestPayload: unknown = attempt) => ({
  requestContext: { functionArn },
  requestPayload,
});

test.each([
  ['an attempt', attempt],
  ['a deletion', asEvent(deleteSecret())],
  ['a cancellation', asEvent(restoreSecret())],
  ['a schedule', schedule],
  ['a batch', batch],
])('%s is read as EventBridge kept it, and as Lambda did', (_, event) => {
  const body = JSON.stringify(event);
  expect(readDeadLetter(body)).toEqual({ event: JSON.parse(body) });
  const arn = `${arnOf('notify')}:$LATEST`;
  const record = JSON.stringify(failed(arn, event));
  expect(readDeadLetter(record)).toEqual({ event: JSON.parse(body), arn });
});

test.each([
  'text',
  '',
  'null',
  '{}',
  '{"detail":{"eventName":"CreateSecret"}}',
  '{"requestContext":{"functionArn":"arn"}}',
])('%j is no event', (body) => {
  expect(readDeadLetter(body)).toBeUndefined();
});

const judged = (message: unknown) => judge(JSON.stringify(message), stack);

test.each([
  [attempt, 'dsn-notify'],
  [asEvent(restoreSecret()), 'dsn-track-deletion'],
  [failed(arnOf('dsn-notify')), 'dsn-notify'],
  [failed(`${arnOf('dsn-notify')}:$LATEST`), 'dsn-notify'],
  [asEvent(deleteSecret()), 'dsn-track-deletion'],
  [
    failed(`${arnOf('dsn-track-deletion')}:$LATEST`, asEvent(restoreSecret())),
    'dsn-track-deletion',
  ],
  [schedule, 'dsn-summarize'],
  [failed(arnOf('dsn-summarize'), schedule), 'dsn-summarize'],
  [failed(`${arnOf('dsn-read-trail')}:$LATEST`, batch), 'dsn-read-trail'],
])('an event of this service goes to its own function: %j', (message, functionName) => {
  expect(judged(message)).toMatchObject({ kind: 'ours', functionName });
});

test.each([
  ['another function', arnOf('payroll')],
  ['another function of the stack', arnOf('dsn-summarize')],
  ['another account', arnOf('dsn-notify').replace('111122223333', '444455556666')],
  ['another Region', arnOf('dsn-notify').replace('eu-west-1', 'eu-west-2')],
  ['a version', `${arnOf('dsn-notify')}:7`],
  ['an alias', `${arnOf('dsn-notify')}:live`],
  ['a name alone', 'dsn-notify'],
  ['another service', arnOf('dsn-notify').replace(':lambda:', ':states:')],
])('a function that is not its own makes a message foreign: %s', (_, arn) => {
  expect(judged(failed(arn))).toEqual({
    kind: 'foreign',
    text: expect.stringMatching(
      `^GetSecretValue of prod/db-password by role app-server, .+, for ${arn}, not for dsn-notify$`,
    ),
  });
});

test.each([
  ['no event', { hello: 'world' }],
  ["a payload of one's own", failed(arnOf('dsn-notify'), { restore: 'everything' })],
  [
    'a call that nothing handles',
    asEvent({ ...failedGetSecretValue(), eventName: 'PutSecretValue' }),
  ],
  ['a batch that cannot be unpacked', { awslogs: { data: 'x' } }],
  ['a record that the function cannot read', { detail: { eventName: 'GetSecretValue' } }],
])('what is no event of this service is foreign: %s', (_, message) => {
  expect(judged(message)).toEqual({
    kind: 'foreign',
    text: expect.stringMatching(/^no event of this service/),
  });
});

test('a batch is described by what it holds, and goes to no other function', () => {
  const text = '2 log events of CloudTrail/MyCloudWatchLogGroup, for dsn-read-trail';
  expect(judged(batch)).toMatchObject({ kind: 'ours', text });
  expect(judged(failed(arnOf('dsn-notify'), batch))).toMatchObject({ kind: 'foreign' });
});

test('a batch that has waited since before trailPath=off is left, and the others are replayed', () => {
  const without = { ...stack, findOutput: () => undefined };
  expect(judge(JSON.stringify(batch), without)).toEqual({
    kind: 'foreign',
    text: '2 log events of CloudTrail/MyCloudWatchLogGroup: the stack has no function for it (trailPath=off)',
  });
  expect(judge(JSON.stringify(attempt), without)).toMatchObject({ kind: 'ours' });
});

test('what a stranger wrote is one harmless line, however the message names it', () => {
  const hostile = fc
    .array(fc.integer({ min: 0, max: 0xffff }))
    .map((units) => String.fromCharCode(...units));
  fc.assert(
    fc.property(hostile, hostile, hostile, (secretId, arn, principalId) => {
      const detail = {
        ...failedGetSecretValue({ requestParameters: { secretId } }),
        userIdentity: { type: 'Unknown', principalId },
      };
      const event = { ...attempt, detail };
      const logged = packedBatch({
        messageType: 'DATA_MESSAGE',
        logGroup: secretId,
        logStream: arn,
        logEvents: [{ id: arn, message: principalId }],
      });
      for (const message of [event, failed(arn, event), failed(arn, arn), logged]) {
        expect(judged(message).text).not.toMatch(/[\p{C}\p{Zl}\p{Zp}]/u);
      }
    }),
  );
});
