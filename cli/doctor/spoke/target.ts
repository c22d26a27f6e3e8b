import type { Target } from '@aws-sdk/client-eventbridge';
import type { IAM } from '@aws-sdk/client-iam';
import { spokeNames, stackNameOf } from '../../../stack/names.ts';
import { find } from '../ask.ts';
import { decide } from '../policy.ts';
import { aws } from '../remedy.ts';
import { putRolePolicy, readOwnPolicies } from '../role.ts';
import { type Finding, fail, ok, unknown, warn } from '../verdict.ts';
import { arnAt, deploySpoke, rulesOf, type SpokePlace } from './place.ts';

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

/** A role's policy of who may assume it, JSON; `undefined` if there is no such role. */
async function readTrust(client: IAM, roleArn: string): Promise<string | undefined> {
  const answer = await find('iam:GetRole', client.getRole({ RoleName: nameOf(roleArn) }));
  // Its name does not tell its path.
  if (answer?.Role?.Arn !== roleArn) return undefined;
  return decodeURIComponent(answer.Role.AssumeRolePolicyDocument ?? '');
}

const nameOf = (roleArn: string) => roleArn.split('/').at(-1);

/**
 * Whether EventBridge may assume the role for all rules; `undefined` if so. Of these keys a condition may be:
 * https://docs.aws.amazon.com/eventbridge/latest/userguide/cross-service-confused-deputy-prevention.html
 */
function distrust(place: SpokePlace, RoleArn: string, trust: string): Finding | undefined {
  const decisions = rulesOf(place).map(({ arn }) =>
    decide(trust, {
      principals: [EVENT_BRIDGE],
      action: 'sts:AssumeRole',
      resource: RoleArn,
      context: {
        'aws:sourceaccount': place.account,
        'aws:sourcearn': arn,
        'sts:externalid': undefined,
      },
    }),
  );
  if (decisions.some((one) => one === 'not allowed' || one === 'forbidden')) {
    const trusts = {
      Effect: 'Allow',
      Principal: { Service: EVENT_BRIDGE },
      Action: 'sts:AssumeRole',
    };
    const put = aws(place)`iam update-assume-role-policy --role-name ${nameOf(RoleArn)}
      --policy-document ${JSON.stringify({ Version: '2012-10-17', Statement: [trusts] })}`;
    return fail(
      `${RoleArn} does not trust ${EVENT_BRIDGE}: the rules cannot forward anything.`,
      put,
    );
  }
  if (decisions.includes('undecided')) {
    const show = aws(place)`iam get-role --role-name ${nameOf(RoleArn)}`;
    return unknown('It trusts EventBridge on conditions that cannot be evaluated here.', show);
  }
  return undefined;
}

const EVENT_BRIDGE = 'events.amazonaws.com';

/** Whether the rules may assume their role, and that may put events on the hub's bus, and on no other. */
export async function judgeForwardingRole(
  place: SpokePlace,
  client: IAM,
  forwarding: Forwarding | undefined,
): Promise<Finding> {
  const { bus, target } = forwarding ?? {};
  if (!bus || !target?.RoleArn) return unknown('Without a target its role is not known.');
  const { RoleArn } = target;
  const trust = await readTrust(client, RoleArn);
  if (trust === undefined) {
    return fail(
      `There is no role ${RoleArn}: the rules cannot forward anything.`,
      deploySpoke(place, bus.region),
    );
  }
  const fault = distrust(place, RoleArn, trust);
  if (fault) return fault;
  const may = (resource: string) => readOwnPolicies(client, RoleArn, 'events:PutEvents', resource);
  const own = await may(bus.arn);
  const put = putRolePolicy(place, RoleArn, 'forward-to-hub', {
    Effect: 'Allow',
    Action: 'events:PutEvents',
    Resource: bus.arn,
  });
  const show = aws(place)`iam list-role-policies --role-name ${nameOf(RoleArn)}`;
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
