import { randomUUID } from 'node:crypto';
import {
  DeleteRuleCommand,
  EventBridgeClient,
  PutRuleCommand,
  PutTargetsCommand,
  RemoveTargetsCommand,
} from '@aws-sdk/client-eventbridge';
import { aws } from './world.ts';

interface NewRule {
  readonly pattern: object;
  /** ARN of what gets `input`, or else the event. */
  readonly target: string | undefined;
  readonly input?: unknown;
}

/** For the tests of a scenario: returns what adds a rule to the default bus. Each goes after its test. */
export function useRules(): (rule: NewRule) => Promise<void> {
  const eventBridge = new EventBridgeClient(aws);
  const names: string[] = [];
  afterEach(async () => {
    for (const Rule of names.splice(0)) {
      await eventBridge.send(new RemoveTargetsCommand({ Rule, Ids: ['1'] }));
      await eventBridge.send(new DeleteRuleCommand({ Name: Rule }));
    }
  });
  return async ({ pattern, target, input }) => {
    const Name = randomUUID();
    const EventPattern = JSON.stringify(pattern);
    await eventBridge.send(new PutRuleCommand({ Name, EventPattern }));
    names.push(Name);
    const Input = input === undefined ? undefined : JSON.stringify(input);
    const Targets = [{ Id: '1', Arn: target, Input }];
    await eventBridge.send(new PutTargetsCommand({ Rule: Name, Targets }));
  };
}
