import { type CloudFormationClient, DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import { GetFunctionConfigurationCommand, type LambdaClient } from '@aws-sdk/client-lambda';
import { NotifierError } from '../lib/errors.ts';
import { readSettings, type Settings } from '../lib/settings.ts';
import { stackNameOf } from '../stack/names.ts';
import type { OutputName } from '../stack/stack.ts';

/** The deployed stack of a stage. */
export interface Stack {
  readonly name: string;
  readonly accountId: string;
  readonly region: string;
  /** The value of an output of `stack/stack.ts`. @throws NotifierError if there is none. */
  readonly output: (name: OutputName) => string;
}

/**
 * Finds the stack of a stage by its name.
 * @throws NotifierError `NO_STACK` if there is none, and whatever else the SDK throws.
 */
export async function findStack(
  cloudFormation: CloudFormationClient,
  stage: string,
): Promise<Stack> {
  const name = stackNameOf(stage);
  const { Stacks: [stack] = [] } = await cloudFormation
    .send(new DescribeStacksCommand({ StackName: name }))
    .catch(async (error: Error) => {
      // CloudFormation has no error of its own for it.
      if (!/does not exist/.test(error.message)) throw error;
      throw noStack(`a stack ${name} in ${await cloudFormation.config.region()}, got none`);
    });
  const [, , , region = '', accountId = ''] = (stack?.StackId ?? '').split(':');
  const outputs = new Map(stack?.Outputs?.map((output) => [output.OutputKey, output.OutputValue]));
  return {
    name,
    accountId,
    region,
    output(key) {
      const value = outputs.get(key);
      if (value) return value;
      throw noStack(`the stack ${name} to have the output ${key}, got none: deploy it again`);
    },
  };
}

function noStack(expected: string): NotifierError {
  const next = 'Give the stage by --stage, and the Region by --region.';
  return new NotifierError('NO_STACK', `Expected ${expected}. ${next}`);
}

/**
 * What every function of the stack reads, from the environment of its function `notify`.
 * @throws NotifierError `INVALID_ENVIRONMENT`, and whatever the SDK throws.
 */
export async function settingsOf(lambda: LambdaClient, stack: Stack): Promise<Settings> {
  const FunctionName = stack.output('NotifyFunctionName');
  const { Environment } = await lambda.send(new GetFunctionConfigurationCommand({ FunctionName }));
  return readSettings(Environment?.Variables ?? {});
}
