import { EventBridgeClient, PutRuleCommand } from '@aws-sdk/client-eventbridge';
import { ATTEMPT_RULE } from '../../../stack/functions.ts';
import { eventPattern } from '../../../stack/rule.ts';
import { aws } from '../world.ts';

const eventBridge = new EventBridgeClient(aws);

/** The doctor's remedy for the rule on attempts. */
export async function putAttemptRule(Name: string | undefined): Promise<void> {
  const { State, Description } = ATTEMPT_RULE;
  const EventPattern = JSON.stringify(eventPattern(ATTEMPT_RULE));
  await eventBridge.send(new PutRuleCommand({ Name, State, Description, EventPattern }));
}
