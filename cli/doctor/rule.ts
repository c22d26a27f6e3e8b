import { isDeepStrictEqual } from 'node:util';
import type { DescribeRuleCommandOutput, EventBridge, Target } from '@aws-sdk/client-eventbridge';
import type { Lambda } from '@aws-sdk/client-lambda';
import { DEAD_LETTER_QUEUE } from '../../stack/dead-letter-queue.ts';
import type { RuleFunctionNames } from '../../stack/names.ts';
import { eventPattern, expressionOf, type RecordRule, type Schedule } from '../../stack/rule.ts';
import { find } from './ask.ts';
import type { Context } from './context.ts';
import { decide } from './policy.ts';
import { aws } from './remedy.ts';
import { arnIn, physicalId, type Stack } from './stack.ts';
import { type Checks, type Finding, fail, ok, unknown, warn } from './verdict.ts';

/** Checks of the way of an event to a function. @param expected the rule as it is deployed */
export function ruleChecks(
  { clients, stack }: Context,
  names: RuleFunctionNames,
  expected: RecordRule | Schedule,
): Checks {
  const { eventBridge, lambda } = clients;
  const ruleName = () => physicalId(stack, names.rule);
  return {
    [`${names.key}: rule`]: async () => {
      const rule = await readRule(eventBridge, ruleName());
      return 'detail' in expected
        ? judgeRecordRule(stack, ruleName(), rule, expected)
        : judgeSchedule(stack, ruleName(), rule, expected);
    },
    [`${names.key}: target`]: async () =>
      judgeTarget(stack, names, await readTargets(eventBridge, ruleName())),
    [`${names.key}: permission`]: async () => {
      const rule = await readRule(eventBridge, ruleName());
      const ruleArn = rule?.Arn ?? arnIn(stack, 'events', `rule/${ruleName()}`);
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

const readRule = (
  client: EventBridge,
  Name: string,
): Promise<DescribeRuleCommandOutput | undefined> =>
  find('events:DescribeRule', client.describeRule({ Name }));

/**
 * The targets of a rule, all on one page: a rule has at most five.
 * Source: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-quota.html
 */
export async function readTargets(client: EventBridge, Rule: string): Promise<Target[]> {
  const answer = await find('events:ListTargetsByRule', client.listTargetsByRule({ Rule }));
  return answer?.Targets ?? [];
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

type Rule = Pick<DescribeRuleCommandOutput, 'State' | 'EventPattern' | 'ScheduleExpression'>;

/** Whether a rule on CloudTrail's records is as it was deployed. */
function judgeRecordRule(
  stack: Stack,
  name: string,
  rule: Rule | undefined,
  expected: RecordRule,
): Finding {
  const pattern = eventPattern(expected);
  // Not enable-rule, which can set the plain state only, and would leave the pattern as it is. put-rule resets every
  // parameter that it does not name: https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutRule.html
  const put = aws(stack)`events put-rule --name ${name} --state ${expected.State}
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
  rule: Rule | undefined,
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

/** Whether a rule sends its events to its function unchanged, and those that fail to the dead-letter queue. */
function judgeTarget(stack: Stack, names: RuleFunctionNames, targets: readonly Target[]): Finding {
  // A queue's URL ends in its name.
  const queue = physicalId(stack, DEAD_LETTER_QUEUE).split('/').at(-1) ?? '';
  const queueArn = arnIn(stack, 'sqs', queue);
  const functionArn = arnIn(stack, 'lambda', `function:${physicalId(stack, names.function)}`);
  const wanted = { Id: names.key, Arn: functionArn, DeadLetterConfig: { Arn: queueArn } };
  const put = aws(stack)`events put-targets --rule ${physicalId(stack, names.rule)}
    --targets ${JSON.stringify([wanted])}`;
  const target = targets.find(({ Arn }) => Arn === functionArn);
  if (!target) return fail(`The rule does not send its events to ${names.key}.`, put);
  if (target.Input ?? target.InputPath ?? target.InputTransformer) {
    return fail('The rule changes its events on the way to the function.', put);
  }
  if (target.DeadLetterConfig?.Arn !== queueArn) {
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
