import type { Target } from '@aws-sdk/client-eventbridge';
import type { IAM } from '@aws-sdk/client-iam';
import { spokeNames, stackNameOf } from '../../../stack/names.ts';
import { aws } from '../remedy.ts';
import { putRolePolicy, readOwnPolicies } from '../role.ts';
import { type Finding, fail, ok, unknown, warn } from '../verdict.ts';
import { arnAt, deploySpoke, type SpokePlace } from './place.ts';

/** The bus of the hub, as a rule's target names it. */
export interface HubBus {
  readonly arn: string;
  readonly region: string;
  readonly account: string;
}

/** What a rule of the spoke forwards to, and by which role. */
export interface Forwarding {
  readonly bus: HubBus;
  readonly target: Target;
}

/** The target that is the hub's bus; `undefined` if there is none. */
export function forwardingOf(
  { stage }: SpokePlace,
  targets: readonly Target[],
): Forwarding | undefined {
  for (const target of targets) {
    const [arn, region, account] =
      /^arn:[^:]+:events:([^:]+):(\d{12}):event-bus\/(.+)$/.exec(target.Arn ?? '') ?? [];
    if (arn && region && account && arn.endsWith(`/${stackNameOf(stage)}`)) {
      return { bus: { arn, region, account }, target };
    }
  }
  return undefined;
}

/**
 * Whether a rule forwards its events to the hub unchanged, and those that fail to the dead-letter queue.
 * @param targets of the rule
 * @param other what the other rule forwards to, if it does
 */
export function judgeForwarding(
  place: SpokePlace,
  rule: string,
  targets: readonly Target[],
  other: Forwarding | undefined,
): Finding {
  const own = forwardingOf(place, targets);
  const bus = own?.bus ?? other?.bus;
  const RoleArn = own?.target.RoleArn ?? other?.target.RoleArn;
  const queueArn = arnAt(place, 'sqs', spokeNames(place.stage).deadLetterQueue);
  const wanted = {
    Id: own?.target.Id ?? 'hub',
    Arn: bus?.arn,
    RoleArn,
    DeadLetterConfig: { Arn: queueArn },
  };
  const put =
    bus && RoleArn
      ? aws(place)`events put-targets --rule ${rule} --targets ${JSON.stringify([wanted])}`
      : deploySpoke(place, bus?.region);
  if (!own) return fail(`The rule does not forward to the bus ${stackNameOf(place.stage)}.`, put);
  const { target } = own;
  if (other && other.bus.arn !== own.bus.arn) {
    return fail(
      `It forwards to ${own.bus.arn}, the other rule to ${other.bus.arn}.`,
      deploySpoke(place),
    );
  }
  // Across accounts EventBridge delivers by a role alone.
  if (!target.RoleArn) return fail('The rule has no role by which it forwards.', put);
  if (target.Input ?? target.InputPath ?? target.InputTransformer) {
    return fail('The rule changes its events on the way to the hub.', put);
  }
  if (target.DeadLetterConfig?.Arn !== queueArn) {
    return warn('Events that the rule cannot forward do not go to the dead-letter queue.', put);
  }
  return ok(`forwards to ${own.bus.arn}`);
}

/** Whether the role of the rules may put events on the hub's bus, and on no other. */
export async function judgeForwardingRole(
  place: SpokePlace,
  client: IAM,
  forwarding: Forwarding | undefined,
): Promise<Finding> {
  const { bus, target } = forwarding ?? {};
  if (!bus || !target?.RoleArn) return unknown('Without a target its role is not known.');
  const { RoleArn } = target;
  const may = (resource: string) => readOwnPolicies(client, RoleArn, 'events:PutEvents', resource);
  const own = await may(bus.arn);
  const put = putRolePolicy(place, RoleArn, 'forward-to-hub', {
    Effect: 'Allow',
    Action: 'events:PutEvents',
    Resource: bus.arn,
  });
  const show = aws(place)`iam list-role-policies --role-name ${RoleArn.split('/').at(-1)}`;
  if (own === 'not allowed') return fail(`No policy lets ${RoleArn} put events on the bus.`, put);
  if (own === 'forbidden')
    return fail(`A policy forbids ${RoleArn} to put events on the bus.`, show);
  if (own === 'undecided') {
    return unknown('Its policies have conditions that cannot be evaluated here.', show);
  }
  if ((await may(`${bus.arn}-another`)) === 'allowed') {
    return warn(`${RoleArn} may put events on other buses too.`, show);
  }
  return ok('may put events on the bus of the hub, and on no other');
}
