import { unzipSync } from 'fflate';
import { combinations, packaged, properties, template } from './template.ts';

const POWERTOOLS = {
  POWERTOOLS_SERVICE_NAME: 'deleted-secret-notifier',
  POWERTOOLS_METRICS_NAMESPACE: 'deleted-secret-notifier',
};

const settingsInEnvironment = {
  example: {
    shared: {
      TABLE_NAME: { Ref: 'Table' },
      ALERT_TOPIC_ARN: { Ref: 'AlertTopic' },
      OWNER_TAG_KEYS: 'owner,team',
      REPLACEMENT_TAG_KEYS: 'replaced-by',
    },
    AUTO_CANCEL_DELETION: 'off',
    ANNOUNCE_DELETIONS: 'false',
  },
  'own-trail': {
    shared: {
      TABLE_NAME: { Ref: 'Table' },
      ALERT_TOPIC_ARN: 'arn:aws:sns:us-east-1:111122223333:alerts',
      OWNER_TAG_KEYS: 'owner,team',
      REPLACEMENT_TAG_KEYS: 'replaced-by',
    },
    AUTO_CANCEL_DELETION: 'all',
    ANNOUNCE_DELETIONS: 'false',
  },
  everything: {
    shared: {
      TABLE_NAME: { Ref: 'Table' },
      ALERT_TOPIC_ARN: { Ref: 'AlertTopic' },
      OWNER_TAG_KEYS: 'Owner,cost centre',
      REPLACEMENT_TAG_KEYS: 'successor',
    },
    AUTO_CANCEL_DELETION: 'tagged',
    ANNOUNCE_DELETIONS: 'true',
  },
};

test.each(combinations)('the settings reach the functions: %s', (name) => {
  const { shared, AUTO_CANCEL_DELETION, ANNOUNCE_DELETIONS } = settingsInEnvironment[name];
  expect(properties(name, 'NotifyLambdaFunction').Environment.Variables).toEqual({
    ...POWERTOOLS,
    ...shared,
    AUTO_CANCEL_DELETION,
  });
  expect(properties(name, 'TrackDeletionLambdaFunction').Environment.Variables).toEqual({
    ...POWERTOOLS,
    ...shared,
    ANNOUNCE_DELETIONS,
  });
});

const functions = [
  ['notify', 'Notify'],
  ['track-deletion', 'TrackDeletion'],
] as const;

test.each(functions)(
  '%s runs on Node.js 24 on arm64, logs JSON and has a role of its own',
  (file, prefix) => {
    expect(properties('example', `${prefix}LambdaFunction`)).toMatchObject({
      FunctionName: `deleted-secret-notifier-dev-${file}`,
      Handler: `functions/${file}.handler`,
      Runtime: 'nodejs24.x',
      Architectures: ['arm64'],
      MemorySize: 256,
      Timeout: 30,
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

test.each([
  ['notify', 'notify.zip'],
  ['track-deletion', 'trackDeletion.zip'],
])('the zip of %s holds one small ES module and nothing else', (file, name) => {
  const zip = packaged('example', name);
  expect(Object.keys(unzipSync(zip))).toEqual([`functions/${file}.mjs`]);
  expect(zip.length).toBeLessThan(200_000);
});

test.each(combinations)('the outputs name what an operator looks for: %s', (name) => {
  const { ServerlessDeploymentBucketName, ...outputs } = template(name).Outputs;
  expect(ServerlessDeploymentBucketName).toBeDefined(); // how Serverless finds its own bucket again
  expect(Object.entries(outputs).map(([key, { Value }]) => [key, Value])).toEqual([
    ['AlertTopicArn', settingsInEnvironment[name].shared.ALERT_TOPIC_ARN],
    ['AlarmName', { Ref: 'AttemptsAlarm' }],
    ['NotifyRuleName', { Ref: 'NotifyRule' }],
    ['NotifyFunctionName', { Ref: 'NotifyLambdaFunction' }],
    ['TrackDeletionRuleName', { Ref: 'TrackDeletionRule' }],
    ['TrackDeletionFunctionName', { Ref: 'TrackDeletionLambdaFunction' }],
    ['TableName', { Ref: 'Table' }],
    ['DeadLetterQueueUrl', { Ref: 'DeadLetterQueue' }],
  ]);
});
