import { channelId } from './chat.ts';
import { attribute, type Resource, type Resources, ref, type Value } from './cloudformation.ts';
import { deadLetterQueueArn } from './dead-letter-queue.ts';
import { CHAT, channelsOf, type FunctionNames } from './names.ts';
import { makesChannel, type Settings } from './settings.ts';
import { ownTopic } from './topic.ts';

/** Logical id of the topic by which notices are handed on to the channels beside the mail. */
export const NOTICE_TOPIC = 'NoticeTopic';

/** Logical id of a function's subscription to it. */
export const subscriptionTo = ({ prefix }: Pick<FunctionNames, 'prefix'>) =>
  `${prefix}Subscription`;

/** Logical ids of the subscriptions that are to be there before a function hands on: what is published before them is lost. */
export const listeners = (settings: Settings): string[] => channelsOf(settings).map(subscriptionTo);

/** Logical ids of the topics that deliver to functions: none without a channel beside the mail. */
export const noticeTopics = (settings: Settings): string[] =>
  channelsOf(settings).length > 0 ? [NOTICE_TOPIC] : [];

/** The topic that notices are handed on by; `undefined` without a channel beside the mail. */
export const noticeTopicArn = (settings: Settings): Value | undefined =>
  noticeTopics(settings).map(ref)[0];

/** The topic of the notices, and how it reaches the function of each channel; nothing without a channel. */
export const notices = (settings: Settings): Resources =>
  Object.assign(
    {},
    ...noticeTopics(settings).map((id) => ownTopic(id, settings)),
    ...channelsOf(settings).map((names) => subscribed(names, settings)),
  );

/**
 * A function's subscription to the notices. What the function fails on Lambda keeps; what SNS cannot hand to Lambda goes to the
 * same queue.
 * https://docs.aws.amazon.com/sns/latest/dg/sns-dead-letter-queues.html
 */
const subscribed = (names: FunctionNames, settings: Settings): Record<string, Resource> => ({
  [names.permission]: {
    Type: 'AWS::Lambda::Permission',
    Properties: {
      FunctionName: ref(names.function),
      Action: 'lambda:InvokeFunction',
      Principal: 'sns.amazonaws.com',
      SourceArn: ref(NOTICE_TOPIC),
    },
  },
  [subscriptionTo(names)]: {
    Type: 'AWS::SNS::Subscription',
    // Else the first notices could be refused, not kept where the function fails, or sent to a topic that nobody hears yet.
    DependsOn: [
      names.permission,
      names.invocations,
      ...(names === CHAT && makesChannel(settings) ? [channelId(settings)] : []),
    ],
    Properties: {
      TopicArn: ref(NOTICE_TOPIC),
      Protocol: 'lambda',
      Endpoint: attribute(names.function, 'Arn'),
      RedrivePolicy: { deadLetterTargetArn: deadLetterQueueArn },
    },
  },
});
