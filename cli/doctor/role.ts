import type { ContextEntry, EvaluationResult, IAM } from '@aws-sdk/client-iam';
import {
  NOTIFY,
  OPERATOR_ROLE,
  OPERATOR_SESSION,
  SUMMARIZE,
  TRACK_DELETION,
} from '../../stack/names.ts';
import { find } from './ask.ts';
import type { Decision } from './policy.ts';
import { aws, type Target } from './remedy.ts';

/** The roles of a hub that look into spokes, with the name of their sessions. */
export const LOOKING = [
  { role: NOTIFY.role, session: NOTIFY.key },
  { role: TRACK_DELETION.role, session: TRACK_DELETION.key },
  { role: SUMMARIZE.role, session: SUMMARIZE.key },
  { role: OPERATOR_ROLE, session: OPERATOR_SESSION },
];

/**
 * What the policies of a role, its boundary and the organization's allow, without the resource's own policy, which
 * IAM does not evaluate for keys: https://docs.aws.amazon.com/IAM/latest/APIReference/API_SimulatePrincipalPolicy.html
 * @param context condition keys of the request, with their values
 * @returns a decision on each of the actions
 */
export async function readDecisions(
  client: IAM,
  roleArn: string,
  actions: readonly string[],
  resource: string,
  context: Readonly<Record<string, string>> = {},
): Promise<Decision[]> {
  const answer = await find(
    'iam:SimulatePrincipalPolicy',
    client.simulatePrincipalPolicy({
      PolicySourceArn: roleArn,
      ActionNames: [...actions],
      ResourceArns: [resource],
      ContextEntries: entriesOf(context),
    }),
  );
  return actions.map((action) =>
    decisionOf(answer?.EvaluationResults?.find((one) => one.EvalActionName === action)),
  );
}

/** Condition keys with their values, as IAM takes them for a simulation. */
export const entriesOf = (context: Readonly<Record<string, string>>): ContextEntry[] =>
  Object.entries(context).map(([ContextKeyName, value]) => ({
    ContextKeyName,
    ContextKeyType: 'string',
    ContextKeyValues: [value],
  }));

/** The same of one action. */
export async function readOwnPolicies(
  client: IAM,
  roleArn: string,
  action: string,
  resource: string,
  context?: Readonly<Record<string, string>>,
): Promise<Decision> {
  const [decision] = await readDecisions(client, roleArn, [action], resource, context);
  return decision ?? 'not allowed';
}

/**
 * What context lacks is said of the whole, or of the resource alone. Of a resource of another account the decision is that of both
 * sides, and the other, whose policy IAM does not have here, refuses: what the role's own side says stands in the details.
 * https://docs.aws.amazon.com/IAM/latest/APIReference/API_EvaluationResult.html
 */
function decisionOf(result: EvaluationResult | undefined): Decision {
  const {
    EvalDecision = 'implicitDeny',
    EvalDecisionDetails = {},
    ResourceSpecificResults = [],
  } = result ?? {};
  const sides = Object.values(EvalDecisionDetails);
  const isAllowedHere = EvalDecision === 'implicitDeny' && sides.includes('allowed');
  if (EvalDecision === 'allowed' || isAllowedHere) return 'allowed';
  const isLacking = [result, ...ResourceSpecificResults].some(
    (one) => (one?.MissingContextValues ?? []).length > 0,
  );
  if (isLacking) return 'undecided';
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
