import { UnreadableError } from './unreadable.ts';

/** The stack as it is deployed, and where. */
export interface Stack {
  readonly name: string;
  readonly stage: string;
  readonly partition: string;
  readonly region: string;
  readonly account: string;
  /** Such as `UPDATE_COMPLETE`. */
  readonly status: string;
  readonly statusReason: string | undefined;
  /** When CloudFormation last found that something was changed by hand; `undefined` if it did not. */
  readonly driftedAt: Date | undefined;
  readonly outputs: ReadonlyMap<string, string>;
  /** By logical id. */
  readonly resources: ReadonlyMap<string, StackResource>;
}

export interface StackResource {
  readonly type: string;
  /** The function's name, the queue's URL, and so on; `undefined` if CloudFormation has not made it. */
  readonly physicalId: string | undefined;
  readonly status: string;
  readonly statusReason: string | undefined;
}

/** The physical id of a resource. @throws UnreadableError if the stack does not have it. */
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
