import { CloudControl } from '@aws-sdk/client-cloudcontrol';
import { CloudFormation } from '@aws-sdk/client-cloudformation';
import { CloudTrail } from '@aws-sdk/client-cloudtrail';
import { CloudWatch, type MetricAlarm } from '@aws-sdk/client-cloudwatch';
import { CloudWatchLogs, type MetricFilter } from '@aws-sdk/client-cloudwatch-logs';
import { DynamoDB } from '@aws-sdk/client-dynamodb';
import { EventBridge } from '@aws-sdk/client-eventbridge';
import { IAM } from '@aws-sdk/client-iam';
import { KMS } from '@aws-sdk/client-kms';
import { Lambda } from '@aws-sdk/client-lambda';
import { OrganizationsClient } from '@aws-sdk/client-organizations';
import { SNS, type SNSClientConfig } from '@aws-sdk/client-sns';
import { SQS } from '@aws-sdk/client-sqs';
import { STS } from '@aws-sdk/client-sts';
import { ALARM, METRIC_FILTER, RECORDED, UNEXPLAINED } from '../../stack/alarm.ts';
import type { AwsSettings } from '../aws-settings.ts';
import { type Hub, reachSpokes } from '../spokes/hub.ts';
import { readAlarms } from './alarm.ts';
import { UnreadableError } from './ask.ts';
import { type Metric, ownFilter, readFiltersOf, readLogGroup, transformationOf } from './logs.ts';
import { hasClassicAlarm, physicalId, readTemplate, type Stack, topicArn } from './stack.ts';
import { readTopic } from './topic.ts';
import { readTrails } from './trail.ts';
import { subscriptionOf } from './trail-path.ts';

/** The arguments of every check. */
export interface Context {
  readonly clients: Clients;
  readonly stack: Stack;
  readonly now: Date;
  readonly deployed: Deployed;
}

export const contextOf = (clients: Clients, stack: Stack, now: Date): Context => ({
  clients,
  stack,
  now,
  deployed: readDeployed(clients, stack),
});

/**
 * The clients of the services that the doctor reads, with the operator's Region and credentials. They are the SDK's classes
 * with a method for each call: the doctor is never bundled, so it need not import single commands.
 */
export type Clients = ReturnType<typeof createClients>;

type Settings = AwsSettings & Pick<SNSClientConfig, 'endpoint' | 'credentials' | 'requestHandler'>;

/** @param settings overrides of the operator's environment */
export function createClients(settings: Settings) {
  return {
    cloudControl: new CloudControl(settings),
    cloudFormation: new CloudFormation(settings),
    cloudTrail: new CloudTrail(settings),
    cloudWatch: new CloudWatch(settings),
    dynamoDb: new DynamoDB(settings),
    eventBridge: new EventBridge(settings),
    iam: new IAM(settings),
    kms: new KMS(settings),
    lambda: new Lambda(settings),
    logs: new CloudWatchLogs(settings),
    organizations: new OrganizationsClient(settings),
    sns: new SNS(settings),
    sqs: new SQS(settings),
    sts: new STS(settings),
    /** The spokes of a hub, of which it only matters here whether they can be reached. */
    reachSpokes: (hub: Hub) => reachSpokes(hub, settings, (place) => place),
  };
}

/** What several checks look at, each read once. Each throws UnreadableError, and whatever the SDK throws. */
type Deployed = ReturnType<typeof readDeployed>;

/**
 * The classic path is followed from its end: topic, alarm, metric, filter, log group, trail. So the names are those in
 * effect now, whatever the stack was deployed with. Without that path the log group is that of the subscription filter.
 */
function readDeployed(clients: Clients, stack: Stack) {
  const { cloudFormation, cloudTrail, cloudWatch, logs, sns } = clients;
  const template = once(() => readTemplate(cloudFormation, stack));
  const subscription = once(async () => subscriptionOf(stack, await template()));

  const ownAlarmNames = Array.from(stack.resources)
    .filter(
      ([id, { type }]) => type === 'AWS::CloudWatch::Alarm' && ![ALARM, RECORDED].includes(id),
    )
    .map(([, resource]) => resource.physicalId ?? '');
  const others = [RECORDED, UNEXPLAINED].flatMap((id) => stack.resources.get(id)?.physicalId ?? []);

  const alarms = once(async () =>
    readAlarms(cloudWatch, [
      ...(hasClassicAlarm(stack) ? [physicalId(stack, ALARM)] : []),
      ...others,
      ...ownAlarmNames,
    ]),
  );
  const findMetricAlarm = async (logicalId: string) => {
    const name = physicalId(stack, logicalId);
    return (await alarms()).metric.find(({ AlarmName }) => AlarmName === name);
  };
  const findAlarm = () => findMetricAlarm(ALARM);
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
  const logGroupName = async () =>
    hasClassicAlarm(stack)
      ? ((await filter()).logGroupName ?? '')
      : (await subscription()).logGroupName;
  const findLogGroup = once(async () => readLogGroup(logs, await logGroupName()));
  return {
    template,
    subscription,
    trails: once(() => readTrails(cloudTrail)),
    findAlarm,
    alarm,
    /** The alarm that mails for it, and the one that suppresses that. */
    findComposite: async () => (await alarms()).composite[0],
    findSuppressor: () => findMetricAlarm(RECORDED),
    ownAlarmNames,
    ownAlarms: async () =>
      (await alarms()).metric.filter(({ AlarmName = '' }) => ownAlarmNames.includes(AlarmName)),
    metric,
    filters,
    findFilter,
    filter,
    /** The unit of the filter's values; `undefined` if there is none. */
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

/** Reads something when it is first needed, and once. */
export function once<Value>(read: () => Promise<Value>): () => Promise<Value> {
  let value: Promise<Value> | undefined;
  return () => {
    value ??= read();
    return value;
  };
}

function required<Value>(value: Value | undefined, missing: string): Value {
  if (value !== undefined) return value;
  throw new UnreadableError(missing);
}
