import { type Account, patch, refuse } from '../../../../testing/account.ts';
import { policyOf, TOPIC } from '../../../../testing/healthy-account.ts';
import type { Fault } from './fault.ts';

export const key = (account: Account, id = 'alias/alerts') =>
  patch(account, 'GetTopicAttributes', ({ Attributes }) => {
    Attributes.KmsMasterKeyId = id;
  });

const subscriptions =
  (...Subscriptions: object[]) =>
  (account: Account) => {
    account.ListSubscriptionsByTopic = () => ({ Subscriptions });
  };
const pending = (Endpoint: string) => ({
  SubscriptionArn: 'PendingConfirmation',
  Protocol: 'email',
  Endpoint,
});
const policy = (Policy: string | undefined) => (account: Account) =>
  patch(account, 'GetTopicAttributes', (answer) => {
    answer.Attributes = { Policy };
  });
const SUBSCRIBE = /^aws sns subscribe --topic-arn \S+ --protocol email --notification-endpoint /;

/** What may be wrong with the topic. */
export const TOPIC_FAULTS: readonly Fault[] = [
  ['topic: subscriptions', 'fail', /^Nobody is subscribed/, SUBSCRIBE, subscriptions()],
  [
    'topic: subscriptions',
    'fail',
    /^None is confirmed; pending: a@example\.com, b@example\.com:/,
    /--notification-endpoint a@example\.com --region eu-west-1$/,
    subscriptions(pending('a@example.com'), pending('b@example.com')),
  ],
  [
    'topic: subscriptions',
    'warn',
    /^1 confirmed, but not b@example\.com:/,
    /--notification-endpoint b@example\.com /,
    subscriptions({ SubscriptionArn: `${TOPIC}:1` }, pending('b@example.com')),
  ],
  [
    'topic: subscriptions',
    'fail',
    /^Nobody is subscribed/,
    SUBSCRIBE,
    subscriptions({ SubscriptionArn: 'Deleted', Endpoint: 'a@example.com' }),
  ],
  [
    'topic: policy',
    'fail',
    /^There is no topic arn:/,
    /list-topics/,
    (account) => {
      account.GetTopicAttributes = refuse('NotFoundException');
    },
  ],
  [
    'topic: policy',
    'fail',
    /^The policy does not let the alarm publish\.$/,
    /^aws sns set-topic-attributes --topic-arn \S+ --attribute-name Policy --attribute-value '\{"Version":"2012-10-17","Statement":\[\{"Sid":"AllowAlarmsOfThisAccount"/,
    policy(undefined),
  ],
  [
    'topic: policy',
    'fail',
    /^The policy does not let/,
    /"Statement":\[\{"Sid":"Other".+\},\{"Sid":"AllowAlarmsOfThisAccount"/,
    policy(
      policyOf({
        Sid: 'Other',
        Effect: 'Allow',
        Principal: { AWS: '1' },
        Action: '*',
        Resource: '*',
      }),
    ),
  ],
  [
    'topic: policy',
    'fail',
    /^The policy does not let/,
    /"Statement":\[\{"Sid":"AllowAlarmsOfThisAccount"(?!.+"Sid")/,
    policy(
      policyOf({
        Sid: 'AllowAlarmsOfThisAccount',
        Effect: 'Allow',
        Principal: { Service: 'cloudwatch.amazonaws.com' },
        Action: 'sns:Publish',
        Resource: TOPIC,
        Condition: { StringEquals: { 'aws:SourceAccount': '444455556666' } },
      }),
    ),
  ],
  [
    'topic: policy',
    'fail',
    /^The policy forbids the alarm/,
    /get-topic-attributes/,
    policy(policyOf({ Effect: 'Deny', Principal: '*', Action: 'sns:*', Resource: '*' })),
  ],
  [
    'topic: policy',
    'unknown',
    /cannot be judged/,
    /get-topic-attributes/,
    policy(
      policyOf({
        Effect: 'Allow',
        Principal: '*',
        Action: 'sns:*',
        Resource: '*',
        Condition: { IpAddress: { 'aws:SourceIp': '10.0.0.0/8' } },
      }),
    ),
  ],
  [
    'topic: key',
    'fail',
    /^There is no key alias\/alerts/,
    /^docs\/operations\.md#an-encrypted-topic$/,
    (account) => {
      key(account);
      account.DescribeKey = refuse('NotFoundException');
    },
  ],
  [
    'topic: key',
    'fail',
    /^Alarms cannot use alias\/aws\/sns, a key of AWS\.$/,
    /an-encrypted-topic/,
    (account) => {
      key(account, 'alias/aws/sns');
      patch(account, 'DescribeKey', ({ KeyMetadata }) =>
        Object.assign(KeyMetadata, { KeyManager: 'AWS' }),
      );
    },
  ],
  [
    'topic: key',
    'fail',
    /^The key is Disabled\.$/,
    /^aws kms enable-key --key-id alias\/alerts/,
    (account) => {
      key(account);
      patch(account, 'DescribeKey', ({ KeyMetadata }) =>
        Object.assign(KeyMetadata, { KeyState: 'Disabled' }),
      );
    },
  ],
  [
    'topic: key',
    'fail',
    /^The key's policy does not let the alarm use it\.$/,
    /an-encrypted-topic/,
    (account) => {
      key(account);
      account.GetKeyPolicy = () => ({
        Policy: policyOf({
          Effect: 'Allow',
          Principal: { AWS: 'arn:aws:iam::111122223333:root' },
          Action: 'kms:*',
          Resource: '*',
        }),
      });
    },
  ],
  [
    'topic: key',
    'unknown',
    /cannot be judged/,
    /get-key-policy/,
    (account) => {
      key(account);
      patch(account, 'GetKeyPolicy', (answer) => {
        const [statement] = JSON.parse(answer.Policy).Statement;
        const Condition = { StringEquals: { 'kms:ViaService': 'sns' } };
        answer.Policy = policyOf({ ...statement, Condition });
      });
    },
  ],
];
