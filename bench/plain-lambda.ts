import { PublishCommand, SNSClient } from '@aws-sdk/client-sns';

const sns = new SNSClient();

/** The function that this service is compared with: it publishes each event, and does nothing else. */
export async function handler(event: unknown): Promise<void> {
  const { ALERT_TOPIC_ARN: TopicArn } = process.env;
  await sns.send(new PublishCommand({ TopicArn, Message: JSON.stringify(event) }));
}
