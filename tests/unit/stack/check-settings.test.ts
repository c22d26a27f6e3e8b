import { checkSettings } from '../../../stack/check-settings.ts';
import { SETTINGS } from '../../../stack/settings.ts';
import {
  CHAT,
  COMPLETE,
  DEPLOYMENT,
  faults,
  KEY,
  REGION,
  SLACK,
  TEAMS,
  TOPIC,
} from './complete-settings.ts';

test('what is not given is the default', () => {
  const settings = checkSettings(COMPLETE, DEPLOYMENT);
  expect(settings).toMatchObject({
    alertEmails: ['a@example.com'],
    alertTopicArn: undefined,
    kmsKeyArn: undefined,
    cloudTrailLogGroup: 'CloudTrail/MyCloudWatchLogGroup',
    createTrail: false,
    trailPath: 'all',
    classicAlarm: true,
    autoCancelDeletion: 'off',
    organizationId: undefined,
    slackWorkspaceId: undefined,
    slackChannelId: undefined,
    teamsTenantId: undefined,
    teamId: undefined,
    teamsChannelId: undefined,
    chatTopicArn: undefined,
    chatButtons: true,
    maxChatMessagesPerHour: 60,
    eventBusName: undefined,
    announceDeletions: false,
    maxMailsPerHour: 20,
    maxDigestPauseHours: 24,
    ignoredCallers: [],
    ownerTagKeys: ['owner', 'team'],
    replacementTagKeys: ['replaced-by'],
    metricNamespace: 'CloudTrailLogMetrics',
    metricName: 'AttemptsToAccessDeletedSecrets',
    alarmName: 'AttemptsToAccessDeletedSecretsAlarm',
    alarmMails: 'unexplained',
    dashboard: true,
    logRetentionDays: 30,
  });
  const given = Object.entries(SETTINGS).map(([name, setting]) => [name, setting.default]);
  expect(checkSettings({ ...Object.fromEntries(given), ...COMPLETE }, DEPLOYMENT)).toEqual(
    settings,
  );
});

test('a topic given and a trail made take the place of addresses and a log group', () => {
  const raw = {
    alertEmails: '',
    alertTopicArn: TOPIC,
    cloudTrailLogGroup: '',
    createTrail: 'true',
  };
  const settings = checkSettings({ ...COMPLETE, ...raw }, DEPLOYMENT);
  expect(settings).toMatchObject({ alertEmails: [], alertTopicArn: TOPIC, createTrail: true });
});

test.each([
  ['alertTopicArn', TOPIC, { alertEmails: '' }],
  ['chatTopicArn', CHAT, {}],
  ['kmsKeyArn', KEY, {}],
])('%s of another Region is a fault', (name, arn, others) => {
  const elsewhere = arn.replace(REGION, 'us-west-2');
  expect(faults({ ...COMPLETE, ...others, [name]: arn })).toEqual([]);
  expect(faults({ ...COMPLETE, ...others, [name]: elsewhere })).toEqual([
    `Expected \`${name}\` to be in the deployment's Region us-east-1, got "${elsewhere}"`,
  ]);
});

const CHOICES = `Which of these?
  cloudTrailLogGroup=NAME: a trail delivers to a log group of this account and Region
  createTrail=true: there is no trail yet; beside another it is a second one, which AWS bills
  trailPath=off with classicAlarm=false: the only trail is an organization's, its log group in another account; the rule then hears this account and Region only
  docs/deploy.md#which-deployment says what each of them hears`;

test.each([
  [{ alertEmails: '' }, '`alertEmails` and `alertTopicArn` to be set, got neither'],
  [{ alertTopicArn: TOPIC }, '`alertEmails` and `alertTopicArn` to be set, got both'],
  [
    { cloudTrailLogGroup: '' },
    `\`cloudTrailLogGroup\` and \`createTrail=true\` to be set, got neither. ${CHOICES}`,
  ],
  [{ createTrail: true }, '`cloudTrailLogGroup` and `createTrail=true` to be set, got both'],
])('%j leaves open which of two is meant', (change, fault) => {
  expect(faults({ ...COMPLETE, ...change })).toEqual([`Expected exactly one of ${fault}`]);
});

test.each<[object, number]>([
  [{ trailPath: 'off' }, 1],
  [{ classicAlarm: false }, 1],
  [{ trailPath: 'off', classicAlarm: false }, 0],
  [{ trailPath: 'off', classicAlarm: 'false', createTrail: true }, 0],
])('without a log group %j leaves %i faults', (change, count) => {
  expect(faults({ ...COMPLETE, cloudTrailLogGroup: '', ...change })).toHaveLength(count);
});

test('a log group that nothing uses is fine, for stages that share their settings; two trails are not', () => {
  const unused = { ...COMPLETE, trailPath: 'off', classicAlarm: false };
  expect(faults(unused)).toEqual([]);
  expect(faults({ ...unused, createTrail: true })).toHaveLength(1);
});

describe('the chat', () => {
  test.each([SLACK, TEAMS, { chatTopicArn: CHAT }])('is fine as %j', (chat) => {
    expect(faults({ ...COMPLETE, ...chat })).toEqual([]);
  });

  test.each([
    ['slackWorkspaceId', SLACK, 'slackChannelId'],
    ['slackChannelId', SLACK, 'slackWorkspaceId'],
    ['teamsTenantId', TEAMS, 'teamId', 'teamsChannelId'],
    ['teamId', TEAMS, 'teamsTenantId', 'teamsChannelId'],
    ['teamsChannelId', TEAMS, 'teamsTenantId', 'teamId'],
  ])('named by %s of %j alone lacks others', (name, chat, ...others) => {
    const given = { [name]: chat[name as keyof typeof chat] };
    expect(faults({ ...COMPLETE, ...given })).toEqual(
      others.map(
        (other) =>
          `Expected \`${other}\` to be ${SETTINGS[other as keyof typeof SETTINGS].expected}, as \`${name}\` names its chat, got nothing`,
      ),
    );
  });

  test('is one, and all that is wrong with it is said at once', () => {
    const raw = {
      alertTopicArn: TOPIC,
      cloudTrailLogGroup: 'main',
      slackWorkspaceId: 'acme',
      teamId: 'security',
      chatTopicArn: TOPIC,
    };
    expect(faults(raw)).toMatchInlineSnapshot(`
[
  "Expected \`slackWorkspaceId\` to be the id of a Slack workspace, such as T012ABCDEFG (the console of Amazon Q Developer in chat applications shows it beside the workspace, once that is authorized), got "acme"",
  "Expected \`teamId\` to be the id of a team, a UUID (groupId in the link of the channel: Get link to channel, in its menu), got "security"",
  "Expected at most one chat, got Slack (\`slackWorkspaceId\`) and Microsoft Teams (\`teamId\`) and a topic (\`chatTopicArn\`)",
  "Expected \`slackChannelId\` to be the id of a Slack channel, not its name, such as C012ABCDEFG (the end of its link: Copy link, in its menu), as \`slackWorkspaceId\` names its chat, got nothing",
  "Expected \`teamsTenantId\` to be the id of a Microsoft Teams tenant, a UUID (tenantId in the link of the channel: Get link to channel, in its menu), as \`teamId\` names its chat, got nothing",
  "Expected \`teamsChannelId\` to be the id of a Teams channel, such as 19%3aabc%40thread.tacv2 (what follows /channel/ in its link: Get link to channel, in its menu), as \`teamId\` names its chat, got nothing",
  "Expected \`chatTopicArn\` to be another topic than \`alertTopicArn\`, whose e-mail subscribers would see JSON, got "arn:aws:sns:us-east-1:111122223333:alerts"",
]
`);
  });

  test.each(['cn-north-1', 'us-gov-west-1', 'eusc-de-east-1'])(
    'of a channel is refused in %s, where the service that reaches it is not; a topic or a bus is not',
    (region) => {
      const deployment = { ...DEPLOYMENT, region };
      const chatTopicArn = CHAT.replace(REGION, region);
      expect(faults({ ...COMPLETE, chatTopicArn, eventBusName: 'default' }, deployment)).toEqual(
        [],
      );
      for (const chat of [SLACK, TEAMS]) {
        expect(faults({ ...COMPLETE, ...chat }, deployment)).toEqual([
          expect.stringMatching(
            /^Expected `\w+`.* to be left out in .*: there is no Amazon Q Developer .* Set `chatTopicArn` /,
          ),
        ]);
      }
    },
  );
});

test.each([
  ['AttemptsToAccessDeletedSecretsAlarm', '', 'AttemptsToAccessDeletedSecrets'],
  ['AttemptsToAccessDeletedSecretsAlarm-dev', '', 'AttemptsToAccessDeletedSecretsAlarm-dev'],
  ['dev: attempts *', '', 'dev- attempts -'],
  ['AttemptsToAccessDeletedSecretsAlarm-dev', 'Attempts', 'Attempts'],
])('the metric of alarm %j and metricName %j is %s', (alarmName, metricName, expected) => {
  const settings = checkSettings({ ...COMPLETE, alarmName, metricName }, DEPLOYMENT);
  expect(settings).toMatchObject({ alarmName, metricName: expected });
});

test('an alarm whose name a rule cannot quote mails always, or is a fault', () => {
  const raw = { ...COMPLETE, alarmName: 'the "alarm"' };
  expect(faults({ ...raw, alarmMails: 'always' })).toEqual([]);
  expect(faults(raw)).toEqual([
    'Expected `alarmName` to be without quotes, or `alarmMails=always`, got "the \\"alarm\\""',
  ]);
});

test.each([
  ['alertemail', 'did you mean `alertEmails`?'],
  ['maxMailsPerHr', 'did you mean `maxMailsPerHour`?'],
  ['logGroup', 'the settings are alertEmails, alertTopicArn, '],
  ['quietWindow', 'the settings are alertEmails, alertTopicArn, '],
  ['toString', 'the settings are alertEmails, alertTopicArn, '],
])('the misspelt name %s comes with a suggestion', (name, next) => {
  const [fault, ...others] = faults({ ...COMPLETE, [name]: 'x' });
  expect(fault).toContain(`Expected the name of a setting, got \`${name}\`: ${next}`);
  expect(others).toEqual([]);
});

test.each([
  [
    'quietWindowMinutes',
    'further attempts of a caller are reported by digests, ever further apart; set `maxDigestPauseHours`, the longest pause between two',
  ],
  [
    'summaryEveryMinutes',
    'digests, which go out when they are due, have taken the place of summaries; set `maxDigestPauseHours`, the longest pause between two',
  ],
  ['maxAlertsPerMinute', 'the budget is by the hour; set `maxMailsPerHour`'],
])('%s, a setting of an earlier version, is refused with what to set instead', (name, next) => {
  expect(faults({ ...COMPLETE, [name]: '60' })).toEqual([`\`${name}\` is gone: ${next}`]);
});

test('a stage that makes a name too long for Lambda is a fault before anything is packaged', () => {
  const functionNames = (stage: string) => [
    `deleted-secret-notifier-${stage}-notify`,
    `deleted-secret-notifier-${stage}-track-deletion`,
  ];
  const stage = (length: number) => 's'.repeat(length);
  const faultsOf = (length: number) =>
    faults(COMPLETE, { ...DEPLOYMENT, functionNames: functionNames(stage(length)) });
  expect(faultsOf(25)).toEqual([]);
  expect(faultsOf(27)).toEqual([
    `Expected the name of each function to be at most 64 characters, got \`deleted-secret-notifier-${stage(27)}-track-deletion\`: take a stage that is 2 characters shorter`,
  ]);
});

test.each([
  ['spoke', { organizationId: 'o-a1b2c3d4e5' }, 1],
  ['spoke', {}, 0],
  ['spokes', { organizationId: 'o-a1b2c3d4e5' }, 0],
])(
  'of a hub, whose roles spokes know by their path, the stage %s is a fault: %j',
  (stage, more, count) => {
    expect(faults({ ...COMPLETE, ...more }, { ...DEPLOYMENT, stage })).toEqual(
      Array(count).fill(
        "Expected a stage other than `spoke` with `organizationId`: the roles of such a hub would have the path of its spokes' roles, /deleted-secret-notifier/spoke/, by which these know the hub",
      ),
    );
  },
);

test('all faults are listed at once, misspelt names and settings that are gone among them', () => {
  const raw = {
    alertEmail: 'a@example.com',
    maxAlertsPerMinute: 30,
    createTrail: 'yes',
    ownerTagKeys: null,
    alarmName: '',
  };
  expect(faults(raw)).toMatchInlineSnapshot(`
[
  "\`maxAlertsPerMinute\` is gone: the budget is by the hour; set \`maxMailsPerHour\`",
  "Expected the name of a setting, got \`alertEmail\`: did you mean \`alertEmails\`?",
  "Expected \`createTrail\` to be true or false, got "yes"",
  "Expected \`ownerTagKeys\` to be comma-separated tag keys, each of 1 to 128 letters, digits, spaces or _.:/=+-@, got nothing",
  "Expected \`alarmName\` to be 1 to 255 characters, none of them a control character, got nothing",
  "Expected exactly one of \`alertEmails\` and \`alertTopicArn\` to be set, got neither",
]
`);
});
