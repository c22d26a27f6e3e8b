import { plainTemplate } from '../../../../release/template.ts';
import { all, answered, type Change, examine, patched, refused } from '../../../testing/account.ts';
import { LOG_GROUP, TOPIC } from '../../../testing/healthy-account.ts';
import type { Any } from './faults/fault.ts';

const PARAMETERS = { AlertEmail: 'a@example.com', CloudTrailLogGroup: LOG_GROUP };

/** The stack is deployed by the template of a release, with these parameters. */
const released: Change = all(
  answered('GetTemplate', { TemplateBody: JSON.stringify(plainTemplate()) }),
  patched('DescribeStacks', ({ Stacks: [stack] }) => {
    stack.Parameters = Object.entries(PARAMETERS).map(([ParameterKey, ParameterValue]) => ({
      ParameterKey,
      ParameterValue,
    }));
  }),
  patched('ListStackResources', ({ StackResourceSummaries }) => {
    const isOfAddress = ({ ResourceType }: Any) => ResourceType === 'AWS::SNS::Subscription';
    StackResourceSummaries.find(isOfAddress).LogicalResourceId = 'AlertSubscription';
  }),
);

test('of a healthy stack that is deployed by the plain template nothing is said but ok', async () => {
  const { results } = await examine(released);
  expect(results.filter(({ verdict }) => verdict !== 'ok')).toEqual([]);
});

test('an address that was given as a parameter is missed where it is not subscribed any more', async () => {
  const subscriptions = {
    SubscriptionArn: `${TOPIC}:1`,
    Protocol: 'email',
    Endpoint: 'b@example.com',
  };
  const { results } = await examine(
    released,
    answered('ListSubscriptionsByTopic', { Subscriptions: [subscriptions] }),
  );
  expect(results.filter(({ verdict }) => verdict !== 'ok')).toEqual([
    {
      check: 'topic: subscriptions',
      verdict: 'warn',
      message: '1 confirmed, but a@example.com of the stack is not subscribed any more.',
      remedy: expect.stringContaining('--notification-endpoint a@example.com '),
    },
  ]);
});

test('what fixes it keeps the stack one of a release', async () => {
  const { results } = await examine(
    released,
    answered('DescribeTrails', { trailList: [] }),
    refused('DescribeTable', 'ResourceNotFoundException'),
    patched('GetFunctionConfiguration', (answer) => {
      answer.LastUpdateStatus = 'Failed';
    }),
  );
  const wanted = ['trail: logging', 'notify: function', 'table'];
  const remedies = results
    .filter(({ check }) => wanted.includes(check))
    .map(({ remedy }) => remedy);
  expect(remedies).toMatchInlineSnapshot(`
[
  "aws cloudformation update-stack --stack-name deleted-secret-notifier-dev --use-previous-template --capabilities CAPABILITY_IAM --parameters ParameterKey=CloudTrailLogGroup,ParameterValue= ParameterKey=CreateTrail,ParameterValue=true ParameterKey=AlertEmail,UsePreviousValue=true --region eu-west-1",
  "aws cloudformation deploy --template-file packaged.json --s3-bucket BUCKET --stack-name deleted-secret-notifier-dev --capabilities CAPABILITY_IAM --region eu-west-1 # in the folder of the release, after its package command",
  "aws cloudformation delete-stack --stack-name deleted-secret-notifier-dev --region eu-west-1 # then install the release again, by its README.md",
]
`);
});
