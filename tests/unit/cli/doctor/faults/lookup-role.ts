import { all, answered, patched, refused } from '../../../../testing/account.ts';
import { healthySpoke } from '../../../../testing/healthy-spoke.ts';
import type { Any, Faults } from './fault.ts';

/** How a command for the spoke's own account ends. */
export const HERE = '--region us-east-1 --profile there$';
/** What deploys a spoke again. */
export const DEPLOY =
  /^npm run spoke -- --stage dev --region eu-west-1 # with the hub's credentials: then as it says, for 444455556666 in us-east-1;/;
/** The trust policy of the role with this name is different. */
export const trustOf = (name: RegExp, change: (statement: Any) => void) =>
  patched('GetRole', ({ Role }, { RoleName }) => {
    if (!name.test(RoleName)) return;
    const policy = JSON.parse(decodeURIComponent(Role.AssumeRolePolicyDocument));
    change(policy.Statement[0]);
    Role.AssumeRolePolicyDocument = encodeURIComponent(JSON.stringify(policy));
  });
const trust = (change: (statement: Any) => void) => trustOf(/-us-east-1$/, change);
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

/** What a boundary, or a policy of the organization, does to some actions. */
const bounded = (actions: RegExp, EvalDecision = 'implicitDeny', more: object = {}) =>
  patched('SimulatePrincipalPolicy', ({ EvaluationResults }) => {
    for (const one of EvaluationResults) {
      if (actions.test(one.EvalActionName)) Object.assign(one, { EvalDecision, ...more });
    }
  });
const may = (Action: string, more: object = {}) =>
  allows((statements) => statements.push({ Effect: 'Allow', Action, Resource: '*', ...more }));
/** What shows which policy decides. */
const simulates = (session: string, actions: string) =>
  new RegExp(
    `^aws iam simulate-principal-policy --policy-source-arn arn:aws:iam::444455556666:role/deleted-secret-notifier/spoke/deleted-secret-notifier-dev-us-east-1 --action-names ${actions} --resource-arns arn:aws:secretsmanager:us-east-1:444455556666:secret:prod/db-AbCdEf --context-entries '\\[\\{"ContextKeyName":"aws:RequestedRegion","ContextKeyType":"string","ContextKeyValues":\\["us-east-1"\\]\\},\\{"ContextKeyName":"aws:userid","ContextKeyType":"string","ContextKeyValues":\\["AROAEXAMPLEID:${session}"\\]\\},\\S+\\]' ${HERE}`,
  );
const VALUES =
  /^It has secretsmanager:GetSecretValue: it may read the values of secrets, which no role of the notifier needs\.$/;
const SHOW_VALUES = simulates('notify', 'secretsmanager:GetSecretValue');

const TRUST = new RegExp(
  `^aws iam update-assume-role-policy --role-name deleted-secret-notifier-dev-us-east-1 --policy-document '.+"AWS":"arn:aws:iam::111122223333:root".+"aws:PrincipalArn":"arn:aws:iam::111122223333:role/deleted-secret-notifier/dev/\\*".+"aws:PrincipalOrgID":"o-a1b2c3d4e5".+' ${HERE}`,
);

const OTHER =
  /^Its policy is not that of the template here: the spoke is of another version\. Update the spokes; if that changes nothing, it was changed by hand\.$/;
const UPDATE =
  /^npm run spoke -- --stage dev --region eu-west-1 # with the hub's credentials: then as it says on updates$/;
/** What the role may do by the template of no version. */
const READ_TAGS = { Effect: 'Allow', Action: 'tag:GetResources', Resource: '*' };

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
      /^It does not trust these of the hub's roles of 111122223333: NotifyRole, TrackDeletionRole, SummarizeRole, OperatorRole\.$/,
      TRUST,
      trust(({ Condition }) => {
        Condition.ArnLike = { 'aws:PrincipalArn': 'arn:aws:iam::111122223333:role/prod/*' };
      }),
    ],
    [
      'fail',
      /: TrackDeletionRole, SummarizeRole, OperatorRole\.$/,
      TRUST,
      trust(({ Condition }) => {
        Condition.ArnLike = {
          'aws:PrincipalArn':
            'arn:aws:iam::111122223333:role/deleted-secret-notifier/dev/deleted-secret-notifier-dev-Notify*',
        };
      }),
    ],
    [
      'fail',
      /: NotifyRole, TrackDeletionRole, SummarizeRole\.$/,
      TRUST,
      trust(({ Condition }) => {
        Condition.StringEquals['sts:RoleSessionName'] = 'operator';
      }),
    ],
    [
      'fail',
      /: NotifyRole, TrackDeletionRole, SummarizeRole, OperatorRole\.$/,
      TRUST,
      trust(({ Condition }) => {
        Condition.StringEquals['sts:ExternalId'] = 'hub';
      }),
    ],
    [
      'unknown',
      /^It trusts the hub on conditions that cannot be evaluated here\.$/,
      /^aws iam get-role --role-name deleted-secret-notifier-dev-us-east-1 /,
      trust(({ Condition }) => {
        Condition.IpAddress = { 'aws:SourceIp': '10.0.0.0/8' };
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
      'fail',
      /^It may not secretsmanager:DescribeSecret in sessions of the hub's notify, trackDeletion, summarize\.$/,
      DEPLOY,
      allows(([describe]) =>
        Object.assign(describe, { Condition: { StringLike: { 'aws:userid': '*:operator' } } }),
      ),
    ],
    [
      'fail',
      /^It may not secretsmanager:DescribeSecret, cloudtrail:LookupEvents: its boundary or another policy forbids it\.$/,
      simulates('notify', 'secretsmanager:DescribeSecret cloudtrail:LookupEvents'),
      bounded(/:(DescribeSecret|LookupEvents)$/),
    ],
    [
      'fail',
      /^It may not secretsmanager:ListSecrets: its boundary or another policy forbids it\.$/,
      simulates('notify', 'secretsmanager:ListSecrets'),
      bounded(/:ListSecrets$/, 'explicitDeny'),
    ],
    [
      'unknown',
      /^Its policies have conditions that cannot be evaluated here\.$/,
      simulates('notify', 'secretsmanager:ListSecrets'),
      allows(([, list]) => {
        list.Condition.IpAddress = { 'aws:SourceIp': '10.0.0.0/8' };
      }),
    ],
    ['fail', VALUES, SHOW_VALUES, may('secretsmanager:GetSecretValue')],
    ['fail', VALUES, SHOW_VALUES, may('secretsmanager:*', { Resource: 'arn:aws:x' })],
    [
      'fail',
      VALUES,
      SHOW_VALUES,
      may('secretsmanager:Get*', { Condition: { IpAddress: { 'aws:SourceIp': '10.0.0.0/8' } } }),
    ],
    // By a policy that is not inline.
    ['fail', VALUES, SHOW_VALUES, bounded(/:GetSecretValue$/, 'allowed')],
    [
      'unknown',
      /^There is no lookup role\.$/,
      undefined,
      refused('GetRole', 'NoSuchEntityException'),
    ],
  ],
  'lookup role: template': [
    [
      'warn',
      /^It has policies besides that of the template: arn:aws:iam::aws:policy\/ReadOnlyAccess, arn:aws:iam::444455556666:policy\/more\.$/,
      /^aws iam detach-role-policy --role-name deleted-secret-notifier-dev-us-east-1 --policy-arn arn:aws:iam::aws:policy\/ReadOnlyAccess --region us-east-1 --profile there$/,
      answered('ListAttachedRolePolicies', {
        AttachedPolicies: [
          { PolicyArn: 'arn:aws:iam::aws:policy/ReadOnlyAccess' },
          { PolicyArn: 'arn:aws:iam::444455556666:policy/more' },
        ],
      }),
    ],
    ['warn', OTHER, UPDATE, allows((statements) => statements.push(READ_TAGS))],
    ['warn', OTHER, UPDATE, allows(([describe]) => Object.assign(describe, { Resource: '*' }))],
    [
      'warn',
      OTHER,
      UPDATE,
      allows((statements) => {
        statements.splice(1, 1);
      }),
    ],
  ],
  'lookup role: restore': [
    [
      'warn',
      /^Sessions of the hub's trackDeletion, summarize, operator may restore secrets here too, which only those of notify need\.$/,
      DEPLOY,
      all(
        answered('GetRolePolicy', healthySpoke({ RestoreMode: 'all' }).GetRolePolicy?.({})),
        allows((statements) => {
          statements[2].Condition = undefined;
        }),
      ),
    ],
    [
      'warn',
      /^Sessions of the hub's operator may restore/,
      DEPLOY,
      may('secretsmanager:RestoreSecret', {
        Condition: { StringLike: { 'aws:userid': '*:operator' } },
      }),
    ],
    [
      'warn',
      /^RestoreMode is all, but its boundary or another policy forbids it: the hub may cancel no deletion here\.$/,
      simulates('notify', 'secretsmanager:RestoreSecret'),
      all(
        answered('GetRolePolicy', healthySpoke({ RestoreMode: 'all' }).GetRolePolicy?.({})),
        bounded(/:RestoreSecret$/),
      ),
    ],
    [
      'unknown',
      /^Its policies have conditions that cannot be evaluated here\.$/,
      simulates('notify', 'secretsmanager:RestoreSecret'),
      bounded(/:RestoreSecret$/, 'implicitDeny', {
        ResourceSpecificResults: [{ MissingContextValues: ['aws:SourceIp'] }],
      }),
    ],
  ],
};
