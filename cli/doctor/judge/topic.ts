import type { Subscription } from '@aws-sdk/client-sns';
import { TOPIC } from '../../../stack/topic.ts';
import { type Decision, decide, decideForRole, type Role } from '../policy.ts';
import type { Filter, Key } from '../read/topic.ts';
import { aws, deploy, param } from '../remedy.ts';
import { arnIn, type Stack } from '../stack.ts';
import { type Finding, fail, ok, unknown, warn } from '../verdict.ts';

/** Where the policies that a topic and its key need are written down. */
const DOCUMENTED = 'docs/operations.md#an-encrypted-topic';

/** Who is subscribed to the topic. */
export interface Subscribers {
  readonly subscriptions: readonly Subscription[];
  /** The filter policies of those that are confirmed; empty if one of them has none. */
  readonly filters: readonly Filter[];
  /** The addresses of the stack's own subscriptions that the topic does not have any more. */
  readonly lost: readonly string[];
}

/** Whether anybody gets what the topic is sent: a subscription that nobody has confirmed gets nothing. */
export function judgeSubscriptions(
  stack: Stack,
  topic: string,
  { subscriptions, filters, lost }: Subscribers,
): Finding {
  const confirmed = subscriptions.filter(isConfirmed);
  const pending = subscriptions.filter(
    ({ SubscriptionArn }) => SubscriptionArn === 'PendingConfirmation',
  );
  const subscribe = (protocol = 'email', endpoint = lost[0] ?? 'ADDRESS') =>
    aws(
      stack,
      ...['sns', 'subscribe', '--topic-arn', topic],
      ...['--protocol', protocol, '--notification-endpoint', endpoint],
    );
  const confirm = subscribe(pending[0]?.Protocol, pending[0]?.Endpoint);
  const list = pending.map((one) => one.Endpoint).join(', ');
  const again = 'follow the link in the mail of AWS, or have it sent again';
  if (confirmed.length === 0) {
    return pending.length > 0
      ? fail(`None is confirmed; pending: ${list}: ${again}.`, confirm)
      : fail('Nobody is subscribed to the topic.', subscribe());
  }
  const filtered = judgeFilters(stack, filters);
  if (filtered) return filtered;
  if (lost.length > 0) {
    const gone = `${lost.join(', ')} of the stack ${lost.length === 1 ? 'is' : 'are'} not`;
    // A mail scanner follows the link to unsubscribe, which works without signing in.
    return warn(`${confirmed.length} confirmed, but ${gone} subscribed any more.`, subscribe());
  }
  if (pending.length > 0) {
    return warn(`${confirmed.length} confirmed, but not ${list}: ${again}.`, confirm);
  }
  return ok(`${confirmed.length} confirmed`);
}

/** Whether AWS delivers to a subscription; it shows what is not confirmed, or deleted, by a word instead of an ARN. */
export const isConfirmed = ({ SubscriptionArn = '' }: Subscription) =>
  /^arn:/.test(SubscriptionArn);

/**
 * Alerts are plain text with attributes, an alarm's messages JSON without: a filter policy on attributes keeps these
 * away unless it asks for their absence, one on the body keeps the alerts away.
 * Source: https://docs.aws.amazon.com/sns/latest/dg/sns-message-filtering.html
 */
function judgeFilters(stack: Stack, filters: readonly Filter[]): Finding | undefined {
  const [first] = filters;
  if (!first) return undefined;
  const clear = aws(
    stack,
    ...['sns', 'set-subscription-attributes', '--subscription-arn', first.subscriptionArn],
    ...['--attribute-name', 'FilterPolicy', '--attribute-value', '{}'],
  );
  if (filters.every(({ isOnBody }) => isOnBody)) {
    const what = 'Every confirmed subscription filters by the body, which has to be JSON';
    return fail(`${what}: none gets alerts, which are text.`, clear);
  }
  if (filters.some(({ isOnBody, policy }) => isOnBody || takesWithoutAttributes(policy))) {
    return undefined;
  }
  const what = 'Every confirmed subscription filters by attributes, which the alarm does not send';
  return fail(`${what}: none gets its messages, nor alerts that do not match.`, clear);
}

const takesWithoutAttributes = (policy: Readonly<Record<string, unknown>>) =>
  Object.values(policy).every((conditions) =>
    [conditions].flat().some((one) => (one as { exists?: unknown } | null)?.exists === false),
  );

/** A function that sends messages, and what its role's own policies let it do, by action. */
export interface Publisher {
  readonly name: string;
  readonly roleArn: string;
  readonly own: Readonly<Record<string, Decision>>;
}

/** What an alarm's action says of itself to the policies on its way. */
const alarmRequest = (stack: Stack, alarm: string) => ({
  principals: ['cloudwatch.amazonaws.com'],
  context: {
    'aws:sourceaccount': stack.account,
    'aws:sourceowner': stack.account, // that of SNS's own default policy
    'aws:sourcearn': arnIn(stack, 'cloudwatch', `alarm:${alarm}`),
    'aws:securetransport': 'true',
    'aws:principalisawsservice': 'true',
  },
});

/** What a function says of itself. Only a service that asks for somebody else has a source. */
const roleContext = (stack: Stack, roleArn: string) => ({
  'aws:sourceaccount': undefined,
  'aws:sourcearn': undefined,
  'aws:sourceowner': stack.account,
  'aws:securetransport': 'true',
  'aws:principalisawsservice': 'false',
  'aws:principalaccount': stack.account,
  'aws:principalarn': roleArn,
  // A key is used by SNS in the function's name.
  'kms:calleraccount': stack.account,
  'kms:viaservice': `sns.${stack.region}.amazonaws.com`,
});

/** Who is said what by a policy: the alarm and the functions, each by name. */
function decisions(
  stack: Stack,
  alarm: string,
  publishers: readonly Publisher[],
  policy: string | undefined,
  actions: readonly string[],
  resource: string,
) {
  const all = actions.flatMap((action): (readonly [string, Decision])[] => [
    ['the alarm', decide(policy, { ...alarmRequest(stack, alarm), action, resource })],
    ...publishers.map(({ name, roleArn, own }): readonly [string, Decision] => {
      const role: Role = { arn: roleArn, own: own[action] ?? 'undecided' };
      const context = roleContext(stack, roleArn);
      return [name, decideForRole(policy, role, { action, resource, context })];
    }),
  ]);
  return (...wanted: Decision[]) => [
    ...new Set(all.filter(([, decision]) => wanted.includes(decision)).map(([name]) => name)),
  ];
}

const PUBLISH = 'sns:Publish';

/** The actions that the check needs to know of each publisher, on the topic and on its key. */
export const TOPIC_ACTIONS = [PUBLISH];
export const KEY_ACTIONS = ['kms:GenerateDataKey', 'kms:Decrypt'];

/** Whether the alarm and the functions may publish. @param attributes `undefined` if the topic is not there */
export function judgeTopicPolicy(
  stack: Stack,
  topic: string,
  alarm: string,
  attributes: Readonly<Record<string, string>> | undefined,
  publishers: readonly Publisher[],
): Finding {
  if (!attributes) return fail(`There is no topic ${topic}.`, aws(stack, 'sns', 'list-topics'));
  const { Policy } = attributes;
  const who = decisions(stack, alarm, publishers, Policy, TOPIC_ACTIONS, topic);
  const show = aws(stack, 'sns', 'get-topic-attributes', '--topic-arn', topic);
  const forbidden = who('forbidden').join(', ');
  if (forbidden) return fail(`A policy forbids to publish to ${forbidden}.`, show);
  const refused = who('not allowed');
  if (refused.length > 0 && topic.split(':')[4] !== stack.account) {
    return fail(
      `The policy of the other account's topic does not let ${refused.join(', ')} publish.`,
      'docs/operations.md#a-topic-of-another-account',
    );
  }
  if (refused[0] === 'the alarm') {
    return fail(
      'The policy does not let the alarm publish.',
      allowAlarms(stack, topic, attributes),
    );
  }
  const lacking = publishers.filter(({ name }) => refused.includes(name));
  if (lacking[0]) {
    const names = lacking.map(({ name }) => name).join(', ');
    return fail(`No policy lets ${names} publish.`, allowRole(stack, lacking[0], topic));
  }
  if (who('undecided').length > 0) return unknown(cannotJudge(who('undecided')), show);
  return ok(`lets the alarm and ${publishers.map(({ name }) => name).join(', ')} publish`);
}

const cannotJudge = (who: readonly string[]) =>
  `There are conditions that cannot be judged from here, for ${who.join(', ')}.`;

/** A Sid must be unique in a policy, and two stages may share a topic that was given to them. */
const ownSid = ({ name, resources }: Stack) =>
  resources.has(TOPIC) ? 'AllowAlarmsOfThisStack' : `AllowAlarmsOf${name.replaceAll(/\W/g, '')}`;

/** Adds to the policy that is there: the call replaces it, and others may publish by it. */
function allowAlarms(stack: Stack, topic: string, { Policy }: Readonly<Record<string, string>>) {
  const policy = JSON.parse(Policy || '{"Version":"2012-10-17"}');
  const Sid = ownSid(stack);
  const alarms = Array.from(stack.resources.values()).filter(
    ({ type }) => type === 'AWS::CloudWatch::Alarm',
  );
  const statement = {
    Sid,
    Effect: 'Allow',
    Principal: { Service: 'cloudwatch.amazonaws.com' },
    Action: PUBLISH,
    Resource: topic,
    Condition: {
      StringEquals: { 'aws:SourceAccount': stack.account },
      ArnEquals: {
        'aws:SourceArn': alarms.map((one) => arnIn(stack, 'cloudwatch', `alarm:${one.physicalId}`)),
      },
    },
  };
  const others = [policy.Statement ?? []].flat().filter((one) => one.Sid !== Sid);
  const Statement = [...others, statement];
  return aws(
    stack,
    ...['sns', 'set-topic-attributes', '--topic-arn', topic, '--attribute-name', 'Policy'],
    ...['--attribute-value', JSON.stringify({ ...policy, Statement })],
  );
}

/** A policy besides the one of the deployment, which a deployment does not bring back. */
function allowRole(stack: Stack, { roleArn }: Publisher, Resource: string) {
  const Statement = [{ Effect: 'Allow', Action: PUBLISH, Resource }];
  return aws(
    stack,
    ...['iam', 'put-role-policy', '--role-name', roleArn.split('/').at(-1) ?? ''],
    ...['--policy-name', 'publish', '--policy-document'],
    JSON.stringify({ Version: '2012-10-17', Statement }),
  );
}

/**
 * Whether the alarm and the functions may use the key that encrypts the topic: that of AWS nobody but SNS may.
 * Source: https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html
 * @param id of the key, `undefined` if the topic has none
 */
export function judgeKey(
  stack: Stack,
  alarm: string,
  id: string | undefined,
  key: Key | undefined,
  publishers: readonly Publisher[],
): Finding {
  if (!id) return ok('none, nothing to refuse');
  if (!key) return fail(`There is no key ${id}.`, DOCUMENTED);
  if (!key.isCustomers) return fail(`Alarms cannot use ${id}, a key of AWS.`, DOCUMENTED);
  const keyId = ['--key-id', key.arn];
  if (key.state !== 'Enabled') {
    return fail(`The key is ${key.state}.`, aws(stack, 'kms', 'enable-key', ...keyId));
  }
  const who = decisions(stack, alarm, publishers, key.policy, KEY_ACTIONS, key.arn);
  const refused = who('forbidden', 'not allowed');
  if (refused.length > 0) {
    // What the role lacks comes with the setting; what the key's policy lacks is written down.
    const isUnset = publishers.some(
      ({ name, own }) => refused.includes(name) && Object.values(own).includes('not allowed'),
    );
    return isUnset
      ? fail(
          `The topic is encrypted, but the stack is deployed without its key: ${refused.join(', ')} may not use it.`,
          deploy(stack, param('kmsKeyArn', key.arn)),
        )
      : fail(`The key's policy does not let it be used by ${refused.join(', ')}.`, DOCUMENTED);
  }
  if (who('undecided').length > 0) {
    return unknown(
      cannotJudge(who('undecided')),
      aws(stack, 'kms', 'get-key-policy', ...keyId, '--policy-name', 'default'),
    );
  }
  return ok(`lets the alarm and ${publishers.map(({ name }) => name).join(', ')} use it`);
}
