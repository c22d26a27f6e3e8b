import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
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

  test('and says what to do next', async () => {
    await deployed();
    const log = await readFile(join(process.env.E2E_DIRECTORY ?? '', 'deploy.log'), 'utf8');
    expect(log).toMatch(/next steps:[\s\S]+npm run -s doctor -- --stage e2e --region eu-west-1\n/);
  });

  test('and subscribes the address of its settings', async () => {
    const { AlertTopicArn: TopicArn } = await deployed();
    const { Subscriptions } = await sns.send(new ListSubscriptionsByTopicCommand({ TopicArn }));
    expect(Subscriptions).toMatchObject([{ Protocol: 'email', Endpoint: EMAIL }]);
  });
});
