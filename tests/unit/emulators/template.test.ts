import {
  functionIds,
  packagedFunction,
  resolve,
  resourceOf,
  type Template,
} from '../../../emulators/template.ts';

const locals = {
  AlertTopic: 'arn:aws:sns:eu-west-1:111122223333:alerts',
  'DeadLetterQueue.Arn': 'arn:aws:sqs:eu-west-1:111122223333:queue',
  'AWS::Region': 'eu-west-1',
};

test.each<[string, unknown, string]>([
  ['a text', 'off', 'off'],
  ['a number', 60, '60'],
  ['a reference', { Ref: 'AlertTopic' }, locals.AlertTopic],
  ['a pseudo parameter', { Ref: 'AWS::Region' }, 'eu-west-1'],
  ['an attribute', { 'Fn::GetAtt': ['DeadLetterQueue', 'Arn'] }, locals['DeadLetterQueue.Arn']],
  ['an attribute in short', { 'Fn::GetAtt': 'DeadLetterQueue.Arn' }, locals['DeadLetterQueue.Arn']],
  [
    'a substitution',
    { 'Fn::Sub': 'x-${AWS::Region}-${DeadLetterQueue.Arn}' },
    `x-eu-west-1-${locals['DeadLetterQueue.Arn']}`,
  ],
  [
    'a substitution with variables',
    { 'Fn::Sub': ['${A}/${AWS::Region}', { A: { Ref: 'AlertTopic' } }] },
    `${locals.AlertTopic}/eu-west-1`,
  ],
  ['an escaped substitution', { 'Fn::Sub': '${!Literal}' }, '${Literal}'],
])('resolves %s', (_, value, expected) => {
  expect(resolve(value, locals)).toBe(expected);
});

test.each<[string, unknown, string]>([
  ['an unknown resource', { Ref: 'Table' }, 'Cannot resolve Table: known are AlertTopic,'],
  [
    'an unknown attribute',
    { 'Fn::GetAtt': ['AlertTopic', 'Name'] },
    'Cannot resolve AlertTopic.Name',
  ],
  ['an unknown name in a text', { 'Fn::Sub': '${Nothing}' }, 'Cannot resolve Nothing'],
  ['another function', { 'Fn::ImportValue': 'x' }, 'Cannot resolve {"Fn::ImportValue":"x"}'],
])('refuses %s', (_, value, message) => {
  expect(() => resolve(value, locals)).toThrow(message);
});

const template: Template = {
  Resources: {
    NotifyLambdaFunction: {
      Type: 'AWS::Lambda::Function',
      Properties: {
        Code: { S3Bucket: { Ref: 'ServerlessDeploymentBucket' }, S3Key: 'serverless/x/notify.zip' },
        Handler: 'functions/notify.handler',
        FunctionName: 'notifier-dev-notify',
        MemorySize: 256,
        Timeout: 30,
        Environment: { Variables: { ALERT_TOPIC_ARN: { Ref: 'AlertTopic' }, MODE: 'off' } },
      },
    },
    NotifyLambdaEvConf: {
      Type: 'AWS::Lambda::EventInvokeConfig',
      Properties: {
        FunctionName: { Ref: 'NotifyLambdaFunction' },
        DestinationConfig: {
          OnFailure: { Destination: { 'Fn::GetAtt': ['DeadLetterQueue', 'Arn'] } },
        },
        MaximumRetryAttempts: 1,
      },
    },
  },
};

test('the functions are found', () => {
  expect(functionIds(template)).toEqual(['NotifyLambdaFunction']);
});

test('a function is read with its environment and its destination', () => {
  expect(packagedFunction(template, 'NotifyLambdaFunction', 'dir', locals)).toEqual({
    name: 'notifier-dev-notify',
    taskRoot: 'dir/notify',
    handler: 'functions/notify.handler',
    environment: { ALERT_TOPIC_ARN: locals.AlertTopic, MODE: 'off' },
    timeout: 30,
    memorySize: 256,
    maximumRetryAttempts: 1,
    onFailure: locals['DeadLetterQueue.Arn'],
  });
});

test('a function without a configuration for failures is tried again twice, and that is all', () => {
  const bare = { Resources: { Notify: resourceOf(template, 'NotifyLambdaFunction') } };
  const config = packagedFunction(bare, 'Notify', 'dir', locals);
  expect(config).toMatchObject({ maximumRetryAttempts: 2, onFailure: undefined });
});

test('a resource that is not there is named, with those that are', () => {
  expect(() => resourceOf(template, 'NotifyRule')).toThrow(
    'Expected a resource NotifyRule in the packaged template, got NotifyLambdaFunction, NotifyLambdaEvConf',
  );
});
