import { readSettings, SettingsError } from '../../../infrastructure/settings.ts';

const complete = {
  alertEmails: 'a@example.com',
  alertTopicArn: '',
  kmsKeyArn: '',
  cloudTrailLogGroup: 'CloudTrail/MyCloudWatchLogGroup',
  createTrail: false,
  autoCancelDeletion: 'off',
  announceDeletions: false,
  ownerTagKeys: 'owner,team',
  replacementTagKeys: 'replaced-by',
  metricNamespace: 'CloudTrailLogMetrics',
  metricName: 'AttemptsToAccessDeletedSecrets',
  alarmName: 'AttemptsToAccessDeletedSecretsAlarm',
  logRetentionDays: 30,
};
const TOPIC = 'arn:aws:sns:us-east-1:111122223333:alerts';
const KEY = 'arn:aws:kms:us-east-1:111122223333:key/mrk-1234abcd12ab34cd56ef1234567890ab';

function faults(raw: Record<string, unknown>): string[] {
  try {
    readSettings(raw);
    return [];
  } catch (error) {
    if (error instanceof SettingsError) return error.faults;
    throw error;
  }
}

test('settings of any form are read into one', () => {
  expect(readSettings(complete)).toEqual({
    alertEmails: ['a@example.com'],
    alertTopicArn: undefined,
    kmsKeyArn: undefined,
    cloudTrailLogGroup: 'CloudTrail/MyCloudWatchLogGroup',
    createTrail: false,
    autoCancelDeletion: 'off',
    announceDeletions: false,
    ownerTagKeys: ['owner', 'team'],
    replacementTagKeys: ['replaced-by'],
    metricNamespace: 'CloudTrailLogMetrics',
    metricName: 'AttemptsToAccessDeletedSecrets',
    alarmName: 'AttemptsToAccessDeletedSecretsAlarm',
    logRetentionDays: 30,
  });
});

test.each([
  [
    'alertEmails',
    ' a@example.com , b.c+d@mail.example.co.uk',
    ['a@example.com', 'b.c+d@mail.example.co.uk'],
  ],
  ['alertEmails', ['a@example.com', 'b@example.com'], ['a@example.com', 'b@example.com']],
  ['kmsKeyArn', KEY, KEY],
  ['kmsKeyArn', undefined, undefined],
  ['kmsKeyArn', null, undefined],
  ['cloudTrailLogGroup', '/aws/cloudtrail/org_1.#', '/aws/cloudtrail/org_1.#'],
  ['autoCancelDeletion', false, 'off'],
  ['autoCancelDeletion', 'false', 'off'],
  ['autoCancelDeletion', 'tagged', 'tagged'],
  ['autoCancelDeletion', 'all', 'all'],
  ['autoCancelDeletion', true, 'all'],
  ['autoCancelDeletion', 'true', 'all'],
  ['announceDeletions', true, true],
  ['announceDeletions', 'true', true],
  ['announceDeletions', 'false', false],
  [
    'ownerTagKeys',
    'Owner, cost centre, aws:cloudformation:stack-name',
    ['Owner', 'cost centre', 'aws:cloudformation:stack-name'],
  ],
  ['metricNamespace', 'Security/Secrets', 'Security/Secrets'],
  ['alarmName', ' Attempts on deleted secrets ', 'Attempts on deleted secrets'],
  ['logRetentionDays', '3653', 3653],
])('%s: %j is read as %j', (name, value, expected) => {
  expect(readSettings({ ...complete, [name]: value })).toHaveProperty(name, expected);
});

test('a topic given and a trail made take the place of addresses and a log group', () => {
  const settings = readSettings({
    ...complete,
    alertEmails: '',
    alertTopicArn: TOPIC,
    cloudTrailLogGroup: '',
    createTrail: 'true',
  });
  expect(settings).toMatchObject({ alertEmails: [], alertTopicArn: TOPIC, createTrail: true });
});

const expected: Record<string, string> = {
  alertEmails: 'comma-separated e-mail addresses, each once',
  kmsKeyArn: 'the ARN of a KMS key (an IAM policy cannot grant the use of an alias)',
  cloudTrailLogGroup: 'the name, not the ARN, of a log group: 1 to 512 letters, digits or _./#-',
  createTrail: 'true or false',
  autoCancelDeletion: 'off, tagged or all',
  announceDeletions: 'true or false',
  ownerTagKeys: 'comma-separated tag keys, each of 1 to 128 letters, digits, spaces or _.:/=+-@',
  metricNamespace: '1 to 255 characters other than : * $, not beginning with AWS/',
  metricName: '1 to 255 characters other than : * $',
  alarmName: '1 to 255 characters, none of them a control character',
  logRetentionDays:
    'one of 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653',
};

test.each([
  ['alertEmails', 'a@example', '"a@example"'],
  ['alertEmails', 'a@example.com,', '"a@example.com,"'],
  ['alertEmails', 'a@example.com;b@example.com', '"a@example.com;b@example.com"'],
  ['alertEmails', 'A <a@example.com>', '"A <a@example.com>"'],
  ['alertEmails', 'a@example.com,A@example.com', '"a@example.com,A@example.com"'],
  ['kmsKeyArn', 'alias/aws/sns', '"alias/aws/sns"'],
  [
    'kmsKeyArn',
    'arn:aws:kms:us-east-1:111122223333:alias/a',
    '"arn:aws:kms:us-east-1:111122223333:alias/a"',
  ],
  [
    'cloudTrailLogGroup',
    'arn:aws:logs:us-east-1:111122223333:log-group:a',
    '"arn:aws:logs:us-east-1:111122223333:log-group:a"',
  ],
  ['createTrail', 'yes', '"yes"'],
  ['autoCancelDeletion', 'toString', '"toString"'],
  ['announceDeletions', 'all', '"all"'],
  ['ownerTagKeys', '', 'nothing'],
  ['ownerTagKeys', 'a,,b', '"a,,b"'],
  ['metricNamespace', 'AWS/SecretsManager', '"AWS/SecretsManager"'],
  ['metricName', 'a:b', '"a:b"'],
  ['alarmName', 'a\nb', '"a\\nb"'],
  ['logRetentionDays', 31, '"31"'],
])('%s: %j is a fault', (name, value, got) => {
  expect(faults({ ...complete, [name]: value })).toEqual([
    `Expected \`${name}\` to be ${expected[name]}, got ${got}`,
  ]);
});

test.each([`${TOPIC}.fifo`, 'alerts', 'arn:aws:sqs:us-east-1:111122223333:alerts'])(
  'alertTopicArn: %j is a fault',
  (alertTopicArn) => {
    expect(faults({ ...complete, alertEmails: '', alertTopicArn })).toEqual([
      `Expected \`alertTopicArn\` to be the ARN of a standard SNS topic (a .fifo topic delivers no e-mail), got "${alertTopicArn}"`,
    ]);
  },
);

test.each([
  [{ alertEmails: '' }, '`alertEmails` and `alertTopicArn` to be set, got neither'],
  [{ alertTopicArn: TOPIC }, '`alertEmails` and `alertTopicArn` to be set, got both'],
  [
    { cloudTrailLogGroup: '' },
    '`cloudTrailLogGroup` and `createTrail=true` to be set, got neither',
  ],
  [{ createTrail: true }, '`cloudTrailLogGroup` and `createTrail=true` to be set, got both'],
])('%j leaves open which of two is meant', (change, fault) => {
  expect(faults({ ...complete, ...change })).toEqual([`Expected exactly one of ${fault}`]);
});

test('all faults are told at once, misspelt names among them', () => {
  expect(faults({ alertEmail: 'a@example.com', createTrail: 'yes' })).toMatchInlineSnapshot(`
[
  "Expected the name of a setting (alertEmails, alertTopicArn, kmsKeyArn, cloudTrailLogGroup, createTrail, autoCancelDeletion, announceDeletions, ownerTagKeys, replacementTagKeys, metricNamespace, metricName, alarmName, logRetentionDays), got \`alertEmail\`",
  "Expected \`createTrail\` to be true or false, got "yes"",
  "Expected \`autoCancelDeletion\` to be off, tagged or all, got nothing",
  "Expected \`announceDeletions\` to be true or false, got nothing",
  "Expected \`ownerTagKeys\` to be comma-separated tag keys, each of 1 to 128 letters, digits, spaces or _.:/=+-@, got nothing",
  "Expected \`replacementTagKeys\` to be comma-separated tag keys, each of 1 to 128 letters, digits, spaces or _.:/=+-@, got nothing",
  "Expected \`metricNamespace\` to be 1 to 255 characters other than : * $, not beginning with AWS/, got nothing",
  "Expected \`metricName\` to be 1 to 255 characters other than : * $, got nothing",
  "Expected \`alarmName\` to be 1 to 255 characters, none of them a control character, got nothing",
  "Expected \`logRetentionDays\` to be one of 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653, got nothing",
  "Expected exactly one of \`alertEmails\` and \`alertTopicArn\` to be set, got neither",
]
`);
});
