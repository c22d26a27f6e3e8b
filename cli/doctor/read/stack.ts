import {
  type CloudFormationClient,
  DescribeStacksCommand,
  GetTemplateCommand,
  paginateListStackResources,
  type StackResourceSummary,
} from '@aws-sdk/client-cloudformation';
import type { Stack, StackResource } from '../stack.ts';
import { ask } from './ask.ts';
import { collect } from './pages.ts';

/** CloudFormation knows a stack that is not there only by this. */
const MISSING = /does not exist/;

/**
 * The stack of that name; `undefined` if there is none.
 * @throws UnreadableError, and whatever the SDK throws.
 */
export async function readStack(
  client: CloudFormationClient,
  name: string,
  stage: string,
): Promise<Stack | undefined> {
  const { Stacks: [stack] = [] } = await ask(
    'cloudformation:DescribeStacks',
    client.send(new DescribeStacksCommand({ StackName: name })).catch((error: unknown) => {
      if (error instanceof Error && MISSING.test(error.message)) return { Stacks: [] };
      throw error;
    }),
  );
  if (!stack) return undefined;
  const [, partition = '', , region = '', account = ''] = stack.StackId?.split(':') ?? [];
  const { StackDriftStatus, LastCheckTimestamp } = stack.DriftInformation ?? {};
  return {
    name,
    stage,
    partition,
    region,
    account,
    status: stack.StackStatus ?? '',
    statusReason: stack.StackStatusReason,
    driftedAt: StackDriftStatus === 'DRIFTED' ? LastCheckTimestamp : undefined,
    outputs: new Map(
      stack.Outputs?.map(({ OutputKey = '', OutputValue = '' }) => [OutputKey, OutputValue]),
    ),
    resources: await ask('cloudformation:ListStackResources', readResources(client, name)),
  };
}

async function readResources(
  client: CloudFormationClient,
  StackName: string,
): Promise<ReadonlyMap<string, StackResource>> {
  const pages = paginateListStackResources({ client }, { StackName });
  const summaries = await collect(pages, ({ StackResourceSummaries }) => StackResourceSummaries);
  return new Map(
    summaries.map((summary) => [summary.LogicalResourceId ?? '', resourceOf(summary)]),
  );
}

const resourceOf = (summary: StackResourceSummary): StackResource => ({
  type: summary.ResourceType ?? '',
  physicalId: summary.PhysicalResourceId,
  status: summary.ResourceStatus ?? '',
  statusReason: summary.ResourceStatusReason,
});

/**
 * The property `Endpoint` of these resources, as they were deployed: a subscription that is gone cannot be asked.
 * @throws UnreadableError, and whatever the SDK throws.
 */
export async function readEndpoints(
  client: CloudFormationClient,
  StackName: string,
  logicalIds: readonly string[],
): Promise<string[]> {
  if (logicalIds.length === 0) return [];
  const { TemplateBody = '{}' } = await ask(
    'cloudformation:GetTemplate',
    client.send(new GetTemplateCommand({ StackName })),
  );
  const { Resources = {} } = JSON.parse(TemplateBody);
  return logicalIds.map((id) => Resources[id]?.Properties?.Endpoint ?? id);
}
