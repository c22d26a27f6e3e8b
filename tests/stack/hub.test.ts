import { checkSettings } from '../../stack/check-settings.ts';
import type { Resource } from '../../stack/cloudformation.ts';
import { stack } from '../../stack/stack.ts';
import {
  allowedByRole,
  COMBINATIONS,
  combinations,
  packaged,
  properties,
  roleStatements,
  template,
} from './template.ts';

const others = combinations.filter((name) => name !== 'organization');

test.each(others)('without an organization nothing of a hub exists: %s', (name) => {
  const { Resources, Outputs } = template(name);
  const ids = [...Object.keys(Resources), ...Object.keys(Outputs)];
  expect(ids.filter((id) => /Hub|Operator|Organization/.test(id))).toEqual([]);
  const text = packaged(name, 'cloudformation-template-update-stack.json').toString();
  expect(text).not.toMatch(
    /Hub|LOOKUP_ROLE|Events::EventBus|"Path"|"AWS":|sts:RoleSessionName|OrgID/,
  );
  expect(Object.values(allowedByRole(name)).flat()).not.toContainEqual(
    expect.objectContaining({ Action: 'sts:AssumeRole' }),
  );
});

test("the bus is called like the stack, from which the spokes derive the hub's stage", () => {
  expect(properties('organization', 'HubBus')).toEqual({ Name: 'deleted-secret-notifier-dev' });
});

test('only principals of the organization may put events on the bus, and only those of Secrets Manager', () => {
  expect(properties('organization', 'HubBusPolicy')).toEqual({
    EventBusName: { Ref: 'HubBus' },
    StatementId: expect.stringMatching(/^\w{1,64}$/),
    Statement: {
      Effect: 'Allow',
      Principal: '*',
      Action: 'events:PutEvents',
      Resource: { 'Fn::GetAtt': ['HubBus', 'Arn'] },
      Condition: {
        StringEquals: { 'aws:PrincipalOrgID': 'o-a1b2c3d4e5' },
        'ForAllValues:StringEquals': { 'events:source': 'aws.secretsmanager' },
      },
    },
  });
});

test.each([
  ['Notify', 'attempts', 'ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS'],
  ['SiftReads', 'reads', 'ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS'],
  ['TrackDeletion', 'changes', 'ENABLED'],
  ['TrackDeletionClash', 'clashes', 'ENABLED'],
])(
  'the rule of %s on the bus differs from that on the default bus in bus and name alone',
  (prefix, picks, state) => {
    const { EventBusName, Name, ...rule } = properties('organization', `${prefix}HubRule`);
    expect(EventBusName).toEqual({ Ref: 'HubBus' });
    expect(Name).toBe(`deleted-secret-notifier-dev-hub-${picks}`);
    expect(rule).toEqual(properties('organization', `${prefix}Rule`));
    expect(rule.State).toBe(state);
    expect(rule.Targets[0].DeadLetterConfig).toBeDefined();
  },
);

test('the rules on the bus may send to the dead-letter queue', () => {
  const { Statement } = properties('organization', 'DeadLetterQueuePolicy').PolicyDocument;
  const sources = Statement.flatMap(
    ({ Condition }: { Condition: { ArnEquals?: { 'aws:SourceArn': object } } }) =>
      Condition.ArnEquals?.['aws:SourceArn'] ?? [],
  );
  expect(sources).toEqual([
    ...[
      'NotifyRule',
      'TrackDeletionRule',
      'SummarizeRule',
      'TrackDeletionClashRule',
      'SiftReadsRule',
      'NotifyHubRule',
      'TrackDeletionHubRule',
      'TrackDeletionClashHubRule',
      'SiftReadsHubRule',
    ].map((rule) => ({
      'Fn::GetAtt': [rule, 'Arn'],
    })),
    { Ref: 'NoticeTopic' },
  ]);
});

test('four roles may look into spokes, in sessions by which these know them and in the organization alone, and no other role may', () => {
  const sessions = Object.entries(allowedByRole('organization')).flatMap(([role, statements]) =>
    statements
      .filter(({ Action }) => Action === 'sts:AssumeRole')
      .map(({ Condition }) => [role, Condition]),
  );
  const inSession = (name: string) => ({
    StringEquals: { 'sts:RoleSessionName': name },
    StringEqualsIfExists: { 'aws:ResourceOrgID': 'o-a1b2c3d4e5' },
  });
  expect(Object.fromEntries(sessions)).toEqual({
    NotifyRole: inSession('notify'),
    TrackDeletionRole: inSession('trackDeletion'),
    SummarizeRole: inSession('summarize'),
    OperatorRole: inSession('operator'),
  });
  const withPath = Object.entries(template('organization').Resources).filter(
    ([, { Properties }]) => Properties.Path !== undefined,
  );
  expect(withPath.map(([id, { Properties }]) => [id, Properties.Path]).toSorted()).toEqual(
    ['NotifyRole', 'OperatorRole', 'SummarizeRole', 'TrackDeletionRole'].map((id) => [
      id,
      '/deleted-secret-notifier/dev/',
    ]),
  );
});

test("the function of a hub's buttons is the fifth, in sessions of its own", () => {
  const raw = { ...COMBINATIONS.everything, organizationId: 'o-a1b2c3d4e5' };
  const deployment = { stage: 'dev', region: 'eu-west-1', functionNames: [] };
  const { template, functions } = stack(checkSettings(raw, deployment), 'dev');
  const { NotifyRole, ButtonsRole } = template.Resources;
  const lookUpOf = (role: Resource | undefined) =>
    role && roleStatements(role).find(({ Action }) => Action === 'sts:AssumeRole');
  expect(lookUpOf(ButtonsRole)).toEqual({
    ...lookUpOf(NotifyRole),
    Condition: {
      StringEquals: { 'sts:RoleSessionName': 'buttons' },
      StringEqualsIfExists: { 'aws:ResourceOrgID': 'o-a1b2c3d4e5' },
    },
  });
  expect(ButtonsRole?.Properties.Path).toBe('/deleted-secret-notifier/dev/');
  expect(functions.buttons?.environment.LOOKUP_ROLE_ARN).toEqual(
    functions.notify?.environment.LOOKUP_ROLE_ARN,
  );
});

test("the operators' role is for whom the account's own policies let assume it", () => {
  const { AssumeRolePolicyDocument } = properties('organization', 'OperatorRole');
  expect(AssumeRolePolicyDocument.Statement).toEqual([
    {
      Sid: 'AssumedByOperators',
      Effect: 'Allow',
      Principal: { AWS: { 'Fn::Sub': 'arn:${AWS::Partition}:iam::${AWS::AccountId}:root' } },
      Action: 'sts:AssumeRole',
    },
  ]);
});

test('the functions that look secrets up know the roles of the spokes', () => {
  const roleOf = (prefix: string) =>
    properties('organization', `${prefix}LambdaFunction`).Environment.Variables.LOOKUP_ROLE_ARN;
  const role = {
    'Fn::Sub':
      'arn:${AWS::Partition}:iam::ACCOUNT:role/deleted-secret-notifier/spoke/deleted-secret-notifier-dev-REGION',
  };
  expect(['Notify', 'Summarize', 'TrackDeletion', 'ReadTrail'].map(roleOf)).toEqual([
    role,
    role,
    role,
    undefined,
  ]);
});
