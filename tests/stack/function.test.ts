import { combinations, properties, template } from './template.ts';

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
  ['summarize', 'Summarize', { Timeout: 300, MemorySize: 1769 }],
  ['read-trail', 'ReadTrail', { Timeout: 60, MemorySize: 256 }],
] as const;

test.each(functions)(
  '%s runs on Node.js 24 on arm64, logs JSON and has a role of its own',
  (file, prefix, size) => {
    expect(properties('example', `${prefix}LambdaFunction`)).toMatchObject({
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

test.each(functions)('an event that %s fails on is tried again twice, then kept', (_, prefix) => {
  expect(properties('example', `${prefix}LambdaEvConf`)).toMatchObject({
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
  for (const [, prefix] of functions) {
    expect(properties(name, `${prefix}LogGroup`).RetentionInDays).toBe(days);
  }
});

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
    ['TrackDeletionRuleName', { Ref: 'TrackDeletionRule' }],
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
  ]);
});
