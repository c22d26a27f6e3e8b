import type { SimulatePrincipalPolicyRequest } from '@aws-sdk/client-iam';
import { decide } from '../../cli/doctor/policy.ts';
import type { Account } from './account.ts';
import { deployedSpoke, HUB_BUS_ARN, ORGANIZATION_ID } from './spoke.ts';

/** Where the spoke is. */
export const THERE = { accountId: '444455556666', region: 'us-east-1' };

const arn = (service: string, rest: string) =>
  `arn:aws:${service}:${THERE.region}:${THERE.accountId}:${rest}`;
const NAME = 'deleted-secret-notifier-dev-spoke';
export const QUEUE_ARN = arn('sqs', `${NAME}-dead-letters`);
const FORWARDING_ROLE = `arn:aws:iam::${THERE.accountId}:role/${NAME}-ForwardingRole`;
/** What the attributes of its resources come to. */
const ATTRIBUTES: Readonly<Record<string, string>> = {
  'AttemptRule.Arn': arn('events', `rule/${NAME}-attempts`),
  'ReadRule.Arn': arn('events', `rule/${NAME}-reads`),
  'ChangeRule.Arn': arn('events', `rule/${NAME}-changes`),
  'ClashRule.Arn': arn('events', `rule/${NAME}-clashes`),
  'DeadLetterQueue.Arn': QUEUE_ARN,
  'DeadLetterQueue.QueueName': `${NAME}-dead-letters`,
  'ForwardingRole.Arn': FORWARDING_ROLE,
};

/** What the template makes there, by logical id. */
function spokeThere(parameters: Readonly<Record<string, string>> = {}) {
  const given = {
    HubBusArn: HUB_BUS_ARN,
    OrganizationId: ORGANIZATION_ID,
    AlarmTopicName: 'alarms',
    ...parameters,
  };
  let text = JSON.stringify(deployedSpoke(given, THERE));
  for (const [attribute, value] of Object.entries(ATTRIBUTES)) {
    text = text.replaceAll(`"${attribute}"`, `"${value}"`);
  }
  return JSON.parse(text);
}

/** What IAM's simulator says of a role with one policy. */
function simulate(
  policy: string,
  { ActionNames, ResourceArns, ContextEntries }: SimulatePrincipalPolicyRequest,
) {
  const entries = (ContextEntries ?? []).map((one) => [
    one.ContextKeyName?.toLowerCase(),
    one.ContextKeyValues?.[0],
  ]);
  return ActionNames?.map((action) => {
    const decision = decide(policy, {
      principals: [],
      action,
      resource: ResourceArns?.[0] ?? '*',
      context: Object.fromEntries(entries),
    });
    const refusal = decision === 'forbidden' ? 'explicitDeny' : 'implicitDeny';
    return {
      EvalActionName: action,
      EvalDecision: decision === 'allowed' ? 'allowed' : refusal,
      MissingContextValues: decision === 'undecided' ? ['aws:SourceIp'] : [],
    };
  });
}

/** An account in which a spoke is deployed, with these parameters besides the topic of its alarm, and all is well. */
export function healthySpoke(parameters: Readonly<Record<string, string>> = {}): Account {
  const resources = spokeThere(parameters);
  const { AttemptRule, ReadRule, ChangeRule, ClashRule } = resources;
  const { DeadLetterQueuePolicy, DeadLettersAlarm } = resources;
  const { ForwardingRole, LookupRole } = resources;
  const rules = [AttemptRule, ReadRule, ChangeRule, ClashRule].map(({ Properties }) => Properties);
  const ruleOf = (name: string) => rules.find(({ Name }) => Name === name);
  const account: Account = {
    GetCallerIdentity: () => ({
      Account: THERE.accountId,
      Arn: `arn:aws:sts::${THERE.accountId}:assumed-role/admin/alice`,
    }),
    // The hub's bus is elsewhere.
    DescribeEventBus: () => {
      throw Object.assign(new Error('There is none'), {
        name: 'ResourceNotFoundException',
        $metadata: { httpStatusCode: 400 },
      });
    },
    DescribeRule: ({ Name }) => {
      const { State, Description, EventPattern } = ruleOf(Name);
      return { Name, State, Description, EventPattern: JSON.stringify(EventPattern) };
    },
    ListTargetsByRule: ({ Rule }) => ({
      Targets: ruleOf(Rule).Targets.map((one: object) => ({ ...one })),
    }),
    GetMetricStatistics: ({ MetricName }) => ({
      Datapoints: MetricName === 'Invocations' ? [{ Sum: 3 }, { Sum: 1 }] : [],
    }),
    // As IAM does, by the inline policies as they are there.
    SimulatePrincipalPolicy: (input) => {
      const { Policies } = ForwardingRole.Properties;
      const policy =
        input.PolicySourceArn === FORWARDING_ROLE
          ? JSON.stringify(Policies[0].PolicyDocument)
          : decodeURIComponent(account.GetRolePolicy?.({}).PolicyDocument);
      return { EvaluationResults: simulate(policy, input) };
    },
    GetQueueUrl: ({ QueueName }) => ({
      QueueUrl: `https://sqs.us-east-1.amazonaws.com/${THERE.accountId}/${QueueName}`,
    }),
    GetQueueAttributes: () => ({
      Attributes: {
        ApproximateNumberOfMessages: '0',
        Policy: JSON.stringify(DeadLetterQueuePolicy.Properties.PolicyDocument),
      },
    }),
    DescribeAlarms: () => ({
      MetricAlarms: [
        {
          ...DeadLettersAlarm.Properties,
          ActionsEnabled: true,
          StateValue: 'OK',
        },
      ],
    }),
    GetTopicAttributes: () => ({ Attributes: {} }),
    GetRole: ({ RoleName }) => {
      const isLookup = RoleName === LookupRole.Properties.RoleName;
      const { Properties } = isLookup ? LookupRole : ForwardingRole;
      const { Path = '/', AssumeRolePolicyDocument } = Properties;
      return {
        Role: {
          RoleName,
          RoleId: 'AROAEXAMPLEID',
          Path,
          Arn: `arn:aws:iam::${THERE.accountId}:role${Path}${RoleName}`,
          AssumeRolePolicyDocument: encodeURIComponent(JSON.stringify(AssumeRolePolicyDocument)),
        },
      };
    },
    ListRolePolicies: () => ({ PolicyNames: ['least-privilege'] }),
    ListAttachedRolePolicies: () => ({ AttachedPolicies: [] }),
    GetRolePolicy: () => ({
      PolicyDocument: encodeURIComponent(
        JSON.stringify(LookupRole.Properties.Policies[0].PolicyDocument),
      ),
    }),
    DescribeTrails: () => ({
      trailList: [
        {
          Name: 'org',
          TrailARN: 'arn:aws:cloudtrail:us-east-1:444455556666:trail/org',
          HomeRegion: 'us-east-1',
          IsMultiRegionTrail: true,
        },
      ],
    }),
    GetTrailStatus: () => ({ IsLogging: true }),
    GetEventSelectors: () => ({
      EventSelectors: [{ ReadWriteType: 'All', IncludeManagementEvents: true }],
    }),
  };
  return account;
}
