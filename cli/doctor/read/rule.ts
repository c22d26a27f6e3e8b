import {
  DescribeRuleCommand,
  type DescribeRuleCommandOutput,
  type EventBridgeClient,
  ListTargetsByRuleCommand,
  type Target,
} from '@aws-sdk/client-eventbridge';
import { GetPolicyCommand, type LambdaClient } from '@aws-sdk/client-lambda';
import { find } from './ask.ts';

/** @throws UnreadableError, and whatever the SDK throws. */
export const readRule = (
  client: EventBridgeClient,
  Name: string,
): Promise<DescribeRuleCommandOutput | undefined> =>
  find('events:DescribeRule', client.send(new DescribeRuleCommand({ Name })));

/**
 * The targets of a rule, all on one page: a rule has at most five.
 * Source: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-quota.html
 * @throws UnreadableError, and whatever the SDK throws.
 */
export async function readTargets(client: EventBridgeClient, Rule: string): Promise<Target[]> {
  const answer = await find(
    'events:ListTargetsByRule',
    client.send(new ListTargetsByRuleCommand({ Rule })),
  );
  return answer?.Targets ?? [];
}

/** The policy of a function, JSON; `undefined` without one. @throws UnreadableError, and whatever the SDK throws. */
export async function readPolicy(
  client: LambdaClient,
  FunctionName: string,
): Promise<string | undefined> {
  const answer = await find(
    'lambda:GetPolicy',
    client.send(new GetPolicyCommand({ FunctionName })),
  );
  return answer?.Policy;
}
