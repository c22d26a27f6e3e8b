import { randomUUID } from 'node:crypto';
import {
  DescribeContinuousBackupsCommand,
  DescribeTimeToLiveCommand,
  DynamoDBClient,
} from '@aws-sdk/client-dynamodb';
import {
  CreateTopicCommand,
  DeleteTopicCommand,
  ListSubscriptionsByTopicCommand,
  SNSClient,
  SubscribeCommand,
} from '@aws-sdk/client-sns';
import { expectGap } from '../canary.ts';
import { aws, deployed } from '../world.ts';

const dynamoDb = new DynamoDBClient(aws);
const sns = new SNSClient(aws);

describe('Gaps of the emulator: what is deployed', () => {
  test('the items of a table do not expire, and are not recovered', async () => {
    const { TableName } = await deployed();
    const { TimeToLiveDescription } = await dynamoDb.send(
      new DescribeTimeToLiveCommand({ TableName }),
    );
    const { ContinuousBackupsDescription } = await dynamoDb.send(
      new DescribeContinuousBackupsCommand({ TableName }),
    );
    const recovery = ContinuousBackupsDescription?.PointInTimeRecoveryDescription;
    const isOpen =
      TimeToLiveDescription?.TimeToLiveStatus !== 'ENABLED' &&
      recovery?.PointInTimeRecoveryStatus !== 'ENABLED';
    expectGap(isOpen, 'Take keepTable out of tests/e2e/doctor/complete.ts.');
  });

  test.each([
    ['email', 'nobody@example.com', 'Let the doctor scenario subscribe an address of mail.'],
    ['http', 'http://127.0.0.1:1/', 'Take showPending out of tests/e2e/doctor/subscription.ts.'],
  ])('a subscription by %s is listed as confirmed', async (Protocol, Endpoint, next) => {
    const { TopicArn } = await sns.send(new CreateTopicCommand({ Name: randomUUID() }));
    await sns.send(new SubscribeCommand({ TopicArn, Protocol, Endpoint }));
    const { Subscriptions } = await sns.send(new ListSubscriptionsByTopicCommand({ TopicArn }));
    await sns.send(new DeleteTopicCommand({ TopicArn }));
    const isOpen = Subscriptions?.[0]?.SubscriptionArn?.startsWith('arn:') ?? false;
    expectGap(isOpen, next);
  });
});
