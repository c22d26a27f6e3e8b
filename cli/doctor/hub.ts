import type { MetricAlarm } from '@aws-sdk/client-cloudwatch';
import { ATTEMPT_RULE, CHANGE_RULE, CLASH_RULE, READ_RULE } from '../../stack/functions.ts';
import { BUS_STATEMENT, busStatement, lookUpCondition } from '../../stack/hub.ts';
import {
  BUTTONS,
  hubRulesOf,
  lookupRoleArn,
  NOTIFY_HUB,
  OPERATOR_SESSION,
  SIFT_READS_HUB,
  TRACK_CLASHES_HUB,
  TRACK_DELETION_HUB,
} from '../../stack/names.ts';
import { putOwnAlarm } from './alarm.ts';
import { readBus } from './bus.ts';
import type { Context } from './context.ts';
import { type Decision, decide, statementsOf } from './policy.ts';
import { aws, redeploy } from './remedy.ts';
import { LOOKING, putRolePolicy, readOwnPolicies } from './role.ts';
import { ruleChecks } from './rule.ts';
import { arnIn, isHub, physicalId, roleArnIn, type Stack, watchedBy } from './stack.ts';
import { type Checks, type Finding, fail, ok, unknown, warn } from './verdict.ts';

/** Checks of the way of an event from a spoke to a function, and of who may look into spokes; none without a hub. */
export function hubChecks(context: Context): Checks {
  const { clients, stack, deployed } = context;
  if (!isHub(stack)) return {};
  const { watchGoneSecrets, watchNameClashes } = watchedBy(stack);
  return {
    'hub: bus': async () => {
      const bus = await readBus(clients.eventBridge, stack.name);
      return judgeBus(stack, bus && (bus.Policy ?? ''));
    },
    ...ruleChecks(context, NOTIFY_HUB, ATTEMPT_RULE),
    ...(watchGoneSecrets && ruleChecks(context, SIFT_READS_HUB, READ_RULE)),
    ...ruleChecks(context, TRACK_DELETION_HUB, CHANGE_RULE),
    ...(watchNameClashes && ruleChecks(context, TRACK_CLASHES_HUB, CLASH_RULE)),
    'hub: alarms': async () => judgeAlarms(stack, await deployed.ownAlarms()),
    'hub: roles': async () => judgeRoles(stack, await readRefused(context)),
  };
}

const busArn = (stack: Stack) => arnIn(stack, 'events', `event-bus/${stack.name}`);

/** Whether the bus takes what the organization's spokes forward, and nothing else. @param policy JSON, empty for none; `undefined` if there is no bus */
function judgeBus(stack: Stack, policy: string | undefined): Finding {
  const organization = stack.outputs.get('OrganizationId');
  if (policy === undefined) return fail(`There is no event bus ${stack.name}.`, redeploy(stack));
  if (!organization) return unknown('The stack has no output OrganizationId.');
  const deployed = { Sid: BUS_STATEMENT, ...busStatement(organization, busArn(stack)) };
  const put = aws(stack)`events put-permission --event-bus-name ${stack.name}
    --policy ${JSON.stringify({ Version: '2012-10-17', Statement: [deployed] })}`;
  if (!policy) return fail('It has no policy: it refuses whatever spokes forward.', put);
  const own = decide(policy, requestOf(stack, organization));
  if (own === 'not allowed' || own === 'forbidden') {
    return fail(`Its policy does not let ${organization} forward events.`, put);
  }
  const wider = widerThan(stack, organization, policy);
  const everybody = wider.find(({ whom, may }) => whom === '*' && may === 'allowed');
  if (everybody) return fail(`Its policy lets in ${everybody.what}.`, put);
  const some = wider.find(({ may }) => may === 'allowed');
  if (some) return warn(`Its policy lets in ${some.what}, of ${some.whom}.`, put);
  if (own === 'undecided' || wider.length > 0) {
    const show = aws(stack)`events describe-event-bus --name ${stack.name}`;
    return unknown('Its policy has conditions that cannot be evaluated here.', show);
  }
  return ok(`lets ${organization} forward events of Secrets Manager, and nobody else`);
}

/** What a rule of a spoke asks of the bus. The key `events:source` has one value for each event. */
const requestOf = (stack: Stack, organization: string, source = 'aws.secretsmanager') => ({
  principals: ['*'],
  action: 'events:PutEvents',
  resource: busArn(stack),
  context: {
    'aws:principalorgid': organization,
    'events:source': source,
    'events:detail-type': 'AWS API Call via CloudTrail',
    'aws:securetransport': 'true',
  },
});

interface Wider {
  /** `*`, or the principals that a statement names. */
  readonly whom: string;
  /** What the statement lets in. */
  readonly what: string;
  readonly may: Decision;
}

/** What each statement of the bus's policy allows, or may allow, that the deployed one does not; of the own account all is well. */
function widerThan(stack: Stack, organization: string, policy: string): Wider[] {
  const statements = statementsOf(policy);
  const denials = statements.filter(({ Effect }) => Effect === 'Deny');
  return statements
    .filter(({ Effect }) => Effect === 'Allow')
    .flatMap((statement) => {
      const named = principalsOf(statement.Principal);
      if (named.every((one) => one.includes(stack.account))) return [];
      const alone = JSON.stringify({ Statement: [statement, ...denials] });
      const member = requestOf(stack, organization);
      const requests = {
        'accounts outside of the organization': requestOf(stack, 'o-another000'),
        'events of other sources': requestOf(stack, organization, 'another'),
        'changes of its rules': { ...member, action: 'events:PutRule' },
      };
      return Object.entries(requests).map(([what, request]) => ({
        whom: named.join(', '),
        what,
        may: decide(alone, { ...request, principals: named }),
      }));
    })
    .filter(({ may }) => may === 'allowed' || may === 'undecided');
}

function principalsOf(principal: unknown): string[] {
  if (typeof principal !== 'object' || principal === null) return ['*'];
  return Object.values(principal).flat().map(String);
}

const METRICS = ['FailedInvocations', 'InvocationsFailedToBeSentToDlq'];

/** Whether the alarms on the rules of the bus watch these: of such a rule there are no metrics by its name alone. */
function judgeAlarms(stack: Stack, alarms: readonly MetricAlarm[]): Finding {
  for (const names of hubRulesOf(watchedBy(stack))) {
    const Dimensions = [
      { Name: 'EventBusName', Value: stack.name },
      { Name: 'RuleName', Value: names.ruleName(stack.stage) },
    ];
    for (const metric of METRICS) {
      const AlarmName = physicalId(stack, `${names.prefix}${metric}Alarm`);
      const alarm = alarms.find((one) => one.AlarmName === AlarmName);
      const watched = { AlarmName, Namespace: 'AWS/Events', MetricName: metric, Dimensions };
      const fix = putOwnAlarm(stack, { ...alarm, ...watched });
      if (!alarm) return warn(`There is no ${AlarmName}.`, fix);
      if (alarm.MetricName !== metric || !isSame(alarm.Dimensions, Dimensions)) {
        return warn(`${AlarmName} does not watch ${metric} of the rule on the bus.`, fix);
      }
    }
  }
  return ok('watch the rules on the bus');
}

type Dimensions = MetricAlarm['Dimensions'];

const isSame = (one: Dimensions = [], other: Dimensions = []) =>
  one.length === other.length &&
  other.every(({ Name, Value }) =>
    one.some((dimension) => dimension.Name === Name && dimension.Value === Value),
  );

interface Refused {
  readonly role: string;
  readonly session: string;
  readonly decision: Decision;
}

/** The lookup roles of all spokes. */
const allRoles = ({ partition, stage }: Stack) =>
  lookupRoleArn(stage, { partition, accountId: '*', region: '*' });

/** An account that is not the hub's: any, because a policy that names the spokes' accounts lacks those of tomorrow. */
const ANOTHER_ACCOUNT = '000000000000';

/** The roles that look into spokes: that of the chat's buttons too, where there are any. */
const lookingOf = ({ resources }: Stack) => [
  ...LOOKING,
  ...(resources.has(BUTTONS.function) ? [{ role: BUTTONS.role, session: BUTTONS.key }] : []),
];

/** Those of the roles that may not assume the role of a spoke in any account, or of which that cannot be said. */
async function readRefused({ clients, stack }: Context): Promise<Refused[]> {
  const organization = stack.outputs.get('OrganizationId');
  const all = await Promise.all(
    lookingOf(stack).flatMap(({ role, session }) =>
      [stack.account, ANOTHER_ACCOUNT].map(async (accountId) => {
        const spoke = lookupRoleArn(stack.stage, { ...stack, accountId });
        const decision = await readOwnPolicies(
          clients.iam,
          roleArnIn(stack, role),
          'sts:AssumeRole',
          spoke,
          {
            'sts:RoleSessionName': session,
            ...(organization && { 'aws:ResourceOrgID': organization }),
          },
        );
        return { role, session, decision };
      }),
    ),
  );
  return all.filter(({ decision }) => decision !== 'allowed');
}

function judgeRoles(stack: Stack, refused: readonly Refused[]): Finding {
  const first = refused.find(({ decision }) => decision !== 'undecided') ?? refused[0];
  if (!first) {
    const sessions = lookingOf(stack).map(({ session }) => session);
    const functions = sessions.filter((one) => one !== OPERATOR_SESSION).join(', ');
    return ok(`${functions} and operators may assume the spokes' roles`);
  }
  const names = [...new Set(refused.map(({ role }) => role))].join(', ');
  const arn = roleArnIn(stack, first.role);
  if (first.decision === 'undecided') {
    return unknown(`Their policies have conditions that cannot be evaluated here: ${names}.`);
  }
  if (first.decision === 'forbidden') {
    const show = aws(stack)`iam simulate-principal-policy --policy-source-arn ${arn}
      --action-names sts:AssumeRole --resource-arns ${allRoles(stack)}`;
    return fail(`A policy forbids ${names} to assume the spokes' roles.`, show);
  }
  const organization = stack.outputs.get('OrganizationId');
  const put =
    organization &&
    putRolePolicy(stack, arn, 'look-into-spokes', {
      Effect: 'Allow',
      Action: 'sts:AssumeRole',
      Resource: allRoles(stack),
      Condition: lookUpCondition(organization, first.session),
    });
  return fail(
    `No policy lets ${names} assume the spokes' roles: details and rescue are missing.`,
    put || redeploy(stack),
  );
}
