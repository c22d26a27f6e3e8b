import { CloudFormationClient, ListStacksCommand } from '@aws-sdk/client-cloudformation';
import { ListSubscriptionsByTopicCommand, SNSClient } from '@aws-sdk/client-sns';
import { aws, deployed, deployStage, EMAIL, LOG_GROUP } from '../world.ts';

const cloudFormation = new CloudFormationClient(aws);
const sns = new SNSClient(aws);

describe('A bad setting is refused before anything is created', () => {
  test('with its name, and with what was expected', async () => {
    const settings = { alertEmails: 'nobody', cloudTrailLogGroup: LOG_GROUP };
    await expect(deployStage(settings)).rejects.toThrow(
      /Expected `alertEmails` to be comma-separated e-mail addresses, each once, got "nobody"/,
    );
    const { StackSummaries } = await cloudFormation.send(new ListStacksCommand());
    expect(StackSummaries).toEqual([]);
  });
});

describe('The service deploys', () => {
  test('as it is', async () => {
    await deployed();
  });

  test('and subscribes the address of its settings', async () => {
    const { AlertTopicArn: TopicArn } = await deployed();
    const { Subscriptions } = await sns.send(new ListSubscriptionsByTopicCommand({ TopicArn }));
    expect(Subscriptions).toMatchObject([{ Protocol: 'email', Endpoint: EMAIL }]);
  });
});
