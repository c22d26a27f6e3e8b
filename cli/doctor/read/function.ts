import { type IAMClient, SimulatePrincipalPolicyCommand } from '@aws-sdk/client-iam';
import {
  GetFunctionConcurrencyCommand,
  GetFunctionConfigurationCommand,
  type GetFunctionConfigurationCommandOutput,
  type LambdaClient,
} from '@aws-sdk/client-lambda';
import type { Decision } from '../policy.ts';
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

/**
 * What the policies of a role, its boundary and the organization's let it do, but for the resource's own policy, which
 * for keys IAM does not look at: https://docs.aws.amazon.com/IAM/latest/APIReference/API_SimulatePrincipalPolicy.html
 * @throws UnreadableError, and whatever the SDK throws.
 */
export async function readOwnPolicies(
  client: IAMClient,
  roleArn: string,
  action: string,
  resource: string,
): Promise<Decision> {
  const answer = await find(
    'iam:SimulatePrincipalPolicy',
    client.send(
      new SimulatePrincipalPolicyCommand({
        PolicySourceArn: roleArn,
        ActionNames: [action],
        ResourceArns: [resource],
      }),
    ),
  );
  const [{ EvalDecision = 'implicitDeny', MissingContextValues = [] } = {}] =
    answer?.EvaluationResults ?? [];
  if (EvalDecision === 'allowed') return 'allowed';
  if (MissingContextValues.length > 0) return 'undecided';
  return EvalDecision === 'explicitDeny' ? 'forbidden' : 'not allowed';
}
