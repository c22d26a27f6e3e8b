import { PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import { clientSettings } from '../../../emulators/client.ts';
import {
  FAULT_HEADER,
  type Fault,
  injectFaults,
  RUN_HEADER,
  TIME_HEADER,
} from '../../../emulators/faults.ts';
import {
  CHAT_TOPIC_ARN,
  type Messaging,
  type Published,
  startMessaging,
} from '../../../emulators/messaging.ts';
import { snsEvent, subscribersOf } from '../../../emulators/subscriptions.ts';
import type { Resource } from '../../../emulators/template.ts';

const TIME = Date.parse('2026-11-22T08:00:00Z');

let messaging: Messaging;
let received: Published[];
const started = new AsyncDisposableStack();

beforeAll(async () => {
  started.defer(injectFaults());
  messaging = await startMessaging();
  started.defer(() => messaging.stop());
  const { noticeTopicArn } = messaging;
  started.defer(messaging.onPublished(noticeTopicArn, (published) => received.push(published)));
});
afterAll(() => started.disposeAsync());
beforeEach(() => {
  received = [];
});

/** Publishes at a simulated time, and with a fault in each of its tries, two at most. */
async function publish(TopicArn: string, Message: string, fault?: Fault): Promise<string> {
  const sns = new SNSClient({ ...clientSettings(messaging.endpoint, 'key'), maxAttempts: 2 });
  sns.middlewareStack.add(
    (next) => (args) => {
      const { headers } = args.request as { headers: Record<string, string> };
      headers[TIME_HEADER] = String(TIME);
      headers[RUN_HEADER] = '7';
      if (fault) headers[FAULT_HEADER] = fault;
      return next(args);
    },
    { step: 'build' },
  );
  try {
    const { MessageId = '' } = await sns.send(new PublishCommand({ TopicArn, Message }));
    return MessageId;
  } finally {
    sns.destroy();
  }
}

describe('the topic of notices', () => {
  test('hands on what is published, at its simulated time', async () => {
    const id = await publish(messaging.noticeTopicArn, '{"a":"<&>"}');
    const { noticeTopicArn: topicArn } = messaging;
    expect(received).toEqual([
      { topicArn, id, message: '{"a":"<&>"}', time: TIME, run: 7, isLost: false },
    ]);
  });

  test('hands nothing on that was refused', async () => {
    await expect(publish(messaging.noticeTopicArn, 'x', 'refused')).rejects.toThrow();
    expect(received).toEqual([]);
  });

  test('hands on each try whose answer got lost', async () => {
    await expect(publish(messaging.noticeTopicArn, 'x', 'lost')).rejects.toThrow();
    expect(received).toMatchObject([
      { message: 'x', isLost: true },
      { message: 'x', isLost: true },
    ]);
  });

  test('takes nothing while it is down', async () => {
    messaging.failWhile(messaging.noticeTopicArn, (time) => time === TIME);
    await expect(publish(messaging.noticeTopicArn, 'x')).rejects.toThrow();
    await publish(messaging.topicArn, 'x');
    expect(received).toEqual([]);
    messaging.failWhile(messaging.noticeTopicArn, () => false);
    await publish(messaging.noticeTopicArn, 'x');
    expect(received).toHaveLength(1);
  });

  test('has nothing of other topics', async () => {
    await publish(messaging.topicArn, 'x');
    expect(received).toEqual([]);
  });
});

test('what is published for the chat waits in its own queue', async () => {
  expect(messaging.chatTopicArn).toBe(CHAT_TOPIC_ARN);
  const id = await publish(CHAT_TOPIC_ARN, '{"version":"1.0"}');
  await publish(CHAT_TOPIC_ARN, '{"version":"1.1"}');
  expect(await messaging.takeChat()).toContainEqual({ id, message: { version: '1.0' } });
  await publish(CHAT_TOPIC_ARN, '{"version":"1.2"}');
  expect(await messaging.nextChat()).toEqual({ version: '1.2' });
  expect(await messaging.nextChat()).toBeUndefined();
});

test('a function gets the event that SNS makes of a message', () => {
  const topicArn = 'arn:aws:sns:eu-west-1:111122223333:notices';
  const event = snsEvent({ topicArn, id: 'id', message: 'text', time: TIME });
  expect(event).toMatchObject({
    Records: [
      {
        EventSource: 'aws:sns',
        Sns: {
          MessageId: 'id',
          TopicArn: topicArn,
          Subject: null,
          Message: 'text',
          Timestamp: '2026-11-22T08:00:00.000Z',
        },
      },
    ],
  });
});

test('the functions that subscribe to a topic of a template are found', () => {
  const subscription = (TopicArn: unknown, Protocol: string, Endpoint: unknown): Resource => ({
    Type: 'AWS::SNS::Subscription',
    Properties: { TopicArn, Protocol, Endpoint },
  });
  const chat = { 'Fn::GetAtt': ['ChatLambdaFunction', 'Arn'] };
  const bus = { 'Fn::GetAtt': ['BusLambdaFunction', 'Arn'] };
  const lambda = { Type: 'AWS::Lambda::Function', Properties: {} };
  const Resources = {
    ChatLambdaFunction: lambda,
    BusLambdaFunction: lambda,
    ToChat: subscription({ Ref: 'NoticeTopic' }, 'lambda', chat),
    ToBus: subscription({ Ref: 'AlertTopic' }, 'lambda', bus),
    ToPerson: subscription({ Ref: 'NoticeTopic' }, 'email', 'oncall@example.com'),
  };
  expect(subscribersOf({ Resources }, 'NoticeTopic')).toEqual(['ChatLambdaFunction']);
  expect(subscribersOf({ Resources }, 'ChatTopic')).toEqual([]);
});
