import { PublishCommand, type SNSClient } from '@aws-sdk/client-sns';
import { encodeAttribute, type Mail, type Notice, type RenderedMail } from './mail.ts';

/**
 * The channel of mails: what publishes a notice to a topic, one message at a time, and throws as {@link deliver}. It
 * resolves to what had no room, which is to be published next; only notices of several secrets may leave something.
 * @param render the one renderer that the function needs, so that its bundle has no other
 */
export function mailChannel<One extends Notice>(
  client: SNSClient,
  topicArn: string,
  render: (notice: One) => RenderedMail<One>,
) {
  return async (notice: One, beforeAgain: () => Promise<void>): Promise<One | undefined> => {
    const { mail, rest } = render(notice);
    await deliver(client, topicArn, mail, beforeAgain);
    return rest;
  };
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
