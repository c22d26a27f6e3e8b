import { readFileSync } from 'node:fs';
import { spokeTemplate } from '../../stack/spoke.ts';
import { allowed, allowedByRole, combinations, packaged, template } from './template.ts';

const SECRETS = {
  'Fn::Sub': 'arn:${AWS::Partition}:secretsmanager:${AWS::Region}:${AWS::AccountId}:secret:*',
};
const TABLE = { 'Fn::GetAtt': ['Table', 'Arn'] };
const QUEUE = { 'Fn::GetAtt': ['DeadLetterQueue', 'Arn'] };
const READS = { 'Fn::GetAtt': ['SiftReadsQueue', 'Arn'] };
const WRITE_LOGS = ['logs:CreateLogStream', 'logs:PutLogEvents'];

const describeSecret = ['secretsmanager:DescribeSecret', SECRETS];
const restore = ['secretsmanager:RestoreSecret', SECRETS];
const publish = ['sns:Publish', { Ref: 'AlertTopic' }];
const encrypt = [
  ['kms:GenerateDataKey*', 'kms:Decrypt'],
  'arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab',
];

const lookUp = [
  'sts:AssumeRole',
  {
    'Fn::Sub':
      'arn:${AWS::Partition}:iam::*:role/deleted-secret-notifier/spoke/deleted-secret-notifier-dev-*',
  },
];

// Of a stack with channels beside the mail.
const handOn = { Ref: 'NoticeTopic' };
const publishBoth = ['sns:Publish', [{ Ref: 'AlertTopic' }, handOn]];
const publishToGivenAndHandOn = [
  'sns:Publish',
  ['arn:aws:sns:eu-west-1:111122223333:alerts', handOn],
];
const channel = (prefix: string) => [
  [WRITE_LOGS, { 'Fn::GetAtt': [`${prefix}LogGroup`, 'Arn'] }],
  ['sqs:SendMessage', QUEUE],
  [['dynamodb:UpdateItem', 'dynamodb:DeleteItem'], TABLE],
];
const chat = [...channel('Chat'), ['sns:Publish', { Ref: 'ChatTopic' }]];
const publishToGivenChat = ['sns:Publish', 'arn:aws:sns:eu-west-1:444455556666:chat'];
const bus = [
  ...channel('Bus'),
  [
    'events:PutEvents',
    {
      'Fn::Sub':
        'arn:${AWS::Partition}:events:${AWS::Region}:${AWS::AccountId}:event-bus/security/events',
    },
  ],
];
const buttons = [
  [WRITE_LOGS, { 'Fn::GetAtt': ['ButtonsLogGroup', 'Arn'] }],
  [['dynamodb:Query', 'dynamodb:UpdateItem'], TABLE],
  describeSecret,
];

const notify = [
  [WRITE_LOGS, { 'Fn::GetAtt': ['NotifyLogGroup', 'Arn'] }],
  ['sqs:SendMessage', QUEUE],
  [['dynamodb:Query', 'dynamodb:PutItem', 'dynamodb:UpdateItem', 'dynamodb:DeleteItem'], TABLE],
  ['cloudtrail:LookupEvents', '*'],
  describeSecret,
];
const trackDeletion = [
  [WRITE_LOGS, { 'Fn::GetAtt': ['TrackDeletionLogGroup', 'Arn'] }],
  ['sqs:SendMessage', QUEUE],
  [['dynamodb:Query', 'dynamodb:PutItem', 'dynamodb:UpdateItem'], TABLE],
];
// It searches for who has deleted what is in the way of a creation.
const trackBoth = [...trackDeletion, ['cloudtrail:LookupEvents', '*'], describeSecret];
const siftReads = [
  [WRITE_LOGS, { 'Fn::GetAtt': ['SiftReadsLogGroup', 'Arn'] }],
  [['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes'], READS],
  ['dynamodb:Query', { 'Fn::Sub': '${Table.Arn}/index/deletions' }],
  ['lambda:InvokeFunction', { 'Fn::GetAtt': ['NotifyLambdaFunction', 'Arn'] }],
];
const summarizing = (...more: string[]) => [
  [WRITE_LOGS, { 'Fn::GetAtt': ['SummarizeLogGroup', 'Arn'] }],
  ['sqs:SendMessage', QUEUE],
  [['dynamodb:Query', 'dynamodb:PutItem', 'dynamodb:UpdateItem', ...more], TABLE],
  ['dynamodb:Query', { 'Fn::Sub': '${Table.Arn}/index/tell' }],
  ['dynamodb:Scan', TABLE],
  describeSecret,
];
const summarize = summarizing();
const summarizeAndHandOn = summarizing('dynamodb:DeleteItem');
const readTrail = [
  [WRITE_LOGS, { 'Fn::GetAtt': ['ReadTrailLogGroup', 'Arn'] }],
  ['sqs:SendMessage', QUEUE],
  [
    'lambda:InvokeFunction',
    ['Notify', 'TrackDeletion'].map((prefix) => ({
      'Fn::GetAtt': [`${prefix}LambdaFunction`, 'Arn'],
    })),
  ],
];
const readTrailAndQueue = [...readTrail, ['sqs:SendMessage', READS]];

test.each([
  [
    'example',
    {
      NotifyRole: [...notify, publish],
      TrackDeletionRole: trackBoth,
      SiftReadsRole: siftReads,
      SummarizeRole: [...summarize, publish],
      ReadTrailRole: readTrailAndQueue,
    },
  ],
  [
    'member',
    {
      NotifyRole: [...notify, publishBoth],
      TrackDeletionRole: [...trackDeletion, describeSecret],
      SiftReadsRole: siftReads,
      SummarizeRole: [...summarizeAndHandOn, publishBoth],
      ChatRole: chat,
      ButtonsRole: buttons,
      ChannelRole: [],
    },
  ],
  [
    'own-trail',
    {
      NotifyRole: [...notify, restore, publishToGivenAndHandOn],
      TrackDeletionRole: trackBoth,
      SummarizeRole: [...summarizeAndHandOn, publishToGivenAndHandOn],
      ReadTrailRole: readTrail,
      ChatRole: [...channel('Chat'), publishToGivenChat],
      TrailRole: [
        [
          WRITE_LOGS,
          {
            'Fn::Sub':
              'arn:${AWS::Partition}:logs:${AWS::Region}:${AWS::AccountId}:log-group:${TrailLogGroup}:log-stream:${AWS::AccountId}_CloudTrail_${AWS::Region}*',
          },
        ],
      ],
    },
  ],
  [
    'everything',
    {
      NotifyRole: [...notify, restore, publishBoth, encrypt],
      TrackDeletionRole: [...trackBoth, publishBoth, encrypt],
      SiftReadsRole: siftReads,
      SummarizeRole: [...summarizeAndHandOn, publishBoth, encrypt],
      ReadTrailRole: readTrailAndQueue,
      ChatRole: [...chat, encrypt],
      BusRole: bus,
      ButtonsRole: buttons,
      ChannelRole: [],
    },
  ],
  [
    'organization',
    {
      OperatorRole: [lookUp],
      NotifyRole: [...notify, restore, lookUp, publishBoth, encrypt],
      TrackDeletionRole: [...trackBoth, lookUp, publishBoth, encrypt],
      SiftReadsRole: siftReads,
      SummarizeRole: [...summarizeAndHandOn, lookUp, publishBoth, encrypt],
      ReadTrailRole: readTrailAndQueue,
      ChatRole: [...channel('Chat'), publishToGivenChat, encrypt],
      BusRole: bus,
    },
  ],
] as const)('each role allows this and no more: %s', (name, expected) => {
  const actual = Object.entries(allowedByRole(name)).map(([role, statements]) => [
    role,
    statements.map(({ Action, Resource }) => [Action, Resource]),
  ]);
  expect(Object.fromEntries(actual)).toEqual(expected);
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

test('without autoCancelDeletion nothing in the template may restore', () => {
  const text = packaged('example', 'cloudformation-template-update-stack.json').toString();
  expect(text).not.toContain('secretsmanager:RestoreSecret');
});

const everyAction = [
  'kms:GenerateDataKey*',
  'secretsmanager:DescribeSecret',
  'secretsmanager:RestoreSecret',
];

test.each(combinations)("no role may read a secret's value: %s", (name) => {
  const actions = new Set(allowed(name).flatMap(({ Action }) => Action));
  expect([...actions].filter((action) => /\*$|secretsmanager/.test(action)).sort()).toEqual(
    {
      example: ['secretsmanager:DescribeSecret'],
      member: ['secretsmanager:DescribeSecret'],
      'own-trail': ['secretsmanager:DescribeSecret', 'secretsmanager:RestoreSecret'],
      everything: everyAction,
      organization: everyAction,
    }[name],
  );
});

describe('docs/permissions.md says for each type what its deployment takes, and for no other', () => {
  const page = readFileSync(new URL('../../docs/permissions.md', import.meta.url), 'utf8');
  const [ofStack = '', ofSpokes = ''] = page.split('\n### Spokes\n');
  const typesIn = (part: string) =>
    part
      .split('\n')
      .filter((line) => line.startsWith('| `AWS::'))
      .flatMap((row) => row.split('|')[1]?.match(/AWS::\w+::\w+/g) ?? []);
  const typesOf = (resources: Record<string, { Type: string }>) =>
    Object.values(resources).map(({ Type }) => Type);

  test.each([
    ['the stack', ofStack, combinations.flatMap((name) => typesOf(template(name).Resources))],
    ['a spoke', ofSpokes, typesOf(spokeTemplate().Resources)],
  ])('of %s', (_, part, made) => {
    expect(typesIn(part).toSorted()).toEqual([...new Set(made)].sort());
  });
});
