import { CloudWatchLogsClient, FilterLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { aws } from './world.ts';

const logs = new CloudWatchLogsClient(aws);
export const lambda = new LambdaClient(aws);

/** How often a function has been run, by its log. */
export async function countRuns(functionName: string | undefined): Promise<number> {
  let runs = 0;
  let nextToken: string | undefined;
  do {
    const page = await logs.send(
      new FilterLogEventsCommand({ logGroupName: `/aws/lambda/${functionName}`, nextToken }),
    );
    const messages = page.events?.map(({ message = '' }) => message) ?? [];
    runs += messages.filter((message) => message.startsWith('START RequestId: ')).length;
    nextToken = page.nextToken;
  } while (nextToken);
  return runs;
}

/** Runs a function and waits for it. @throws Error with its answer if it fails. */
export async function runFunction(
  FunctionName: string | undefined,
  event: unknown = {},
): Promise<void> {
  const Payload = JSON.stringify(event);
  const answer = await lambda.send(new InvokeCommand({ FunctionName, Payload }));
  if (answer.FunctionError) throw new Error(answer.Payload?.transformToString());
}

/** Hands an event to a function as EventBridge does: Lambda tries it again, then keeps it. */
export async function handOver(FunctionName: string | undefined, event: unknown): Promise<void> {
  const Payload = JSON.stringify(event);
  await lambda.send(new InvokeCommand({ FunctionName, InvocationType: 'Event', Payload }));
}
