import type { EvaluationResult, IAM } from '@aws-sdk/client-iam';
import { readOwnPolicies } from '../../../../cli/doctor/role.ts';

const ROLE = 'arn:aws:iam::111122223333:role/deleted-secret-notifier/dev/notify';
const ACTION = 'sts:AssumeRole';

/** An IAM whose simulation ends so. */
const iam = (result: Partial<EvaluationResult>) =>
  ({
    simulatePrincipalPolicy: async () => ({
      EvaluationResults: [{ EvalActionName: ACTION, ...result }],
    }),
  }) as unknown as IAM;

// https://docs.aws.amazon.com/IAM/latest/APIReference/API_EvaluationResult.html
test.each<[string, Partial<EvaluationResult>, string]>([
  ['all policies allow', { EvalDecision: 'allowed' }, 'allowed'],
  ['none allows', { EvalDecision: 'implicitDeny', EvalDecisionDetails: {} }, 'not allowed'],
  ['one forbids', { EvalDecision: 'explicitDeny' }, 'forbidden'],
  [
    'the own ones allow what only the policy of another account, which is not known, does not',
    {
      EvalDecision: 'implicitDeny',
      EvalDecisionDetails: { 'IAM Policy': 'allowed', 'Resource Policy': 'implicitDeny' },
    },
    'allowed',
  ],
  [
    'neither side allows',
    {
      EvalDecision: 'implicitDeny',
      EvalDecisionDetails: { 'IAM Policy': 'implicitDeny', 'Resource Policy': 'implicitDeny' },
    },
    'not allowed',
  ],
  [
    'the organization forbids what the role may do',
    { EvalDecision: 'explicitDeny', EvalDecisionDetails: { 'IAM Policy': 'allowed' } },
    'forbidden',
  ],
  [
    'a condition asks for what is not known',
    {
      EvalDecision: 'implicitDeny',
      ResourceSpecificResults: [
        {
          EvalResourceName: '*',
          EvalResourceDecision: 'implicitDeny',
          MissingContextValues: ['aws:SourceIp'],
        },
      ],
    },
    'undecided',
  ],
])(
  "of a role in another account, where %s, the decision is the own side's",
  async (_, result, decision) => {
    const role = 'arn:aws:iam::444455556666:role/deleted-secret-notifier/spoke/one';
    expect(await readOwnPolicies(iam(result), ROLE, ACTION, role)).toBe(decision);
  },
);
