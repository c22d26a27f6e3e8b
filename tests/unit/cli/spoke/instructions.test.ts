import * as cloudformation from '@aws-sdk/client-cloudformation';
import * as organizations from '@aws-sdk/client-organizations';
import { instructions, type Written } from '../../../../cli/spoke/instructions.ts';
import { spokeTemplate } from '../../../../stack/spoke.ts';
import { HUB_BUS_ARN, ORGANIZATION_ID } from '../../../testing/spoke.ts';

const WRITTEN: Written = {
  file: '/home/alice/notifier/.build/spoke/hub.json',
  stage: 'dev',
  accountId: '111122223333',
  region: 'eu-west-1',
  hub: { hubBusArn: HUB_BUS_ARN, organizationId: ORGANIZATION_ID, watchGoneSecrets: true },
};

const commandsOf = (text: string) => text.split('\n').filter((line) => /^aws /.test(line));

test('what is printed deploys the spokes by a stack set, and by hand where that never deploys', () => {
  expect(instructions(WRITTEN)).toMatchInlineSnapshot(`
"Written: /home/alice/notifier/.build/spoke/hub.json
Hub: arn:aws:events:eu-west-1:111122223333:event-bus/deleted-secret-notifier-dev
Organization: o-a1b2c3d4e5

== Before ==

The hub is deployed, as it is now: EventBridge refuses a rule that forwards
to a bus which does not let it.

A spoke hears a read only where a trail logs read management events in its
account and Region, as an organization's trail of all Regions does in every
account.

Stack sets are for the organization's management account, in which StackSets
have to be trusted, once:
aws cloudformation activate-organizations-access --region eu-west-1

Or for a delegated administrator, which the management account then
registers, once. That one puts --call-as DELEGATED_ADMIN after each command
below that has --stack-set-name.
aws organizations register-delegated-administrator --service-principal member.org.stacksets.cloudformation.amazonaws.com --account-id ACCOUNT --region eu-west-1

== Parameters ==

Each create-stack-set and create-stack below can end with both or one of:
--parameters ParameterKey=AlarmTopicName,ParameterValue=... ParameterKey=RestoreMode,ParameterValue=...

AlarmTopicName: the name of an SNS topic in each account and Region, to
which CloudWatch alarms may publish. Without it nobody is told of what a
spoke could not forward.

RestoreMode: tagged or all, of the deletions that the hub cancels by its own
setting autoCancelDeletion. Without it the hub cancels none there.

WatchGoneSecrets is the setting watchGoneSecrets of the hub.
ParameterValue=false, again with each update, keeps reads of names that are
not there from being forwarded.

== Deploy ==

1. The stack set, for the accounts of today and those to come, with
AlarmTopicName and RestoreMode as above:
aws cloudformation create-stack-set --stack-set-name deleted-secret-notifier-dev-spoke --template-body file:///home/alice/notifier/.build/spoke/hub.json --capabilities CAPABILITY_NAMED_IAM --permission-model SERVICE_MANAGED --auto-deployment Enabled=true,RetainStacksOnAccountRemoval=false --region eu-west-1

2. Its stacks. OU_ID is an organizational unit, or the root (r-...) for all
accounts; REGIONS are one or several, with spaces between them. An opt-in
Region has to be enabled in the management account too; an account that has
not enabled it fails there. One that fails, for whatever reason, stops no
other.
aws cloudformation create-stack-instances --stack-set-name deleted-secret-notifier-dev-spoke --deployment-targets OrganizationalUnitIds=OU_ID --regions REGIONS --operation-preferences RegionConcurrencyType=PARALLEL,MaxConcurrentPercentage=100,FailureTolerancePercentage=100 --region eu-west-1

What has become of each:
aws cloudformation list-stack-instances --stack-set-name deleted-secret-notifier-dev-spoke --region eu-west-1

3. StackSets never deploy to the management account. There, once for each
REGION, with the same AlarmTopicName and RestoreMode:
aws cloudformation create-stack --stack-name deleted-secret-notifier-dev-spoke --template-body file:///home/alice/notifier/.build/spoke/hub.json --capabilities CAPABILITY_NAMED_IAM --region REGION

In the hub's own account and Region, 111122223333 and eu-west-1, a spoke is
no more than the role.

== Update ==

After each update of the hub: this command again, then what follows. Both
parameters stay as they are; to change one, put ParameterValue=... in place
of its UsePreviousValue=true.

1. The stack set, and with it its stacks:
aws cloudformation update-stack-set --stack-set-name deleted-secret-notifier-dev-spoke --template-body file:///home/alice/notifier/.build/spoke/hub.json --capabilities CAPABILITY_NAMED_IAM --parameters ParameterKey=RestoreMode,UsePreviousValue=true ParameterKey=AlarmTopicName,UsePreviousValue=true --operation-preferences RegionConcurrencyType=PARALLEL,MaxConcurrentPercentage=100,FailureTolerancePercentage=100 --region eu-west-1

2. In the management account, once for each REGION:
aws cloudformation update-stack --stack-name deleted-secret-notifier-dev-spoke --template-body file:///home/alice/notifier/.build/spoke/hub.json --capabilities CAPABILITY_NAMED_IAM --parameters ParameterKey=RestoreMode,UsePreviousValue=true ParameterKey=AlarmTopicName,UsePreviousValue=true --region REGION

== Remove ==

The spokes go first, then the hub or its setting organizationId.

1. The stacks, with OU_ID and REGIONS as they were deployed:
aws cloudformation delete-stack-instances --stack-set-name deleted-secret-notifier-dev-spoke --deployment-targets OrganizationalUnitIds=OU_ID --regions REGIONS --no-retain-stacks --operation-preferences RegionConcurrencyType=PARALLEL,MaxConcurrentPercentage=100,FailureTolerancePercentage=100 --region eu-west-1

2. The stack set, once this shows none of them:
aws cloudformation list-stack-instances --stack-set-name deleted-secret-notifier-dev-spoke --region eu-west-1
aws cloudformation delete-stack-set --stack-set-name deleted-secret-notifier-dev-spoke --region eu-west-1

3. In the management account, once for each REGION:
aws cloudformation delete-stack --stack-name deleted-secret-notifier-dev-spoke --region REGION"
`);
});

// biome-ignore lint/suspicious/noExplicitAny: the SDK's schemas are tuples of anything
type Schema = any;

const pascal = (words: string) =>
  words.replaceAll(/(?:^|-)(.)/g, (_, letter) => letter.toUpperCase());

/** The members of an operation's input, the required ones first, by the model from which SDK and CLI are made. */
function inputOf(service: Schema, verb: string): { names: string[]; required: string[] } {
  const operation = service[`${pascal(verb)}$`];
  const input = typeof operation[4] === 'function' ? operation[4]() : operation[4];
  const [, , , , names, , required = 0] = input;
  return { names, required: names.slice(0, required) };
}

test.each(commandsOf(instructions(WRITTEN)))('AWS CLI knows the options of: %s', (command) => {
  const [, service, verb = '', ...words] = command.split(' ');
  const { region, ...others } = Object.fromEntries(
    words.flatMap((word, i) => (word.startsWith('--') ? [[word.slice(2), words[i + 1]]] : [])),
  );
  const { names, required } = inputOf({ cloudformation, organizations }[service ?? ''], verb);
  const given = Object.keys(others).map((option) => pascal(option.replace(/^no-/, '')));
  expect(region).toMatch(/^(eu-west-1|REGION)$/);
  expect(names).toEqual(expect.arrayContaining(given));
  expect(given).toEqual(expect.arrayContaining(required));
});

test.each([
  ['activate-organizations-access', false],
  ['register-delegated-administrator', false],
  ['create-stack-set', true],
  ['create-stack-instances', true],
  ['list-stack-instances', true],
  ['update-stack-set', true],
  ['delete-stack-instances', true],
  ['delete-stack-set', true],
  ['create-stack', false],
  ['update-stack', false],
  ['delete-stack', false],
])('%s is for a delegated administrator too, with an option: %s', (verb, isFor) => {
  const commands = commandsOf(instructions(WRITTEN)).filter((one) => one.split(' ')[2] === verb);
  expect(commands).not.toEqual([]);
  for (const command of commands) expect(command.includes(' --stack-set-name ')).toBe(isFor);
  const service = { ...organizations, ...cloudformation };
  expect(inputOf(service, verb).names.includes('CallAs')).toBe(isFor);
});

test('the parameters that may be chosen are explained where they are given, to be filled in, and an update keeps each', () => {
  const { HubBusArn, OrganizationId, WatchGoneSecrets, ...chosen } = spokeTemplate(
    WRITTEN.hub,
  ).Parameters;
  const text = instructions(WRITTEN);
  for (const [name, { AllowedPattern, AllowedValues }] of Object.entries<Schema>(chosen)) {
    expect(text).toContain(` ParameterKey=${name},ParameterValue=...`);
    expect('...').not.toMatch(RegExp(`^(?:${AllowedPattern ?? AllowedValues.join('|')})$`));
    expect(text).toMatch(RegExp(`^${name}: `, 'm'));
    for (const step of [1, 3]) {
      expect(text).toMatch(
        RegExp(`^${step}\\. [^:]*\\b${name}\\b[^:]*:\naws cloudformation create-`, 'm'),
      );
    }
  }
  const updates = commandsOf(text).filter((command) => / update-/.test(command));
  expect(updates).toHaveLength(2);
  for (const update of updates) {
    const kept = update.match(/(?<=ParameterKey=)\w+(?=,UsePreviousValue=true)/g);
    expect(kept?.sort()).toEqual(Object.keys(chosen).sort());
  }
});

test('spokes are removed where they were deployed, before the hub, and the stack set last', () => {
  const [, removal = ''] = instructions(WRITTEN).split('== Remove ==');
  expect(removal).toMatch(/^\n\nThe spokes go first, then the hub/);
  const verbs = commandsOf(removal).map((command) => command.split(' ')[2]);
  expect(verbs).toEqual([
    'delete-stack-instances',
    'list-stack-instances',
    'delete-stack-set',
    'delete-stack',
  ]);
});

test.each(['eu-west-1', 'cn-north-1'])(
  'in %s only commands are long lines, and each is one',
  (region) => {
    const lines = instructions({ ...WRITTEN, region }).split('\n');
    const isLong = (line: string) => line.length > 76;
    expect(lines.filter((line) => isLong(line) && !/^(aws|--parameters|Hub:) /.test(line))).toEqual(
      [],
    );
    expect(lines.filter((line) => line.endsWith('\\'))).toEqual([]);
  },
);

test('a path with spaces stays one word in a shell', () => {
  const create = commandsOf(instructions({ ...WRITTEN, file: "/home/a b/it's.json" })).find(
    (command) => command.includes(' create-stack-set '),
  );
  expect(create).toContain(` --template-body 'file:///home/a b/it'\\''s.json' --capabilities `);
});

test('in China, where StackSets cannot be trusted in an organization, all is by hand', () => {
  expect(instructions({ ...WRITTEN, region: 'cn-north-1' })).toMatchInlineSnapshot(`
"Written: /home/alice/notifier/.build/spoke/hub.json
Hub: arn:aws:events:eu-west-1:111122223333:event-bus/deleted-secret-notifier-dev
Organization: o-a1b2c3d4e5

== Before ==

The hub is deployed, as it is now: EventBridge refuses a rule that forwards
to a bus which does not let it.

A spoke hears a read only where a trail logs read management events in its
account and Region, as an organization's trail of all Regions does in every
account.

In China StackSets cannot be trusted in an organization: deploy by hand, as
below, or by a stack set with permissions of your own.

== Parameters ==

Each create-stack-set and create-stack below can end with both or one of:
--parameters ParameterKey=AlarmTopicName,ParameterValue=... ParameterKey=RestoreMode,ParameterValue=...

AlarmTopicName: the name of an SNS topic in each account and Region, to
which CloudWatch alarms may publish. Without it nobody is told of what a
spoke could not forward.

RestoreMode: tagged or all, of the deletions that the hub cancels by its own
setting autoCancelDeletion. Without it the hub cancels none there.

WatchGoneSecrets is the setting watchGoneSecrets of the hub.
ParameterValue=false, again with each update, keeps reads of names that are
not there from being forwarded.

== Deploy ==

In each account, once for each REGION:
aws cloudformation create-stack --stack-name deleted-secret-notifier-dev-spoke --template-body file:///home/alice/notifier/.build/spoke/hub.json --capabilities CAPABILITY_NAMED_IAM --region REGION

In the hub's own account and Region, 111122223333 and cn-north-1, a spoke is
no more than the role.

== Update ==

After each update of the hub: this command again, then what follows. Both
parameters stay as they are; to change one, put ParameterValue=... in place
of its UsePreviousValue=true.

In each account, once for each REGION:
aws cloudformation update-stack --stack-name deleted-secret-notifier-dev-spoke --template-body file:///home/alice/notifier/.build/spoke/hub.json --capabilities CAPABILITY_NAMED_IAM --parameters ParameterKey=RestoreMode,UsePreviousValue=true ParameterKey=AlarmTopicName,UsePreviousValue=true --region REGION

== Remove ==

The spokes go first, then the hub or its setting organizationId.

In each account, once for each REGION:
aws cloudformation delete-stack --stack-name deleted-secret-notifier-dev-spoke --region REGION"
`);
});
