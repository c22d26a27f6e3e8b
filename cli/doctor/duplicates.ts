import type { MetricFilter } from '@aws-sdk/client-cloudwatch-logs';
import type { EventBridge, Rule } from '@aws-sdk/client-eventbridge';
import { API_CALL, SECRETS_MANAGER } from '../../lib/cloudtrail/record.ts';
import { METRIC_FILTER } from '../../stack/alarm.ts';
import { NOTIFY, SERVICE } from '../../stack/names.ts';
import { ask } from './ask.ts';
import type { Context } from './context.ts';
import { isOurs, type Metric, readFiltersOn, writes } from './logs.ts';
import { aws, deploy, param } from './remedy.ts';
import { listRules, readTargets } from './rule.ts';
import { hasClassicAlarm, physicalId, type Stack, topicArn } from './stack.ts';
import { type Checks, type Finding, ok, warn } from './verdict.ts';

/** Checks of what would alert the same attempts a second time. */
export const duplicateChecks = ({ clients, stack, now, deployed }: Context): Checks => ({
  'other rules': async () =>
    judgeOtherRules(stack, await readOtherRules(clients.eventBridge, stack, now)),
  ...(hasClassicAlarm(stack) && {
    'other filters': async () => {
      const own = await deployed.filter();
      const onGroup = await readFiltersOn(clients.logs, own.logGroupName ?? '');
      const onOther = (await deployed.filters()).filter(
        (one) => one.logGroupName !== own.logGroupName,
      );
      return judgeOtherFilters(stack, own, await deployed.metric(), [...onGroup, ...onOther]);
    },
  }),
});

/** A rule that matches attempts, and where it sends them. */
interface OtherRule {
  readonly name: string;
  readonly targets: readonly { readonly id: string; readonly arn: string }[];
}

/**
 * The rules that match attempts, without that of the stack. EventBridge decides whether a pattern matches.
 * Source: https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_TestEventPattern.html
 */
async function readOtherRules(client: EventBridge, stack: Stack, now: Date): Promise<OtherRule[]> {
  const ownName = physicalId(stack, NOTIFY.rule);
  const rules = await listRules(client, 'default');
  const event = JSON.stringify(attempt(stack, now));
  const others: OtherRule[] = [];
  // One after the other: an account may have hundreds of rules, and the calls a second are limited.
  for (const { Name = '', EventPattern } of rules.filter((rule) => seesReads(rule, ownName))) {
    const { Result } = await ask(
      'events:TestEventPattern',
      client.testEventPattern({ EventPattern, Event: event }),
    );
    if (!Result) continue;
    const targets = await readTargets(client, { name: Name });
    others.push({
      name: Name,
      targets: targets.map(({ Id: id = '', Arn: arn = '' }) => ({ id, arn })),
    });
  }
  return others;
}

/** A rule in any other state never matches an attempt, which is a read. */
const seesReads = ({ Name, State, EventPattern }: Rule, ownName: string) =>
  Name !== ownName &&
  EventPattern !== undefined &&
  State === 'ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS';

/** An attempt as EventBridge sends it to rules. */
const attempt = ({ region, account, partition }: Stack, now: Date) => ({
  version: '0',
  id: '6a7e8feb-b491-4cf7-a9f1-bf3703467718',
  'detail-type': API_CALL,
  source: 'aws.secretsmanager',
  account,
  time: now.toISOString(),
  region,
  resources: [],
  detail: {
    eventVersion: '1.11',
    eventID: '9f1c2d6e-7d2b-4c53-8a44-0f6de7b9a3c1',
    userIdentity: {
      type: 'AssumedRole',
      arn: `arn:${partition}:sts::${account}:assumed-role/app-server/i-0abc`,
      accountId: account,
    },
    eventTime: now.toISOString(),
    eventSource: SECRETS_MANAGER,
    eventName: 'GetSecretValue',
    awsRegion: region,
    errorCode: 'InvalidRequestException',
    errorMessage:
      "You can't perform this operation on the secret because it was marked for deletion.",
    requestParameters: { secretId: 'prod/db/password' },
    responseElements: null,
    readOnly: true,
    eventType: 'AwsApiCall',
    managementEvent: true,
    recipientAccountId: account,
    eventCategory: 'Management',
  },
});

/** The stage of the function with this ARN. */
const stageOfFunction = (arn: string) =>
  new RegExp(`:function:${SERVICE}-([^:]+)-${NOTIFY.key}(:|$)`).exec(arn)?.[1];

/** The stage in a resource's name as CloudFormation makes it: stack, logical id, and some letters. */
const stageOfName = (name: string, logicalId: string) =>
  new RegExp(`^${SERVICE}-(.+)-${logicalId}-[^-]+$`).exec(name)?.[1];

const unique = (names: readonly (string | undefined)[]) => [
  ...new Set(names.filter((name) => name !== undefined)),
];

/**
 * Whether another rule sends the same attempts to the same topic. Another stage of this service does not count: it has its
 * own topic and purpose.
 */
function judgeOtherRules(stack: Stack, others: readonly OtherRule[]): Finding {
  const topic = topicArn(stack);
  const otherStageOf = ({ name, targets }: OtherRule) =>
    [stageOfName(name, NOTIFY.rule), ...targets.map(({ arn }) => stageOfFunction(arn))].find(
      (stage) => stage !== undefined && stage !== stack.stage,
    );
  const isTwice = ({ arn }: OtherRule['targets'][number]) =>
    arn === topic || stageOfFunction(arn) === stack.stage;
  const twice = others.filter((rule) => !otherStageOf(rule) && rule.targets.some(isTwice));
  const [first] = twice;
  if (!first) {
    const stages = unique(others.map(otherStageOf));
    if (stages.length === 0) return ok('none alerts the same attempts');
    return ok(`none but the stage ${stages.join(', ')} of this service, to its own topic`);
  }
  const names = twice.map(({ name }) => name).join(', ');
  // The rule's other targets stay.
  const ids = first.targets.filter(isTwice).map(({ id }) => id);
  const end =
    ids.length < first.targets.length
      ? aws(stack)`events remove-targets --rule ${first.name} --ids ${ids}`
      : aws(stack)`events disable-rule --name ${first.name}`;
  return warn(`Rules that alert the same attempts: ${names}.`, end);
}

/** Whether another metric filter counts the same attempts, for this alarm or for another. */
function judgeOtherFilters(
  stack: Stack,
  own: MetricFilter,
  metric: Metric,
  filters: readonly MetricFilter[],
): Finding {
  const others = filters
    .filter((filter) => !isSame(filter, own))
    .filter((filter) => isOurs(filter) || writes(filter, metric));
  const stageOf = ({ filterName = '' }: MetricFilter) => {
    const stage = stageOfName(filterName, METRIC_FILTER);
    return stage === stack.stage ? undefined : stage;
  };
  const byHand = others.filter((filter) => !stageOf(filter));
  const [first] = byHand;
  if (first) {
    const names = byHand.map(({ filterName }) => filterName).join(', ');
    return warn(
      `Filters that count the same attempts, for this alarm or another: ${names}.`,
      aws(stack)`logs delete-metric-filter --log-group-name ${first.logGroupName}
        --filter-name ${first.filterName}`,
    );
  }
  const stages = unique(others.map(stageOf));
  const [shared] = unique(others.filter((filter) => writes(filter, metric)).map(stageOf));
  if (shared) {
    return warn(
      `Two stages count in the metric ${metric.name}: ${shared} needs one of its own.`,
      deploy({ ...stack, stage: shared }, param('metricName', `${metric.name}-${shared}`)),
    );
  }
  return stages.length > 0
    ? ok(`none but the stage ${stages.join(', ')} of this service, for its own alarm`)
    : ok('none counts the same attempts');
}

const isSame = (one: MetricFilter, other: MetricFilter) =>
  one.filterName === other.filterName && one.logGroupName === other.logGroupName;
