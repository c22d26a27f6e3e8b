import * as cloudformation from '@aws-sdk/client-cloudformation';
import { instructions, type Written } from '../../../../cli/spoke/instructions.ts';
import { HUB_BUS_ARN, ORGANIZATION_ID } from '../../../testing/spoke.ts';

const WRITTEN: Written = {
  file: '/home/alice/notifier/.build/spoke/hub.json',
  stage: 'dev',
  accountId: '111122223333',
  region: 'eu-west-1',
  hub: { hubBusArn: HUB_BUS_ARN, organizationId: ORGANIZATION_ID },
};

const commandsOf = (text: string) => text.split('\n').filter((line) => /^aws /.test(line));

test('what is printed deploys the spokes by a stack set, and by hand where that never deploys', () => {
  expect(instructions(WRITTEN)).toMatchInlineSnapshot(`
"Written: /home/alice/notifier/.build/spoke/hub.json
The template of the spokes of arn:aws:events:eu-west-1:111122223333:event-bus/deleted-secret-notifier-dev
for o-a1b2c3d4e5: the defaults of its parameters. The hub has to be deployed before its spokes, as it is:
EventBridge refuses a rule that forwards to a bus which does not let it.

Steps 1 and 2 are for the organization's management account, or, with --call-as DELEGATED_ADMIN after each command, for
its delegated administrator of StackSets. StackSets must be trusted in the
organization; once: aws cloudformation activate-organizations-access

1. The stack set, for the accounts of today and those to come:
aws cloudformation create-stack-set --stack-set-name deleted-secret-notifier-dev-spoke --template-body file:///home/alice/notifier/.build/spoke/hub.json --capabilities CAPABILITY_NAMED_IAM --permission-model SERVICE_MANAGED --auto-deployment Enabled=true,RetainStacksOnAccountRemoval=false --region eu-west-1

2. Its stacks. OU_ID is an organizational unit, or the root (r-...) for all accounts; REGIONS are one or several, with
spaces between them. An account that fails stops no other.
aws cloudformation create-stack-instances --stack-set-name deleted-secret-notifier-dev-spoke --deployment-targets OrganizationalUnitIds=OU_ID --regions REGIONS --operation-preferences RegionConcurrencyType=PARALLEL,MaxConcurrentPercentage=100,FailureTolerancePercentage=100 --region eu-west-1
What has become of each:
aws cloudformation list-stack-instances --stack-set-name deleted-secret-notifier-dev-spoke --region eu-west-1

3. StackSets never deploy to the management account. There, once for each REGION:
aws cloudformation create-stack --stack-name deleted-secret-notifier-dev-spoke --template-body file:///home/alice/notifier/.build/spoke/hub.json --capabilities CAPABILITY_NAMED_IAM --region REGION

The hub cancels deletions there only if steps 1 and 3 have --parameters ParameterKey=RestoreMode,ParameterValue=tagged
(or all), and only those that its own setting autoCancelDeletion means. In the hub's own account and Region,
111122223333 and eu-west-1, a spoke is no more than the role.

After an update of the hub: this command again, then
aws cloudformation update-stack-set --stack-set-name deleted-secret-notifier-dev-spoke --template-body file:///home/alice/notifier/.build/spoke/hub.json --capabilities CAPABILITY_NAMED_IAM --parameters ParameterKey=RestoreMode,UsePreviousValue=true ParameterKey=AlarmTopicName,UsePreviousValue=true --operation-preferences RegionConcurrencyType=PARALLEL,MaxConcurrentPercentage=100,FailureTolerancePercentage=100 --region eu-west-1
and in the management account, once for each REGION:
aws cloudformation update-stack --stack-name deleted-secret-notifier-dev-spoke --template-body file:///home/alice/notifier/.build/spoke/hub.json --capabilities CAPABILITY_NAMED_IAM --parameters ParameterKey=RestoreMode,UsePreviousValue=true ParameterKey=AlarmTopicName,UsePreviousValue=true --region REGION"
`);
});

// biome-ignore lint/suspicious/noExplicitAny: the SDK's schemas are tuples of anything
type Schema = any;

/** The members of an operation's input, the required ones first, by the model from which SDK and CLI are made. */
function inputOf(verb: string): { names: string[]; required: string[] } {
  const name = verb.replaceAll(/(?:^|-)(.)/g, (_, letter) => letter.toUpperCase());
  const operation = (cloudformation as Schema)[`${name}$`];
  const input = typeof operation[4] === 'function' ? operation[4]() : operation[4];
  const [, , , , names, , required = 0] = input;
  return { names, required: names.slice(0, required) };
}

test.each(commandsOf(instructions(WRITTEN)))('AWS CLI knows the options of: %s', (command) => {
  const [, service, verb = '', ...words] = command.split(' ');
  const { region, ...others } = Object.fromEntries(
    words.flatMap((word, i) => (word.startsWith('--') ? [[word.slice(2), words[i + 1]]] : [])),
  );
  const { names, required } = inputOf(verb);
  const given = Object.keys(others).map((option) =>
    option.replaceAll(/(?:^|-)(.)/g, (_, letter) => letter.toUpperCase()),
  );
  expect(service).toBe('cloudformation');
  expect(region).toMatch(/^(eu-west-1|REGION)$/);
  expect(names).toEqual(expect.arrayContaining(given));
  expect(given).toEqual(expect.arrayContaining(required));
});

test('a path with spaces stays one word in a shell', () => {
  const [create = ''] = commandsOf(instructions({ ...WRITTEN, file: "/home/a b/it's.json" }));
  expect(create).toContain(` --template-body 'file:///home/a b/it'\\''s.json' --capabilities `);
});

test('in China, where StackSets cannot be trusted in an organization, the text says so', () => {
  const text = instructions({ ...WRITTEN, region: 'cn-north-1' });
  expect(text).toContain('in China StackSets cannot be\ntrusted in an organization');
  expect(text).not.toContain('activate-organizations-access');
});
