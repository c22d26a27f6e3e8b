import {
  type EventBridgeClient,
  ListRulesCommand,
  type Rule,
  TestEventPatternCommand,
} from '@aws-sdk/client-eventbridge';
import type { Stack } from '../stack.ts';
import { ask } from './ask.ts';
import { readTargets } from './rule.ts';

/** A rule that sees attempts, and where it sends them. */
export interface OtherRule {
  readonly name: string;
  readonly targets: readonly { readonly id: string; readonly arn: string }[];
}

/**
 * The rules that see attempts, without that of the stack. Whether a pattern matches is left to EventBridge.
 * Source: https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_TestEventPattern.html
 * @throws UnreadableError, and whatever the SDK throws.
 */
export async function readOtherRules(
  client: EventBridgeClient,
  stack: Stack,
  ownName: string,
  now: Date,
): Promise<OtherRule[]> {
  const rules = await ask('events:ListRules', listRules(client));
  const event = JSON.stringify(attempt(stack, now));
  const others: OtherRule[] = [];
  // One after the other: an account may have hundreds of rules, and takes so many calls a second.
  for (const { Name = '', EventPattern } of rules.filter((rule) => seesReads(rule, ownName))) {
    const { Result } = await ask(
      'events:TestEventPattern',
      client.send(new TestEventPatternCommand({ EventPattern, Event: event })),
    );
    if (!Result) continue;
    const targets = await readTargets(client, Name);
    others.push({
      name: Name,
      targets: targets.map(({ Id: id = '', Arn: arn = '' }) => ({ id, arn })),
    });
  }
  return others;
}

async function listRules(client: EventBridgeClient): Promise<Rule[]> {
  const rules: Rule[] = [];
  let token: string | undefined;
  do {
    const input = { EventBusName: 'default', NextToken: token };
    const { Rules = [], NextToken } = await client.send(new ListRulesCommand(input));
    rules.push(...Rules);
    token = NextToken;
  } while (token);
  return rules;
}

/** A rule in any other state never sees an attempt, which is a read. */
const seesReads = ({ Name, State, EventPattern }: Rule, ownName: string) =>
  Name !== ownName &&
  EventPattern !== undefined &&
  State === 'ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS';

/** An attempt as EventBridge shows it to rules. */
const attempt = ({ region, account, partition }: Stack, now: Date) => ({
  version: '0',
  id: '6a7e8feb-b491-4cf7-a9f1-bf3703467718',
  'detail-type': 'AWS API Call via CloudTrail',
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
    eventSource: 'secretsmanager.amazonaws.com',
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
