import { readSettings } from '../../../stack/settings.ts';
import { COMPLETE, DEPLOYMENT, faults, KEY, REGION, TOPIC } from './complete-settings.ts';

test('settings of any form are read into one', () => {
  expect(readSettings(COMPLETE, DEPLOYMENT)).toEqual({
    ...COMPLETE,
    alertEmails: ['a@example.com'],
    alertTopicArn: undefined,
    kmsKeyArn: undefined,
    ignoredCallers: [],
    ownerTagKeys: ['owner', 'team'],
    replacementTagKeys: ['replaced-by'],
    metricName: 'AttemptsToAccessDeletedSecrets',
  });
});

test('a topic given and a trail made take the place of addresses and a log group', () => {
  const raw = {
    alertEmails: '',
    alertTopicArn: TOPIC,
    cloudTrailLogGroup: '',
    createTrail: 'true',
  };
  const settings = readSettings({ ...COMPLETE, ...raw }, DEPLOYMENT);
  expect(settings).toMatchObject({ alertEmails: [], alertTopicArn: TOPIC, createTrail: true });
});

test.each([
  ['alertTopicArn', TOPIC, { alertEmails: '' }],
  ['kmsKeyArn', KEY, {}],
])('%s of another Region is a fault', (name, arn, others) => {
  const elsewhere = arn.replace(REGION, 'us-west-2');
  expect(faults({ ...COMPLETE, ...others, [name]: arn })).toEqual([]);
  expect(faults({ ...COMPLETE, ...others, [name]: elsewhere })).toEqual([
    `Expected \`${name}\` to be in the deployment's Region us-east-1, got "${elsewhere}"`,
  ]);
});

test.each([
  [{ alertEmails: '' }, '`alertEmails` and `alertTopicArn` to be set, got neither'],
  [{ alertTopicArn: TOPIC }, '`alertEmails` and `alertTopicArn` to be set, got both'],
  [
    { cloudTrailLogGroup: '' },
    '`cloudTrailLogGroup` and `createTrail=true` to be set, got neither',
  ],
  [{ createTrail: true }, '`cloudTrailLogGroup` and `createTrail=true` to be set, got both'],
])('%j leaves open which of two is meant', (change, fault) => {
  expect(faults({ ...COMPLETE, ...change })).toEqual([`Expected exactly one of ${fault}`]);
});

test.each([
  ['AttemptsToAccessDeletedSecretsAlarm', '', 'AttemptsToAccessDeletedSecrets'],
  ['AttemptsToAccessDeletedSecretsAlarm-dev', '', 'AttemptsToAccessDeletedSecretsAlarm-dev'],
  ['dev: attempts *', '', 'dev- attempts -'],
  ['AttemptsToAccessDeletedSecretsAlarm-dev', 'Attempts', 'Attempts'],
])('the metric of alarm %j and metricName %j is %s', (alarmName, metricName, expected) => {
  const settings = readSettings({ ...COMPLETE, alarmName, metricName }, DEPLOYMENT);
  expect(settings).toMatchObject({ alarmName, metricName: expected });
});

test.each([
  ['alertemail', 'did you mean `alertEmails`?'],
  ['quietWindowMins', 'did you mean `quietWindowMinutes`?'],
  ['logGroup', 'the settings are alertEmails, alertTopicArn, '],
  ['toString', 'the settings are alertEmails, alertTopicArn, '],
])('the misspelt name %s comes with what is meant', (name, hint) => {
  const [fault, ...others] = faults({ ...COMPLETE, [name]: 'x' });
  expect(fault).toContain(`Expected the name of a setting, got \`${name}\`: ${hint}`);
  expect(others).toEqual([]);
});

test('a stage that makes a name too long for Lambda is a fault before anything is packaged', () => {
  const functionNames = (stage: string) => [
    `deleted-secret-notifier-${stage}-notify`,
    `deleted-secret-notifier-${stage}-track-deletion`,
  ];
  const stage = (length: number) => 's'.repeat(length);
  const faultsOf = (length: number) =>
    faults(COMPLETE, { region: REGION, functionNames: functionNames(stage(length)) });
  expect(faultsOf(25)).toEqual([]);
  expect(faultsOf(27)).toEqual([
    `Expected the name of each function to be at most 64 characters, got \`deleted-secret-notifier-${stage(27)}-track-deletion\`: take a stage that is 2 characters shorter`,
  ]);
});

test('all faults are told at once, misspelt names among them', () => {
  expect(faults({ alertEmail: 'a@example.com', createTrail: 'yes' })).toMatchInlineSnapshot(`
[
  "Expected the name of a setting, got \`alertEmail\`: did you mean \`alertEmails\`?",
  "Expected \`createTrail\` to be true or false, got "yes"",
  "Expected \`autoCancelDeletion\` to be off, tagged or all, got nothing",
  "Expected \`announceDeletions\` to be true or false, got nothing",
  "Expected \`quietWindowMinutes\` to be a whole number from 1 to 1440, got nothing",
  "Expected \`summaryEveryMinutes\` to be a whole number from 1 to 1440, got nothing",
  "Expected \`maxAlertsPerMinute\` to be a whole number from 2 to 400, got nothing",
  "Expected \`ownerTagKeys\` to be comma-separated tag keys, each of 1 to 128 letters, digits, spaces or _.:/=+-@, got nothing",
  "Expected \`replacementTagKeys\` to be comma-separated tag keys, each of 1 to 128 letters, digits, spaces or _.:/=+-@, got nothing",
  "Expected \`metricNamespace\` to be 1 to 255 characters other than : * $, not beginning with AWS/, got nothing",
  "Expected \`alarmName\` to be 1 to 255 characters, none of them a control character, got nothing",
  "Expected \`dashboard\` to be true or false, got nothing",
  "Expected \`logRetentionDays\` to be one of 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653, got nothing",
  "Expected exactly one of \`alertEmails\` and \`alertTopicArn\` to be set, got neither",
]
`);
});
