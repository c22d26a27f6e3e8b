import { identifyCaller } from '../../lib/caller.ts';
import type { UserIdentity } from '../../lib/record.ts';

const account = '111122223333';
const role = `arn:aws:iam::${account}:role/team/app-server`;
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
    `arn:aws:sts::${account}:assumed-role/app-server`,
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
    `arn:aws:iam::${account}:user/alice`,
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
    'another AWS account, principal AIDAEXAMPLE, account 444455556666',
    '444455556666',
  ],
  [
    'AWSService',
    { type: 'AWSService', invokedBy: 'ecs-tasks.amazonaws.com' },
    'AWS service ecs-tasks.amazonaws.com',
    'ecs-tasks.amazonaws.com',
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

test('a name cannot bring a line or a field into the text', () => {
  const caller = identifyCaller({
    type: 'IAMUser',
    userName: 'x\nDeletion: never\u202e',
    accountId: account,
  } as UserIdentity);
  expect(caller.name).toBe('user x?Deletion?never?');
  expect(caller.shortName).toBe('x?Deletion?never?');
});
