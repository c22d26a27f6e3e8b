import { properties, resourcesOfType, template } from './template.ts';

const ARN = 'arn:${AWS::Partition}:logs:${AWS::Region}:${AWS::AccountId}:log-group:';

const failed = (call: string, words: string, code: string) =>
  `(($.eventName = "${call}") && ($.errorMessage = "*${words}*") && (($.errorCode = "*${code}*") || ($.errorCode NOT EXISTS)))`;

const always = [
  failed('GetSecretValue', 'marked for deletion', 'InvalidRequest'),
  '((($.eventName = "DeleteSecret") || ($.eventName = "RestoreSecret") || ($.eventName = "RemoveRegionsFromReplication")) && ($.errorCode NOT EXISTS))',
];
const gone = failed('GetSecretValue', 'find the specified secret', 'ResourceNotFound');
const clash = failed('CreateSecret', 'already scheduled for deletion', 'InvalidRequest');
const PICKED = {
  example: [...always, gone, clash],
  everything: [...always, gone, clash],
  'own-trail': [...always, clash], // watchGoneSecrets=false
};

test.each<[keyof typeof PICKED, unknown, unknown]>([
  [
    'example',
    'CloudTrail/MyCloudWatchLogGroup',
    { 'Fn::Sub': `${ARN}CloudTrail/MyCloudWatchLogGroup:*` },
  ],
  ['everything', 'aws-cloudtrail-logs', { 'Fn::Sub': `${ARN}aws-cloudtrail-logs:*` }],
  ['own-trail', { Ref: 'TrailLogGroup' }, { 'Fn::GetAtt': ['TrailLogGroup', 'Arn'] }],
])(
  'the log group has one subscription filter, and it alone may invoke the function: %s',
  (name, logGroup, arn) => {
    expect(resourcesOfType(name, 'AWS::Logs::SubscriptionFilter')).toEqual([
      [
        'ReadTrailSubscriptionFilter',
        {
          Type: 'AWS::Logs::SubscriptionFilter',
          // CloudWatch Logs tries whether it may invoke the function.
          DependsOn: ['ReadTrailPermission'],
          Properties: {
            LogGroupName: logGroup,
            FilterPattern: `{ ($.eventSource = "secretsmanager.amazonaws.com") && (${PICKED[name].join(' || ')}) }`,
            DestinationArn: { 'Fn::GetAtt': ['ReadTrailLambdaFunction', 'Arn'] },
          },
        },
      ],
    ]);
    expect(properties(name, 'ReadTrailPermission')).toEqual({
      FunctionName: { Ref: 'ReadTrailLambdaFunction' },
      Action: 'lambda:InvokeFunction',
      Principal: 'logs.amazonaws.com',
      SourceAccount: { Ref: 'AWS::AccountId' },
      SourceArn: arn,
    });
  },
);

test('the function knows those to which it hands on', () => {
  expect(properties('example', 'ReadTrailLambdaFunction').Environment.Variables).toEqual({
    POWERTOOLS_SERVICE_NAME: 'deleted-secret-notifier-dev',
    POWERTOOLS_METRICS_NAMESPACE: 'deleted-secret-notifier',
    NOTIFY_FUNCTION_NAME: { Ref: 'NotifyLambdaFunction' },
    TRACK_DELETION_FUNCTION_NAME: { Ref: 'TrackDeletionLambdaFunction' },
    READS_QUEUE_URL: { Ref: 'SiftReadsQueue' },
  });
  expect(
    properties('own-trail', 'ReadTrailLambdaFunction').Environment.Variables,
  ).not.toHaveProperty('READS_QUEUE_URL');
});

test('without the trail path and the classic alarm nothing of the template needs a log group of a trail', () => {
  const { Resources, Outputs } = template('member');
  const ids = Object.keys(Resources);
  expect(ids.filter((id) => /^(ReadTrail|Trail|Attempts)/.test(id))).toEqual([]);
  expect(ids).toEqual(expect.arrayContaining(['NotifyRule', 'TrackDeletionRule', 'Dashboard']));
  expect(Outputs).not.toHaveProperty('ReadTrailFunctionName');
  expect(Outputs).not.toHaveProperty('AlarmName');
  const text = JSON.stringify(template('member'));
  expect(text).not.toMatch(
    /ReadTrail|AttemptsAlarm|AttemptsToAccessDeletedSecrets|CloudTrailLogMetrics/,
  );
});
