import { isDeepStrictEqual } from 'node:util';
import type {
  DescribeRuleCommandOutput,
  EventBridge,
  Rule as ListedRule,
  Target,
} from '@aws-sdk/client-eventbridge';
import type { Lambda } from '@aws-sdk/client-lambda';
import type { HubFunctionNames, RuleFunctionNames } from '../../stack/names.ts';
import { eventPattern, expressionOf, type RecordRule, type Schedule } from '../../stack/rule.ts';
import { find } from './ask.ts';
import type { Context } from './context.ts';
import { decide } from './policy.ts';
import { judgeSenders, readQueuePolicy } from './queue.ts';
import { aws } from './remedy.ts';
import { arnIn, deadLetterQueueArn, physicalId, queueArn, type Stack } from './stack.ts';
import { type Checks, type Finding, fail, ok, unknown, warn } from './verdict.ts';

/** A rule, and the bus that it is on; `undefined` for the default bus. */
export interface Rule {
  readonly name: string;
  readonly bus?: string | undefined;
}

/** @throws UnreadableError if the stack lacks it. */
const ruleOf = (stack: Stack, names: RuleNames): Rule =>
  'ruleName' in names
    ? { name: names.ruleName(stack.stage), bus: stack.name }
    : { name: physicalId(stack, names.rule) };

/** What finds it, of the calls on it and in the AWS CLI. */
const onBus = ({ bus }: Rule) => bus && { EventBusName: bus };
const busOption = ({ bus }: Rule) => (bus ? ['--event-bus-name', bus] : []);

/** The names of a function and of one of its rules. */
type RuleNames = RuleFunctionNames | HubFunctionNames;

/** What the checks of a rule are called after: its function, and what tells it from that function's own rule, such as `clash hub`. */
const labelOf = ({ key, prefix }: RuleNames) =>
  `${key}:${prefix.slice(key.length).replaceAll(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`)} `;

/** Checks of the way of an event to a function, or to its queue. @param expected the rule as it is deployed */
export function ruleChecks(
  { clients, stack }: Context,
  names: RuleNames,
  expected: RecordRule | Schedule,
): Checks {
  const { eventBridge, lambda, sqs } = clients;
  const label = labelOf(names);
  return {
    [`${label}rule`]: async () => {
      const rule = ruleOf(stack, names);
      const found = await readRule(eventBridge, rule);
      return 'detail' in expected
        ? judgeRecordRule(stack, rule, found, expected)
        : judgeSchedule(stack, rule.name, found, expected);
    },
    [`${label}target`]: async () => {
      const rule = ruleOf(stack, names);
      return judgeTarget(stack, names, rule, await readTargets(eventBridge, rule));
    },
    [`${label}permission`]: async () => {
      const rule = ruleOf(stack, names);
      const path = rule.bus ? `${rule.bus}/${rule.name}` : rule.name;
      const ruleArn =
        (await readRule(eventBridge, rule))?.Arn ?? arnIn(stack, 'events', `rule/${path}`);
      if (names.queue) {
        const url = physicalId(stack, names.queue);
        const receiver = receiverOf(stack, names, await readQueuePolicy(sqs, url));
        return judgeSenders(stack, receiver, [{ name: rule.name, arn: ruleArn }]);
      }
      const policy = await readPolicy(lambda, physicalId(stack, names.function));
      return judgeInvoker(stack, physicalId(stack, names.function), policy, {
        name: 'The rule',
        principal: 'events.amazonaws.com',
        sourceArn: ruleArn,
        statementId: `${names.rule}ByHand`,
      });
    },
  };
}

/** The queue that a rule sends to. */
const receiverOf = (stack: Stack, { key, rule, queue = '' }: RuleNames, policy?: string) => ({
  url: physicalId(stack, queue),
  arn: queueArn(stack, queue),
  policy,
  statementId: `${rule}ByHand`,
  otherwise: `${key} gets nothing from it`,
  fine: 'may send to the queue',
});

/** `undefined` if there is no such rule. */
export const readRule = (
  client: EventBridge,
  rule: Rule,
): Promise<DescribeRuleCommandOutput | undefined> =>
  find('events:DescribeRule', client.describeRule({ Name: rule.name, ...onBus(rule) }));

/**
 * The targets of a rule, all on one page: a rule has at most five.
 * Source: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-quota.html
 */
export async function readTargets(client: EventBridge, rule: Rule): Promise<Target[]> {
  const answer = await find(
    'events:ListTargetsByRule',
    client.listTargetsByRule({ Rule: rule.name, ...onBus(rule) }),
  );
  return answer?.Targets ?? [];
}

/** All rules on a bus; none if there is no such bus. */
export async function listRules(client: EventBridge, EventBusName: string): Promise<ListedRule[]> {
  const rules: ListedRule[] = [];
  let NextToken: string | undefined;
  do {
    const page = client.listRules({ EventBusName, NextToken });
    const answer = await find('events:ListRules', page);
    rules.push(...(answer?.Rules ?? []));
    NextToken = answer?.NextToken;
  } while (NextToken);
  return rules;
}

/** The policy of a function, JSON; `undefined` without one. */
export async function readPolicy(
  client: Lambda,
  FunctionName: string,
): Promise<string | undefined> {
  const answer = await find('lambda:GetPolicy', client.getPolicy({ FunctionName }));
  return answer?.Policy;
}

const SPECIAL = 'ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS';

type Described = Pick<DescribeRuleCommandOutput, 'State' | 'EventPattern' | 'ScheduleExpression'>;

/** Whether a rule on CloudTrail's records is as it was deployed. @param where its Region, and the profile for commands */
export function judgeRecordRule(
  where: Pick<Stack, 'region' | 'profile'>,
  { name, bus }: Rule,
  rule: Described | undefined,
  expected: RecordRule,
): Finding {
  const pattern = eventPattern(expected);
  // Not enable-rule, which can set the plain state only, and would leave the pattern as it is. put-rule resets every
  // parameter that it does not name: https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutRule.html
  const put = aws(
    where,
  )`events put-rule --name ${name} ${busOption({ name, bus })} --state ${expected.State}
    --description ${expected.Description} --event-pattern ${JSON.stringify(pattern)}`;
  if (!rule) return fail(`There is no rule ${name}.`, put);
  if (rule.State === 'DISABLED') return fail('It is DISABLED.', put);
  if (rule.State !== expected.State && expected.State === SPECIAL) {
    return fail(`Its state is ${rule.State}, which never sees a read: not ${SPECIAL}.`, put);
  }
  if (!isDeepStrictEqual(JSON.parse(rule.EventPattern ?? '{}'), pattern)) {
    return fail('Its event pattern is not the one that was deployed.', put);
  }
  return ok(`${rule.State}, with the pattern as deployed`);
}

/** Whether a rule that runs a function at intervals does so. */
function judgeSchedule(
  stack: Stack,
  name: string,
  rule: Described | undefined,
  expected: Schedule,
): Finding {
  const expression = expressionOf(expected);
  const put = aws(stack)`events put-rule --name ${name} --description ${expected.Description}
    --schedule-expression ${expression}`;
  if (!rule) return fail(`There is no rule ${name}.`, put);
  if (!rule.ScheduleExpression) return fail('It has no schedule.', put);
  if (rule.State === 'DISABLED') {
    return fail('It is DISABLED.', aws(stack)`events enable-rule --name ${name}`);
  }
  if (rule.ScheduleExpression !== expression) {
    return warn(`Its schedule is ${rule.ScheduleExpression}, not ${expression}.`, put);
  }
  return ok(`${rule.State}, ${rule.ScheduleExpression}`);
}

/** Whether a rule sends its events to its function, or its queue, unchanged, and those that fail to the dead-letter queue. */
function judgeTarget(
  stack: Stack,
  names: RuleNames,
  rule: Rule,
  targets: readonly Target[],
): Finding {
  const deadLetters = deadLetterQueueArn(stack);
  const Arn = names.queue
    ? queueArn(stack, names.queue)
    : arnIn(stack, 'lambda', `function:${physicalId(stack, names.function)}`);
  const wanted = { Id: names.key, Arn, DeadLetterConfig: { Arn: deadLetters } };
  const put = aws(stack)`events put-targets --rule ${rule.name} ${busOption(rule)}
    --targets ${JSON.stringify([wanted])}`;
  const target = targets.find((one) => one.Arn === Arn);
  if (!target) return fail(`The rule does not send its events to ${names.key}.`, put);
  if (target.Input ?? target.InputPath ?? target.InputTransformer) {
    return fail('The rule changes its events on the way to the function.', put);
  }
  if (target.DeadLetterConfig?.Arn !== deadLetters) {
    return warn('Events that the rule cannot deliver do not go to the dead-letter queue.', put);
  }
  return ok(`sends its events to ${names.key}`);
}

/** What invokes a function. */
interface Invoker {
  readonly name: string;
  /** The service that does so, such as `events.amazonaws.com`. */
  readonly principal: string;
  /** On whose behalf. */
  readonly sourceArn: string;
  /** The account of that, for a service whose guide has it in the statement too. */
  readonly sourceAccount?: string;
  /** The id of a statement that would allow it. */
  readonly statementId: string;
}

/** Whether a function's policy lets what starts it invoke it. @param policy JSON, `undefined` for none */
export function judgeInvoker(
  stack: Stack,
  functionName: string,
  policy: string | undefined,
  { name, principal, sourceArn, sourceAccount, statementId }: Invoker,
): Finding {
  const decision = decide(policy, {
    principals: [principal],
    action: 'lambda:InvokeFunction',
    resource: arnIn(stack, 'lambda', `function:${functionName}`),
    context: { 'aws:sourcearn': sourceArn, 'aws:sourceaccount': stack.account },
  });
  const show = aws(stack)`lambda get-policy --function-name ${functionName}`;
  if (decision === 'allowed') return ok('may invoke the function');
  if (decision === 'undecided') {
    return unknown('Its policy has conditions that cannot be evaluated here.', show);
  }
  const account = sourceAccount ? ['--source-account', sourceAccount] : [];
  return fail(
    `${name} may not invoke the function.`,
    aws(stack)`lambda add-permission --function-name ${functionName}
      --statement-id ${statementId} --action lambda:InvokeFunction
      --principal ${principal} --source-arn ${sourceArn} ${account}`,
  );
}
