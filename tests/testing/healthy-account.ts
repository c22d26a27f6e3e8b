import type { CompositeAlarm, MetricAlarm } from '@aws-sdk/client-cloudwatch';
import { ruleOn } from '../../stack/alarm.ts';
import { checkSettings } from '../../stack/check-settings.ts';
import type { Resources } from '../../stack/cloudformation.ts';
import { stack } from '../../stack/stack.ts';
import { COMPLETE } from '../unit/stack/complete-settings.ts';
import type { Account } from './account.ts';

export const NOW = new Date('2026-11-24T12:00:00Z');
const ACCOUNT = '111122223333';
export const REGION = 'eu-west-1';
export const STACK = 'deleted-secret-notifier-dev';
export const TOPIC = `arn:aws:sns:${REGION}:${ACCOUNT}:alerts`;
const QUEUE_URL = `https://sqs.${REGION}.amazonaws.com/${ACCOUNT}/dead-letters`;
const READS_URL = `https://sqs.${REGION}.amazonaws.com/${ACCOUNT}/reads`;
export const LOG_GROUP = 'CloudTrail/MyCloudWatchLogGroup';
export const TRAIL = `arn:aws:cloudtrail:${REGION}:${ACCOUNT}:trail/main`;
const ALARM = 'AttemptsToAccessDeletedSecretsAlarm';

const arn = (service: string, rest: string) => `arn:aws:${service}:${REGION}:${ACCOUNT}:${rest}`;
export const functionArn = (name: string) => arn('lambda', `function:${STACK}-${name}`);
const ruleArn = (name: string) => arn('events', `rule/${name}`);

const settings = checkSettings(COMPLETE, { region: REGION, functionNames: [], stage: 'dev' });
const template = stack(settings, 'dev').template.Resources as Resources;
// biome-ignore lint/suspicious/noExplicitAny: each type of resource has properties of its own.
const deployed = (logicalId: string): any => template[logicalId]?.Properties;

/** Of what the stack has, the ids that are not made up of the logical id. */
const IDS: Readonly<Record<string, string>> = {
  NotifyLambdaFunction: `${STACK}-notify`,
  TrackDeletionLambdaFunction: `${STACK}-track-deletion`,
  SummarizeLambdaFunction: `${STACK}-summarize`,
  ReadTrailLambdaFunction: `${STACK}-read-trail`,
  AlertTopic: TOPIC,
  AttemptsAlarm: ALARM,
  AttemptsMetricFilter: 'attempts',
  DeadLetterQueue: QUEUE_URL,
  SiftReadsLambdaFunction: `${STACK}-sift-reads`,
  SiftReadsQueue: READS_URL,
};
const idOf = (logicalId: string) => IDS[logicalId] ?? `${STACK}-${logicalId}`;

/** A rule is called after its logical id here: `deleted-secret-notifier-dev-NotifyRule`. */
const ruleOf = (name: string) => {
  const {
    State = 'ENABLED',
    EventPattern,
    ScheduleExpression,
  } = deployed(name.slice(STACK.length + 1));
  return {
    Name: name,
    Arn: ruleArn(name),
    State,
    ...(EventPattern && { EventPattern: JSON.stringify(EventPattern) }),
    ScheduleExpression,
  };
};
const FUNCTION_OF: Readonly<Record<string, string>> = {
  [`${STACK}-NotifyRule`]: 'notify',
  [`${STACK}-TrackDeletionRule`]: 'track-deletion',
  [`${STACK}-TrackDeletionClashRule`]: 'track-deletion',
  [`${STACK}-SummarizeRule`]: 'summarize',
};
const READS_RULE = `${STACK}-SiftReadsRule`;
export const READS_ARN = arn('sqs', 'reads');
export const MAPPING = '14e0db71-xmpl-4eb5-b481-8945cf9d10c2';

const alarmArn = (logicalId: string) => arn('cloudwatch', `alarm:${idOf(logicalId)}`);

/** An alarm of either kind, as AWS shows it. */
function alarmOf(name: string): MetricAlarm & CompositeAlarm {
  const {
    AlarmName: _,
    AlarmDescription,
    AlarmRule,
    ActionsSuppressor,
    AlarmActions,
    Dimensions,
    ...properties
  } = deployed(name === ALARM ? 'AttemptsAlarm' : name.slice(STACK.length + 1));
  return {
    ...properties,
    AlarmName: name,
    ActionsEnabled: true,
    AlarmActions: AlarmActions ? [TOPIC] : [],
    StateValue: 'OK',
    ...(AlarmRule && { AlarmRule: ruleOn(alarmArn('AttemptsAlarm')) }),
    ...(ActionsSuppressor && { ActionsSuppressor: alarmArn(ActionsSuppressor['Fn::GetAtt'][0]) }),
    ...(/AttemptsRecorded/.test(name) && { Dimensions: [{ Name: 'service', Value: STACK }] }),
  };
}

const filter = () => {
  const { FilterPattern, MetricTransformations } = deployed('AttemptsMetricFilter');
  const [{ MetricNamespace, MetricName, MetricValue }] = MetricTransformations;
  return {
    filterName: 'attempts',
    logGroupName: LOG_GROUP,
    filterPattern: FilterPattern,
    metricTransformations: [
      { metricNamespace: MetricNamespace, metricName: MetricName, metricValue: MetricValue },
    ],
  };
};

/** A policy with one statement, as AWS shows it. */
export const policyOf = (...statements: object[]) =>
  JSON.stringify({ Version: '2012-10-17', Statement: statements });

const allowRule = (Resource: string, rule: string) => ({
  Effect: 'Allow',
  Principal: { Service: 'events.amazonaws.com' },
  Action: 'lambda:InvokeFunction',
  Resource,
  Condition: { ArnLike: { 'AWS:SourceArn': ruleArn(rule) } },
});
export const allowLogs = (Resource: string, more: object = {}) => ({
  Effect: 'Allow',
  Principal: { Service: 'logs.amazonaws.com' },
  Action: 'lambda:InvokeFunction',
  Resource,
  Condition: {
    StringEquals: { 'AWS:SourceAccount': ACCOUNT },
    ArnLike: { 'AWS:SourceArn': `${arn('logs', `log-group:${LOG_GROUP}`)}:*` },
    ...more,
  },
});

/** The attributes of the queue of reads, as AWS shows them: each a text. */
function readsAttributes() {
  const { RedrivePolicy, ...others } = deployed('SiftReadsQueue');
  const allowed = [ruleArn(READS_RULE), arn('events', `rule/${STACK}/${STACK}-hub-reads`)];
  return {
    ...Object.fromEntries(Object.entries(others).map(([name, value]) => [name, String(value)])),
    RedrivePolicy: JSON.stringify({
      ...RedrivePolicy,
      deadLetterTargetArn: arn('sqs', 'dead-letters'),
    }),
    Policy: policyOf(
      ...allowed.map((rule) => ({
        Effect: 'Allow',
        Principal: { Service: 'events.amazonaws.com' },
        Action: 'sqs:SendMessage',
        Resource: READS_ARN,
        Condition: { ArnEquals: { 'aws:SourceArn': rule } },
      })),
    ),
  };
}

/** An account in which the service is deployed and all is well. */
export const healthyAccount = (): Account => ({
  DescribeStacks: () => ({
    Stacks: [
      {
        StackId: arn('cloudformation', `stack/${STACK}/0a1b`),
        StackStatus: 'UPDATE_COMPLETE',
        Outputs: [{ OutputKey: 'AlertTopicArn', OutputValue: TOPIC }],
      },
    ],
  }),
  ListStackResources: () => ({
    StackResourceSummaries: [
      ...Object.entries(template).map(([logicalId, { Type }]) => [logicalId, Type]),
      // Those of serverless.yml itself.
      ...['Notify', 'TrackDeletion', 'SiftReads', 'Summarize', 'ReadTrail'].map((prefix) => [
        `${prefix}LambdaFunction`,
        'AWS::Lambda::Function',
      ]),
    ].map(([LogicalResourceId = '', ResourceType]) => ({
      LogicalResourceId,
      ResourceType,
      PhysicalResourceId: idOf(LogicalResourceId),
      ResourceStatus: 'CREATE_COMPLETE',
    })),
  }),
  DescribeRule: ({ Name }) => ruleOf(Name),
  ListTargetsByRule: ({ Rule }) => ({
    Targets: [
      {
        Id: 'target',
        Arn: Rule === READS_RULE ? READS_ARN : functionArn(FUNCTION_OF[Rule] ?? ''),
        DeadLetterConfig: { Arn: arn('sqs', 'dead-letters') },
      },
    ],
  }),
  ListRules: () => ({ Rules: [...Object.keys(FUNCTION_OF), READS_RULE].map(ruleOf) }),
  TestEventPattern: () => ({ Result: true }),
  GetPolicy: ({ FunctionName }) => {
    const rules = Object.keys(FUNCTION_OF).filter((rule) =>
      FunctionName.endsWith(FUNCTION_OF[rule]),
    );
    const Resource = `arn:aws:lambda:${REGION}:${ACCOUNT}:function:${FunctionName}`;
    const statements = rules.map((rule) => allowRule(Resource, rule));
    return {
      Policy: policyOf(...(statements.length > 0 ? statements : [allowLogs(Resource)])),
    };
  },
  GetFunctionConfiguration: () => ({ State: 'Active', LastUpdateStatus: 'Successful' }),
  GetFunctionConcurrency: () => ({}),
  GetMetricStatistics: () => ({ Datapoints: [{ Sum: 0 }, { Sum: 0 }] }),
  DescribeTrails: () => ({
    trailList: [
      {
        Name: 'main',
        TrailARN: TRAIL,
        HomeRegion: REGION,
        IsMultiRegionTrail: true,
        S3BucketName: 'trail-bucket',
        CloudWatchLogsLogGroupArn: `${arn('logs', `log-group:${LOG_GROUP}`)}:*`,
      },
    ],
  }),
  GetTrailStatus: () => ({ IsLogging: true }),
  GetEventSelectors: () => ({
    EventSelectors: [{ ReadWriteType: 'All', IncludeManagementEvents: true }],
  }),
  DescribeLogGroups: ({ logGroupNamePrefix }) => ({
    logGroups: [
      {
        logGroupName: logGroupNamePrefix,
        logGroupClass: 'STANDARD',
        arn: `${arn('logs', `log-group:${logGroupNamePrefix}`)}:*`,
      },
      { logGroupName: `${logGroupNamePrefix}-2`, logGroupClass: 'INFREQUENT_ACCESS' },
    ],
  }),
  DescribeLogStreams: () => ({
    logStreams: [{ lastEventTimestamp: NOW.getTime() - 5 * 60_000 }],
  }),
  DescribeMetricFilters: () => ({ metricFilters: [filter()] }),
  DescribeSubscriptionFilters: ({ logGroupName }) => ({
    subscriptionFilters: [
      {
        filterName: `${STACK}-ReadTrailSubscriptionFilter`,
        logGroupName,
        filterPattern: deployed('ReadTrailSubscriptionFilter').FilterPattern,
        destinationArn: functionArn('read-trail'),
      },
    ],
  }),
  DescribeAlarms: ({ AlarmNames, AlarmTypes = ['MetricAlarm'] }) => {
    const isComposite = ({ AlarmRule }: CompositeAlarm) => AlarmRule !== undefined;
    const { true: composite = [], false: metric = [] } = Object.groupBy(
      AlarmNames.map(alarmOf) as CompositeAlarm[],
      (alarm) => `${isComposite(alarm)}`,
    );
    return {
      MetricAlarms: metric,
      CompositeAlarms: AlarmTypes.includes('CompositeAlarm') ? composite : [],
    };
  },
  GetTopicAttributes: () => ({
    Attributes: {
      Policy: policyOf(
        {
          Effect: 'Allow',
          Principal: { Service: 'cloudwatch.amazonaws.com' },
          Action: 'sns:Publish',
          Resource: TOPIC,
          Condition: {
            StringEquals: { 'aws:SourceAccount': ACCOUNT },
            ArnLike: { 'aws:SourceArn': arn('cloudwatch', 'alarm:*') },
          },
        },
        {
          Effect: 'Deny',
          Principal: '*',
          Action: 'sns:Publish',
          Resource: TOPIC,
          Condition: { Bool: { 'aws:SecureTransport': 'false' } },
        },
      ),
    },
  }),
  ListSubscriptionsByTopic: () => ({
    Subscriptions: [
      { SubscriptionArn: `${TOPIC}:1`, Protocol: 'email', Endpoint: 'a@example.com' },
    ],
  }),
  GetSubscriptionAttributes: () => ({ Attributes: {} }),
  GetTemplate: () => ({ TemplateBody: JSON.stringify({ Resources: template }) }),
  SimulatePrincipalPolicy: ({ ActionNames }) => ({
    EvaluationResults: ActionNames.map((EvalActionName: string) => ({
      EvalActionName,
      EvalDecision: 'allowed',
    })),
  }),
  DescribeKey: ({ KeyId }) => ({
    KeyMetadata: {
      Arn: arn('kms', `key/${KeyId.split('/').at(-1)}`),
      KeyState: 'Enabled',
      KeyManager: 'CUSTOMER',
    },
  }),
  GetKeyPolicy: () => ({
    Policy: policyOf(
      {
        Effect: 'Allow',
        Principal: { Service: 'cloudwatch.amazonaws.com' },
        Action: ['kms:GenerateDataKey*', 'kms:Decrypt'],
        Resource: '*',
      },
      {
        Effect: 'Allow',
        Principal: { AWS: `arn:aws:iam::${ACCOUNT}:root` },
        Action: 'kms:*',
        Resource: '*',
      },
    ),
  }),
  GetQueueAttributes: ({ QueueUrl }) => ({
    Attributes: {
      ApproximateNumberOfMessages: '0',
      ...(QueueUrl === READS_URL && readsAttributes()),
    },
  }),
  ListEventSourceMappings: () => ({
    EventSourceMappings: [
      {
        ...deployed('SiftReadsMapping'),
        UUID: MAPPING,
        State: 'Enabled',
        EventSourceArn: READS_ARN,
      },
    ],
  }),
  DescribeTable: () => ({
    Table: {
      TableStatus: 'ACTIVE',
      GlobalSecondaryIndexes: [
        { IndexName: 'tell', IndexStatus: 'ACTIVE' },
        { IndexName: 'deletions', IndexStatus: 'ACTIVE' },
      ],
    },
  }),
  DescribeTimeToLive: () => ({ TimeToLiveDescription: { TimeToLiveStatus: 'ENABLED' } }),
  DescribeContinuousBackups: () => ({
    ContinuousBackupsDescription: {
      PointInTimeRecoveryDescription: { PointInTimeRecoveryStatus: 'ENABLED' },
    },
  }),
});
