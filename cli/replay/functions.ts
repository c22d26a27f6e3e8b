import {
  type CloudFormationClient,
  DescribeStackResourcesCommand,
  DescribeStacksCommand,
} from '@aws-sdk/client-cloudformation';
import { InvokeCommand, type LambdaClient } from '@aws-sdk/client-lambda';
import type { FunctionOutput, Target } from '../../lib/replay.ts';

/**
 * The outputs of the stack that a queue belongs to.
 * Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_DescribeStackResources.html
 * @throws whatever the SDK throws, such as a ValidationError for a queue of no stack.
 */
async function outputsOf(
  cloudFormation: CloudFormationClient,
  queueUrl: string,
): Promise<ReadonlyMap<string, string>> {
  const { StackResources: [{ StackName } = {}] = [] } = await cloudFormation.send(
    new DescribeStackResourcesCommand({ PhysicalResourceId: queueUrl }),
  );
  const { Stacks: [{ Outputs = [] } = {}] = [] } = await cloudFormation.send(
    new DescribeStacksCommand({ StackName }),
  );
  return new Map(Outputs.map(({ OutputKey = '', OutputValue = '' }) => [OutputKey, OutputValue]));
}

/** What finds the function for a target; asks for the queue's stack once, and only if a target needs it. */
export function functionFinder(cloudFormation: CloudFormationClient, queueUrl: string) {
  let outputs: Promise<ReadonlyMap<string, string>> | undefined;

  async function named(output: FunctionOutput): Promise<string> {
    outputs ??= outputsOf(cloudFormation, queueUrl);
    const name = (await outputs).get(output);
    if (name) return name;
    throw new Error(`Expected the queue's stack to have the output ${output}`);
  }

  return (target: Target): Promise<string> =>
    'arn' in target ? Promise.resolve(target.arn) : named(target.output);
}

/** Invokes a function and waits for it. @throws Error if it fails, and whatever the SDK throws. */
export async function invoke(
  lambda: LambdaClient,
  FunctionName: string,
  event: unknown,
): Promise<void> {
  const { FunctionError, Payload } = await lambda.send(
    new InvokeCommand({ FunctionName, Payload: JSON.stringify(event) }),
  );
  if (!FunctionError) return;
  const { errorType = FunctionError, errorMessage = '' } = JSON.parse(
    Payload?.transformToString() || '{}',
  );
  throw new Error(`${FunctionName} threw ${errorType}: ${errorMessage}`);
}
