import { PublishCommand, type SNSClient } from '@aws-sdk/client-sns';
import type { Message } from '../message/message.ts';

/**
 * Publishes a message as plain text, because SNS drops the attributes of one with `MessageStructure: json`.
 * @returns SNS's message id.
 * @throws whatever the SDK throws, after its own retries.
 */
export async function publish(
  client: SNSClient,
  topicArn: string,
  { subject, body, attributes }: Message,
): Promise<string | undefined> {
  const MessageAttributes = Object.fromEntries(
    Object.entries(attributes).map(([key, value]) => [
      key,
      { DataType: 'String', StringValue: value },
    ]),
  );
  const answer = await client.send(
    new PublishCommand({ TopicArn: topicArn, Subject: subject, Message: body, MessageAttributes }),
  );
  return answer.MessageId;
}
