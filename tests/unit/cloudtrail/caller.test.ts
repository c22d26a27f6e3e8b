import {
  callerIdentity,
  identifyCaller,
  nameBeside,
  shortNameBeside,
} from '../../../lib/cloudtrail/caller.ts';
import type { UserIdentity } from '../../../lib/cloudtrail/record.ts';

const account = '111122223333';
const role = `arn:aws:iam::${account}:role/team/app-server`;
const SSO = 'AWSReservedSSO_AdministratorAccess_9840b826e5a769a5';
const issuedBy = (type: string, arn: string, userName?: string) => ({
  sessionContext: { sessionIssuer: { type, arn, accountId: account, userName } },
});

const IDENTITIES: [name: string, identity: object, description: string, key: string][] = [
  [
    'Root',
    { type: 'Root', arn: `arn:aws:iam::${account}:root`, accountId: account },
    `root user, account ${account}`,
    `arn:aws:iam::${account}:root`,
  ],
  [
    'IAMUser',
    {
      type: 'IAMUser',
      userName: 'alice',
      arn: `arn:aws:iam::${account}:user/x/alice`,
      accountId: account,
    },
    `user alice, account ${account}`,
    `arn:aws:iam::${account}:user/x/alice`,
  ],
  [
    'IAMUser with only an ARN',
    { type: 'IAMUser', arn: `arn:aws:iam::${account}:user/x/alice` },
    `user alice, account ${account}`,
    `arn:aws:iam::${account}:user/x/alice`,
  ],
  [
    'AssumedRole',
    {
      type: 'AssumedRole',
      arn: `arn:aws:sts::${account}:assumed-role/app-server/i-0abc`,
      accountId: account,
      ...issuedBy('Role', role, 'app-server'),
    },
    `role app-server, session i-0abc, account ${account}`,
    role,
  ],
  [
    'AssumedRole without its issuer',
    { type: 'AssumedRole', arn: `arn:aws:sts::${account}:assumed-role/app-server/i-0abc` },
    `role app-server, session i-0abc, account ${account}`,
    `arn:aws:iam::${account}:role/app-server`,
  ],
  [
    'AssumedRole with only a principal id',
    { type: 'AssumedRole', principalId: 'AROAEXAMPLE:i-0abc', ...issuedBy('Role', role) },
    `role app-server, session i-0abc, account ${account}`,
    role,
  ],
  [
    'Role',
    { type: 'Role', arn: role, accountId: account },
    `role app-server, account ${account}`,
    role,
  ],
  [
    'FederatedUser',
    {
      type: 'FederatedUser',
      arn: `arn:aws:sts::${account}:federated-user/bob`,
      accountId: account,
      ...issuedBy('IAMUser', `arn:aws:iam::${account}:user/alice`, 'alice'),
    },
    `federated user bob, issued by arn:aws:iam::${account}:user/alice, account ${account}`,
    `arn:aws:sts::${account}:federated-user/bob`,
  ],
  [
    'FederatedUser without its issuer',
    { type: 'FederatedUser', principalId: `${account}:bob` },
    `federated user ${account}?bob`,
    `${account}:bob`,
  ],
  [
    'WebIdentityUser',
    { type: 'WebIdentityUser', userName: 'carol', identityProvider: 'accounts.google.com' },
    'web identity user carol, identity provider accounts.google.com',
    'carol',
  ],
  [
    'SAMLUser',
    { type: 'SAMLUser', principalId: 'nq:dave', identityProvider: 'https://idp.example.com' },
    'SAML user nq?dave, identity provider https://idp.example.com',
    'nq:dave',
  ],
  [
    'IdentityCenterUser',
    {
      type: 'IdentityCenterUser',
      accountId: account,
      onBehalfOf: {
        userId: '544894e8-80c1',
        identityStoreArn: `arn:aws:identitystore::${account}:identitystore/d-9067642ac7`,
      },
    },
    `IAM Identity Center user 544894e8-80c1, identity store d-9067642ac7, account ${account}`,
    '544894e8-80c1',
  ],
  [
    'IdentityCenterUser that says nothing',
    { type: 'IdentityCenterUser', accountId: account },
    `IAM Identity Center user, account ${account}`,
    account,
  ],
  ['Directory', { type: 'Directory', userName: 'erin' }, 'directory user erin', 'erin'],
  [
    'AWSAccount',
    { type: 'AWSAccount', accountId: '444455556666', principalId: 'AIDAEXAMPLE' },
    'account 444455556666, principal AIDAEXAMPLE',
    '444455556666/AIDAEXAMPLE',
  ],
  [
    "AWSAccount's role",
    { type: 'AWSAccount', accountId: '444455556666', principalId: 'AROAEXAMPLE:nightly-job' },
    'account 444455556666, principal AROAEXAMPLE, session nightly-job',
    '444455556666/AROAEXAMPLE',
  ],
  ['AWSAccount that says nothing', { type: 'AWSAccount' }, 'another AWS account', 'unknown'],
  [
    'AWSService',
    { type: 'AWSService', invokedBy: 'ecs-tasks.amazonaws.com' },
    'AWS service ecs-tasks.amazonaws.com',
    'ecs-tasks.amazonaws.com',
  ],
  [
    'AWSService that is not named',
    { type: 'AWSService', invokedBy: 'AWS Internal' },
    'AWS service AWS Internal',
    'AWS Internal',
  ],
  [
    'Unknown',
    { type: 'Unknown', principalId: 'p-1' },
    'unknown identity p-1, of type Unknown',
    'p-1',
  ],
  [
    'a service that leaves out the type',
    { invokedBy: 'glue.amazonaws.com' },
    'AWS service glue.amazonaws.com',
    'glue.amazonaws.com',
  ],
  [
    'a service that tells an account and no type',
    { accountId: account, invokedBy: 'glue.amazonaws.com' },
    `AWS service glue.amazonaws.com, account ${account}`,
    'glue.amazonaws.com',
  ],
  [
    'AssumedRole with only the id of its role',
    { type: 'AssumedRole', principalId: 'AROAEXAMPLE:i-0abc', accountId: account },
    `role, session i-0abc, account ${account}`,
    `${account}/AROAEXAMPLE`,
  ],
  [
    'AssumedRole of a Lambda function',
    {
      type: 'AssumedRole',
      arn: `arn:aws:sts::${account}:assumed-role/shared/fn-orders`,
      inScopeOf: {
        credentialsIssuedTo: `arn:aws:lambda:eu-west-1:${account}:function:fn-orders`,
      },
    },
    `role shared, session fn-orders, Lambda function fn-orders, account ${account}`,
    `arn:aws:iam::${account}:role/shared`,
  ],
  [
    'AssumedRole with a source identity',
    {
      type: 'AssumedRole',
      arn: `arn:aws:sts::${account}:assumed-role/ReadOnly/gntd-2d1LCv2d`,
      sessionContext: { sourceIdentity: 'alice@example.com' },
    },
    `role ReadOnly, session gntd-2d1LCv2d, source identity alice@example.com, account ${account}`,
    `arn:aws:iam::${account}:role/ReadOnly`,
  ],
  [
    'a person with IAM Identity Center',
    {
      type: 'AssumedRole',
      principalId: 'AROAEXAMPLE:bob@example.com',
      ...issuedBy(
        'Role',
        `arn:aws:iam::${account}:role/aws-reserved/sso.amazonaws.com/${SSO}`,
        SSO,
      ),
    },
    `IAM Identity Center user bob@example.com, role ${SSO}, account ${account}`,
    `arn:aws:sts::${account}:assumed-role/${SSO}/bob@example.com`,
  ],
  [
    'a person with IAM Identity Center whose role is told by the session alone',
    {
      type: 'AssumedRole',
      arn: `arn:aws:sts::${account}:assumed-role/${SSO}/bob@example.com`,
      accountId: account,
    },
    `IAM Identity Center user bob@example.com, role ${SSO}, account ${account}`,
    `arn:aws:sts::${account}:assumed-role/${SSO}/bob@example.com`,
  ],
  [
    'a type of the future',
    { type: 'Robot', arn: 'arn:aws:robot::1:r/2' },
    'unknown identity 2, of type Robot, account 1',
    'arn:aws:robot::1:r/2',
  ],
  [
    'empty texts',
    { type: 'IAMUser', arn: '', userName: '', principalId: 'AIDAEXAMPLE' },
    'user',
    'AIDAEXAMPLE',
  ],
  ['nothing at all', {}, 'unknown identity, of a type that the record does not name', 'unknown'],
];

test.each(IDENTITIES)('%s is one plain line and one key', (_, identity, description, key) => {
  expect(identifyCaller(identity as UserIdentity)).toMatchObject({ description, key });
});

test('sessions of one role are one caller', () => {
  const keys = ['i-0abc', 'i-0def'].map(
    (session) =>
      identifyCaller({
        type: 'AssumedRole',
        arn: `arn:aws:sts::1:assumed-role/app/${session}`,
      } as UserIdentity).key,
  );
  expect(new Set(keys).size).toBe(1);
});

test('a role is the same with and without its path, and in its session', () => {
  const identities = [
    role,
    `arn:aws:iam::${account}:role/app-server`,
    `arn:aws:sts::${account}:assumed-role/app-server`, // as the version before kept it
  ].map(callerIdentity);
  expect(new Set(identities)).toEqual(new Set([`arn:aws:iam::${account}:role/app-server`]));
});

test.each([
  `arn:aws:sts::${account}:assumed-role/${SSO}/bob@example.com`,
  `arn:aws:sts::${account}:federated-user/bob`,
  `arn:aws:iam::${account}:user/x/alice`,
  'ec2.amazonaws.com',
  '444455556666/AROAEXAMPLE',
])('%s is the same as it is', (key) => {
  expect(callerIdentity(key)).toBe(key);
});

describe('sessions of a caller are told apart by', () => {
  const lambda = (name: string) => ({
    inScopeOf: { credentialsIssuedTo: `arn:aws:lambda:eu-west-1:1:function:${name}` },
  });
  const by = (sourceIdentity: string) => ({ sessionContext: { sourceIdentity } });
  test.each<[string, object, string | undefined]>([
    ['their names', {}, 's1'],
    ['their functions', lambda('fn'), 's1 (fn)'],
    ['the name alone of a function that is also the session', lambda('s1'), 's1'],
    ['their source identities', { ...lambda('fn'), ...by('al ice') }, 's1 (fn, al?ice)'],
    ['nothing, without a session', { arn: role }, undefined],
  ])('%s', (_, more, session) => {
    const arn = 'arn:aws:sts::1:assumed-role/app/s1';
    const identity = { type: 'AssumedRole', arn, ...more };
    expect(identifyCaller(identity as UserIdentity).session).toBe(session);
  });
});

describe('beside the secret, a caller', () => {
  const caller = (identity: object) => identifyCaller(identity as UserIdentity);
  const foreign = caller({ type: 'Role', arn: role });
  const principal = caller({ type: 'AWSAccount', accountId: account, principalId: 'AROAX:s' });
  test.each([
    ['of its account is named alone', foreign, account, 'role app-server', 'app-server'],
    [
      'of another account is named with it',
      foreign,
      '444455556666',
      `role app-server of account ${account}`,
      `app-server of account ${account}`,
    ],
    [
      'that is known by its account is not named twice',
      principal,
      '444455556666',
      `account ${account}, principal AROAX`,
      `account ${account}`,
    ],
    ['of an unknown owner is named alone', foreign, undefined, 'role app-server', 'app-server'],
  ])('%s', (_, one, owner, name, shortName) => {
    expect(nameBeside(owner, one)).toBe(name);
    expect(shortNameBeside(owner, one)).toBe(shortName);
  });
});

test('a name cannot bring a line or a field into the text', () => {
  const caller = identifyCaller({
    type: 'IAMUser',
    userName: 'x\nDeletion: never\u202e',
    accountId: account,
  } as UserIdentity);
  expect(caller.name).toBe('user x?Deletion?never?');
  expect(caller.shortName).toBe('x?Deletion?never?');
});
