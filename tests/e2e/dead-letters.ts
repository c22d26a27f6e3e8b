import {
  GetQueueAttributesCommand,
  PurgeQueueCommand,
  ReceiveMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { readDeadLetter } from '../../cli/replay/dead-letter.ts';
import { aws, deployed, type Settings } from './world.ts';

const sqs = new SQSClient(aws);

/** How many messages are in the service's dead-letter queue. */
export async function countDeadLetters(): Promise<number> {
  const { DeadLetterQueueUrl: QueueUrl } = await deployed();
  const AttributeNames = ['ApproximateNumberOfMessages' as const];
  const command = new GetQueueAttributesCommand({ QueueUrl, AttributeNames });
  return Number((await sqs.send(command)).Attributes?.ApproximateNumberOfMessages);
}

/** The names of the functions whose dead letters are there, ten at most; each stays there. */
export async function functionsInDeadLetters(settings: Settings): Promise<(string | undefined)[]> {
  const { DeadLetterQueueUrl: QueueUrl } = await deployed(settings);
  const command = new ReceiveMessageCommand({
    QueueUrl,
    MaxNumberOfMessages: 10,
    VisibilityTimeout: 0,
  });
  const { Messages = [] } = await sqs.send(command);
  return Messages.map(({ Body = '' }) => readDeadLetter(Body)?.arn?.split(':')[6]);
}

export async function clearDeadLetters(settings?: Settings): Promise<void> {
  const { DeadLetterQueueUrl: QueueUrl } = await deployed(settings);
  await sqs.send(new PurgeQueueCommand({ QueueUrl }));
}
