import { PublishCommand, type SNSClient } from '@aws-sdk/client-sns';
import type { Notice } from '../notice.ts';
import { encodeAttribute, type Mail } from './mail.ts';
import { renderMail } from './render.ts';

/** The channel of mails: what publishes a notice to a topic, and throws as {@link deliver}. */
export function mailChannel(client: SNSClient, topicArn: string) {
  return (notice: Notice, beforeAgain: () => Promise<void>) =>
    deliver(client, topicArn, renderMail(notice), beforeAgain);
}

/**
 * Publishes a message as plain text, because SNS drops the attributes of one with `MessageStructure: json`.
 * @param beforeAgain is awaited before each further try of the SDK: one whose answer was lost has gone out
 * @returns SNS's message id.
 * @throws whatever the SDK throws, after its own retries, and what `beforeAgain` throws.
 */
export async function deliver(
  client: SNSClient,
  topicArn: string,
  { subject, body, attributes }: Mail,
  beforeAgain: () => Promise<void>,
): Promise<string | undefined> {
  const MessageAttributes = Object.fromEntries(
    Object.entries(attributes).map(([key, value]) => [key, encodeAttribute(value)]),
  );
  const command = new PublishCommand({
    TopicArn: topicArn,
    Subject: subject,
    Message: body,
    MessageAttributes,
  });
  let tries = 0;
  command.middlewareStack.add(
    (next) => async (request) => {
      if (++tries > 1) await beforeAgain();
      return next(request);
    },
    // Within the SDK's own, which tries again.
    { step: 'finalizeRequest', priority: 'low' },
  );
  return (await client.send(command)).MessageId;
}
