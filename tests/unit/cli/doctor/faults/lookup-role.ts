import { all, answered, patched, refused } from '../../../../testing/account.ts';
import { healthySpoke } from '../../../../testing/healthy-spoke.ts';
import type { Any, Faults } from './fault.ts';

/** How a command for the spoke's own account ends. */
export const HERE = '--region us-east-1 --profile there$';
/** What deploys a spoke again. */
export const DEPLOY =
  /^npm run spoke -- --stage dev --region eu-west-1 # with the hub's credentials: then as it says, for 444455556666 in us-east-1;/;
/** The trust policy of the lookup role is different. */
const trust = (change: (statement: Any) => void) =>
  patched('GetRole', ({ Role }) => {
    const policy = JSON.parse(decodeURIComponent(Role.AssumeRolePolicyDocument));
    change(policy.Statement[0]);
    Role.AssumeRolePolicyDocument = encodeURIComponent(JSON.stringify(policy));
  });
const trusts = (AWS: string) =>
  trust((statement) => {
    statement.Principal = { AWS };
  });
/** What the lookup role may do is different. */
const allows = (change: (statements: Any[]) => void) =>
  patched('GetRolePolicy', (one) => {
    const policy = JSON.parse(decodeURIComponent(one.PolicyDocument));
    change(policy.Statement);
    one.PolicyDocument = encodeURIComponent(JSON.stringify(policy));
  });

const TRUST = new RegExp(
  `^aws iam update-assume-role-policy --role-name deleted-secret-notifier-dev-us-east-1 --policy-document '.+"AWS":"arn:aws:iam::111122223333:root".+"aws:PrincipalArn":"arn:aws:iam::111122223333:role/deleted-secret-notifier/dev/\\*".+"aws:PrincipalOrgID":"o-a1b2c3d4e5".+' ${HERE}`,
);

/** What may be wrong with the role by which the hub looks into a spoke. */
export const LOOKUP_ROLE_FAULTS: Faults = {
  'lookup role': [
    [
      'fail',
      /^There is no role deleted-secret-notifier-dev-us-east-1: the hub cannot look here, nor rescue anything\.$/,
      DEPLOY,
      refused('GetRole', 'NoSuchEntityException'),
    ],
    [
      'fail',
      /^Its path is \/, not \/deleted-secret-notifier\/spoke\/: the hub does not find it\.$/,
      DEPLOY,
      patched('GetRole', ({ Role }) => Object.assign(Role, { Path: '/' })),
    ],
    [
      'fail',
      /^It trusts AROAEXAMPLEID, which is a role or a user that is gone\.$/,
      TRUST,
      trusts('AROAEXAMPLEID'),
    ],
    [
      'warn',
      /^It trusts arn:aws:iam::111122223333:role\/\S+-NotifyRole itself, which ends once that role is made anew\.$/,
      TRUST,
      trusts('arn:aws:iam::111122223333:role/deleted-secret-notifier/dev/x-NotifyRole'),
    ],
    [
      'fail',
      /^It trusts the account 999999999999, but the rules forward to 111122223333\.$/,
      DEPLOY,
      trusts('arn:aws:iam::999999999999:root'),
    ],
    [
      'fail',
      /^It does not trust the hub's roles of 111122223333\.$/,
      TRUST,
      trust(({ Condition }) => {
        Condition.ArnLike = { 'aws:PrincipalArn': 'arn:aws:iam::111122223333:role/prod/*' };
      }),
    ],
    [
      'fail',
      /^It trusts every role of the account 111122223333, not those of the hub alone\.$/,
      TRUST,
      trust(({ Condition }) => {
        Condition.ArnLike = undefined;
      }),
    ],
    [
      'fail',
      /^It trusts the hub whatever the organization: the condition on it is missing\.$/,
      DEPLOY,
      trust(({ Condition }) => {
        Condition.StringEquals = undefined;
      }),
    ],
    [
      'fail',
      /^It trusts others too: arn:aws:iam::999999999999:root\.$/,
      TRUST,
      trust((statement) => {
        statement.Principal.AWS = [statement.Principal.AWS, 'arn:aws:iam::999999999999:root'];
      }),
    ],
  ],
  'lookup role: reads': [
    [
      'fail',
      /^It may not secretsmanager:ListSecrets, cloudtrail:LookupEvents\.$/,
      DEPLOY,
      allows((statements) => statements.splice(1, 1)),
    ],
    [
      'fail',
      /^It may not secretsmanager:ListSecrets, cloudtrail:LookupEvents\.$/,
      DEPLOY,
      allows(([, list]) => {
        list.Condition.StringEquals['aws:RequestedRegion'] = 'eu-west-3';
      }),
    ],
    [
      'unknown',
      /^There is no lookup role\.$/,
      undefined,
      refused('GetRole', 'NoSuchEntityException'),
    ],
  ],
  'lookup role: restore': [
    [
      'warn',
      /^Operators of the hub may restore secrets here too\.$/,
      DEPLOY,
      all(
        answered('GetRolePolicy', healthySpoke({ RestoreMode: 'all' }).GetRolePolicy?.({})),
        allows((statements) => {
          statements[2].Condition = undefined;
        }),
      ),
    ],
  ],
};
