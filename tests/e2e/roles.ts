import { GetRolePolicyCommand, IAMClient, ListRolePoliciesCommand } from '@aws-sdk/client-iam';
import { GetFunctionConfigurationCommand } from '@aws-sdk/client-lambda';
import { lambda } from './functions.ts';
import { aws } from './world.ts';

const iam = new IAMClient(aws);

/** The policies of a function's role as IAM has them, each with its name. */
export async function policiesOf(
  FunctionName: string | undefined,
): Promise<[name: string, document: string][]> {
  const { Role } = await lambda.send(new GetFunctionConfigurationCommand({ FunctionName }));
  const RoleName = Role?.split('/').at(-1);
  const { PolicyNames = [] } = await iam.send(new ListRolePoliciesCommand({ RoleName }));
  const policies = PolicyNames.map(async (PolicyName): Promise<[string, string]> => {
    const command = new GetRolePolicyCommand({ RoleName, PolicyName });
    const { PolicyDocument = '' } = await iam.send(command);
    return [PolicyName, decodeURIComponent(PolicyDocument)];
  });
  return Promise.all(policies);
}
