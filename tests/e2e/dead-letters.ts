import { GetQueueAttributesCommand, PurgeQueueCommand, SQSClient } from '@aws-sdk/client-sqs';
import { aws, deployed } from './world.ts';

const sqs = new SQSClient(aws);

/** How many messages are in the service's dead-letter queue. */
export async function countDeadLetters(): Promise<number> {
  const { DeadLetterQueueUrl: QueueUrl } = await deployed();
  const AttributeNames = ['ApproximateNumberOfMessages' as const];
  const command = new GetQueueAttributesCommand({ QueueUrl, AttributeNames });
  return Number((await sqs.send(command)).Attributes?.ApproximateNumberOfMessages);
}

export async function clearDeadLetters(): Promise<void> {
  const { DeadLetterQueueUrl: QueueUrl } = await deployed();
  await sqs.send(new PurgeQueueCommand({ QueueUrl }));
}
