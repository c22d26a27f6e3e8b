import { unzipSync } from 'fflate';
import { combinations, packaged, properties, template } from './template.ts';

const settingsInEnvironment = {
  example: {
    ALERT_TOPIC_ARN: { Ref: 'AlertTopic' },
    AUTO_CANCEL_DELETION: 'off',
    OWNER_TAG_KEYS: 'owner,team',
    REPLACEMENT_TAG_KEYS: 'replaced-by',
  },
  'own-trail': {
    ALERT_TOPIC_ARN: 'arn:aws:sns:us-east-1:111122223333:alerts',
    AUTO_CANCEL_DELETION: 'all',
    OWNER_TAG_KEYS: 'owner,team',
    REPLACEMENT_TAG_KEYS: 'replaced-by',
  },
  everything: {
    ALERT_TOPIC_ARN: { Ref: 'AlertTopic' },
    AUTO_CANCEL_DELETION: 'tagged',
    OWNER_TAG_KEYS: 'Owner,cost centre',
    REPLACEMENT_TAG_KEYS: 'successor',
  },
};

test.each(combinations)('the settings reach the function: %s', (name) => {
  expect(properties(name, 'NotifyLambdaFunction').Environment.Variables).toEqual({
    POWERTOOLS_SERVICE_NAME: 'deleted-secret-notifier',
    POWERTOOLS_METRICS_NAMESPACE: 'deleted-secret-notifier',
    ...settingsInEnvironment[name],
  });
});

test('the function runs on Node.js 24 on arm64, logs JSON and has a role of its own', () => {
  expect(properties('example', 'NotifyLambdaFunction')).toMatchObject({
    Handler: 'functions/notify.handler',
    Runtime: 'nodejs24.x',
    Architectures: ['arm64'],
    MemorySize: 256,
    Timeout: 30,
    LoggingConfig: { LogFormat: 'JSON' },
    Role: { 'Fn::Sub': '${NotifyRole.Arn}' },
  });
});

test('an event that the function fails on is tried again twice, then kept', () => {
  expect(properties('example', 'NotifyLambdaEvConf')).toMatchObject({
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
  expect(properties(name, 'NotifyLogGroup').RetentionInDays).toBe(days);
});

test('the zip holds one small ES module and nothing else', () => {
  const zip = packaged('example', 'notify.zip');
  expect(Object.keys(unzipSync(zip))).toEqual(['functions/notify.mjs']);
  expect(zip.length).toBeLessThan(200_000);
});

test.each(combinations)('the outputs name what an operator looks for: %s', (name) => {
  const { ServerlessDeploymentBucketName, ...outputs } = template(name).Outputs;
  expect(ServerlessDeploymentBucketName).toBeDefined(); // how Serverless finds its own bucket again
  expect(Object.entries(outputs).map(([key, { Value }]) => [key, Value])).toEqual([
    ['AlertTopicArn', settingsInEnvironment[name].ALERT_TOPIC_ARN],
    ['AlarmName', { Ref: 'AttemptsAlarm' }],
    ['NotifyRuleName', { Ref: 'NotifyRule' }],
    ['NotifyFunctionName', { Ref: 'NotifyLambdaFunction' }],
    ['DeadLetterQueueUrl', { Ref: 'DeadLetterQueue' }],
  ]);
});
