import { DescribeKeyCommand, GetKeyPolicyCommand, type KMSClient } from '@aws-sdk/client-kms';
import {
  GetTopicAttributesCommand,
  paginateListSubscriptionsByTopic,
  type SNSClient,
  type Subscription,
} from '@aws-sdk/client-sns';
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
