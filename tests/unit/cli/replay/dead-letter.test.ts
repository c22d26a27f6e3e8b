import fc from 'fast-check';
import { judge, readDeadLetter } from '../../../../cli/replay/dead-letter.ts';
import type { Stack } from '../../../../cli/service.ts';
import { packedBatch, subscriptionEvent } from '../../../../emulators/cloudtrail.ts';
import { encode, type HandedOn } from '../../../../lib/notice/incident-notice.ts';
import type { OutputName } from '../../../../stack/stack.ts';
import {
  asEvent,
  deleteSecret,
  failedCreateSecret,
  failedGetSecretValue,
  notFoundGetSecretValue,
  restoreSecret,
} from '../../../testing/records.ts';

const FUNCTIONS: Partial<Record<OutputName, string>> = {
  NotifyFunctionName: 'dsn-notify',
  TrackDeletionFunctionName: 'dsn-track-deletion',
  SummarizeFunctionName: 'dsn-summarize',
  ReadTrailFunctionName: 'dsn-read-trail',
  ChatFunctionName: 'dsn-chat',
  BusFunctionName: 'dsn-bus',
};

const stackWith = (functions: typeof FUNCTIONS): Stack => ({
  name: 'dsn',
  region: 'eu-west-1',
  accountId: '111122223333',
  output: (name) => functions[name] ?? '',
  findOutput: (name) => functions[name],
});
const stack = stackWith(FUNCTIONS);

const attempt = asEvent(failedGetSecretValue());
const removal = { ...deleteSecret(), eventName: 'RemoveRegionsFromReplication' };
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
  ['a removal of replicas', asEvent(removal)],
  ['a creation whose name is taken', asEvent(failedCreateSecret())],
  ['a read that found nothing', asEvent(notFoundGetSecretValue())],
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
  '{"detail":{"eventName":"PutSecretValue"}}',
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
  [asEvent(removal), 'dsn-track-deletion'],
  [asEvent(failedCreateSecret()), 'dsn-track-deletion'],
  [asEvent(notFoundGetSecretValue()), 'dsn-notify'],
  [
    failed(`${arnOf('dsn-track-deletion')}:$LATEST`, asEvent(restoreSecret())),
    'dsn-track-deletion',
  ],
  [schedule, 'dsn-summarize'],
  [failed(arnOf('dsn-summarize'), schedule), 'dsn-summarize'],
  [failed(`${arnOf('dsn-read-trail')}:$LATEST`, batch), 'dsn-read-trail'],
])('an event of this service goes to its own function: %j', (message, functionName) => {
  expect(judged(message)).toMatchObject({ kind: 'ours', functionNames: [functionName] });
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

test('a creation is described by the name that was taken', () => {
  expect(judged(asEvent(failedCreateSecret())).text).toMatch(
    /^CreateSecret of prod\/db-password by role app-server, .+, for dsn-track-deletion$/,
  );
});

test('a batch is described by what it holds, and goes to no other function', () => {
  const text = '2 log events of CloudTrail/MyCloudWatchLogGroup, for dsn-read-trail';
  expect(judged(batch)).toMatchObject({ kind: 'ours', text });
  expect(judged(failed(arnOf('dsn-notify'), batch))).toMatchObject({ kind: 'foreign' });
});

test('a batch that has waited since before trailPath=off is left, and the others are replayed', () => {
  const without = stackWith({ ...FUNCTIONS, ReadTrailFunctionName: undefined });
  expect(judge(JSON.stringify(batch), without)).toEqual({
    kind: 'foreign',
    text: '2 log events of CloudTrail/MyCloudWatchLogGroup: the stack has no function for it (trailPath=off)',
  });
  expect(judge(JSON.stringify(attempt), without)).toMatchObject({ kind: 'ours' });
});

describe('notices for the channels beside the mail', () => {
  const notice = (kind: string, name?: string) => ({
    id: 'alert/a',
    kind,
    now: new Date('2026-11-22T17:03:00Z'),
    secret: { name },
  });
  const messageOf = (...notices: object[]) =>
    encode({ notices, isMailed: true, stack: {} } as unknown as HandedOn);
  const opened = messageOf(notice('opened', 'prod/db-password'));
  const text = 'opened of prod/db-password, 2026-11-22 17:03 UTC';
  /** What SNS hands to a function. */
  const eventOf = (Message: string) => ({
    Records: [{ EventSource: 'aws:sns', Sns: { Type: 'Notification', Message } }],
  });
  /** What it leaves in the queue of a subscription. */
  const left = (Message: string) => ({
    Type: 'Notification',
    MessageId: '6f5e0c6e-0e6b-5b2b-9d0e-57d2c2d0a1b2',
    TopicArn: 'arn:aws:sns:eu-west-1:111122223333:dsn-NoticeTopic-1A',
    Message,
    Timestamp: '2026-11-22T17:03:00.123Z',
  });

  test.each(['chat', 'bus'])('go to the function of the one that failed: %s', (channel) => {
    expect(judged(failed(`${arnOf(`dsn-${channel}`)}:$LATEST`, eventOf(opened)))).toEqual({
      kind: 'ours',
      event: eventOf(opened),
      functionNames: [`dsn-${channel}`],
      text: `${channel}: ${text}, for dsn-${channel}`,
    });
  });

  test('go to every channel if SNS could hand them to none, as the message does not name it', () => {
    expect(judged(left(opened))).toEqual({
      kind: 'ours',
      event: { Records: [{ EventSource: 'aws:sns', EventVersion: '1.0', Sns: left(opened) }] },
      functionNames: ['dsn-chat', 'dsn-bus'],
      text: `chat, bus: ${text}, for dsn-chat and dsn-bus`,
    });
    const chatAlone = stackWith({ ...FUNCTIONS, BusFunctionName: undefined });
    expect(judge(JSON.stringify(left(opened)), chatAlone)).toMatchObject({
      functionNames: ['dsn-chat'],
      text: `chat: ${text}, for dsn-chat`,
    });
  });

  test('of several secrets name the first and count the others', () => {
    const digest = ['prod/db', undefined, 'prod/api'].map((name) => notice('digest', name));
    const record = failed(arnOf('dsn-chat'), eventOf(messageOf(...digest)));
    expect(judged(record).text).toBe(
      'chat: digest of prod/db and 2 other secrets, 2026-11-22 17:03 UTC, for dsn-chat',
    );
  });

  test.each([
    ['a channel', failed(arnOf('dsn-bus'), eventOf(opened)), 'bus: '],
    ['all channels', left(opened), 'chat, bus: '],
  ])('stay, with the way on, when the stack has lost %s', (_, message, channel) => {
    const none = { ChatFunctionName: undefined, BusFunctionName: undefined };
    expect(judge(JSON.stringify(message), stackWith({ ...FUNCTIONS, ...none }))).toEqual({
      kind: 'foreign',
      text: `${channel}${text}: the stack has no function for it any more. Deploy with its settings, or remove it by --drop-foreign`,
    });
  });

  test.each([
    ['the function of attempts', arnOf('dsn-notify')],
    ['what the buttons call', arnOf('dsn-buttons')],
    ["another account's", arnOf('dsn-chat').replace('111122223333', '444455556666')],
    ['a version', `${arnOf('dsn-chat')}:7`],
  ])('are foreign if they name another function: %s', (_, arn) => {
    expect(judged(failed(arn, eventOf(opened)))).toEqual({
      kind: 'foreign',
      text: `${text}, for ${arn}, not for dsn-chat or dsn-bus`,
    });
  });

  test.each([
    ['no JSON', 'hello'],
    ['another version', opened.replace('"version":1', '"version":2')],
    ['none', messageOf()],
    ['one without a secret', messageOf({ kind: 'opened', now: new Date() })],
    ['a time that is none', messageOf({ ...notice('opened'), now: { $date: 'soon' } })],
  ])('are foreign if no channel could read them: %s', (_, message) => {
    for (const one of [left(message), failed(arnOf('dsn-chat'), eventOf(message))]) {
      expect(judged(one)).toEqual({
        kind: 'foreign',
        text: expect.stringMatching(/^no event of this service/),
      });
    }
  });

  test('are foreign as an event of SNS that nobody has failed on, or of several messages', () => {
    const [record] = eventOf(opened).Records;
    const several = failed(arnOf('dsn-chat'), { Records: [record, record] });
    for (const message of [eventOf(opened), several]) {
      expect(judged(message)).toMatchObject({ kind: 'foreign' });
    }
  });

  test("and an attempt's record is never sent to a channel", () => {
    expect(judged(failed(arnOf('dsn-chat')))).toMatchObject({ kind: 'foreign' });
  });

  test('are one harmless line, whatever is in them', () => {
    const hostile = fc.string({ unit: 'binary' });
    fc.assert(
      fc.property(hostile, hostile, hostile, (kind, name, arn) => {
        const message = messageOf(notice(kind, name));
        const all = [left(message), failed(arnOf('dsn-chat'), eventOf(message))];
        expect(all.map((one) => judged(one).kind)).toEqual(['ours', 'ours']);
        for (const one of [...all, failed(arn, eventOf(message)), left(name)]) {
          expect(judged(one).text).not.toMatch(/[\p{C}\p{Zl}\p{Zp}]/u);
        }
      }),
    );
  });
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
