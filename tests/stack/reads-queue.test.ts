import { properties, template } from './template.ts';

const QUEUE_ARN = { 'Fn::GetAtt': ['SiftReadsQueue', 'Arn'] };

test('a read waits until the deletion of its secret is known, and goes to the dead-letter queue after five tries', () => {
  expect(properties('example', 'SiftReadsQueue')).toEqual({
    SqsManagedSseEnabled: true,
    DelaySeconds: 300,
    MessageRetentionPeriod: 345_600,
    VisibilityTimeout: 365,
    RedrivePolicy: {
      deadLetterTargetArn: { 'Fn::GetAtt': ['DeadLetterQueue', 'Arn'] },
      maxReceiveCount: 5,
    },
  });
});

test('the queue does not hand a read over again while the function may still be at work on it', () => {
  const { Timeout } = properties('example', 'SiftReadsLambdaFunction');
  const { MaximumBatchingWindowInSeconds } = properties('example', 'SiftReadsMapping');
  const { VisibilityTimeout } = properties('example', 'SiftReadsQueue');
  expect(VisibilityTimeout).toBe(6 * Timeout + MaximumBatchingWindowInSeconds);
});

test.each([
  ['example', ['SiftReadsRule']],
  ['organization', ['SiftReadsRule', 'SiftReadsHubRule']],
] as const)(
  'only its rules may send to the queue by its policy, and only over TLS: %s',
  (name, rules) => {
    expect(properties(name, 'SiftReadsQueuePolicy')).toEqual({
      Queues: [{ Ref: 'SiftReadsQueue' }],
      PolicyDocument: {
        Version: '2012-10-17',
        Statement: [
          ...rules.map((rule) => ({
            Sid: `Allow${rule}`,
            Effect: 'Allow',
            Principal: { Service: 'events.amazonaws.com' },
            Action: 'sqs:SendMessage',
            Resource: QUEUE_ARN,
            Condition: { ArnEquals: { 'aws:SourceArn': { 'Fn::GetAtt': [rule, 'Arn'] } } },
          })),
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
  },
);

test('a probe of names is handed over in batches, and takes two runs at a time of the concurrency of the account', () => {
  expect(properties('example', 'SiftReadsMapping')).toEqual({
    EventSourceArn: QUEUE_ARN,
    FunctionName: { Ref: 'SiftReadsLambdaFunction' },
    BatchSize: 1000,
    MaximumBatchingWindowInSeconds: 5,
    ScalingConfig: { MaximumConcurrency: 2 },
    FunctionResponseTypes: ['ReportBatchItemFailures'],
  });
});

test('the function knows the table, and whom it hands reads on to', () => {
  expect(properties('example', 'SiftReadsLambdaFunction').Environment.Variables).toEqual({
    POWERTOOLS_SERVICE_NAME: 'deleted-secret-notifier-dev',
    POWERTOOLS_METRICS_NAMESPACE: 'deleted-secret-notifier',
    TABLE_NAME: { Ref: 'Table' },
    NOTIFY_FUNCTION_NAME: { Ref: 'NotifyLambdaFunction' },
  });
});

test.each([
  [
    'own-trail',
    'watchGoneSecrets',
    /SiftReads|ReadsQueue|ReadsWaiting|GoneReads|find the specified/,
  ],
  ['member', 'watchNameClashes', /Clash|CreateSecret/],
] as const)('nothing is left in %s of what %s=false leaves out', (name, _, words) => {
  expect(JSON.stringify(template(name))).not.toMatch(words);
  expect(JSON.stringify(template('example'))).toMatch(words);
});
