import {
  CloudTrailClient,
  StartLoggingCommand,
  StopLoggingCommand,
} from '@aws-sdk/client-cloudtrail';
import {
  CloudWatchClient,
  DisableAlarmActionsCommand,
  EnableAlarmActionsCommand,
} from '@aws-sdk/client-cloudwatch';
import {
  CloudWatchLogsClient,
  DeleteSubscriptionFilterCommand,
  DescribeMetricFiltersCommand,
  DescribeSubscriptionFiltersCommand,
  PutMetricFilterCommand,
  PutSubscriptionFilterCommand,
} from '@aws-sdk/client-cloudwatch-logs';
import {
  DisableRuleCommand,
  EnableRuleCommand,
  EventBridgeClient,
} from '@aws-sdk/client-eventbridge';
import { DeleteRolePolicyCommand, IAMClient, PutRolePolicyCommand } from '@aws-sdk/client-iam';
import {
  AddPermissionCommand,
  GetFunctionConfigurationCommand,
  GetPolicyCommand,
  LambdaClient,
  ListEventSourceMappingsCommand,
  RemovePermissionCommand,
  UpdateEventSourceMappingCommand,
} from '@aws-sdk/client-lambda';
import {
  GetTopicAttributesCommand,
  ListSubscriptionsByTopicCommand,
  SetSubscriptionAttributesCommand,
  SetTopicAttributesCommand,
  SNSClient,
} from '@aws-sdk/client-sns';
import {
  GetQueueAttributesCommand,
  PurgeQueueCommand,
  SendMessageCommand,
  SetQueueAttributesCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import type { Outputs } from '../../../emulators/emulator.ts';
import { NOTIFY_HUB } from '../../../stack/names.ts';
import { aws, LOG_GROUP, STAGE } from '../world.ts';
import { select, TRAIL } from './complete.ts';
import { putAttemptRule } from './rule.ts';
import { leaveOnePending } from './subscription.ts';

const cloudTrail = new CloudTrailClient(aws);
const cloudWatch = new CloudWatchClient(aws);
const eventBridge = new EventBridgeClient(aws);
const iam = new IAMClient(aws);
const lambda = new LambdaClient(aws);
const logs = new CloudWatchLogsClient(aws);
const sns = new SNSClient(aws);
const sqs = new SQSClient(aws);

interface Fault {
  /** The checks that are not ok then. */
  readonly complaints: Readonly<Record<string, 'fail' | 'warn' | 'unknown'>>;
  /** Makes the fault by hand. @returns a function that fixes it. */
  put(outputs: Outputs): Promise<() => Promise<unknown>>;
}

/** Takes away what lets a service invoke a function, for a rule or log group. @returns what gives it back. */
async function withoutPermission(FunctionName: string | undefined, Principal: string, of = '') {
  const { Policy = '' } = await lambda.send(new GetPolicyCommand({ FunctionName }));
  const statements: { Sid: string; Condition: Record<string, Record<string, string>> }[] =
    JSON.parse(Policy).Statement;
  const found = statements.find(({ Condition }) => JSON.stringify(Condition).includes(of));
  const { Sid: StatementId, Condition = {} } = found ?? {};
  await lambda.send(new RemovePermissionCommand({ FunctionName, StatementId }));
  return () =>
    lambda.send(
      new AddPermissionCommand({
        FunctionName,
        StatementId,
        Action: 'lambda:InvokeFunction',
        Principal,
        SourceArn: Condition.ArnLike?.['AWS:SourceArn'],
        SourceAccount: Condition.StringEquals?.['AWS:SourceAccount'],
      }),
    );
}

export const FAULTS: readonly (readonly [what: string, fault: Fault])[] = [
  [
    'the rule is disabled',
    {
      complaints: { 'notify: rule': 'fail' },
      async put({ NotifyRuleName: Name }) {
        await eventBridge.send(new DisableRuleCommand({ Name }));
        return () => putAttemptRule(Name);
      },
    },
  ],
  [
    'the rule is merely ENABLED',
    {
      complaints: { 'notify: rule': 'fail' },
      async put({ NotifyRuleName: Name }) {
        await eventBridge.send(new EnableRuleCommand({ Name }));
        return () => putAttemptRule(Name);
      },
    },
  ],
  [
    'the permission of the rule is gone',
    {
      complaints: { 'notify: permission': 'fail' },
      put: ({ NotifyFunctionName: name, NotifyRuleName: rule }) =>
        withoutPermission(name, 'events.amazonaws.com', rule),
    },
  ],
  [
    "the permission of the rule on the hub's bus is gone",
    {
      complaints: { 'notify: hub permission': 'fail' },
      put: ({ NotifyFunctionName: name }) =>
        withoutPermission(name, 'events.amazonaws.com', NOTIFY_HUB.ruleName(STAGE)),
    },
  ],
  [
    'the queue of reads takes none from the rule',
    {
      complaints: { 'siftReads: permission': 'fail', 'siftReads: hub permission': 'fail' },
      async put({ ReadsQueueUrl: QueueUrl }) {
        const { Attributes } = await sqs.send(
          new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['Policy'] }),
        );
        const put = (Policy = '') =>
          sqs.send(new SetQueueAttributesCommand({ QueueUrl, Attributes: { Policy } }));
        await put('{"Version":"2012-10-17","Statement":[]}');
        return () => put(Attributes?.Policy);
      },
    },
  ],
  [
    'nothing takes reads from their queue',
    {
      complaints: { 'siftReads: mapping': 'fail' },
      async put({ SiftReadsFunctionName: FunctionName }) {
        const { EventSourceMappings: [mapping] = [] } = await lambda.send(
          new ListEventSourceMappingsCommand({ FunctionName }),
        );
        const enable = (Enabled: boolean) =>
          lambda.send(new UpdateEventSourceMappingCommand({ UUID: mapping?.UUID, Enabled }));
        await enable(false);
        return () => enable(true);
      },
    },
  ],
  [
    'the trail is stopped',
    {
      complaints: { 'trail: logging': 'fail', 'log group: trail': 'fail' },
      async put() {
        await cloudTrail.send(new StopLoggingCommand({ Name: TRAIL }));
        return () => cloudTrail.send(new StartLoggingCommand({ Name: TRAIL }));
      },
    },
  ],
  [
    'the trail logs write events only',
    {
      complaints: { 'trail: reads': 'fail', 'log group: trail': 'fail' },
      async put() {
        await select('WriteOnly');
        return () => select('All');
      },
    },
  ],
  [
    "the metric filter's pattern was changed",
    {
      complaints: { 'metric filter': 'fail' },
      async put() {
        const { metricFilters: [filter] = [] } = await logs.send(
          new DescribeMetricFiltersCommand({ logGroupName: LOG_GROUP }),
        );
        const put = (filterPattern: string | undefined) =>
          logs.send(
            new PutMetricFilterCommand({
              logGroupName: LOG_GROUP,
              filterName: filter?.filterName,
              filterPattern,
              metricTransformations: filter?.metricTransformations,
            }),
          );
        await put('{ $.eventName = "GetSecretValue" && $.errorCode = "AccessDenied" }');
        return () => put(filter?.filterPattern);
      },
    },
  ],
  [
    'the subscription filter is gone',
    {
      complaints: { 'readTrail: filter': 'fail' },
      async put() {
        const { subscriptionFilters: [filter] = [] } = await logs.send(
          new DescribeSubscriptionFiltersCommand({ logGroupName: LOG_GROUP }),
        );
        const { filterName, filterPattern, destinationArn } = filter ?? {};
        const named = { logGroupName: LOG_GROUP, filterName };
        await logs.send(new DeleteSubscriptionFilterCommand(named));
        return () =>
          logs.send(new PutSubscriptionFilterCommand({ ...named, filterPattern, destinationArn }));
      },
    },
  ],
  [
    'the permission of CloudWatch Logs is gone',
    {
      complaints: { 'readTrail: permission': 'fail' },
      put: ({ ReadTrailFunctionName: name }) => withoutPermission(name, 'logs.amazonaws.com'),
    },
  ],
  [
    "the alarm's actions are off",
    {
      complaints: { 'alarm: actions': 'fail' },
      async put({ UnexplainedAlarmName = '' }) {
        const AlarmNames = [UnexplainedAlarmName];
        await cloudWatch.send(new DisableAlarmActionsCommand({ AlarmNames }));
        return () => cloudWatch.send(new EnableAlarmActionsCommand({ AlarmNames }));
      },
    },
  ],
  [
    'no subscription is confirmed',
    {
      complaints: { 'topic: subscriptions': 'fail' },
      put: ({ AlertTopicArn = '' }) => leaveOnePending(AlertTopicArn),
    },
  ],
  [
    'a message is in the dead-letter queue',
    {
      complaints: { 'dead-letter queue': 'fail' },
      async put({ DeadLetterQueueUrl: QueueUrl }) {
        await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: '{}' }));
        return () => sqs.send(new PurgeQueueCommand({ QueueUrl }));
      },
    },
  ],
  [
    'the function may not publish',
    {
      complaints: { 'topic: policy': 'fail' },
      async put({ NotifyFunctionName: FunctionName }) {
        const { Role } = await lambda.send(new GetFunctionConfigurationCommand({ FunctionName }));
        const policy = { RoleName: Role?.split('/').at(-1), PolicyName: 'no-mails' };
        const Statement = [{ Effect: 'Deny', Action: 'sns:Publish', Resource: '*' }];
        const PolicyDocument = JSON.stringify({ Version: '2012-10-17', Statement });
        await iam.send(new PutRolePolicyCommand({ ...policy, PolicyDocument }));
        return () => iam.send(new DeleteRolePolicyCommand(policy));
      },
    },
  ],
  [
    'every subscription filters the alarm out',
    {
      complaints: { 'topic: subscriptions': 'fail' },
      async put({ AlertTopicArn: TopicArn }) {
        const { Subscriptions = [] } = await sns.send(
          new ListSubscriptionsByTopicCommand({ TopicArn }),
        );
        const filter = async (AttributeValue: string) => {
          for (const { SubscriptionArn } of Subscriptions) {
            await sns.send(
              new SetSubscriptionAttributesCommand({
                SubscriptionArn,
                AttributeName: 'FilterPolicy',
                AttributeValue,
              }),
            );
          }
        };
        await filter('{"severity":["critical"]}');
        return () => filter('{}');
      },
    },
  ],
  [
    "the topic's policy is gone",
    {
      complaints: { 'topic: policy': 'fail' },
      async put({ AlertTopicArn: TopicArn }) {
        const { Attributes } = await sns.send(new GetTopicAttributesCommand({ TopicArn }));
        const put = (AttributeValue: string | undefined) =>
          sns.send(
            new SetTopicAttributesCommand({ TopicArn, AttributeName: 'Policy', AttributeValue }),
          );
        await put('{"Version":"2012-10-17","Statement":[]}');
        return () => put(Attributes?.Policy);
      },
    },
  ],
];
