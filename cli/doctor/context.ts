import { CloudFormation } from '@aws-sdk/client-cloudformation';
import { CloudTrail } from '@aws-sdk/client-cloudtrail';
import { CloudWatch, type MetricAlarm } from '@aws-sdk/client-cloudwatch';
import { CloudWatchLogs, type MetricFilter } from '@aws-sdk/client-cloudwatch-logs';
import { DynamoDB } from '@aws-sdk/client-dynamodb';
import { EventBridge } from '@aws-sdk/client-eventbridge';
import { IAM } from '@aws-sdk/client-iam';
import { KMS } from '@aws-sdk/client-kms';
import { Lambda } from '@aws-sdk/client-lambda';
import { SNS, type SNSClientConfig } from '@aws-sdk/client-sns';
import { SQS } from '@aws-sdk/client-sqs';
import { ALARM, METRIC_FILTER } from '../../stack/alarm.ts';
import { readAlarms } from './alarm.ts';
import { UnreadableError } from './ask.ts';
import { type Metric, ownFilter, readFiltersOf, readLogGroup, transformationOf } from './logs.ts';
import { physicalId, type Stack, topicArn } from './stack.ts';
import { readTopic } from './topic.ts';
import { readTrails } from './trail.ts';

/** What every check is given. */
export interface Context {
  readonly clients: Clients;
  readonly stack: Stack;
  readonly now: Date;
  readonly facts: Facts;
}

export const contextOf = (clients: Clients, stack: Stack, now: Date): Context => ({
  clients,
  stack,
  now,
  facts: factsOf(clients, stack),
});

/**
 * Whom the doctor asks, each in the operator's Region and with the operator's credentials. They are the SDK's classes with
 * a method for each call: what is never bundled need not import each of its commands.
 */
export type Clients = ReturnType<typeof createClients>;

type Settings = Pick<
  SNSClientConfig,
  'region' | 'profile' | 'endpoint' | 'credentials' | 'requestHandler'
>;

/** @param settings what is not to come from the operator's environment */
export function createClients(settings: Settings = {}) {
  return {
    cloudFormation: new CloudFormation(settings),
    cloudTrail: new CloudTrail(settings),
    cloudWatch: new CloudWatch(settings),
    dynamoDb: new DynamoDB(settings),
    eventBridge: new EventBridge(settings),
    iam: new IAM(settings),
    kms: new KMS(settings),
    lambda: new Lambda(settings),
    logs: new CloudWatchLogs(settings),
    sns: new SNS(settings),
    sqs: new SQS(settings),
  };
}

/** What several checks look at, read once. Each throws UnreadableError, and whatever the SDK throws. */
type Facts = ReturnType<typeof factsOf>;

/**
 * The classic path is followed from its end: topic, alarm, metric, filter, log group, trail. So the names of the
 * settings are those that work now, whatever the stack was deployed with.
 */
function factsOf({ cloudTrail, cloudWatch, logs, sns }: Clients, stack: Stack) {
  const ownAlarmNames = Array.from(stack.resources)
    .filter(([logicalId, { type }]) => type === 'AWS::CloudWatch::Alarm' && logicalId !== ALARM)
    .map(([, resource]) => resource.physicalId ?? '');

  const alarms = once(async () =>
    readAlarms(cloudWatch, [physicalId(stack, ALARM), ...ownAlarmNames]),
  );
  const findAlarm = once(async () => {
    const name = physicalId(stack, ALARM);
    return (await alarms()).find(({ AlarmName }) => AlarmName === name);
  });
  const alarm = async (): Promise<MetricAlarm> => required(await findAlarm(), 'there is no alarm');
  const metric = once(async (): Promise<Metric> => {
    const { Namespace, MetricName } = await alarm();
    return { namespace: Namespace ?? '', name: MetricName ?? '' };
  });
  const filters = once(async () => readFiltersOf(logs, await metric()));
  const findFilter = once(async () =>
    ownFilter(await filters(), stack.resources.get(METRIC_FILTER)?.physicalId),
  );
  const filter = async (): Promise<MetricFilter> =>
    required(await findFilter(), 'without its metric filter the log group is not known');
  const logGroupName = async () => (await filter()).logGroupName ?? '';
  const findLogGroup = once(async () => readLogGroup(logs, await logGroupName()));
  return {
    trails: once(() => readTrails(cloudTrail)),
    findAlarm,
    alarm,
    ownAlarmNames,
    ownAlarms: async () =>
      (await alarms()).filter(({ AlarmName = '' }) => ownAlarmNames.includes(AlarmName)),
    metric,
    filters,
    findFilter,
    filter,
    /** That of what the filter writes; `undefined` if there is none. */
    writtenUnit: async () => {
      const found = await findFilter();
      return found && transformationOf(found, await metric())?.unit;
    },
    logGroupName,
    findLogGroup,
    /** Without the `:*` that ARNs of log groups may end in. */
    logGroupArn: async () =>
      required(await findLogGroup(), 'there is no log group').arn?.replace(/:\*$/, '') ?? '',
    topic: once(async () => readTopic(sns, topicArn(stack))),
  };
}

function once<Fact>(read: () => Promise<Fact>): () => Promise<Fact> {
  let fact: Promise<Fact> | undefined;
  return () => {
    fact ??= read();
    return fact;
  };
}

function required<Fact>(fact: Fact | undefined, missing: string): Fact {
  if (fact !== undefined) return fact;
  throw new UnreadableError(missing);
}
