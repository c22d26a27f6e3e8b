import { PublishCommand, type SNSClient } from '@aws-sdk/client-sns';
import type { ChatMessage } from './message.ts';

/**
 * What publishes a message to the topic that Amazon Q Developer listens to, and resolves to SNS's id of it. It throws whatever
 * the SDK throws, after its own tries.
 */
export function chatChannel(client: SNSClient, topicArn: string) {
  return async (message: ChatMessage): Promise<string | undefined> => {
    const Message = JSON.stringify(message);
    return (await client.send(new PublishCommand({ TopicArn: topicArn, Message }))).MessageId;
  };
}
