import { type Combination, combinations, properties, resourcesOfType } from './template.ts';

const QUEUE_ARN = { 'Fn::GetAtt': ['DeadLetterQueue', 'Arn'] };

const functions = [
  ['notify', 'Notify'],
  ['trackDeletion', 'TrackDeletion'],
  ['summarize', 'Summarize'],
] as const;

const ruleArn = (prefix: string) => ({ 'Fn::GetAtt': [`${prefix}Rule`, 'Arn'] });

test.each([
  [
    'failed requests for deleted secrets only, which are reads',
    'NotifyRule',
    'ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS',
    {
      eventName: ['GetSecretValue'],
      errorCode: [{ wildcard: '*InvalidRequest*' }, { exists: false }],
      errorMessage: [{ wildcard: '*marked for deletion*' }],
    },
  ],
  [
    'reads that found no secret',
    'SiftReadsRule',
    'ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS',
    {
      eventName: ['GetSecretValue'],
      errorCode: [{ wildcard: '*ResourceNotFound*' }, { exists: false }],
      errorMessage: [{ wildcard: '*find the specified secret*' }],
    },
  ],
  [
    'successful deletions and their cancellations only, which are writes',
    'TrackDeletionRule',
    'ENABLED',
    {
      eventName: ['DeleteSecret', 'RestoreSecret', 'RemoveRegionsFromReplication'],
      errorCode: [{ exists: false }],
    },
  ],
  [
    'creations that a deletion is in the way of, which are writes too',
    'TrackDeletionClashRule',
    'ENABLED',
    {
      eventName: ['CreateSecret'],
      errorCode: [{ wildcard: '*InvalidRequest*' }, { exists: false }],
      errorMessage: [{ wildcard: '*already scheduled for deletion*' }],
    },
  ],
])('a rule picks %s', (_what, rule, state, detail) => {
  const { State, EventPattern, EventBusName } = properties('example', rule);
  expect(State).toBe(state);
  expect(EventBusName).toBeUndefined(); // events of AWS services come to the default bus only
  expect(EventPattern).toEqual({
    source: ['aws.secretsmanager'],
    'detail-type': ['AWS API Call via CloudTrail'],
    detail: { eventSource: ['secretsmanager.amazonaws.com'], ...detail },
  });
});

test.each(combinations)('what is due is looked for every two minutes: %s', (name) => {
  const { ScheduleExpression, State, EventPattern } = properties(name, 'SummarizeRule');
  expect(ScheduleExpression).toBe('rate(2 minutes)');
  expect([State, EventPattern]).toEqual([undefined, undefined]); // enabled, and by time alone
});

test.each([
  ['NotifyRule', 'notify', 'NotifyLambdaFunction'],
  ['TrackDeletionRule', 'trackDeletion', 'TrackDeletionLambdaFunction'],
  ['TrackDeletionClashRule', 'trackDeletion', 'TrackDeletionLambdaFunction'],
  ['SiftReadsRule', 'siftReads', 'SiftReadsQueue'],
  ['SummarizeRule', 'summarize', 'SummarizeLambdaFunction'],
])('%s keeps what it cannot deliver to %s', (rule, key, target) => {
  expect(properties('example', rule).Targets).toEqual([
    {
      Id: key,
      Arn: { 'Fn::GetAtt': [target, 'Arn'] },
      RetryPolicy: {
        MaximumEventAgeInSeconds: expect.any(Number),
        MaximumRetryAttempts: 185,
      },
      DeadLetterConfig: { Arn: QUEUE_ARN },
    },
  ]);
});

test.each([
  ['NotifyRule', 86_400],
  ['TrackDeletionRule', 86_400],
  ['TrackDeletionClashRule', 86_400],
  ['SiftReadsRule', 86_400],
  ['SummarizeRule', 120],
])('%s retries as long as EventBridge can, a schedule until its next time', (rule, seconds) => {
  const [{ RetryPolicy }] = properties('example', rule).Targets;
  expect(RetryPolicy.MaximumEventAgeInSeconds).toBe(seconds);
});

test.each(combinations)('its rules, and nothing else, may invoke a function: %s', (name) => {
  const others = ['ReadTrailPermission', 'ChatPermission', 'BusPermission']; // trail-path.test.ts, notices.test.ts
  const permissions = resourcesOfType(name, 'AWS::Lambda::Permission').filter(
    ([id]) => !others.includes(id),
  );
  expect(permissions.map(([, { Properties }]) => Properties)).toEqual(
    functions.flatMap(([, prefix]) =>
      rulesOf(name, prefix).map((rule) => ({
        FunctionName: { Ref: `${prefix}LambdaFunction` },
        Action: 'lambda:InvokeFunction',
        Principal: 'events.amazonaws.com',
        SourceArn: { 'Fn::GetAtt': [rule, 'Arn'] },
      })),
    ),
  );
});

/** The rules of a function: one may have two, and in a hub those that report have as many on its bus. */
function rulesOf(name: Combination, prefix: string): string[] {
  const watchesClashes = prefix === 'TrackDeletion' && name !== 'member';
  const own = [prefix, ...(watchesClashes ? [`${prefix}Clash`] : [])];
  const isHeardFromSpokes = name === 'organization' && prefix !== 'Summarize';
  return own.flatMap((one) =>
    isHeardFromSpokes ? [`${one}Rule`, `${one}HubRule`] : [`${one}Rule`],
  );
}

test('the dead-letter queue is encrypted and keeps events for 14 days', () => {
  expect(properties('example', 'DeadLetterQueue')).toEqual({
    SqsManagedSseEnabled: true,
    MessageRetentionPeriod: 1_209_600,
  });
});

test('only the rules may send to the dead-letter queue by its policy, and only over TLS', () => {
  expect(properties('example', 'DeadLetterQueuePolicy')).toEqual({
    Queues: [{ Ref: 'DeadLetterQueue' }],
    PolicyDocument: {
      Version: '2012-10-17',
      Statement: [
        ...['Notify', 'TrackDeletion', 'Summarize', 'TrackDeletionClash', 'SiftReads'].map(
          (prefix) => ({
            Sid: `Allow${prefix}Rule`,
            Effect: 'Allow',
            Principal: { Service: 'events.amazonaws.com' },
            Action: 'sqs:SendMessage',
            Resource: QUEUE_ARN,
            Condition: { ArnEquals: { 'aws:SourceArn': ruleArn(prefix) } },
          }),
        ),
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
