import { spokeNames } from '../../stack/names.ts';
import type { HubValues } from '../../stack/spoke.ts';
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
 * How to deploy the template to an organization, with commands for a shell. They name no profile, because they are for other
 * accounts than the hub's. What the reader has to put in is in capitals, and refused by AWS as it stands.
 */
export function instructions({ file, stage, accountId, region, hub }: Written): string {
  const { stackSet } = spokeNames(stage);
  const template = ['--template-body', `file://${file}`, '--capabilities', 'CAPABILITY_NAMED_IAM'];
  const onSet = (verb: string, ...options: string[]) =>
    aws(verb, '--stack-set-name', stackSet, ...options, '--region', region);
  const byHand = (verb: string, ...options: string[]) =>
    aws(verb, '--stack-name', stackSet, ...template, ...options, '--region', 'REGION');
  return `\
Written: ${file}
The template of the spokes of ${hub.hubBusArn}
for ${hub.organizationId}: the defaults of its parameters. The hub has to be deployed before its spokes, as it is:
EventBridge refuses a rule that forwards to a bus which does not let it.

Steps 1 and 2 are for the organization's management account, or, with --call-as DELEGATED_ADMIN after each command, for
its delegated administrator of StackSets. ${region.startsWith('cn-') ? IN_CHINA : TRUSTED}

1. The stack set, for the accounts of today and those to come:
${onSet('create-stack-set', ...template, ...SERVICE_MANAGED)}

2. Its stacks. OU_ID is an organizational unit, or the root (r-...) for all accounts; REGIONS are one or several, with
spaces between them. An account that fails stops no other.
${onSet('create-stack-instances', ...EVERYWHERE, ...AT_ONCE)}
What has become of each:
${onSet('list-stack-instances')}

3. StackSets never deploy to the management account. There, once for each REGION:
${byHand('create-stack')}

The hub cancels deletions there only if steps 1 and 3 have --parameters ParameterKey=RestoreMode,ParameterValue=tagged
(or all), and only those that its own setting autoCancelDeletion means. In the hub's own account and Region,
${accountId} and ${region}, a spoke is no more than the role.

After an update of the hub: this command again, then
${onSet('update-stack-set', ...template, ...KEPT, ...AT_ONCE)}
and in the management account, once for each REGION:
${byHand('update-stack', ...KEPT)}`;
}

const TRUSTED = `\
StackSets must be trusted in the
organization; once: aws cloudformation activate-organizations-access`;

// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/stacksets-prereqs.html
const IN_CHINA = `\
But in China StackSets cannot be
trusted in an organization: deploy by step 3 in each account, or by a stack set with permissions of your own.`;

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
const AT_ONCE = [
  '--operation-preferences',
  'RegionConcurrencyType=PARALLEL,MaxConcurrentPercentage=100,FailureTolerancePercentage=100',
];

/** What an update leaves as it was set. The hub's values are the template's. */
const KEPT = [
  '--parameters',
  ...['RestoreMode', 'AlarmTopicName'].map((name) => `ParameterKey=${name},UsePreviousValue=true`),
];

const aws = (verb: string, ...options: string[]) =>
  ['aws', 'cloudformation', verb, ...options].map(quoted).join(' ');
