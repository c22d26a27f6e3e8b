import type { SNS, Subscription } from '@aws-sdk/client-sns';
import { subscriptionId } from '../../stack/topic.ts';
import { collect } from '../pages.ts';
import { find, UnreadableError } from './ask.ts';
import type { Context } from './context.ts';
import { aws } from './remedy.ts';
import { readEndpoints, type Stack, topicArn } from './stack.ts';
import { type Checks, type Finding, fail, ok, warn } from './verdict.ts';

export const subscriptionChecks = ({ clients, stack }: Context): Checks => ({
  'topic: subscriptions': async () => {
    const { cloudFormation, sns } = clients;
    const subscriptions = await readSubscriptions(sns, topicArn(stack));
    const lost = await readEndpoints(cloudFormation, stack.name, lostFrom(stack, subscriptions));
    const filters = await readFilters(sns, subscriptions.filter(isConfirmed));
    return judgeSubscriptions(stack, { subscriptions, filters, lost });
  },
});

async function readSubscriptions(client: SNS, TopicArn: string): Promise<Subscription[]> {
  const pages = client.paginateListSubscriptionsByTopic({ TopicArn });
  const subscriptions = collect(pages, ({ Subscriptions }) => Subscriptions);
  return (await find('sns:ListSubscriptionsByTopic', subscriptions)) ?? [];
}

/** A subscription's filter policy. */
interface Filter {
  readonly subscriptionArn: string;
  readonly policy: Readonly<Record<string, unknown>>;
  /** Whether it looks at the message's body instead of its attributes. */
  readonly isOnBody: boolean;
}

/**
 * The filter policies of subscriptions; none if one of them gets everything, which ends the search: a topic may have
 * thousands. One of another account cannot be read, and counts only if no other gets everything.
 */
async function readFilters(client: SNS, subscriptions: readonly Subscription[]): Promise<Filter[]> {
  const filters: Filter[] = [];
  let unreadable: UnreadableError | undefined;
  for (const { SubscriptionArn: subscriptionArn = '' } of subscriptions) {
    const asked = client.getSubscriptionAttributes({ SubscriptionArn: subscriptionArn });
    try {
      const answer = await find('sns:GetSubscriptionAttributes', asked);
      const { FilterPolicy, FilterPolicyScope } = answer?.Attributes ?? {};
      const policy = JSON.parse(FilterPolicy || '{}');
      if (answer && Object.keys(policy).length === 0) return [];
      if (answer) {
        filters.push({ subscriptionArn, policy, isOnBody: FilterPolicyScope === 'MessageBody' });
      }
    } catch (error) {
      if (!(error instanceof UnreadableError)) throw error;
      unreadable = error;
    }
  }
  if (unreadable) throw unreadable;
  return filters;
}

/** The logical ids of the stack's own subscriptions that are not among those of the topic. */
function lostFrom({ resources }: Stack, subscriptions: readonly Subscription[]): string[] {
  const present = subscriptions
    .filter(({ SubscriptionArn }) => SubscriptionArn !== 'Deleted')
    .map(({ Endpoint = '' }) => subscriptionId(Endpoint));
  return Array.from(resources)
    .filter(([id, { type }]) => type === 'AWS::SNS::Subscription' && !present.includes(id))
    .map(([id]) => id);
}

/** Who is subscribed to the topic. */
interface Subscribers {
  readonly subscriptions: readonly Subscription[];
  /** The filter policies of those that are confirmed; empty if one of them has none. */
  readonly filters: readonly Filter[];
  /** The addresses of the stack's own subscriptions that the topic does not have any more. */
  readonly lost: readonly string[];
}

/** Whether anybody gets what the topic is sent: a subscription that nobody has confirmed gets nothing. */
function judgeSubscriptions(stack: Stack, { subscriptions, filters, lost }: Subscribers): Finding {
  const confirmed = subscriptions.filter(isConfirmed);
  const pending = subscriptions.filter(
    ({ SubscriptionArn }) => SubscriptionArn === 'PendingConfirmation',
  );
  const subscribe = (protocol = 'email', endpoint = lost[0] ?? 'ADDRESS') =>
    aws(stack)`sns subscribe --topic-arn ${topicArn(stack)} --protocol ${protocol}
      --notification-endpoint ${endpoint}`;
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
const isConfirmed = ({ SubscriptionArn = '' }: Subscription) => /^arn:/.test(SubscriptionArn);

/**
 * Alerts are plain text with attributes, an alarm's messages JSON without: a filter policy on attributes keeps these
 * away unless it asks for their absence, one on the body keeps the alerts away.
 * Source: https://docs.aws.amazon.com/sns/latest/dg/sns-message-filtering.html
 */
function judgeFilters(stack: Stack, filters: readonly Filter[]): Finding | undefined {
  const [first] = filters;
  if (!first) return undefined;
  const clear = aws(stack)`sns set-subscription-attributes
    --subscription-arn ${first.subscriptionArn} --attribute-name FilterPolicy --attribute-value {}`;
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
