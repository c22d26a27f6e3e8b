import type { CloudFormation, StackResourceSummary } from '@aws-sdk/client-cloudformation';
import { formatUtc } from '../../lib/time.ts';
import { ALARM, METRIC_FILTER } from '../../stack/alarm.ts';
import { DEAD_LETTER_QUEUE } from '../../stack/dead-letter-queue.ts';
import {
  BUS,
  BUTTONS,
  CHAT,
  type FunctionNames,
  HUB_BUS,
  hubPath,
  hubRulesOf,
  NOTIFY,
  OPERATOR_ROLE,
  READ_TRAIL,
  RULE_FUNCTIONS,
  type RuleFunctionNames,
  SIFT_READS,
  SUBSCRIPTION_FILTER,
  SUMMARIZE,
  TRACK_CLASHES,
  TRACK_DELETION,
} from '../../stack/names.ts';
import { NOTICE_TOPIC, subscriptionTo } from '../../stack/notices.ts';
import { resolveTemplate } from '../../stack/resolve.ts';
import { TABLE } from '../../stack/table.ts';
import { collect } from '../pages.ts';
import { describeStack } from '../service.ts';
import { ask, UnreadableError } from './ask.ts';
import { aws, deploy, redeploy } from './remedy.ts';
import { type Finding, fail, ok, warn } from './verdict.ts';

/** The stack as it is deployed, and where. */
export interface Stack {
  readonly name: string;
  readonly stage: string;
  readonly partition: string;
  readonly region: string;
  /** The AWS profile that it is read with; `undefined` for credentials of elsewhere. */
  readonly profile?: string | undefined;
  readonly account: string;
  /** Such as `UPDATE_COMPLETE`. */
  readonly status: string;
  readonly statusReason: string | undefined;
  /** When CloudFormation last detected drift; `undefined` if it did not. */
  readonly driftedAt: Date | undefined;
  /** The values of the template's parameters: those of a release's, while the framework's template has none. */
  readonly parameters: Readonly<Record<string, string>>;
  readonly outputs: ReadonlyMap<string, string>;
  /** By logical id. */
  readonly resources: ReadonlyMap<string, StackResource>;
}

interface StackResource {
  readonly type: string;
  /** The function's name, the queue's URL, and so on; `undefined` if CloudFormation has not created it. */
  readonly physicalId: string | undefined;
  readonly status: string;
}

/** The physical id of a resource. @throws UnreadableError if the stack lacks it. */
export function physicalId({ resources }: Stack, logicalId: string): string {
  const id = resources.get(logicalId)?.physicalId;
  if (id) return id;
  throw new UnreadableError(`the stack has no ${logicalId}`);
}

/** The topic that alerts and the alarm go to, in the stack or not. @throws UnreadableError without that output. */
export function topicArn({ outputs }: Stack): string {
  const arn = outputs.get('AlertTopicArn');
  if (arn) return arn;
  throw new UnreadableError('the stack has no output AlertTopicArn');
}

/** An ARN in the stack's partition, Region and account. */
export const arnIn = ({ partition, region, account }: Stack, service: string, rest: string) =>
  `arn:${partition}:${service}:${region}:${account}:${rest}`;

/** The ARN of a queue, whose URL ends in its name. @throws UnreadableError if the stack lacks it. */
export const queueArn = (stack: Stack, logicalId: string) =>
  arnIn(stack, 'sqs', physicalId(stack, logicalId).split('/').at(-1) ?? '');

/** @throws UnreadableError if the stack lacks it. */
export const deadLetterQueueArn = (stack: Stack) => queueArn(stack, DEAD_LETTER_QUEUE);

/** Whether the stack is the hub of an organization: deployed with `organizationId`. */
export const isHub = (stack: Stack) => hasSome(stack, hubParts(watchedBy(stack)));

/** The roles of a hub that spokes trust by their path. */
const UNDER_PATH = [NOTIFY.role, TRACK_DELETION.role, SUMMARIZE.role, BUTTONS.role, OPERATOR_ROLE];

/** The ARN of a role of the stack. @throws UnreadableError if the stack lacks it. */
export function roleArnIn(stack: Stack, logicalId: string): string {
  const path = isHub(stack) && UNDER_PATH.includes(logicalId) ? hubPath(stack.stage) : '/';
  return `arn:${stack.partition}:iam::${stack.account}:role${path}${physicalId(stack, logicalId)}`;
}

/** The stack of that name; `undefined` if there is none. */
export async function readStack(
  client: CloudFormation,
  name: string,
  { stage, profile }: Pick<Stack, 'stage' | 'profile'>,
): Promise<Stack | undefined> {
  const stack = await ask('cloudformation:DescribeStacks', describeStack(client, name));
  if (!stack) return undefined;
  const [, partition = '', , region = '', account = ''] = stack.StackId?.split(':') ?? [];
  const { StackDriftStatus, LastCheckTimestamp } = stack.DriftInformation ?? {};
  return {
    name,
    stage,
    partition,
    region,
    profile,
    account,
    status: stack.StackStatus ?? '',
    statusReason: stack.StackStatusReason,
    driftedAt: StackDriftStatus === 'DRIFTED' ? LastCheckTimestamp : undefined,
    parameters: Object.fromEntries(
      stack.Parameters?.map(({ ParameterKey = '', ParameterValue = '' }) => [
        ParameterKey,
        ParameterValue,
      ]) ?? [],
    ),
    outputs: new Map(
      stack.Outputs?.map(({ OutputKey = '', OutputValue = '' }) => [OutputKey, OutputValue]),
    ),
    resources: await ask('cloudformation:ListStackResources', readResources(client, name)),
  };
}

async function readResources(
  client: CloudFormation,
  StackName: string,
): Promise<ReadonlyMap<string, StackResource>> {
  const pages = client.paginateListStackResources({ StackName });
  const summaries = await collect(pages, ({ StackResourceSummaries }) => StackResourceSummaries);
  return new Map(
    summaries.map((summary) => [summary.LogicalResourceId ?? '', resourceOf(summary)]),
  );
}

const resourceOf = (summary: StackResourceSummary): StackResource => ({
  type: summary.ResourceType ?? '',
  physicalId: summary.PhysicalResourceId,
  status: summary.ResourceStatus ?? '',
});

/** The template's resources, by logical id. */
export type Template = Readonly<
  Record<string, { readonly Properties?: Readonly<Record<string, unknown>> }>
>;

/** The resources as deployed: one that was deleted or changed by hand no longer shows how. */
export async function readTemplate(client: CloudFormation, stack: Stack): Promise<Template> {
  const { TemplateBody = '{}' } = await ask(
    'cloudformation:GetTemplate',
    client.getTemplate({ StackName: stack.name }),
  );
  return resolveTemplate(JSON.parse(TemplateBody), stack.parameters, stack.name).Resources;
}

/** The resources that only the trail path has. */
const TRAIL_PATH = [
  READ_TRAIL.function,
  READ_TRAIL.role,
  READ_TRAIL.permission,
  SUBSCRIPTION_FILTER,
];
const CLASSIC_PATH = [METRIC_FILTER, ALARM];

/** A rule, and the permission to invoke its function; what may send to a queue the queue's policy says. */
const ruleParts = ({ rule, permission, queue }: RuleFunctionNames) =>
  queue ? [rule] : [rule, permission];

/** What only a stack has that watches reads of secrets that are gone. */
const GONE_PARTS = [
  SIFT_READS.function,
  SIFT_READS.role,
  ...ruleParts(SIFT_READS),
  SIFT_READS.queue,
  SIFT_READS.mapping,
];
const CLASH_PARTS = ruleParts(TRACK_CLASHES);

/** The settings by which the stack is deployed with more rules than every other. */
export const watchedBy = (stack: Stack) => ({
  watchGoneSecrets: hasSome(stack, GONE_PARTS),
  watchNameClashes: hasSome(stack, CLASH_PARTS),
});

/** What only a hub has, with the rules on its bus that these settings make. */
const hubParts = (settings: ReturnType<typeof watchedBy>) => [
  HUB_BUS,
  OPERATOR_ROLE,
  ...hubRulesOf(settings).flatMap(ruleParts),
];

const hasSome = ({ resources }: Stack, parts: readonly string[]) =>
  parts.some((part) => resources.has(part));

/** Whether the stack is deployed with `trailPath=all`. */
export const hasTrailPath = (stack: Stack) => hasSome(stack, TRAIL_PATH);

/** Whether the stack is deployed with `classicAlarm=true`. */
export const hasClassicAlarm = (stack: Stack) => hasSome(stack, CLASSIC_PATH);

/** The functions of the channels beside the mail that the stack is deployed with. */
export const channelsOf = (stack: Stack): FunctionNames[] =>
  [CHAT, BUS].filter((names) => hasSome(stack, channelParts(names)));

const channelParts = (names: FunctionNames) => [
  names.function,
  names.role,
  names.permission,
  subscriptionTo(names),
];

/** The resources of every stack of this version. */
const PARTS = [
  ...RULE_FUNCTIONS.flatMap((names) => [names.function, names.role, ...ruleParts(names)]),
  DEAD_LETTER_QUEUE,
  TABLE,
];

/** Those that this stack must have. The metric filter is found by the alarm's metric instead. */
const partsOf = (stack: Stack) => [
  ...PARTS,
  ...(hasTrailPath(stack) ? TRAIL_PATH : []),
  ...(hasClassicAlarm(stack) ? [ALARM] : []),
  ...(watchedBy(stack).watchGoneSecrets ? GONE_PARTS : []),
  ...(watchedBy(stack).watchNameClashes ? CLASH_PARTS : []),
  ...(isHub(stack) ? hubParts(watchedBy(stack)) : []),
  ...channelsOf(stack).flatMap((names) => [NOTICE_TOPIC, ...channelParts(names)]),
];

const COMPLETE = /^(CREATE|UPDATE|IMPORT|UPDATE_ROLLBACK|IMPORT_ROLLBACK)_COMPLETE$/;

/** Whether the stack is there and complete. */
export function judgeStack(
  stack: Stack | undefined,
  wanted: Pick<Stack, 'name' | 'region' | 'stage' | 'profile'>,
): Finding {
  if (!stack) {
    return fail(`There is no stack ${wanted.name} in ${wanted.region}.`, deploy(wanted));
  }
  return judgeStatus(stack) ?? judgeParts(stack) ?? judgeDrift(stack) ?? complete(stack);
}

const complete = ({ status, resources }: Stack) => ok(`${status}, ${resources.size} resources`);

const events = (stack: Stack) =>
  aws(stack)`cloudformation describe-stack-events --stack-name ${stack.name}`;

/** Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/view-stack-events.html#cfn-console-view-stack-data-resources-status-codes */
function judgeStatus(stack: Stack): Finding | undefined {
  const { status, statusReason } = stack;
  const why = statusReason ? ` (${statusReason})` : '';
  if (/ROLLBACK_COMPLETE$/.test(status) && COMPLETE.test(status)) {
    return warn(
      `${status}: the last deployment failed, the one before it runs${why}.`,
      events(stack),
    );
  }
  if (/^UPDATE_.*IN_PROGRESS$/.test(status)) {
    return warn(`${status}: it is being changed; run this again when that is over.`, events(stack));
  }
  if (COMPLETE.test(status)) return undefined;
  // A stack whose creation failed can only be deleted.
  return fail(`${status}${why}.`, status === 'ROLLBACK_COMPLETE' ? redeploy(stack) : events(stack));
}

function judgeParts(stack: Stack): Finding | undefined {
  const missing = partsOf(stack).filter((part) => !stack.resources.get(part)?.physicalId);
  if (missing.length > 0) return fail(`It lacks ${missing.join(', ')}.`, deploy(stack));
  const broken = Array.from(stack.resources).filter(([, { status }]) => !COMPLETE.test(status));
  if (broken.length === 0) return undefined;
  const list = broken.map(([logicalId, { status }]) => `${logicalId} is ${status}`).join(', ');
  return fail(`${list}.`, events(stack));
}

/** By CloudFormation's last drift detection; a new one would take minutes, and the other checks read for themselves. */
function judgeDrift(stack: Stack): Finding | undefined {
  if (!stack.driftedAt) return undefined;
  return warn(
    `At its last drift detection, ${formatUtc(stack.driftedAt)}, something had been changed by hand.`,
    aws(stack)`cloudformation describe-stack-resource-drifts --stack-name ${stack.name}
      --stack-resource-drift-status-filters MODIFIED DELETED`,
  );
}
