import { GetQueueAttributesCommand, type SQSClient } from '@aws-sdk/client-sqs';
import { find } from './ask.ts';

const COUNTS = [
  'ApproximateNumberOfMessages',
  'ApproximateNumberOfMessagesNotVisible',
  'ApproximateNumberOfMessagesDelayed',
] as const;

/**
 * How many messages a queue holds, those included that somebody has received and not deleted; `undefined` if there is no
 * such queue. @throws UnreadableError, and whatever the SDK throws.
 */
export async function countAll(client: SQSClient, QueueUrl: string): Promise<number | undefined> {
  const answer = await find(
    'sqs:GetQueueAttributes',
    client.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: [...COUNTS] })),
  );
  if (!answer) return undefined;
  return COUNTS.reduce((sum, name) => sum + Number(answer.Attributes?.[name] ?? 0), 0);
}
