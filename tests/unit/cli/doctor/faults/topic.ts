import { all, answered, patched, refused } from '../../../../testing/account.ts';
import { policyOf, TOPIC } from '../../../../testing/healthy-account.ts';
import type { Any, Faults } from './fault.ts';

/** The topic is encrypted. */
export const key = (id = 'alias/alerts') =>
  patched('GetTopicAttributes', ({ Attributes }) => {
    Attributes.KmsMasterKeyId = id;
  });
/** Something of the key, which the topic is encrypted with, is different. */
const keyWith = (more: object, id?: string) =>
  all(
    key(id),
    patched('DescribeKey', ({ KeyMetadata }) => Object.assign(KeyMetadata, more)),
  );

const subscriptions = (...Subscriptions: object[]) =>
  answered('ListSubscriptionsByTopic', { Subscriptions });
const pending = (Endpoint: string) => ({
  SubscriptionArn: 'PendingConfirmation',
  Protocol: 'email',
  Endpoint,
});
/** The subscription of the stack's own address is gone; another is left. */
export const lost = subscriptions({
  SubscriptionArn: `${TOPIC}:other`,
  Protocol: 'sqs',
  Endpoint: 'arn:aws:sqs:eu-west-1:111122223333:q',
});
export const filter = (FilterPolicy: string, FilterPolicyScope?: string) =>
  answered('GetSubscriptionAttributes', { Attributes: { FilterPolicy, FilterPolicyScope } });

/** A policy on the body. */
const onBody = (Policy: object) => ({ Policy, FilterPolicyScope: 'MessageBody' });
/** The subscriptions of the topic have these filter policies: on attributes, or {@link onBody}. */
export const filters = (...policies: readonly object[]) =>
  all(
    subscriptions(
      ...policies.map((_, i) => ({
        SubscriptionArn: `${TOPIC}:${i + 1}`,
        Endpoint: 'a@example.com',
      })),
    ),
    (account) => {
      account.GetSubscriptionAttributes = ({ SubscriptionArn }) => {
        const one: Any = policies[SubscriptionArn.split(':').at(-1) - 1];
        const { Policy = one, FilterPolicyScope = 'MessageAttributes' } = one;
        return { Attributes: { FilterPolicy: JSON.stringify(Policy), FilterPolicyScope } };
      };
    },
  );
const ALARM = 'deleted-secret-notifier-dev-UnexplainedAttemptsAlarm';
export const ALARMS = onBody({ NewStateValue: ['ALARM'] });
const ANY = [{ exists: true }];

const policy = (...statements: object[]) =>
  answered('GetTopicAttributes', {
    Attributes: { Policy: statements.length > 0 ? policyOf(...statements) : undefined },
  });
/** It is denied to publish, on a condition, whatever else the topic's policy says. */
const deny = (Condition: object) =>
  patched('GetTopicAttributes', ({ Attributes }) => {
    const { Statement } = JSON.parse(Attributes.Policy);
    const denial = { Effect: 'Deny', Principal: '*', Action: 'sns:Publish', Resource: '*' };
    Attributes.Policy = policyOf(...Statement, { ...denial, Condition });
  });
/** What the policies of the functions' roles come to. */
const own = (EvalDecision: string, MissingContextValues: readonly string[] = []) =>
  patched('SimulatePrincipalPolicy', ({ EvaluationResults: [one] }) =>
    Object.assign(one, { EvalDecision, MissingContextValues }),
  );
const announcing = patched('GetFunctionConfiguration', (one) => {
  one.Environment = { Variables: { ANNOUNCE_DELETIONS: 'true' } };
});
const theirs = TOPIC.replace('111122223333', '444455556666');

const SUBSCRIBE = /^aws sns subscribe --topic-arn \S+ --protocol email --notification-endpoint /;
const CLEAR =
  /^aws sns set-subscription-attributes --subscription-arn \S+:alerts:1 --attribute-name FilterPolicy --attribute-value '\{\}' /;
const SHOW = /get-topic-attributes/;

/** What may be wrong with the topic. */
export const TOPIC_FAULTS: Faults = {
  'topic: subscriptions': [
    ['fail', /^Nobody is subscribed/, SUBSCRIBE, subscriptions()],
    [
      'fail',
      /^None is confirmed; pending: a@example\.com, b@example\.com:/,
      /--notification-endpoint a@example\.com --region eu-west-1$/,
      subscriptions(pending('a@example.com'), pending('b@example.com')),
    ],
    [
      'warn',
      /^1 confirmed, but not b@example\.com:/,
      /--notification-endpoint b@example\.com /,
      subscriptions(
        { SubscriptionArn: `${TOPIC}:1`, Endpoint: 'a@example.com' },
        pending('b@example.com'),
      ),
    ],
    [
      'fail',
      /^Nobody is subscribed/,
      SUBSCRIBE,
      subscriptions({ SubscriptionArn: 'Deleted', Endpoint: 'a@example.com' }),
    ],
    [
      'warn',
      /^1 confirmed, but a@example\.com of the stack is not subscribed any more\.$/,
      /--protocol email --notification-endpoint a@example\.com --region eu-west-1$/,
      lost,
    ],
    [
      'fail',
      /^The filter policy of every confirmed subscription keeps away: the alarm, warning alerts, notice alerts, digests, last calls, resolved, own alarms\.$/,
      CLEAR,
      filter('{"severity":["critical"]}', 'MessageAttributes'),
    ],
    [
      'fail',
      /keeps away: the alarm, critical alerts, warning alerts, notice alerts, digests, last calls, time is up, resolved, gone,/,
      CLEAR,
      filter('{"secret":[{"exists":false}]}'),
    ],
    [
      'fail',
      /keeps away: the alarm, critical alerts,/,
      CLEAR,
      filter('{"action":["drill",{"exists":false}]}'),
    ],
    [
      'fail',
      // CloudWatch sends no attributes, and SNS then takes nothing to be absent.
      /keeps away: the alarm, warning alerts,/,
      CLEAR,
      filter('{"severity":["critical",{"exists":false}]}'),
    ],
    [
      'fail',
      /keeps away: critical alerts, warning alerts, notice alerts, digests, last calls, time is up, resolved, gone, own alarms\.$/,
      CLEAR,
      filter(`{"AlarmName":["${ALARM}"],"NewStateValue":["ALARM"]}`, 'MessageBody'),
    ],
    [
      'fail',
      /keeps away: the alarm, critical alerts, .+gone,/,
      CLEAR,
      filters(onBody({ AlarmName: ['other'] }), onBody({ NewStateValue: ['OK'] })),
    ],
    [
      'fail',
      /keeps away: the alarm\.$/,
      CLEAR,
      filters(onBody({ AlarmName: [{ 'anything-but': [ALARM] }] }), { severity: ANY }),
    ],
    [
      'fail',
      // Every attribute is text.
      /keeps away: critical alerts, warning alerts, notice alerts, digests, last calls, time is up, resolved, gone\.$/,
      CLEAR,
      filters(ALARMS, { account: [{ numeric: ['=', 111122223333] }, { cidr: '10.0.0.0/8' }] }),
    ],
    [
      'warn',
      /keeps away: warning alerts, notice alerts, digests, last calls, resolved\.$/,
      CLEAR,
      filters(ALARMS, { severity: ['critical'] }),
    ],
    [
      'warn',
      /keeps away: announcements\.$/,
      CLEAR,
      all(filters(ALARMS, { action: [{ 'anything-but': 'scheduled' }] }), announcing),
    ],
    [
      'warn',
      /keeps away: own alarms\.$/,
      CLEAR,
      filters(onBody({ AlarmName: [ALARM] }), { severity: ANY }),
    ],
    [
      'unknown',
      /^Whether a filter policy lets these through is open: the alarm, own alarms\.$/,
      /^aws sns get-subscription-attributes --subscription-arn \S+:alerts:1 /,
      filters(onBody({ Trigger: { MetricName: ['Errors'] } }), { severity: ANY }),
    ],
    [
      'unknown',
      /open: critical alerts, warning alerts, notice alerts, digests, last calls, time is up, resolved, gone\.$/,
      /get-subscription-attributes/,
      filters(ALARMS, { secret: [{ wildcard: 'some*' }] }),
    ],
  ],
  'topic: policy': [
    [
      'fail',
      /^There is no topic arn:/,
      /list-topics/,
      refused('GetTopicAttributes', 'NotFoundException'),
    ],
    [
      'fail',
      /^The policy does not let alarms publish\.$/,
      /^aws sns set-topic-attributes --topic-arn \S+ --attribute-name Policy --attribute-value '\{"Version":"2012-10-17","Statement":\[\{"Sid":"AllowAlarmsOfThisStack"/,
      policy(),
    ],
    [
      'fail',
      /^The policy does not let/,
      /"Statement":\[\{"Sid":"Other".+\},\{"Sid":"AllowAlarmsOfThisStack"/,
      policy({
        Sid: 'Other',
        Effect: 'Allow',
        Principal: { AWS: '1' },
        Action: '*',
        Resource: '*',
      }),
    ],
    [
      'fail',
      /^The policy does not let/,
      /"Statement":\[\{"Sid":"AllowAlarmsOfThisStack"(?!.+"Sid")/,
      policy({
        Sid: 'AllowAlarmsOfThisStack',
        Effect: 'Allow',
        Principal: { Service: 'cloudwatch.amazonaws.com' },
        Action: 'sns:Publish',
        Resource: TOPIC,
        Condition: { StringEquals: { 'aws:SourceAccount': '444455556666' } },
      }),
    ],
    [
      'fail',
      /^A policy forbids to publish to alarms, notify, summarize\.$/,
      SHOW,
      policy({ Effect: 'Deny', Principal: '*', Action: 'sns:*', Resource: '*' }),
    ],
    [
      'unknown',
      /cannot be evaluated/,
      SHOW,
      policy({
        Effect: 'Allow',
        Principal: '*',
        Action: 'sns:*',
        Resource: '*',
        Condition: { IpAddress: { 'aws:SourceIp': '10.0.0.0/8' } },
      }),
    ],
    [
      'fail',
      /^A policy forbids to publish to notify, summarize\.$/,
      SHOW,
      deny({ Bool: { 'aws:PrincipalIsAWSService': 'false' } }),
    ],
    [
      'fail',
      /^A policy forbids to publish to notify, summarize\.$/,
      SHOW,
      // Only a service that acts on behalf of a resource has a source.
      deny({ StringNotEquals: { 'aws:SourceAccount': '111122223333' } }),
    ],
    [
      'fail',
      /^A policy forbids to publish to trackDeletion\.$/,
      SHOW,
      all(announcing, deny({ ArnLike: { 'aws:PrincipalArn': '*TrackDeletionRole' } })),
    ],
    [
      'fail',
      /^No policy lets notify, summarize publish\.$/,
      /^aws iam put-role-policy --role-name deleted-secret-notifier-dev-NotifyRole --policy-name publish --policy-document '\{.+"Resource":"arn:aws:sns:eu-west-1:111122223333:alerts"\}\]\}'/,
      own('implicitDeny'),
    ],
    [
      'unknown',
      /^There are conditions that cannot be evaluated here, for notify, summarize\.$/,
      SHOW,
      own('implicitDeny', ['aws:RequestedRegion']),
    ],
    [
      'fail',
      /^The policy of the other account's topic does not let notify, summarize publish\.$/,
      /^docs\/operations\.md#a-topic-of-another-account$/,
      all(
        patched('DescribeStacks', ({ Stacks: [one] }) => {
          one.Outputs = [{ OutputKey: 'AlertTopicArn', OutputValue: theirs }];
        }),
        patched('GetTopicAttributes', ({ Attributes }) => {
          Attributes.Policy = Attributes.Policy.replaceAll(TOPIC, theirs);
        }),
      ),
    ],
  ],
  'topic: key': [
    [
      'fail',
      /^There is no key alias\/alerts/,
      /^docs\/operations\.md#an-encrypted-topic$/,
      all(key(), refused('DescribeKey', 'NotFoundException')),
    ],
    [
      'fail',
      /^Alarms cannot use alias\/aws\/sns, a key of AWS\.$/,
      /an-encrypted-topic/,
      keyWith({ KeyManager: 'AWS' }, 'alias/aws/sns'),
    ],
    [
      'fail',
      /^The key is Disabled\.$/,
      /^aws kms enable-key --key-id arn:aws:kms:\S+:key\/alerts /,
      keyWith({ KeyState: 'Disabled' }),
    ],
    [
      'fail',
      /^The key's policy does not let it be used by alarms\.$/,
      /an-encrypted-topic/,
      all(
        key(),
        answered('GetKeyPolicy', {
          Policy: policyOf({
            Effect: 'Allow',
            Principal: { AWS: 'arn:aws:iam::111122223333:root' },
            Action: 'kms:*',
            Resource: '*',
          }),
        }),
      ),
    ],
    [
      'unknown',
      /cannot be evaluated/,
      /get-key-policy/,
      all(
        key(),
        patched('GetKeyPolicy', (answer) => {
          const [statement, ...others] = JSON.parse(answer.Policy).Statement;
          const Condition = { StringEquals: { 'kms:ViaService': 'sns' } };
          answer.Policy = policyOf({ ...statement, Condition }, ...others);
        }),
      ),
    ],
    [
      'fail',
      /^The key's policy does not let it be used by notify, summarize\.$/,
      /an-encrypted-topic/,
      all(
        key(),
        // Nothing leaves it to the policies of the account's roles.
        patched('GetKeyPolicy', (answer) => {
          answer.Policy = policyOf(JSON.parse(answer.Policy).Statement[0]);
        }),
      ),
    ],
    [
      'fail',
      /^The topic is encrypted, but the stack is deployed without its key: notify, summarize may not use it\.$/,
      /^npx serverless deploy \S+ \S+ \S+ \S+ --param="kmsKeyArn=arn:aws:kms:eu-west-1:111122223333:key\/alerts" #/,
      all(key(), own('implicitDeny')),
    ],
  ],
};
