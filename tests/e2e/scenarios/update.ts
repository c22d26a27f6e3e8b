import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { GetFunctionConfigurationCommand } from '@aws-sdk/client-lambda';
import { ListSubscriptionsByTopicCommand, SNSClient } from '@aws-sdk/client-sns';
import { countAttempts } from '../../../simulation/cloud.ts';
import { lambda } from '../functions.ts';
import { aws, deployed, TAGGED } from '../world.ts';

const client = new DynamoDBClient(aws);
const sns = new SNSClient(aws);

describe('A second deployment updates in place', () => {
  test('other settings, the same resources with what they hold', async () => {
    const before = await deployed();
    const { TableName: name = '', NotifyFunctionName: FunctionName } = before;
    const attempts = await countAttempts({ client, name });
    expect(attempts).toBeGreaterThan(0);

    expect(await deployed(TAGGED)).toEqual(before);
    expect(await countAttempts({ client, name })).toBe(attempts);
    const configuration = await lambda.send(new GetFunctionConfigurationCommand({ FunctionName }));
    expect(configuration.Environment?.Variables).toMatchObject({
      QUIET_WINDOW_MINUTES: TAGGED.quietWindowMinutes,
      AUTO_CANCEL_DELETION: 'tagged',
    });
  });

  test('and subscribes a new address', async () => {
    const { AlertTopicArn: TopicArn } = await deployed(TAGGED);
    const { Subscriptions = [] } = await sns.send(
      new ListSubscriptionsByTopicCommand({ TopicArn }),
    );
    expect(Subscriptions.map(({ Endpoint }) => Endpoint)).toContain('second@example.com');
  });
});
