import { readFileSync } from 'node:fs';
import { chatName } from '../../../stack/chat.ts';
import { checkSettings } from '../../../stack/check-settings.ts';
import { SETTINGS } from '../../../stack/settings.ts';
import { stack } from '../../../stack/stack.ts';
import {
  CHAT,
  COMPLETE,
  DEPLOYMENT,
  faults,
  KEY,
  SLACK,
  TEAMS,
  TOPIC,
} from './complete-settings.ts';

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
  ['trailPath', 'off', 'off'],
  ['classicAlarm', 'false', false],
  ['classicAlarm', true, true],
  ['autoCancelDeletion', false, 'off'],
  ['autoCancelDeletion', 'false', 'off'],
  ['autoCancelDeletion', 'tagged', 'tagged'],
  ['autoCancelDeletion', 'all', 'all'],
  ['autoCancelDeletion', true, 'all'],
  ['autoCancelDeletion', 'true', 'all'],
  ['organizationId', 'o-a1b2c3d4e5', 'o-a1b2c3d4e5'],
  ['organizationId', `o-${'a'.repeat(32)}`, `o-${'a'.repeat(32)}`],
  ['organizationId', '', undefined],
  ['announceDeletions', true, true],
  ['announceDeletions', 'true', true],
  ['announceDeletions', 'false', false],
  ['maxMailsPerHour', '10', 10],
  ['maxMailsPerHour', 200, 200],
  ['maxDigestPauseHours', '1', 1],
  ['maxDigestPauseHours', 168, 168],
  [
    'ignoredCallers',
    'arn:aws:iam::111122223333:role/scanner-*, *:user/a+b=c@d.e_f',
    ['arn:aws:iam::111122223333:role/scanner-*', '*:user/a+b=c@d.e_f'],
  ],
  [
    'ignoredCallers',
    'arn:aws:iam::111122223333:*,444455556666,backup.amazonaws.com',
    ['arn:aws:iam::111122223333:*', '444455556666', 'backup.amazonaws.com'],
  ],
  [
    'ignoredCallers',
    'arn:aws:sts::*:assumed-role/AWSReservedSSO_*/alice,*:assumed-role/*/bob,111122223333/AIDAEXAMPLE,96f0c8a1-1111-4222-8333-444455556666',
    [
      'arn:aws:sts::*:assumed-role/AWSReservedSSO_*/alice',
      '*:assumed-role/*/bob',
      '111122223333/AIDAEXAMPLE',
      '96f0c8a1-1111-4222-8333-444455556666',
    ],
  ],
  ['chatTopicArn', CHAT, CHAT],
  ['chatButtons', 'false', false],
  ['maxChatMessagesPerHour', '600', 600],
  ['eventBusName', 'security/events', 'security/events'],
  ['eventBusName', '', undefined],
  ['dashboard', 'false', false],
  [
    'ownerTagKeys',
    'Owner, cost centre, aws:cloudformation:stack-name',
    ['Owner', 'cost centre', 'aws:cloudformation:stack-name'],
  ],
  ['metricNamespace', 'Security/Secrets', 'Security/Secrets'],
  ['alarmName', ' Attempts on deleted secrets ', 'Attempts on deleted secrets'],
  ['logRetentionDays', '3653', 3653],
])('%s: %j is read as %j', (name, value, expected) => {
  expect(checkSettings({ ...COMPLETE, [name]: value }, DEPLOYMENT)).toHaveProperty(name, expected);
});

test.each([
  ['as it stands in a link', '19%3aabc-DEF_1%40thread.tacv2', '19%3aabc-DEF_1%40thread.tacv2'],
  ['as Teams shows it', '19:abc-DEF_1@thread.tacv2', '19%3Aabc-DEF_1%40thread.tacv2'],
])('the id of a Teams channel is read %s', (_, teamsChannelId, expected) => {
  const settings = checkSettings({ ...COMPLETE, ...TEAMS, teamsChannelId }, DEPLOYMENT);
  expect(settings.teamsChannelId).toBe(expected);
});

test.each([
  [SLACK, 'Slack channel C012ABCDEFG'],
  [TEAMS, 'Teams channel abc-DEF_1'],
  [{ ...TEAMS, teamsChannelId: '19:4f2e1a0b9c8d7e6f@thread.tacv2' }, 'Teams channel 4f2e1a0b9c8d'],
  [{ ...TEAMS, teamsChannelId: '19%3ax.example/=y%40thread.tacv2' }, 'Teams channel xexampley'],
  [{ chatTopicArn: CHAT }, undefined],
])('in the mutes of its buttons the chat of %j is called %s', (settings, expected) => {
  expect(chatName(checkSettings({ ...COMPLETE, ...settings }, DEPLOYMENT))).toBe(expected);
});

test.each([
  [SLACK, 'slackWorkspaceId', 'acme'],
  [SLACK, 'slackWorkspaceId', 'https://acme.slack.com'],
  [SLACK, 'slackChannelId', 'alerts'],
  [SLACK, 'slackChannelId', '#alerts'],
  [SLACK, 'slackChannelId', 'D012ABCDEFG'],
  [TEAMS, 'teamsTenantId', 'acme.onmicrosoft.com'],
  [TEAMS, 'teamId', 'security'],
  [TEAMS, 'teamsChannelId', 'alerts'],
  [TEAMS, 'teamsChannelId', '19%3aabc%40thread.tacv2?groupId=1'],
  [TEAMS, 'teamsChannelId', '19%3aabc%40thread.tacv2/General${x}'],
] as const)(
  'of the chat %j %s=%s is a fault that says where to find the id',
  (chat, name, value) => {
    const [fault, ...others] = faults({ ...COMPLETE, ...chat, [name]: value });
    expect(others).toEqual([]);
    expect(fault).toContain(`Expected \`${name}\` to be the id of a `);
    expect(fault).toMatch(/\(.*(?:link|console of Amazon Q Developer).*\), got "/);
  },
);

test('more ignored callers than the environment of a function holds are refused', () => {
  const callers = (count: number) =>
    Array.from({ length: count }, (_, i) => `*:role/ci-${String(i).padStart(4, '0')}`).join(',');
  const check = (count: number) =>
    checkSettings({ ...COMPLETE, ignoredCallers: callers(count) }, DEPLOYMENT);
  expect(check(200).ignoredCallers).toHaveLength(200); // 2,999 characters
  expect(() => check(201)).toThrow(/`ignoredCallers` to be .* at most 3000 characters in all/);
});

const expected: Record<string, string> = {
  alertEmails: 'comma-separated e-mail addresses, each once',
  kmsKeyArn: 'the ARN of a KMS key (an IAM policy cannot grant the use of an alias)',
  cloudTrailLogGroup: 'the name, not the ARN, of a log group: 1 to 512 letters, digits or _./#-',
  createTrail: 'true or false',
  trailPath: 'all or off',
  classicAlarm: 'true or false',
  autoCancelDeletion: 'off, tagged or all',
  organizationId: 'the id of an organization: o- and 10 to 32 lower-case letters or digits',
  announceDeletions: 'true or false',
  maxMailsPerHour: 'a whole number from 10 to 200',
  maxDigestPauseHours: 'a whole number from 1 to 168',
  ignoredCallers:
    'comma-separated patterns of what a mail shows as Caller ARN (* stands for any characters; of a role, not of its sessions: arn:aws:iam::*:role/scanner), none of which fits everybody or nobody, at most 3000 characters in all',
  ownerTagKeys: 'comma-separated tag keys, each of 1 to 128 letters, digits, spaces or _.:/=+-@',
  metricNamespace: '1 to 255 characters other than : * $, not beginning with AWS/',
  metricName: '1 to 255 characters other than : * $',
  alarmName: '1 to 255 characters, none of them a control character',
  alarmMails: 'unexplained or always',
  chatTopicArn: 'the ARN of a standard SNS topic that is connected to a chat',
  chatButtons: 'true or false',
  maxChatMessagesPerHour: 'a whole number from 10 to 600',
  eventBusName: 'the name, not the ARN, of an event bus: 1 to 256 letters, digits or ./-_',
  dashboard: 'true or false',
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
  ['trailPath', false, '"false"'],
  ['trailPath', 'toString', '"toString"'],
  ['classicAlarm', 'off', '"off"'],
  ['autoCancelDeletion', 'toString', '"toString"'],
  ['organizationId', 'o-a1b2c3d4e', '"o-a1b2c3d4e"'],
  ['organizationId', `o-${'a'.repeat(33)}`, `"o-${'a'.repeat(33)}"`],
  ['organizationId', 'o-A1B2C3D4E5', '"o-A1B2C3D4E5"'],
  ['organizationId', 'ou-ab12-a1b2c3d4e5', '"ou-ab12-a1b2c3d4e5"'],
  ['organizationId', true, '"true"'],
  ['announceDeletions', 'all', '"all"'],
  ['maxMailsPerHour', 9, '"9"'],
  ['maxMailsPerHour', '', 'nothing'],
  ['maxMailsPerHour', '1e2', '"1e2"'],
  ['maxMailsPerHour', '10.5', '"10.5"'],
  ['maxMailsPerHour', '201', '"201"'],
  ['maxDigestPauseHours', 0, '"0"'],
  ['maxDigestPauseHours', 169, '"169"'],
  ['ignoredCallers', '*', '"*"'],
  ['ignoredCallers', 'arn:aws-eusc:iam::*:role/*', '"arn:aws-eusc:iam::*:role/*"'],
  ['ignoredCallers', 'arn:aws:iam::111122223333:role/a,', '"arn:aws:iam::111122223333:role/a,"'],
  ['ignoredCallers', 'role/a b', '"role/a b"'],
  ['ignoredCallers', 'role/scanner', '"role/scanner"'],
  ['ignoredCallers', 'scanner', '"scanner"'],
  [
    'ignoredCallers',
    'arn:aws:sts::*:assumed-role/scanner/*',
    '"arn:aws:sts::*:assumed-role/scanner/*"',
  ],
  ['ignoredCallers', 'a,arn:aws-cn:sts::*:assumed-role/*', '"a,arn:aws-cn:sts::*:assumed-role/*"'],
  ['chatTopicArn', `${CHAT}.fifo`, `"${CHAT}.fifo"`],
  ['chatButtons', 'no', '"no"'],
  ['maxChatMessagesPerHour', '9', '"9"'],
  ['maxChatMessagesPerHour', '601', '"601"'],
  [
    'eventBusName',
    'arn:aws:events:us-east-1:111122223333:event-bus/default',
    '"arn:aws:events:us-east-1:111122223333:event-bus/default"',
  ],
  ['eventBusName', '${default}', '"${default}"'],
  ['dashboard', 'on', '"on"'],
  ['ownerTagKeys', '', 'nothing'],
  ['ownerTagKeys', 'a,,b', '"a,,b"'],
  ['metricNamespace', 'AWS/SecretsManager', '"AWS/SecretsManager"'],
  ['metricName', 'a:b', '"a:b"'],
  ['alarmName', 'a\nb', '"a\\nb"'],
  ['alarmMails', 'never', '"never"'],
  ['alarmMails', '', 'nothing'],
  ['logRetentionDays', 31, '"31"'],
])('%s: %j is a fault', (name, value, got) => {
  expect(faults({ ...COMPLETE, [name]: value })).toEqual([
    `Expected \`${name}\` to be ${expected[name]}, got ${got}`,
  ]);
});

test.each([`${TOPIC}.fifo`, 'alerts', 'arn:aws:sqs:us-east-1:111122223333:alerts'])(
  'alertTopicArn: %j is a fault',
  (alertTopicArn) => {
    expect(faults({ ...COMPLETE, alertEmails: '', alertTopicArn })).toEqual([
      `Expected \`alertTopicArn\` to be the ARN of a standard SNS topic (a .fifo topic delivers no e-mail), got "${alertTopicArn}"`,
    ]);
  },
);

test('docs/settings.md shows each setting with its default and its meaning', () => {
  const page = readFileSync(new URL('../../../docs/settings.md', import.meta.url), 'utf8');
  const [, rows] = /^\| setting .*\n\|[-|]+\n((?:\|.*\n)+)/m.exec(page) ?? [];
  expect(rows?.trim().split('\n')).toEqual(
    Object.entries(SETTINGS).map(
      ([name, { default: value, doc }]) =>
        `| \`${name}\` | ${value ? `\`${value}\` ` : ''}| ${doc} |`,
    ),
  );
});

test('README.md shows the default of each setting that it names', () => {
  const readme = readFileSync(new URL('../../../README.md', import.meta.url), 'utf8');
  const [, rows = ''] = /^\| setting .*\n\|[-|]+\n((?:\|.*\n)+)/m.exec(readme) ?? [];
  const shown = [...rows.matchAll(/^\| (`.+?`) \| (?:`(.+?)` )?\| /gm)];
  expect(shown).toHaveLength(rows.trim().split('\n').length);
  const defaults = shown.flatMap(([, names = '', value = '']) =>
    Array.from(names.matchAll(/\w+/g), ([name]) => [name, value]),
  );
  expect(SETTINGS).toMatchObject(
    Object.fromEntries(defaults.map(([name, value]) => [name, { default: value }])),
  );
});

test.each([
  'arn:aws:iam::*:role/ci',
  '*/ci',
  'arn:aws:iam::1111*',
  'arn:aws:iam::111122223333:role/te*',
  'arn:aws:iam::111122223333:root',
  'arn:aws*:iam::111122223333:role/scan*',
  '*111122223333*',
  '*:federated-user/bob',
  'arn:*:role/scanner',
])('ignoredCallers takes %s, which can match some callers', (pattern) => {
  expect(faults({ ...COMPLETE, ignoredCallers: pattern })).toEqual([]);
});

test.each([
  'arn:aws:iam::role/scanner',
  'arn:aws:iam:::role/scanner',
  'arn:aws:iam::1234:role/x',
  'arn:aws:iam::1111-2222-3333:role/x',
  'arn:aws:iam::111122223333:role',
  'arn:aws:iam::111122223333:group/devs',
  'arn:aws:iam::*:instance-profile/devs',
  'arn:aws:lambda:eu-west-1:111122223333:function:devs',
  'arn:aws:secretsmanager:eu-west-1:111122223333:secret:prod/db',
  '*assumed-role/scanner/*',
  '*:sts:*:scanner/*',
  '*a*',
  '*ser*',
  'arn:a*',
  '*n:aws*',
  'arn:aws:iam::*:ro*',
  '*.amazonaws.com',
])('ignoredCallers refuses %s, which matches nobody, or everybody of a kind', (pattern) => {
  expect(faults({ ...COMPLETE, ignoredCallers: pattern })).toHaveLength(1);
});

test('docs/costs.md says how many alarms each choice of settings makes', () => {
  const page = readFileSync(new URL('../../../docs/costs.md', import.meta.url), 'utf8');
  const row = page.split('\n').find((line) => /^\| \d+ alarms: /.test(line));
  const alarms = (settings: Record<string, string>, type = 'AWS::CloudWatch::Alarm') => {
    const { template } = stack(checkSettings({ ...COMPLETE, ...settings }, DEPLOYMENT), 'dev');
    return Object.values(template.Resources).filter(({ Type }) => Type === type).length;
  };
  const more = (settings: Record<string, string>) => alarms(settings) - alarms({});
  const off = { trailPath: 'off' };
  const always = { alarmMails: 'always' };
  const noAlarm = { classicAlarm: 'false' };
  expect(row).toContain(
    `| ${alarms({})} alarms: the classic one, the one that suppresses its mail, and ${alarms({}) - 2} by which the service watches itself; ` +
      `${alarms(always)} with \`alarmMails=always\`, ${alarms(noAlarm)} with \`classicAlarm=false\`, ${alarms(off)} with \`trailPath=off\`, ${alarms({ ...off, ...noAlarm, cloudTrailLogGroup: '' })} with both of these; ` +
      `${alarms({ watchGoneSecrets: 'false' })} with \`watchGoneSecrets=false\`, ${alarms({ watchNameClashes: 'false' })} with \`watchNameClashes=false\`; ` +
      `a chat has ${more({ chatTopicArn: CHAT })} more, its buttons ${more(SLACK) - more({ ...SLACK, chatButtons: 'false' })}, an event bus ${more({ eventBusName: 'default' })}, both ${more({ chatTopicArn: CHAT, eventBusName: 'default' })} |`,
  );
  expect(page).toContain(
    `| ${more({ organizationId: 'o-a1b2c3d4e5' })} alarms more of the hub of an organization |`,
  );
  const composites = [{}, always, noAlarm, off].map((one) =>
    alarms(one, 'AWS::CloudWatch::CompositeAlarm'),
  );
  expect(composites).toEqual([1, 0, 0, 0]);
});
