import {
  GetFunctionConcurrencyCommand,
  GetFunctionConfigurationCommand,
  type GetFunctionConfigurationCommandOutput,
  type LambdaClient,
} from '@aws-sdk/client-lambda';
import { ask, find } from './ask.ts';

export interface FunctionFacts {
  readonly configuration: GetFunctionConfigurationCommandOutput;
  /** How many at a time at most; `undefined` without a limit of its own. */
  readonly concurrency: number | undefined;
}

/** `undefined` if there is no such function. @throws UnreadableError, and whatever the SDK throws. */
export async function readFunction(
  client: LambdaClient,
  FunctionName: string,
): Promise<FunctionFacts | undefined> {
  const configuration = await find(
    'lambda:GetFunctionConfiguration',
    client.send(new GetFunctionConfigurationCommand({ FunctionName })),
  );
  if (!configuration) return undefined;
  const { ReservedConcurrentExecutions: concurrency } = await ask(
    'lambda:GetFunctionConcurrency',
    client.send(new GetFunctionConcurrencyCommand({ FunctionName })),
  );
  return { configuration, concurrency };
}
