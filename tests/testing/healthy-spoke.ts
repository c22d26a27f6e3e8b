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
  'ChangeRule.Arn': arn('events', `rule/${NAME}-changes`),
  'DeadLetterQueue.Arn': QUEUE_ARN,
  'DeadLetterQueue.QueueName': `${NAME}-dead-letters`,
  'ForwardingRole.Arn': FORWARDING_ROLE,
};

/** What the template makes there, by logical id. */
function spokeThere(parameters: Readonly<Record<string, string>> = {}) {
  const hub = { HubBusArn: HUB_BUS_ARN, OrganizationId: ORGANIZATION_ID };
  let text = JSON.stringify(deployedSpoke({ ...hub, ...parameters }, THERE));
  for (const [attribute, value] of Object.entries(ATTRIBUTES)) {
    text = text.replaceAll(`"${attribute}"`, `"${value}"`);
  }
  return JSON.parse(text);
}

/** An account in which a spoke is deployed, with these parameters, and all is well. */
export function healthySpoke(parameters: Readonly<Record<string, string>> = {}): Account {
  const resources = spokeThere(parameters);
  const { AttemptRule, ChangeRule, DeadLetterQueuePolicy, DeadLettersAlarm, LookupRole } =
    resources;
  const rules = [AttemptRule, ChangeRule].map(({ Properties }) => Properties);
  const ruleOf = (name: string) => rules.find(({ Name }) => Name === name);
  return {
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
      const { State, EventPattern } = ruleOf(Name);
      return { Name, State, EventPattern: JSON.stringify(EventPattern) };
    },
    ListTargetsByRule: ({ Rule }) => ({
      Targets: ruleOf(Rule).Targets.map((one: object) => ({ ...one })),
    }),
    GetMetricStatistics: ({ MetricName }) => ({
      Datapoints: MetricName === 'Invocations' ? [{ Sum: 3 }, { Sum: 1 }] : [],
    }),
    SimulatePrincipalPolicy: ({ ResourceArns: [resource] }) => ({
      EvaluationResults: [{ EvalDecision: resource === HUB_BUS_ARN ? 'allowed' : 'implicitDeny' }],
    }),
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
    GetRole: () => ({
      Role: {
        RoleName: LookupRole.Properties.RoleName,
        Path: LookupRole.Properties.Path,
        AssumeRolePolicyDocument: encodeURIComponent(
          JSON.stringify(LookupRole.Properties.AssumeRolePolicyDocument),
        ),
      },
    }),
    ListRolePolicies: () => ({ PolicyNames: ['least-privilege'] }),
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
}
