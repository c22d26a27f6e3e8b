import type { Subscription } from '@aws-sdk/client-sns';
import { type Decision, decide } from '../policy.ts';
import type { Key } from '../read/topic.ts';
import { aws } from '../remedy.ts';
import { arnIn, type Stack } from '../stack.ts';
import { type Finding, fail, ok, unknown, warn } from '../verdict.ts';

/** Where the policies that a topic and its key need are written down. */
const DOCUMENTED = 'docs/operations.md#an-encrypted-topic';

/** Whether anybody gets what the topic is told: a subscription that nobody has confirmed gets nothing. */
export function judgeSubscriptions(
  stack: Stack,
  topic: string,
  subscriptions: readonly Subscription[],
): Finding {
  const confirmed = subscriptions.filter(({ SubscriptionArn = '' }) =>
    /^arn:/.test(SubscriptionArn),
  );
  const pending = subscriptions.filter(
    ({ SubscriptionArn }) => SubscriptionArn === 'PendingConfirmation',
  );
  const [{ Protocol = 'email', Endpoint = 'ADDRESS' } = {}] = pending;
  const subscribe = aws(
    stack,
    ...['sns', 'subscribe', '--topic-arn', topic],
    ...['--protocol', Protocol, '--notification-endpoint', Endpoint],
  );
  const list = pending.map((one) => one.Endpoint).join(', ');
  const again = 'follow the link in the mail of AWS, or have it sent again';
  if (confirmed.length > 0) {
    return pending.length > 0
      ? warn(`${confirmed.length} confirmed, but not ${list}: ${again}.`, subscribe)
      : ok(`${confirmed.length} confirmed`);
  }
  return pending.length > 0
    ? fail(`None is confirmed; pending: ${list}: ${again}.`, subscribe)
    : fail('Nobody is subscribed to the topic.', subscribe);
}

/** What an alarm's action says of itself to the policies on its way. */
const alarmRequest = (stack: Stack, alarm: string) => ({
  service: 'cloudwatch.amazonaws.com',
  context: {
    'aws:sourceaccount': stack.account,
    'aws:sourceowner': stack.account, // that of SNS's own default policy
    'aws:sourcearn': arnIn(stack, 'cloudwatch', `alarm:${alarm}`),
    'aws:securetransport': 'true',
    'aws:principalisawsservice': 'true',
  },
});

const CANNOT_JUDGE = 'has conditions that cannot be judged from here.';

/** Whether the topic's policy lets the alarm publish. @param attributes `undefined` if the topic is not there */
export function judgeTopicPolicy(
  stack: Stack,
  topic: string,
  alarm: string,
  attributes: Readonly<Record<string, string>> | undefined,
): Finding {
  if (!attributes) return fail(`There is no topic ${topic}.`, aws(stack, 'sns', 'list-topics'));
  const request = { ...alarmRequest(stack, alarm), action: 'sns:Publish', resource: topic };
  const decision = decide(attributes.Policy, request);
  if (decision === 'allowed') return ok('lets the alarm publish');
  const show = aws(stack, 'sns', 'get-topic-attributes', '--topic-arn', topic);
  if (decision === 'undecided') return unknown(`The policy ${CANNOT_JUDGE}`, show);
  if (decision === 'forbidden') return fail('The policy forbids the alarm to publish.', show);
  return fail('The policy does not let the alarm publish.', allowAlarms(stack, topic, attributes));
}

/** That of the stack's own topic; it must be unique in a policy. */
const OWN_SID = 'AllowAlarmsOfThisAccount';

/** Adds to the policy that is there: the call replaces it, and others may publish by it. */
function allowAlarms(stack: Stack, topic: string, { Policy }: Readonly<Record<string, string>>) {
  const policy = JSON.parse(Policy || '{"Version":"2012-10-17"}');
  const statement = {
    Sid: OWN_SID,
    Effect: 'Allow',
    Principal: { Service: 'cloudwatch.amazonaws.com' },
    Action: 'sns:Publish',
    Resource: topic,
    Condition: {
      StringEquals: { 'aws:SourceAccount': stack.account },
      ArnLike: { 'aws:SourceArn': arnIn(stack, 'cloudwatch', 'alarm:*') },
    },
  };
  const others = [policy.Statement ?? []].flat().filter(({ Sid }) => Sid !== OWN_SID);
  const Statement = [...others, statement];
  return aws(
    stack,
    ...['sns', 'set-topic-attributes', '--topic-arn', topic, '--attribute-name', 'Policy'],
    ...['--attribute-value', JSON.stringify({ ...policy, Statement })],
  );
}

/**
 * Whether the alarm may use the key that encrypts the topic: that of AWS nobody but SNS may.
 * Source: https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html#compatibility-with-aws-services
 * @param id of the key, `undefined` if the topic has none
 */
export function judgeKey(
  stack: Stack,
  alarm: string,
  id: string | undefined,
  key: Key | undefined,
): Finding {
  if (!id) return ok('none, nothing to refuse');
  if (!key) return fail(`There is no key ${id}.`, DOCUMENTED);
  if (!key.isCustomers) return fail(`Alarms cannot use ${id}, a key of AWS.`, DOCUMENTED);
  const keyId = ['--key-id', key.arn];
  if (key.state !== 'Enabled') {
    return fail(`The key is ${key.state}.`, aws(stack, 'kms', 'enable-key', ...keyId));
  }
  const decisions = ['kms:GenerateDataKey', 'kms:Decrypt'].map((action) =>
    decide(key.policy, { ...alarmRequest(stack, alarm), action, resource: key.arn }),
  );
  const is = (decision: Decision) => decisions.includes(decision);
  if (is('forbidden') || is('not allowed')) {
    return fail("The key's policy does not let the alarm use it.", DOCUMENTED);
  }
  if (is('undecided')) {
    const policy = ['--policy-name', 'default'];
    return unknown(
      `The key's policy ${CANNOT_JUDGE}`,
      aws(stack, 'kms', 'get-key-policy', ...keyId, ...policy),
    );
  }
  return ok('lets the alarm use it');
}
