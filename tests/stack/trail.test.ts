import { checkSettings } from '../../stack/check-settings.ts';
import { trail } from '../../stack/trail.ts';
import { COMBINATIONS, properties, template } from './template.ts';

const BUCKET = { Ref: 'TrailBucket' };
const BUCKET_ARN = { 'Fn::GetAtt': ['TrailBucket', 'Arn'] };
const TRAIL_ARN = {
  'Fn::Sub':
    'arn:${AWS::Partition}:cloudtrail:${AWS::Region}:${AWS::AccountId}:trail/${AWS::StackName}',
};

test('the trail logs reads and writes of all Regions, but none of KMS, to a log group that the filter watches', () => {
  const { Trail } = template('own-trail').Resources;
  expect(Trail?.DependsOn).toEqual(['TrailBucketPolicy']);
  expect(Trail?.Properties).toEqual({
    TrailName: { Ref: 'AWS::StackName' },
    IsLogging: true,
    IsMultiRegionTrail: true,
    IncludeGlobalServiceEvents: true,
    EnableLogFileValidation: true,
    S3BucketName: BUCKET,
    CloudWatchLogsLogGroupArn: { 'Fn::GetAtt': ['TrailLogGroup', 'Arn'] },
    CloudWatchLogsRoleArn: { 'Fn::GetAtt': ['TrailRole', 'Arn'] },
    EventSelectors: [
      {
        ReadWriteType: 'All',
        IncludeManagementEvents: true,
        ExcludeManagementEventSources: ['kms.amazonaws.com', 'rdsdata.amazonaws.com'],
      },
    ],
  });
  expect(properties('own-trail', 'TrailLogGroup')).toEqual({ RetentionInDays: 90 });
  expect(properties('own-trail', 'AttemptsMetricFilter').LogGroupName).toEqual({
    Ref: 'TrailLogGroup',
  });
});

test('a trail whose log group nothing reads has none', () => {
  const raw = { ...COMBINATIONS['own-trail'], trailPath: 'off', classicAlarm: 'false' };
  const settings = checkSettings(raw, { region: 'eu-west-1', functionNames: [], stage: 'dev' });
  const { Trail, ...others } = trail(settings);
  expect(Object.keys(others)).toEqual(['TrailBucket', 'TrailBucketPolicy']);
  expect(JSON.stringify(Trail)).not.toContain('CloudWatchLogs');
  expect(Trail?.Properties).toMatchObject({ IsLogging: true, IsMultiRegionTrail: true });
  for (const read of [{ trailPath: 'all' as const }, { classicAlarm: true }]) {
    expect(trail({ ...settings, ...read })).toHaveProperty('TrailLogGroup');
  }
});

test('the bucket is encrypted, private, cleared after a year and outlives the stack', () => {
  const { TrailBucket } = template('own-trail').Resources;
  expect(TrailBucket).toMatchObject({
    DeletionPolicy: 'RetainExceptOnCreate',
    UpdateReplacePolicy: 'Retain',
  });
  expect(TrailBucket?.Properties).toEqual({
    BucketEncryption: {
      ServerSideEncryptionConfiguration: [
        { ServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' } },
      ],
    },
    OwnershipControls: { Rules: [{ ObjectOwnership: 'BucketOwnerEnforced' }] },
    PublicAccessBlockConfiguration: {
      BlockPublicAcls: true,
      BlockPublicPolicy: true,
      IgnorePublicAcls: true,
      RestrictPublicBuckets: true,
    },
    LifecycleConfiguration: {
      Rules: [{ Id: 'expire-log-files', Status: 'Enabled', ExpirationInDays: 365 }],
    },
  });
});

test('only this trail may write to the bucket, only below its account, and only over TLS', () => {
  const cloudTrail = { Effect: 'Allow', Principal: { Service: 'cloudtrail.amazonaws.com' } };
  expect(properties('own-trail', 'TrailBucketPolicy')).toEqual({
    Bucket: BUCKET,
    PolicyDocument: {
      Version: '2012-10-17',
      Statement: [
        {
          ...cloudTrail,
          Sid: 'AllowAclCheck',
          Action: 's3:GetBucketAcl',
          Resource: { 'Fn::Sub': '${TrailBucket.Arn}' },
          Condition: { StringEquals: { 'aws:SourceArn': TRAIL_ARN } },
        },
        {
          ...cloudTrail,
          Sid: 'AllowWrite',
          Action: 's3:PutObject',
          Resource: { 'Fn::Sub': '${TrailBucket.Arn}/AWSLogs/${AWS::AccountId}/*' },
          Condition: {
            StringEquals: {
              's3:x-amz-acl': 'bucket-owner-full-control',
              'aws:SourceArn': TRAIL_ARN,
            },
          },
        },
        {
          Sid: 'DenyInsecureTransport',
          Effect: 'Deny',
          Principal: '*',
          Action: 's3:*',
          Resource: [BUCKET_ARN, { 'Fn::Sub': '${TrailBucket.Arn}/*' }],
          Condition: { Bool: { 'aws:SecureTransport': 'false' } },
        },
      ],
    },
  });
});

test('nothing of a trail is created by default', () => {
  const names = Object.keys(template('example').Resources);
  expect(names.filter((name) => name.startsWith('Trail'))).toEqual([]);
});
