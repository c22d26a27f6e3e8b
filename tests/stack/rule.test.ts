import { combinations, properties, resourcesOfType } from './template.ts';

const RULE_ARN = { 'Fn::GetAtt': ['NotifyRule', 'Arn'] };
const FUNCTION_ARN = { 'Fn::GetAtt': ['NotifyLambdaFunction', 'Arn'] };
const QUEUE_ARN = { 'Fn::GetAtt': ['DeadLetterQueue', 'Arn'] };

test('the rule sees read events and picks failed requests for deleted secrets only', () => {
  const { State, EventPattern, EventBusName } = properties('example', 'NotifyRule');
  expect(State).toBe('ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS');
  expect(EventBusName).toBeUndefined(); // events of AWS services come to the default bus only
  expect(EventPattern).toEqual({
    source: ['aws.secretsmanager'],
    'detail-type': ['AWS API Call via CloudTrail'],
    detail: {
      eventSource: ['secretsmanager.amazonaws.com'],
      eventName: ['GetSecretValue'],
      errorMessage: [{ wildcard: '*marked for deletion*' }],
    },
  });
});

test('the rule retries as long as EventBridge can and keeps what it cannot hand over', () => {
  expect(properties('example', 'NotifyRule').Targets).toEqual([
    {
      Id: 'notify',
      Arn: FUNCTION_ARN,
      RetryPolicy: { MaximumEventAgeInSeconds: 86_400, MaximumRetryAttempts: 185 },
      DeadLetterConfig: { Arn: QUEUE_ARN },
    },
  ]);
});

test('the rule, and nothing else, may invoke the function', () => {
  for (const name of combinations) {
    expect(
      resourcesOfType(name, 'AWS::Lambda::Permission').map(([, { Properties }]) => Properties),
    ).toEqual([
      {
        FunctionName: { Ref: 'NotifyLambdaFunction' },
        Action: 'lambda:InvokeFunction',
        Principal: 'events.amazonaws.com',
        SourceArn: RULE_ARN,
      },
    ]);
  }
});

test('the dead-letter queue is encrypted and keeps events for 14 days', () => {
  expect(properties('example', 'DeadLetterQueue')).toEqual({
    SqsManagedSseEnabled: true,
    MessageRetentionPeriod: 1_209_600,
  });
});

test('only the rule may send to the dead-letter queue by its policy, and only over TLS', () => {
  expect(properties('example', 'DeadLetterQueuePolicy')).toEqual({
    Queues: [{ Ref: 'DeadLetterQueue' }],
    PolicyDocument: {
      Version: '2012-10-17',
      Statement: [
        {
          Sid: 'AllowNotifyRule',
          Effect: 'Allow',
          Principal: { Service: 'events.amazonaws.com' },
          Action: 'sqs:SendMessage',
          Resource: QUEUE_ARN,
          Condition: { ArnEquals: { 'aws:SourceArn': RULE_ARN } },
        },
        {
          Sid: 'DenyInsecureTransport',
          Effect: 'Deny',
          Principal: '*',
          Action: 'sqs:*',
          Resource: QUEUE_ARN,
          Condition: { Bool: { 'aws:SecureTransport': 'false' } },
        },
      ],
    },
  });
});
