import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import {
  ConfirmSubscriptionCommand,
  GetSubscriptionAttributesCommand,
  ListSubscriptionsByTopicCommand,
  type ListSubscriptionsByTopicCommandOutput,
  SNSClient,
  SubscribeCommand,
  type Subscription,
  UnsubscribeCommand,
} from '@aws-sdk/client-sns';
import { aws } from '../world.ts';

const sns = new SNSClient(aws);

/**
 * Takes all subscriptions away and makes one that nobody has confirmed: an HTTP endpoint, because the emulator takes
 * addresses of mail as confirmed.
 * @returns what confirms it; what was there before is there again then.
 */
export async function leaveOnePending(TopicArn: string): Promise<() => Promise<void>> {
  const before = await subscriptionsOf(TopicArn);
  for (const subscription of before) await unsubscribe(subscription);
  const endpoint = await listen();
  await sns.send(new SubscribeCommand({ TopicArn, Protocol: 'http', Endpoint: endpoint.url }));
  return async () => {
    await sns.send(new ConfirmSubscriptionCommand({ TopicArn, Token: await endpoint.token }));
    const [confirmed] = await subscriptionsOf(TopicArn);
    for (const { Protocol, Endpoint } of before) {
      await sns.send(new SubscribeCommand({ TopicArn, Protocol, Endpoint }));
    }
    if (confirmed) await unsubscribe(confirmed);
    await endpoint.close();
  };
}

/**
 * Lets a client see the emulator's list of subscriptions as AWS shows it: one that nobody has confirmed has no ARN yet,
 * but the word `PendingConfirmation`.
 */
export function showPending(client: SNSClient): void {
  client.middlewareStack.add(
    (next, { commandName }) =>
      async (args) => {
        const result = await next(args);
        if (commandName !== 'ListSubscriptionsByTopicCommand') return result;
        const { Subscriptions = [] } = result.output as ListSubscriptionsByTopicCommandOutput;
        for (const subscription of Subscriptions) {
          if (await isPending(subscription)) subscription.SubscriptionArn = 'PendingConfirmation';
        }
        return result;
      },
    { step: 'initialize', name: 'showPending' },
  );
}

async function isPending({ SubscriptionArn }: Subscription): Promise<boolean> {
  const { Attributes } = await sns.send(new GetSubscriptionAttributesCommand({ SubscriptionArn }));
  return Attributes?.PendingConfirmation === 'true';
}

async function subscriptionsOf(TopicArn: string): Promise<Subscription[]> {
  const { Subscriptions = [] } = await sns.send(new ListSubscriptionsByTopicCommand({ TopicArn }));
  return Subscriptions;
}

const unsubscribe = ({ SubscriptionArn }: Subscription) =>
  sns.send(new UnsubscribeCommand({ SubscriptionArn }));

/** An endpoint on 127.0.0.1, and the token that it is sent to confirm its subscription with. */
async function listen() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const token = once(server, 'request').then(async ([request, response]) => {
    const message = (await json(request)) as { Token: string };
    response.end();
    return message.Token;
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    token,
    async close() {
      const closed = once(server, 'close');
      server.close().closeAllConnections();
      await closed;
    },
  };
}
