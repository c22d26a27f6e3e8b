import {
  GetRolePolicyCommand,
  IAMClient,
  ListRolePoliciesCommand,
  PutRolePolicyCommand,
} from '@aws-sdk/client-iam';
import { GetFunctionConfigurationCommand } from '@aws-sdk/client-lambda';
import type { Statement } from '../../stack/cloudformation.ts';
import { lambda } from './functions.ts';
import { aws } from './world.ts';

const iam = new IAMClient(aws);

/** The policies of a function's role as IAM has them, each with its name. */
export async function policiesOf(
  FunctionName: string | undefined,
): Promise<[name: string, document: string][]> {
  const RoleName = await roleOf(FunctionName);
  const { PolicyNames = [] } = await iam.send(new ListRolePoliciesCommand({ RoleName }));
  const policies = PolicyNames.map(async (PolicyName): Promise<[string, string]> => {
    const command = new GetRolePolicyCommand({ RoleName, PolicyName });
    const { PolicyDocument = '' } = await iam.send(command);
    return [PolicyName, decodeURIComponent(PolicyDocument)];
  });
  return Promise.all(policies);
}

/** Takes an action away from a function's role. @returns what gives it back. */
export async function takeAway(
  FunctionName: string | undefined,
  action: string,
): Promise<() => Promise<void>> {
  const RoleName = await roleOf(FunctionName);
  const policies = await policiesOf(FunctionName);
  const put = async (PolicyName: string, PolicyDocument: string) => {
    await iam.send(new PutRolePolicyCommand({ RoleName, PolicyName, PolicyDocument }));
  };
  for (const [name, document] of policies) {
    const { Statement: all, ...policy } = JSON.parse(document) as { Statement: Statement[] };
    const left = all.filter(({ Action }) => ![Action].flat().includes(action));
    await put(name, JSON.stringify({ ...policy, Statement: left }));
  }
  return async () => {
    for (const [name, document] of policies) await put(name, document);
  };
}

async function roleOf(FunctionName: string | undefined): Promise<string | undefined> {
  const { Role } = await lambda.send(new GetFunctionConfigurationCommand({ FunctionName }));
  return Role?.split('/').at(-1);
}
