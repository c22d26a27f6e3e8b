import { createHash } from 'node:crypto';
import {
  allow,
  attribute,
  denyInsecureTransport,
  policyDocument,
  type Resource,
  type Resources,
  ref,
  type Statement,
  type Value,
} from './cloudformation.ts';
import type { Settings } from './settings.ts';

export const TOPIC = 'AlertTopic';

/** The sender that mail programs show. */
export const SENDER = 'Deleted secret notifier';

/** The topic that alerts and the alarm go to: the given one, or the stack's own. */
export const topicArn = ({ alertTopicArn }: Settings): Value => alertTopicArn ?? ref(TOPIC);

/** Lets a role publish to topics; if there is a key, they are encrypted with it. */
export const allowPublish = (
  { kmsKeyArn }: Settings,
  topic: Value,
  ...others: Value[]
): Statement[] => [
  allow('SendMessages', 'sns:Publish', others.length > 0 ? [topic, ...others] : topic),
  // https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html#sns-what-permissions-for-sse
  ...(kmsKeyArn
    ? [allow('EncryptMessages', ['kms:GenerateDataKey*', 'kms:Decrypt'], kmsKeyArn)]
    : []),
];

/**
 * A topic to which only this account's roles may publish, those whose policies allow it, and nobody without TLS: its policy
 * takes the place of that which SNS gives a topic, and lets nobody in.
 * https://docs.aws.amazon.com/sns/latest/dg/sns-access-policy-language-evaluation-logic.html
 */
export const ownTopic = (logicalId: string, { kmsKeyArn }: Settings): Resources => ({
  [logicalId]: {
    Type: 'AWS::SNS::Topic',
    Properties: { ...(kmsKeyArn && { KmsMasterKeyId: kmsKeyArn }) },
  },
  [`${logicalId}Policy`]: {
    Type: 'AWS::SNS::TopicPolicy',
    Properties: {
      Topics: [ref(logicalId)],
      PolicyDocument: policyDocument(denyInsecureTransport('sns:Publish', ref(logicalId))),
    },
  },
});

/**
 * The stack's own topic with a subscription for each address; nothing if a topic is given.
 * @param alarms logical ids of the alarms that may publish, the stack's own
 */
export function topic(
  { alertTopicArn, alertEmails, kmsKeyArn }: Settings,
  alarms: string[],
): Resources {
  if (alertTopicArn) return {};
  return {
    [TOPIC]: {
      Type: 'AWS::SNS::Topic',
      Properties: {
        DisplayName: SENDER,
        // Without a customer managed key the topic stays unencrypted: CloudWatch may not use alias/aws/sns.
        // https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html#compatibility-with-aws-services
        ...(kmsKeyArn && { KmsMasterKeyId: kmsKeyArn }),
      },
    },
    AlertTopicPolicy: {
      Type: 'AWS::SNS::TopicPolicy',
      Properties: {
        Topics: [ref(TOPIC)],
        PolicyDocument: policyDocument(
          {
            // https://docs.aws.amazon.com/sns/latest/dg/sns-access-policy-use-cases.html#sns-allow-cloudwatch-alarm-to-publish-to-topic-in-another-account
            Sid: 'AllowAlarmsOfThisStack',
            Effect: 'Allow',
            Principal: { Service: 'cloudwatch.amazonaws.com' },
            Action: 'sns:Publish',
            Resource: ref(TOPIC),
            Condition: {
              StringEquals: { 'aws:SourceAccount': ref('AWS::AccountId') },
              ArnEquals: { 'aws:SourceArn': alarms.map((alarm) => attribute(alarm, 'Arn')) },
            },
          },
          denyInsecureTransport('sns:Publish', ref(TOPIC)),
        ),
      },
    },
    ...Object.fromEntries(alertEmails.map((email) => [subscriptionId(email), subscription(email)])),
  };
}

/** Depends on the address alone, so that adding or removing one leaves the others subscribed. */
export const subscriptionId = (email: string) =>
  `AlertSubscription${createHash('sha256').update(email).digest('hex').slice(0, 12)}`;

const subscription = (email: string): Resource => ({
  Type: 'AWS::SNS::Subscription',
  Properties: { TopicArn: ref(TOPIC), Protocol: 'email', Endpoint: email },
});
