import type { Subscription } from '@aws-sdk/client-sns';
import { CHAT } from '../../stack/names.ts';
import { type Context, once } from './context.ts';
import { aws } from './remedy.ts';
import type { Stack } from './stack.ts';
import {
  clearFilter,
  isConfirmed,
  isFiltered,
  readAttributes,
  readSubscriptions,
  type SubscriptionAttributes,
} from './subscriptions.ts';
import { publisherChecks, readTopic } from './topic.ts';
import { type Checks, type Finding, fail, ok, warn } from './verdict.ts';

/**
 * Checks of the topic of the chat.
 * @param options `isGiven`: whether somebody else connected it to a chat (`chatTopicArn`)
 */
export function chatTopicChecks(
  { clients, stack }: Context,
  { isGiven }: { readonly isGiven: boolean },
): Checks {
  const topicArn = stack.outputs.get('ChatTopicArn') ?? '';
  return {
    ...publisherChecks(clients, stack, {
      label: 'chat topic',
      arn: topicArn,
      attributes: once(() => readTopic(clients.sns, topicArn)),
      senders: async () => [CHAT],
      isForAlarms: false,
    }),
    'chat topic: subscriptions': async () => {
      const all = await readSubscriptions(clients.sns, topicArn);
      const own = all.find((one) => isOfChat(one) && isConfirmed(one));
      const attributes = own && (await readAttributes(clients.sns, own));
      if (attributes) return judgeOwn(stack, all, attributes);
      return isGiven
        ? judgeOthers(stack, topicArn, all)
        : unsubscribed(all, subscribeChat(stack, topicArn));
    },
  };
}

/**
 * Where Amazon Q Developer in chat applications receives the messages of topics:
 * https://repost.aws/knowledge-center/sns-aws-chatbot-message-troubleshooting
 */
const CHAT_ENDPOINT = 'https://global.sns-api.chatbot.amazonaws.com';

const isOfChat = ({ Protocol, Endpoint }: Subscription) =>
  Protocol === 'https' && Endpoint === CHAT_ENDPOINT;

const subscribeChat = (stack: Stack, topicArn: string) =>
  aws(stack)`sns subscribe --topic-arn ${topicArn} --protocol https
    --notification-endpoint ${CHAT_ENDPOINT}`;

/** Amazon Q Developer has no confirmed subscription. */
const unsubscribed = (all: readonly Subscription[], remedy: string) =>
  all.some(isOfChat)
    ? fail('Amazon Q Developer has not confirmed its subscription: no chat gets it.', remedy)
    : fail('Amazon Q Developer is not subscribed to the topic: no chat gets it.', remedy);

/** Whether the chat gets the messages by its own subscription, and nobody does who would see JSON. */
function judgeOwn(
  stack: Stack,
  all: readonly Subscription[],
  attributes: SubscriptionAttributes,
): Finding {
  if (isFiltered(attributes)) {
    return fail(
      "The filter policy of Amazon Q Developer's subscription keeps messages away.",
      clearFilter(stack, attributes),
    );
  }
  return (
    judgeReaders(stack, all) ??
    ok('Amazon Q Developer is subscribed, and nobody who would see JSON')
  );
}

function judgeReaders(stack: Stack, all: readonly Subscription[]): Finding | undefined {
  const readers = all.filter((one) => /^(email|sms)/.test(one.Protocol ?? '') && isConfirmed(one));
  if (!readers[0]) return undefined;
  const list = readers.map(({ Endpoint }) => Endpoint).join(', ');
  return warn(
    `Its messages are JSON for the chat, which is what these get too: ${list}.`,
    aws(stack)`sns unsubscribe --subscription-arn ${readers[0].SubscriptionArn}`,
  );
}

/** What may bring messages on to a chat: a program, or what one reads from. */
const BRIDGE = /^(lambda|sqs|https?|firehose)$/;
const CHAT_PAGE = 'docs/operations.md#chat';

/**
 * Whether something else may bring the messages of a given topic to a chat: never a `fail`, because it may work, and where
 * there is no Amazon Q Developer not even a `warn`, because there is no other way.
 * https://docs.aws.amazon.com/chatbot/latest/adminguide/chatbot-regions.html
 */
function judgeOthers(stack: Stack, topicArn: string, all: readonly Subscription[]): Finding {
  const isElsewhere = stack.partition !== 'aws';
  const bridges = all.filter((one) => BRIDGE.test(one.Protocol ?? '') && isConfirmed(one));
  if (bridges.length === 0 && isElsewhere) {
    return fail(
      'Nothing that could bring its messages to a chat is subscribed to the topic.',
      aws(stack)`sns subscribe --topic-arn ${topicArn} --protocol lambda
        --notification-endpoint FUNCTION_ARN`,
    );
  }
  if (bridges.length === 0) {
    // One that is not pending has to be added to a channel in the console of Amazon Q Developer, which subscribes it.
    return unsubscribed(all, all.some(isOfChat) ? subscribeChat(stack, topicArn) : CHAT_PAGE);
  }
  // Not their endpoints: a webhook's URL is often a secret.
  const list = [...new Set(bridges.map(({ Protocol }) => Protocol))];
  const are = `${list.join(', ')} ${list.length === 1 ? 'is' : 'are'}`;
  return (
    judgeReaders(stack, all) ??
    (isElsewhere
      ? ok(
          `${are} subscribed, which is not Amazon Q Developer: whether a chat gets the messages so, a drill and a look into it show`,
        )
      : warn(
          `Amazon Q Developer is not subscribed to the topic, but ${are}: a drill and a look into the chat show whether it gets the messages so.`,
          CHAT_PAGE,
        ))
  );
}
