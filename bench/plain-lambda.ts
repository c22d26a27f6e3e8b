import { PublishCommand, SNSClient } from '@aws-sdk/client-sns';

const sns = new SNSClient();

/** What this service is measured against: a function that publishes each event it gets, and does nothing else. */
export async function handler(event: unknown): Promise<void> {
  const { ALERT_TOPIC_ARN: TopicArn } = process.env;
  await sns.send(new PublishCommand({ TopicArn, Message: JSON.stringify(event) }));
}
