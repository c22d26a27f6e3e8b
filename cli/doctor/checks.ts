import type { Subscription } from '@aws-sdk/client-sns';
import { variableOf } from '../../lib/settings.ts';
import { ALARM } from '../../stack/alarm.ts';
import { DEAD_LETTER_QUEUE } from '../../stack/dead-letter-queue.ts';
import { ATTEMPT_RULE, CHANGE_RULE } from '../../stack/functions.ts';
import { type FunctionNames, NOTIFY, SUMMARIZE, TRACK_DELETION } from '../../stack/names.ts';
import type { RecordRule } from '../../stack/rule.ts';
import { TABLE } from '../../stack/table.ts';
import { subscriptionId } from '../../stack/topic.ts';
import { type Facts, factsOf } from './facts.ts';
import { judgeActions, judgeAlarm, judgeOwnAlarms } from './judge/alarm.ts';
import { judgeOtherFilters, judgeOtherRules } from './judge/duplicates.ts';
import { judgeErrors, judgeFunction } from './judge/function.ts';
import { judgeEvents, judgeFilter, judgeLogGroup } from './judge/logs.ts';
import { judgePermission, judgeRecordRule, judgeSchedule, judgeTarget } from './judge/rule.ts';
import { judgeQueue, judgeTable } from './judge/storage.ts';
import {
  isConfirmed,
  judgeKey,
  judgeSubscriptions,
  judgeTopicPolicy,
  KEY_ACTIONS,
  type Publisher,
  TOPIC_ACTIONS,
} from './judge/topic.ts';
import { judgeDelivery, judgeLogging, judgeReads } from './judge/trail.ts';
import type { Decision } from './policy.ts';
import { countErrors, countMatches } from './read/alarms.ts';
import type { Clients } from './read/clients.ts';
import { readFunction, readOwnPolicies } from './read/function.ts';
import { readFiltersOn, readNewestEvent } from './read/logs.ts';
import { readOtherRules } from './read/other-rules.ts';
import { countAll } from './read/queue.ts';
import { readPolicy, readRule, readTargets } from './read/rule.ts';
import { readEndpoints } from './read/stack.ts';
import { readTable } from './read/table.ts';
import { readFilters, readKey, readSubscriptions } from './read/topic.ts';
import { arnIn, physicalId, type Stack, topicArn } from './stack.ts';
import type { Finding } from './verdict.ts';

/** What finds the answer to a question about the deployed service. @throws UnreadableError, and whatever the SDK throws. */
export type Check = () => Promise<Finding>;

/** Every question that decides whether an alert would arrive, by name, in the order of an event's way. */
export function checksOf(clients: Clients, stack: Stack, now: Date): Record<string, Check> {
  const facts = factsOf(clients, stack);
  return {
    ...trailChecks(clients, stack, now, facts),
    ...functionChecks(clients, stack, now, NOTIFY, ATTEMPT_RULE),
    ...functionChecks(clients, stack, now, TRACK_DELETION, CHANGE_RULE),
    ...functionChecks(clients, stack, now, SUMMARIZE),
    ...classicChecks(clients, stack, now, facts),
    ...topicChecks(clients, stack, facts),
    ...storageChecks(clients, stack),
    ...surroundingChecks(clients, stack, now, facts),
  };
}

const trailChecks = (
  { cloudWatch }: Clients,
  stack: Stack,
  now: Date,
  facts: Facts,
): Record<string, Check> => ({
  'trail: reads': async () =>
    judgeReads(stack, await facts.trails(), () =>
      countMatches(cloudWatch, physicalId(stack, NOTIFY.rule), now),
    ),
  'trail: logging': async () => judgeLogging(stack, await facts.trails()),
});

/** @param expected the rule on CloudTrail's records; without one the function has a schedule */
function functionChecks(
  { eventBridge, lambda, cloudWatch }: Clients,
  stack: Stack,
  now: Date,
  names: FunctionNames,
  expected?: RecordRule,
): Record<string, Check> {
  const ruleName = () => physicalId(stack, names.rule);
  const functionName = () => physicalId(stack, names.function);
  return {
    [`${names.key}: rule`]: async () => {
      const rule = await readRule(eventBridge, ruleName());
      return expected
        ? judgeRecordRule(stack, ruleName(), rule, expected)
        : judgeSchedule(stack, ruleName(), rule);
    },
    [`${names.key}: target`]: async () =>
      judgeTarget(stack, names, await readTargets(eventBridge, ruleName()), queueArn(stack)),
    [`${names.key}: permission`]: async () => {
      const rule = await readRule(eventBridge, ruleName());
      const ruleArn = rule?.Arn ?? arnIn(stack, 'events', `rule/${ruleName()}`);
      return judgePermission(stack, names, ruleArn, await readPolicy(lambda, functionName()));
    },
    [`${names.key}: function`]: async () =>
      judgeFunction(stack, functionName(), await readFunction(lambda, functionName())),
    [`${names.key}: errors`]: async () =>
      judgeErrors(stack, functionName(), await countErrors(cloudWatch, functionName(), now)),
  };
}

/** A queue's URL ends in its name. */
const queueArn = (stack: Stack) =>
  arnIn(stack, 'sqs', physicalId(stack, DEAD_LETTER_QUEUE).split('/').at(-1) ?? '');

const classicChecks = (
  { logs }: Clients,
  stack: Stack,
  now: Date,
  facts: Facts,
): Record<string, Check> => ({
  'log group': async () => {
    const { logGroupName = '' } = await facts.filter();
    return judgeLogGroup(stack, logGroupName, await facts.findLogGroup());
  },
  'log group: trail': async () =>
    judgeDelivery(stack, await facts.logGroupArn(), await facts.trails()),
  'log group: events': async () => {
    const { logGroupName = '' } = await facts.filter();
    return judgeEvents(await readNewestEvent(logs, logGroupName), now);
  },
  'metric filter': async () => judgeFilter(stack, await facts.metric(), await facts.findFilter()),
  alarm: async () => {
    const alarm = await facts.findAlarm();
    const unit = alarm?.Unit && (await facts.writtenUnit());
    return judgeAlarm(stack, topicArn(stack), physicalId(stack, ALARM), alarm, unit, now);
  },
  'alarm: actions': async () => judgeActions(stack, topicArn(stack), await facts.alarm()),
});

const topicChecks = (clients: Clients, stack: Stack, facts: Facts): Record<string, Check> => ({
  'topic: subscriptions': async () => {
    const { cloudFormation, sns } = clients;
    const topic = topicArn(stack);
    const subscriptions = await readSubscriptions(sns, topic);
    const lost = await readEndpoints(cloudFormation, stack.name, lostFrom(stack, subscriptions));
    const filters = await readFilters(sns, subscriptions.filter(isConfirmed));
    return judgeSubscriptions(stack, topic, { subscriptions, filters, lost });
  },
  'topic: policy': async () => {
    const topic = topicArn(stack);
    const attributes = await facts.topic();
    const publishers = attributes ? await readPublishers(clients, stack, TOPIC_ACTIONS, topic) : [];
    return judgeTopicPolicy(stack, topic, physicalId(stack, ALARM), attributes, publishers);
  },
  'topic: key': async () => {
    const id = (await facts.topic())?.KmsMasterKeyId;
    const key = id ? await readKey(clients.kms, id) : undefined;
    const publishers = key ? await readPublishers(clients, stack, KEY_ACTIONS, key.arn) : [];
    return judgeKey(stack, physicalId(stack, ALARM), id, key, publishers);
  },
});

/** The logical ids of the stack's own subscriptions that are not among those of the topic. */
function lostFrom({ resources }: Stack, subscriptions: readonly Subscription[]): string[] {
  const present = subscriptions
    .filter(({ SubscriptionArn }) => SubscriptionArn !== 'Deleted')
    .map(({ Endpoint = '' }) => subscriptionId(Endpoint));
  return Array.from(resources)
    .filter(([id, { type }]) => type === 'AWS::SNS::Subscription' && !present.includes(id))
    .map(([id]) => id);
}

/** The functions that send messages, that which tracks deletions only if they are announced. */
async function readPublishers(
  { iam, lambda }: Clients,
  stack: Stack,
  actions: readonly string[],
  resource: string,
): Promise<Publisher[]> {
  const tracker = await readFunction(lambda, physicalId(stack, TRACK_DELETION.function));
  const variables = tracker?.configuration.Environment?.Variables ?? {};
  const announces = variables[variableOf('announceDeletions')] === 'true';
  const senders = [NOTIFY, SUMMARIZE, ...(announces ? [TRACK_DELETION] : [])];
  return Promise.all(
    senders.map(async ({ key, role }) => {
      const roleArn = `arn:${stack.partition}:iam::${stack.account}:role/${physicalId(stack, role)}`;
      const own: Record<string, Decision> = {};
      for (const action of actions) {
        own[action] = await readOwnPolicies(iam, roleArn, action, resource);
      }
      return { name: key, roleArn, own };
    }),
  );
}

const storageChecks = ({ sqs, dynamoDb }: Clients, stack: Stack): Record<string, Check> => ({
  'dead-letter queue': async () => {
    const url = physicalId(stack, DEAD_LETTER_QUEUE);
    return judgeQueue(stack, url, await countAll(sqs, url));
  },
  table: async () => {
    const name = physicalId(stack, TABLE);
    return judgeTable(stack, name, await readTable(dynamoDb, name));
  },
});

/** On what stands beside the way of an event. */
const surroundingChecks = (
  { eventBridge, logs }: Clients,
  stack: Stack,
  now: Date,
  facts: Facts,
): Record<string, Check> => ({
  'own alarms': async () =>
    judgeOwnAlarms(stack, topicArn(stack), facts.ownAlarmNames, await facts.ownAlarms()),
  'other rules': async () => {
    const own = physicalId(stack, NOTIFY.rule);
    return judgeOtherRules(
      stack,
      topicArn(stack),
      await readOtherRules(eventBridge, stack, own, now),
    );
  },
  'other filters': async () => {
    const own = await facts.filter();
    const metric = await facts.metric();
    const onGroup = await readFiltersOn(logs, own.logGroupName ?? '');
    const onOther = (await facts.filters()).filter((one) => one.logGroupName !== own.logGroupName);
    return judgeOtherFilters(stack, own, metric, [...onGroup, ...onOther]);
  },
});
