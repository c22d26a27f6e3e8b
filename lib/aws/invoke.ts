import { InvokeCommand, type LambdaClient } from '@aws-sdk/client-lambda';

/** Hands an event, as JSON text, to a function, which runs some time after. @throws whatever the SDK throws. */
export async function invokeAsync(
  client: LambdaClient,
  functionName: string,
  payload: string,
): Promise<void> {
  await client.send(
    new InvokeCommand({
      FunctionName: functionName,
      InvocationType: 'Event',
      Payload: Buffer.from(payload),
    }),
  );
}
