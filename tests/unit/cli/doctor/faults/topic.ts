import { type Account, patch, refuse } from '../../../../testing/account.ts';
import { policyOf, TOPIC } from '../../../../testing/healthy-account.ts';
import type { Fault } from './fault.ts';

export const key = (account: Account, id = 'alias/alerts') =>
  patch(account, 'GetTopicAttributes', ({ Attributes }) => {
    Attributes.KmsMasterKeyId = id;
  });

/** Takes the subscription of the stack's own address away; another is left. */
export const lost = (account: Account) => {
  account.ListSubscriptionsByTopic = () => ({
    Subscriptions: [
      {
        SubscriptionArn: `${TOPIC}:other`,
        Protocol: 'sqs',
        Endpoint: 'arn:aws:sqs:eu-west-1:111122223333:q',
      },
    ],
  });
};

const filter =
  (FilterPolicy: string, FilterPolicyScope?: string) =>
  (account: Account): void => {
    account.GetSubscriptionAttributes = () => ({ Attributes: { FilterPolicy, FilterPolicyScope } });
  };
/** Denies to publish, on a condition, whatever else the topic's policy says. */
const deny = (Condition: object) => (account: Account) =>
  patch(account, 'GetTopicAttributes', ({ Attributes }) => {
    const { Statement } = JSON.parse(Attributes.Policy);
    const denial = { Effect: 'Deny', Principal: '*', Action: 'sns:Publish', Resource: '*' };
    Attributes.Policy = policyOf(...Statement, { ...denial, Condition });
  });
/** What the policies of the functions' roles come to. */
const own =
  (EvalDecision: string, MissingContextValues: readonly string[] = []) =>
  (account: Account): void => {
    account.SimulatePrincipalPolicy = () => ({
      EvaluationResults: [{ EvalDecision, MissingContextValues }],
    });
  };
const announcing = (account: Account) =>
  patch(account, 'GetFunctionConfiguration', (one) => {
    one.Environment = { Variables: { ANNOUNCE_DELETIONS: 'true' } };
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
    subscriptions(
      { SubscriptionArn: `${TOPIC}:1`, Endpoint: 'a@example.com' },
      pending('b@example.com'),
    ),
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
    /^aws sns set-topic-attributes --topic-arn \S+ --attribute-name Policy --attribute-value '\{"Version":"2012-10-17","Statement":\[\{"Sid":"AllowAlarmsOfThisStack"/,
    policy(undefined),
  ],
  [
    'topic: policy',
    'fail',
    /^The policy does not let/,
    /"Statement":\[\{"Sid":"Other".+\},\{"Sid":"AllowAlarmsOfThisStack"/,
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
    /"Statement":\[\{"Sid":"AllowAlarmsOfThisStack"(?!.+"Sid")/,
    policy(
      policyOf({
        Sid: 'AllowAlarmsOfThisStack',
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
    /^A policy forbids to publish to the alarm, notify, summarize\.$/,
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
    /^aws kms enable-key --key-id arn:aws:kms:\S+:key\/alerts /,
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
    /^The key's policy does not let it be used by the alarm\.$/,
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
        const [statement, ...others] = JSON.parse(answer.Policy).Statement;
        const Condition = { StringEquals: { 'kms:ViaService': 'sns' } };
        answer.Policy = policyOf({ ...statement, Condition }, ...others);
      });
    },
  ],
  [
    'topic: subscriptions',
    'warn',
    /^1 confirmed, but a@example\.com of the stack is not subscribed any more\.$/,
    /--protocol email --notification-endpoint a@example\.com --region eu-west-1$/,
    lost,
  ],
  [
    'topic: subscriptions',
    'fail',
    /^Every confirmed subscription filters by attributes, which the alarm does not send/,
    /^aws sns set-subscription-attributes --subscription-arn \S+:alerts:1 --attribute-name FilterPolicy --attribute-value '\{\}' /,
    filter('{"severity":["critical"]}', 'MessageAttributes'),
  ],
  [
    'topic: subscriptions',
    'fail',
    /^Every confirmed subscription filters by attributes/,
    /set-subscription-attributes/,
    filter('{"action":[{"exists":false}],"severity":["critical"]}'),
  ],
  [
    'topic: subscriptions',
    'fail',
    /^Every confirmed subscription filters by the body, which has to be JSON: none gets alerts/,
    /set-subscription-attributes/,
    filter('{"NewStateValue":["ALARM"]}', 'MessageBody'),
  ],
  [
    'topic: policy',
    'fail',
    /^A policy forbids to publish to notify, summarize\.$/,
    /get-topic-attributes/,
    deny({ Bool: { 'aws:PrincipalIsAWSService': 'false' } }),
  ],
  [
    'topic: policy',
    'fail',
    /^A policy forbids to publish to notify, summarize\.$/,
    /get-topic-attributes/,
    // Only a service that asks for somebody else has a source.
    deny({ StringNotEquals: { 'aws:SourceAccount': '111122223333' } }),
  ],
  [
    'topic: policy',
    'fail',
    /^A policy forbids to publish to trackDeletion\.$/,
    /get-topic-attributes/,
    (account) => {
      announcing(account);
      deny({ ArnLike: { 'aws:PrincipalArn': '*TrackDeletionRole' } })(account);
    },
  ],
  [
    'topic: policy',
    'fail',
    /^No policy lets notify, summarize publish\.$/,
    /^aws iam put-role-policy --role-name deleted-secret-notifier-dev-NotifyRole --policy-name publish --policy-document '\{.+"Resource":"arn:aws:sns:eu-west-1:111122223333:alerts"\}\]\}'/,
    own('implicitDeny'),
  ],
  [
    'topic: policy',
    'unknown',
    /^There are conditions that cannot be judged from here, for notify, summarize\.$/,
    /get-topic-attributes/,
    own('implicitDeny', ['aws:RequestedRegion']),
  ],
  [
    'topic: policy',
    'fail',
    /^The policy of the other account's topic does not let notify, summarize publish\.$/,
    /^docs\/operations\.md#a-topic-of-another-account$/,
    (account) => {
      const theirs = TOPIC.replace('111122223333', '444455556666');
      patch(account, 'DescribeStacks', ({ Stacks: [one] }) => {
        one.Outputs = [{ OutputKey: 'AlertTopicArn', OutputValue: theirs }];
      });
      patch(account, 'GetTopicAttributes', ({ Attributes }) => {
        Attributes.Policy = Attributes.Policy.replaceAll(TOPIC, theirs);
      });
    },
  ],
  [
    'topic: key',
    'fail',
    /^The key's policy does not let it be used by notify, summarize\.$/,
    /an-encrypted-topic/,
    (account) => {
      key(account);
      // Nothing leaves it to the policies of the account's roles.
      patch(account, 'GetKeyPolicy', (answer) => {
        answer.Policy = policyOf(JSON.parse(answer.Policy).Statement[0]);
      });
    },
  ],
  [
    'topic: key',
    'fail',
    /^The topic is encrypted, but the stack is deployed without its key: notify, summarize may not use it\.$/,
    /^npx serverless deploy \S+ \S+ \S+ \S+ --param="kmsKeyArn=arn:aws:kms:eu-west-1:111122223333:key\/alerts" #/,
    (account) => {
      key(account);
      own('implicitDeny')(account);
    },
  ],
];
