import { DescribeKeyCommand, GetKeyPolicyCommand, type KMSClient } from '@aws-sdk/client-kms';
import {
  GetSubscriptionAttributesCommand,
  GetTopicAttributesCommand,
  paginateListSubscriptionsByTopic,
  type SNSClient,
  type Subscription,
} from '@aws-sdk/client-sns';
import { UnreadableError } from '../unreadable.ts';
import { ask, find } from './ask.ts';
import { collect } from './pages.ts';

/** The attributes of a topic; `undefined` if it is not there. @throws UnreadableError, and whatever the SDK throws. */
export async function readTopic(
  client: SNSClient,
  TopicArn: string,
): Promise<Readonly<Record<string, string>> | undefined> {
  const answer = await find(
    'sns:GetTopicAttributes',
    client.send(new GetTopicAttributesCommand({ TopicArn })),
  );
  return answer && (answer.Attributes ?? {});
}

/** @throws UnreadableError, and whatever the SDK throws. */
export async function readSubscriptions(
  client: SNSClient,
  TopicArn: string,
): Promise<Subscription[]> {
  const pages = paginateListSubscriptionsByTopic({ client }, { TopicArn });
  const subscriptions = collect(pages, ({ Subscriptions }) => Subscriptions);
  return (await find('sns:ListSubscriptionsByTopic', subscriptions)) ?? [];
}

/** A subscription's filter policy. */
export interface Filter {
  readonly subscriptionArn: string;
  readonly policy: Readonly<Record<string, unknown>>;
  /** Whether it looks at the message's body instead of its attributes. */
  readonly isOnBody: boolean;
}

/**
 * The filter policies of subscriptions; none if one of them gets everything, which ends the search: a topic may have
 * thousands. One of another account cannot be read, and counts only if no other gets everything.
 * @throws UnreadableError, and whatever the SDK throws.
 */
export async function readFilters(
  client: SNSClient,
  subscriptions: readonly Subscription[],
): Promise<Filter[]> {
  const filters: Filter[] = [];
  let unreadable: UnreadableError | undefined;
  for (const { SubscriptionArn: subscriptionArn = '' } of subscriptions) {
    const asked = client.send(
      new GetSubscriptionAttributesCommand({ SubscriptionArn: subscriptionArn }),
    );
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

/** A key of KMS: whether it can be used, whose it is, and who may use it. */
export interface Key {
  readonly arn: string;
  /** `Enabled`, `Disabled`, `PendingDeletion` … */
  readonly state: string;
  /** A key of AWS has a policy that nobody can change. */
  readonly isCustomers: boolean;
  /** JSON. */
  readonly policy: string | undefined;
}

/**
 * @param id id, ARN or alias
 * @returns undefined if there is no such key
 * @throws UnreadableError, and whatever the SDK throws.
 */
export async function readKey(client: KMSClient, id: string): Promise<Key | undefined> {
  const described = await find(
    'kms:DescribeKey',
    client.send(new DescribeKeyCommand({ KeyId: id })),
  );
  const { Arn: arn = '', KeyState: state = '', KeyManager } = described?.KeyMetadata ?? {};
  if (!described) return undefined;
  const isCustomers = KeyManager === 'CUSTOMER';
  if (!isCustomers) return { arn, state, isCustomers, policy: undefined };
  // Takes no alias: https://docs.aws.amazon.com/kms/latest/APIReference/API_GetKeyPolicy.html
  const { Policy: policy } = await ask(
    'kms:GetKeyPolicy',
    client.send(new GetKeyPolicyCommand({ KeyId: arn, PolicyName: 'default' })),
  );
  return { arn, state, isCustomers, policy };
}
