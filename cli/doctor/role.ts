import type { IAM } from '@aws-sdk/client-iam';
import { find } from './ask.ts';
import type { Decision } from './policy.ts';
import { aws, type Target } from './remedy.ts';

/**
 * What the policies of a role, its boundary and the organization's allow, without the resource's own policy, which
 * IAM does not evaluate for keys: https://docs.aws.amazon.com/IAM/latest/APIReference/API_SimulatePrincipalPolicy.html
 * @param context condition keys of the request, with their values
 */
export async function readOwnPolicies(
  client: IAM,
  roleArn: string,
  action: string,
  resource: string,
  context: Readonly<Record<string, string>> = {},
): Promise<Decision> {
  const answer = await find(
    'iam:SimulatePrincipalPolicy',
    client.simulatePrincipalPolicy({
      PolicySourceArn: roleArn,
      ActionNames: [action],
      ResourceArns: [resource],
      ContextEntries: Object.entries(context).map(([ContextKeyName, value]) => ({
        ContextKeyName,
        ContextKeyType: 'string',
        ContextKeyValues: [value],
      })),
    }),
  );
  const [{ EvalDecision = 'implicitDeny', MissingContextValues = [] } = {}] =
    answer?.EvaluationResults ?? [];
  if (EvalDecision === 'allowed') return 'allowed';
  if (MissingContextValues.length > 0) return 'undecided';
  return EvalDecision === 'explicitDeny' ? 'forbidden' : 'not allowed';
}

/** Gives a role a policy besides the deployed one, which a deployment does not restore. */
export const putRolePolicy = (
  target: Pick<Target, 'region' | 'profile'>,
  roleArn: string,
  name: string,
  statement: object,
) =>
  aws(target)`iam put-role-policy --role-name ${roleArn.split('/').at(-1)} --policy-name ${name}
    --policy-document ${JSON.stringify({ Version: '2012-10-17', Statement: [statement] })}`;
