import { wrap } from '../../lib/text.ts';
import { spokeNames } from '../../stack/names.ts';
import { type HubValues, NEEDS_TRAIL } from '../../stack/spoke.ts';
import { quoted } from '../run-command.ts';

/** A template that was written, and the hub that it is for. */
export interface Written {
  /** The path of the template, absolute. */
  readonly file: string;
  readonly stage: string;
  readonly accountId: string;
  readonly region: string;
  readonly hub: HubValues;
}

/**
 * How to deploy the template to an organization, update and remove it, with commands for a shell, each on a line of its own. They
 * name no profile, because they are for other accounts than the hub's. What the reader has to put in is in capitals or dots, and
 * refused by AWS as it stands.
 */
export function instructions(written: Written): string {
  const { file, hub, accountId, region } = written;
  const commands = commandsOf(written);
  const { before, deploy, update, remove } = region.startsWith('cn-')
    ? byHand(commands)
    : byStackSet(commands);
  return [
    `Written: ${file}\nHub: ${hub.hubBusArn}\nOrganization: ${hub.organizationId}`,
    heading('Before'),
    step(
      'The hub is deployed, as it is now: EventBridge refuses a rule that forwards to a bus which does not let it.',
    ),
    step(NEEDS_TRAIL),
    ...before,
    heading('Parameters'),
    ...PARAMETERS,
    heading('Deploy'),
    ...deploy,
    step(
      `In the hub's own account and Region, ${accountId} and ${region}, a spoke is no more than the role.`,
    ),
    heading('Update'),
    step(
      'After each update of the hub: this command again, then what follows. Both parameters stay as they are; to change one, put ParameterValue=... in place of its UsePreviousValue=true.',
    ),
    ...update,
    heading('Remove'),
    step('The spokes go first, then the hub or its setting organizationId.'),
    ...remove,
  ].join('\n\n');
}

const heading = (title: string) => `== ${title} ==`;

/** What to do, and what to run for it. */
const step = (what: string, ...lines: string[]) => [wrap(what), ...lines].join('\n');

type Steps = Record<'before' | 'deploy' | 'update' | 'remove', string[]>;

// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/stacksets-opt-in-regions.html
const byStackSet = ({ inOrganization, onSet, onStack }: Commands): Steps => ({
  before: [
    step(
      "Stack sets are for the organization's management account, in which StackSets have to be trusted, once:",
      inOrganization.activate,
    ),
    step(
      'Or for a delegated administrator, which the management account then registers, once. That one puts --call-as DELEGATED_ADMIN after each command below that has --stack-set-name.',
      inOrganization.register,
    ),
  ],
  deploy: [
    step(
      '1. The stack set, for the accounts of today and those to come, with AlarmTopicName and RestoreMode as above:',
      onSet.create,
    ),
    step(
      '2. Its stacks. OU_ID is an organizational unit, or the root (r-...) for all accounts; REGIONS are one or several, with spaces between them. An opt-in Region has to be enabled in the management account too; an account that has not enabled it fails there. One that fails, for whatever reason, stops no other.',
      onSet.createStacks,
    ),
    step('What has become of each:', onSet.listStacks),
    step(
      '3. StackSets never deploy to the management account. There, once for each REGION, with the same AlarmTopicName and RestoreMode:',
      onStack.create,
    ),
  ],
  update: [
    step('1. The stack set, and with it its stacks:', onSet.update),
    step('2. In the management account, once for each REGION:', onStack.update),
  ],
  remove: [
    step('1. The stacks, with OU_ID and REGIONS as they were deployed:', onSet.deleteStacks),
    step('2. The stack set, once this shows none of them:', onSet.listStacks, onSet.delete),
    step('3. In the management account, once for each REGION:', onStack.delete),
  ],
});

// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/stacksets-prereqs.html
const byHand = ({ onStack }: Commands): Steps => {
  const inEach = (command: string) => [step('In each account, once for each REGION:', command)];
  return {
    before: [
      step(
        'In China StackSets cannot be trusted in an organization: deploy by hand, as below, or by a stack set with permissions of your own.',
      ),
    ],
    deploy: inEach(onStack.create),
    update: inEach(onStack.update),
    remove: inEach(onStack.delete),
  };
};

const PARAMETERS = [
  step(
    'Each create-stack-set and create-stack below can end with both or one of:',
    '--parameters ParameterKey=AlarmTopicName,ParameterValue=... ParameterKey=RestoreMode,ParameterValue=...',
  ),
  step(
    'AlarmTopicName: the name of an SNS topic in each account and Region, to which CloudWatch alarms may publish. Without it nobody is told of what a spoke could not forward.',
  ),
  step(
    'RestoreMode: tagged or all, of the deletions that the hub cancels by its own setting autoCancelDeletion. Without it the hub cancels none there.',
  ),
  step(
    'WatchGoneSecrets is the setting watchGoneSecrets of the hub. ParameterValue=false, again with each update, keeps reads of names that are not there from being forwarded.',
  ),
];

type Commands = ReturnType<typeof commandsOf>;

function commandsOf({ file, stage, region }: Written) {
  const { stackSet } = spokeNames(stage);
  const template = ['--template-body', `file://${file}`, '--capabilities', 'CAPABILITY_NAMED_IAM'];
  const onSet = (verb: string, ...options: string[]) =>
    cloudFormation(verb, '--stack-set-name', stackSet, ...options, '--region', region);
  const onStack = (verb: string, ...options: string[]) =>
    cloudFormation(verb, '--stack-name', stackSet, ...options, '--region', 'REGION');
  return {
    // Both are for the management account alone.
    // https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/stacksets-orgs-activate-trusted-access.html
    // https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/stacksets-orgs-delegated-admin.html
    inOrganization: {
      activate: cloudFormation('activate-organizations-access', '--region', region),
      register: aws(
        'organizations',
        'register-delegated-administrator',
        ...STACK_SETS,
        '--region',
        region,
      ),
    },
    onSet: {
      create: onSet('create-stack-set', ...template, ...SERVICE_MANAGED),
      createStacks: onSet('create-stack-instances', ...EVERYWHERE, ...AT_ONCE),
      listStacks: onSet('list-stack-instances'),
      update: onSet('update-stack-set', ...template, ...KEPT, ...AT_ONCE),
      deleteStacks: onSet(
        'delete-stack-instances',
        ...EVERYWHERE,
        '--no-retain-stacks',
        ...AT_ONCE,
      ),
      delete: onSet('delete-stack-set'),
    },
    onStack: {
      create: onStack('create-stack', ...template),
      update: onStack('update-stack', ...template, ...KEPT),
      delete: onStack('delete-stack'),
    },
  };
}

const STACK_SETS = [
  ...['--service-principal', 'member.org.stacksets.cloudformation.amazonaws.com'],
  ...['--account-id', 'ACCOUNT'],
];

const SERVICE_MANAGED = [
  ...['--permission-model', 'SERVICE_MANAGED'],
  ...['--auto-deployment', 'Enabled=true,RetainStacksOnAccountRemoval=false'],
];

const EVERYWHERE = [
  ...['--deployment-targets', 'OrganizationalUnitIds=OU_ID'],
  ...['--regions', 'REGIONS'],
];

/** All accounts and Regions at a time, whatever becomes of each. */
// https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_StackSetOperationPreferences.html
export const AT_ONCE = [
  '--operation-preferences',
  'RegionConcurrencyType=PARALLEL,MaxConcurrentPercentage=100,FailureTolerancePercentage=100',
];

/** What an update leaves as it was set. The hub's values are the template's. */
const KEPT = [
  '--parameters',
  ...['RestoreMode', 'AlarmTopicName'].map((name) => `ParameterKey=${name},UsePreviousValue=true`),
];

const cloudFormation = (verb: string, ...options: string[]) =>
  aws('cloudformation', verb, ...options);

const aws = (...words: string[]) => ['aws', ...words].map(quoted).join(' ');
