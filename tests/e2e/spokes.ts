import {
  CloudFormationClient,
  CreateStackCommand,
  DescribeStacksCommand,
  UpdateStackCommand,
} from '@aws-sdk/client-cloudformation';
import type { Outputs } from '../../emulators/emulator.ts';
import type { Place } from '../../lib/aws/spokes.ts';
import { operate } from './commands.ts';
import { eventually } from './eventually.ts';
import { awsAt } from './world.ts';

/** Another account, in another Region than the stack. */
export const SPOKE: Place = { accountId: '444455556666', region: 'us-east-1' };

type RestoreMode = 'off' | 'tagged' | 'all';
const StackName = 'spoke';

let printed: Promise<string> | undefined;

/** The template as `npm run spoke` prints it. */
function template(): Promise<string> {
  printed ??= operate('spoke', ['--print']).then(({ stdout }) => stdout);
  return printed;
}

/** Deploys a spoke of a stack with these outputs, or updates it if it is deployed otherwise. */
export async function deploySpoke(
  place: Place,
  { HubBusArn = '', OrganizationId = '' }: Outputs,
  RestoreMode: RestoreMode = 'off',
): Promise<void> {
  await deployTemplate(place, await template(), { HubBusArn, OrganizationId, RestoreMode });
}

/** Deploys a spoke by CloudFormation, as {@link deploySpoke}. */
export async function deployTemplate(
  place: Place,
  TemplateBody: string,
  parameters: Readonly<Record<string, string>> = {},
): Promise<void> {
  const cloudFormation = new CloudFormationClient(awsAt(place));
  const status = async () => {
    const { Stacks } = await cloudFormation.send(new DescribeStacksCommand({ StackName }));
    return Stacks?.[0]?.StackStatus ?? 'none';
  };
  const input = {
    StackName,
    TemplateBody,
    Parameters: Object.entries(parameters).map(([ParameterKey, ParameterValue]) => ({
      ParameterKey,
      ParameterValue,
    })),
    Capabilities: ['CAPABILITY_NAMED_IAM' as const],
  };
  const isThere = await status().catch(() => undefined);
  await (isThere
    ? cloudFormation.send(new UpdateStackCommand(input)).catch(unlessAsItIs)
    : cloudFormation.send(new CreateStackCommand(input)));
  const done = await eventually(status, (now) => !now.endsWith('_IN_PROGRESS'));
  expect(done).toMatch(/^(CREATE|UPDATE)_COMPLETE$/);
}

function unlessAsItIs(error: Error): void {
  if (error.message !== 'No updates are to be performed.') throw error;
}
