import { combinations, properties, resourcesOfType, template } from './template.ts';

const POWERTOOLS = {
  POWERTOOLS_SERVICE_NAME: 'deleted-secret-notifier-dev',
  POWERTOOLS_METRICS_NAMESPACE: 'deleted-secret-notifier',
};

const common = {
  ...POWERTOOLS,
  TABLE_NAME: { Ref: 'Table' },
  ALERT_TOPIC_ARN: { Ref: 'AlertTopic' },
  OWNER_TAG_KEYS: 'owner,team',
  REPLACEMENT_TAG_KEYS: 'replaced-by',
  MAX_MAILS_PER_HOUR: '20',
};

const environments = {
  example: {
    shared: common,
    notify: { IGNORED_CALLERS: '', AUTO_CANCEL_DELETION: 'off' },
    trackDeletion: { ANNOUNCE_DELETIONS: 'false' },
    summarize: { MAX_DIGEST_PAUSE_HOURS: '24' },
  },
  'own-trail': {
    shared: { ...common, ALERT_TOPIC_ARN: 'arn:aws:sns:eu-west-1:111122223333:alerts' },
    notify: { IGNORED_CALLERS: '', AUTO_CANCEL_DELETION: 'all' },
    trackDeletion: { ANNOUNCE_DELETIONS: 'false' },
    summarize: { MAX_DIGEST_PAUSE_HOURS: '1' },
  },
  everything: {
    shared: {
      ...common,
      OWNER_TAG_KEYS: 'Owner,cost centre',
      REPLACEMENT_TAG_KEYS: 'successor',
      MAX_MAILS_PER_HOUR: '200',
    },
    notify: {
      AUTO_CANCEL_DELETION: 'tagged',
      IGNORED_CALLERS: 'arn:aws:iam::111122223333:role/scanner-*,*:role/ci',
    },
    trackDeletion: { ANNOUNCE_DELETIONS: 'true' },
    summarize: { MAX_DIGEST_PAUSE_HOURS: '168' },
  },
  get member() {
    return this.example;
  },
  get organization() {
    return this.everything;
  },
};

test.each(combinations)('the settings reach the functions: %s', (name) => {
  const { shared, notify, trackDeletion, summarize } = environments[name];
  const environmentOf = (prefix: string) =>
    properties(name, `${prefix}LambdaFunction`).Environment.Variables;
  expect(environmentOf('Notify')).toMatchObject({ ...shared, ...notify });
  expect(environmentOf('TrackDeletion')).toMatchObject({ ...shared, ...trackDeletion });
  expect(environmentOf('Summarize')).toMatchObject({ ...shared, ...summarize });
});

const functions = [
  ['notify', 'Notify', { Timeout: 45, MemorySize: 256 }],
  ['track-deletion', 'TrackDeletion', { Timeout: 30, MemorySize: 256 }],
  ['sift-reads', 'SiftReads', { Timeout: 60, MemorySize: 256 }],
  ['summarize', 'Summarize', { Timeout: 300, MemorySize: 1769 }],
  ['read-trail', 'ReadTrail', { Timeout: 60, MemorySize: 256 }],
  ['chat', 'Chat', { Timeout: 300, MemorySize: 256 }],
  ['bus', 'Bus', { Timeout: 30, MemorySize: 256 }],
  ['buttons', 'Buttons', { Timeout: 12, MemorySize: 256 }],
] as const;

const CHANNEL = {
  Slack: { Ref: 'ChatTopic' },
  given: 'arn:aws:sns:eu-west-1:444455556666:chat',
};
const NOTICE_TOPIC_ARN = { Ref: 'NoticeTopic' };

test('without a channel beside the mail no function is told of one', () => {
  const functions = resourcesOfType('example', 'AWS::Lambda::Function');
  expect(functions).toHaveLength(5);
  expect(JSON.stringify(functions)).not.toMatch(/NOTICE_TOPIC|CHAT|EVENT_BUS/);
});

test.each([
  ['everything', 'Notify', { NOTICE_TOPIC_ARN }],
  ['everything', 'TrackDeletion', { NOTICE_TOPIC_ARN }],
  ['own-trail', 'Summarize', { NOTICE_TOPIC_ARN }],
  [
    'everything',
    'Chat',
    {
      TABLE_NAME: { Ref: 'Table' },
      CHAT_TOPIC_ARN: CHANNEL.Slack,
      MAX_CHAT_MESSAGES_PER_HOUR: '600',
      CHAT_BUTTONS: 'true',
    },
  ],
  ['own-trail', 'Chat', { CHAT_TOPIC_ARN: CHANNEL.given, CHAT_BUTTONS: 'false' }],
  ['everything', 'Bus', { TABLE_NAME: { Ref: 'Table' }, EVENT_BUS_NAME: 'security/events' }],
  ['everything', 'Buttons', { STAGE: 'dev', CHAT_NAME: 'Slack channel C012ABCDEFG' }],
  ['member', 'Buttons', { STAGE: 'dev', CHAT_NAME: 'Teams channel abc-DEF_1' }],
] as const)('of the channels %s is told to %s what it needs', (name, prefix, expected) => {
  const { Variables } = properties(name, `${prefix}LambdaFunction`).Environment;
  expect(Variables).toMatchObject(expected);
});

test.each(functions)(
  '%s runs on Node.js 24 on arm64, logs JSON and has a role of its own',
  (file, prefix, size) => {
    expect(properties('everything', `${prefix}LambdaFunction`)).toMatchObject({
      FunctionName: `deleted-secret-notifier-dev-${file}`,
      Handler: `functions/${file}.handler`,
      Runtime: 'nodejs24.x',
      Architectures: ['arm64'],
      ...size,
      LoggingConfig: { LogFormat: 'JSON' },
      Role: { 'Fn::Sub': `\${${prefix}Role.Arn}` },
    });
  },
);

const onEvents = functions.filter(([name]) => name !== 'buttons' && name !== 'sift-reads');

test('who presses a button waits for the answer, as what takes from a queue does, and no event is kept', () => {
  expect(template('everything').Resources).not.toHaveProperty('ButtonsLambdaEvConf');
  expect(template('everything').Resources).not.toHaveProperty('SiftReadsLambdaEvConf');
});

test.each(onEvents)('an event that %s fails on is tried again twice, then kept', (_, prefix) => {
  expect(properties('everything', `${prefix}LambdaEvConf`)).toMatchObject({
    MaximumRetryAttempts: 2,
    MaximumEventAgeInSeconds: 21_600,
    DestinationConfig: { OnFailure: { Destination: { 'Fn::GetAtt': ['DeadLetterQueue', 'Arn'] } } },
  });
});

test.each([
  ['example', 30],
  ['own-trail', 90],
  ['everything', 7],
] as const)('the logs are kept as long as the setting says: %s', (name, days) => {
  const groups = resourcesOfType(name, 'AWS::Logs::LogGroup');
  expect(groups.length).toBeGreaterThanOrEqual(4);
  for (const [, { Properties }] of groups) expect(Properties.RetentionInDays).toBe(days);
});

const chatOutputs = (channel: string) => [
  ['ChatTopicArn', { Ref: 'ChatTopic' }],
  ['ChatFunctionName', { Ref: 'ChatLambdaFunction' }],
  ['ChatConfigurationArn', { 'Fn::GetAtt': [channel, 'Arn'] }],
  ['ButtonsFunctionName', { Ref: 'ButtonsLambdaFunction' }],
];
const givenChat = [
  ['ChatTopicArn', CHANNEL.given],
  ['ChatFunctionName', { Ref: 'ChatLambdaFunction' }],
];
const busOutputs = [
  ['BusFunctionName', { Ref: 'BusLambdaFunction' }],
  ['EventBusName', 'security/events'],
];
const channelOutputs = {
  example: [],
  'own-trail': givenChat,
  everything: [...chatOutputs('SlackChannel'), ...busOutputs],
  member: chatOutputs('TeamsChannel'),
  organization: [...givenChat, ...busOutputs],
};

test.each(combinations)('the outputs name what an operator looks for: %s', (name) => {
  const { ServerlessDeploymentBucketName, ...outputs } = template(name).Outputs;
  expect(ServerlessDeploymentBucketName).toBeDefined(); // how Serverless finds its own bucket again
  expect(Object.entries(outputs).map(([key, { Value }]) => [key, Value])).toEqual([
    ['AlertTopicArn', environments[name].shared.ALERT_TOPIC_ARN],
    ...(name === 'member' ? [] : [['AlarmName', { Ref: 'AttemptsAlarm' }]]),
    ...(name === 'own-trail' || name === 'member'
      ? []
      : [['UnexplainedAlarmName', { Ref: 'UnexplainedAttemptsAlarm' }]]),
    ['NotifyRuleName', { Ref: 'NotifyRule' }],
    ['NotifyFunctionName', { Ref: 'NotifyLambdaFunction' }],
    ...(name === 'own-trail'
      ? []
      : [
          ['SiftReadsRuleName', { Ref: 'SiftReadsRule' }],
          ['ReadsQueueUrl', { Ref: 'SiftReadsQueue' }],
          ['SiftReadsFunctionName', { Ref: 'SiftReadsLambdaFunction' }],
        ]),
    ['TrackDeletionRuleName', { Ref: 'TrackDeletionRule' }],
    ...(name === 'member' ? [] : [['TrackClashesRuleName', { Ref: 'TrackDeletionClashRule' }]]),
    ['TrackDeletionFunctionName', { Ref: 'TrackDeletionLambdaFunction' }],
    ['SummarizeFunctionName', { Ref: 'SummarizeLambdaFunction' }],
    ...(name === 'member' ? [] : [['ReadTrailFunctionName', { Ref: 'ReadTrailLambdaFunction' }]]),
    ['TableName', { Ref: 'Table' }],
    ['DeadLetterQueueUrl', { Ref: 'DeadLetterQueue' }],
    ...(name === 'own-trail' ? [] : [['DashboardName', { Ref: 'Dashboard' }]]),
    ...(name === 'organization'
      ? [
          ['HubBusArn', { 'Fn::GetAtt': ['HubBus', 'Arn'] }],
          ['OrganizationId', 'o-a1b2c3d4e5'],
          ['OperatorRoleArn', { 'Fn::GetAtt': ['OperatorRole', 'Arn'] }],
        ]
      : []),
    ...channelOutputs[name],
  ]);
});
