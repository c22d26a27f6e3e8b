import { BUS, CHAT, type FunctionNames } from '../../stack/names.ts';
import { NOTICE_TOPIC } from '../../stack/notices.ts';
import { busChecks } from './bus.ts';
import { chatChecks } from './chat.ts';
import { type Context, once } from './context.ts';
import { functionChecks } from './function.ts';
import { aws } from './remedy.ts';
import { judgeInvoker, readPolicy } from './rule.ts';
import { arnIn, channelsOf, deadLetterQueueArn, physicalId, type Stack } from './stack.ts';
import {
  clearFilter,
  isConfirmed,
  isFiltered,
  readAttributes,
  readSubscriptions,
  type SubscriptionAttributes,
} from './subscriptions.ts';
import { mailingFunctions, publisherChecks, readTopic } from './topic.ts';
import { type Checks, type Finding, fail, ok, warn } from './verdict.ts';

/** Checks of the way of a notice to the chat and to the event bus; none without a channel beside the mail. */
export function channelChecks(context: Context): Checks {
  const { clients, stack } = context;
  const channels = channelsOf(stack);
  if (channels.length === 0) return {};
  // Of a topic that is `Ref`: https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-sns-topic.html
  const topicArn = physicalId(stack, NOTICE_TOPIC);
  return {
    ...publisherChecks(clients, stack, {
      label: 'notices',
      arn: topicArn,
      attributes: once(() => readTopic(clients.sns, topicArn)),
      senders: () => mailingFunctions(clients.lambda, stack),
      isForAlarms: false,
    }),
    ...Object.assign(
      {},
      ...channels.map((names) => ({
        ...handedOnChecks(context, names, topicArn),
        ...functionChecks(context, names),
      })),
    ),
    ...(channels.includes(CHAT) && chatChecks(context)),
    ...(channels.includes(BUS) && busChecks(context)),
  };
}

/** Checks whether the topic of the notices brings them to the function of a channel. */
const handedOnChecks = (
  { clients, stack }: Context,
  names: FunctionNames,
  topicArn: string,
): Checks => ({
  [`${names.key}: subscription`]: async () => {
    const endpoint = arnIn(stack, 'lambda', `function:${physicalId(stack, names.function)}`);
    const all = await readSubscriptions(clients.sns, topicArn);
    const own = all.find((one) => one.Endpoint === endpoint && isConfirmed(one));
    const attributes = own && (await readAttributes(clients.sns, own));
    return judgeSubscription(stack, { key: names.key, topicArn, endpoint }, attributes);
  },
  [`${names.key}: permission`]: async () => {
    const functionName = physicalId(stack, names.function);
    return judgeInvoker(stack, functionName, await readPolicy(clients.lambda, functionName), {
      name: 'The topic of the notices',
      principal: 'sns.amazonaws.com',
      sourceArn: topicArn,
      statementId: `${names.permission}ByHand`,
    });
  },
});

interface Wanted {
  readonly key: string;
  readonly topicArn: string;
  readonly endpoint: string;
}

/** @param attributes `undefined` if the function is not subscribed */
function judgeSubscription(
  stack: Stack,
  { key, topicArn, endpoint }: Wanted,
  attributes: SubscriptionAttributes | undefined,
): Finding {
  if (!attributes) {
    return fail(
      `${key} is not subscribed to the notices: it sends nothing.`,
      aws(stack)`sns subscribe --topic-arn ${topicArn} --protocol lambda
        --notification-endpoint ${endpoint}`,
    );
  }
  if (isFiltered(attributes)) {
    return fail('Its filter policy keeps notices away.', clearFilter(stack, attributes));
  }
  if (!attributes.RedrivePolicy) {
    return warn(
      'Notices that SNS cannot deliver to the function do not go to the dead-letter queue.',
      aws(stack)`sns set-subscription-attributes --subscription-arn ${attributes.SubscriptionArn}
        --attribute-name RedrivePolicy
        --attribute-value ${JSON.stringify({ deadLetterTargetArn: deadLetterQueueArn(stack) })}`,
    );
  }
  return ok(`brings ${key} all notices`);
}
