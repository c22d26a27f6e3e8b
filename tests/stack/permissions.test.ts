import { allowed, combinations, packaged } from './template.ts';

const SECRETS = {
  'Fn::Sub': 'arn:${AWS::Partition}:secretsmanager:${AWS::Region}:${AWS::AccountId}:secret:*',
};
const TOPIC = { Ref: 'AlertTopic' };
const QUEUE = { 'Fn::GetAtt': ['DeadLetterQueue', 'Arn'] };
const LOGS = { 'Fn::GetAtt': ['NotifyLogGroup', 'Arn'] };
const WRITE_LOGS = ['logs:CreateLogStream', 'logs:PutLogEvents'];

const always = [
  [WRITE_LOGS, LOGS],
  ['secretsmanager:DescribeSecret', SECRETS],
  ['sqs:SendMessage', QUEUE],
];

test.each([
  ['example', [...always, ['sns:Publish', TOPIC]]],
  [
    'own-trail',
    [
      ...always,
      ['sns:Publish', 'arn:aws:sns:us-east-1:111122223333:alerts'],
      ['secretsmanager:RestoreSecret', SECRETS],
      [
        WRITE_LOGS,
        {
          'Fn::Sub':
            'arn:${AWS::Partition}:logs:${AWS::Region}:${AWS::AccountId}:log-group:${TrailLogGroup}:log-stream:${AWS::AccountId}_CloudTrail_${AWS::Region}*',
        },
      ],
    ],
  ],
  [
    'everything',
    [
      ...always,
      ['sns:Publish', TOPIC],
      [
        ['kms:GenerateDataKey*', 'kms:Decrypt'],
        'arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab',
      ],
      ['secretsmanager:RestoreSecret', SECRETS],
    ],
  ],
] as const)('the roles allow this and no more: %s', (name, expected) => {
  const actual = allowed(name).map(({ Action, Resource }) => [Action, Resource]);
  expect(actual).toHaveLength(expected.length);
  expect(actual).toEqual(expect.arrayContaining([...expected]));
});

test.each([
  ['own-trail', 'all', undefined],
  [
    'everything',
    'tagged',
    { StringEquals: { 'aws:ResourceTag/deleted-secret-notifier:auto-cancel': 'true' } },
  ],
] as const)(
  '%s: with autoCancelDeletion=%s deletions may be cancelled under this condition',
  (name, _setting, condition) => {
    const restore = allowed(name).find(({ Action }) => Action === 'secretsmanager:RestoreSecret');
    expect(restore?.Condition).toEqual(condition);
  },
);

test('without autoCancelDeletion nothing in the template speaks of restoring', () => {
  const { Description, Resources } = JSON.parse(
    packaged('example', 'cloudformation-template-update-stack.json').toString(),
  );
  expect(JSON.stringify({ Description, Resources })).not.toContain('RestoreSecret');
});

test.each(combinations)("no role may read a secret's value: %s", (name) => {
  const actions = allowed(name).flatMap(({ Action }) => Action);
  expect(actions.filter((action) => /\*$|secretsmanager/.test(action)).sort()).toEqual(
    {
      example: ['secretsmanager:DescribeSecret'],
      'own-trail': ['secretsmanager:DescribeSecret', 'secretsmanager:RestoreSecret'],
      everything: [
        'kms:GenerateDataKey*',
        'secretsmanager:DescribeSecret',
        'secretsmanager:RestoreSecret',
      ],
    }[name],
  );
});
