import {
  allow,
  attribute,
  denyInsecureTransport,
  policyDocument,
  type Resource,
  type Resources,
  ref,
  role,
  type Statement,
  service,
  sub,
  type Value,
} from './cloudformation.ts';
import { readsLogGroup, type Settings } from './settings.ts';

export const TRAIL_LOG_GROUP = 'TrailLogGroup';
const BUCKET = 'TrailBucket';
const BUCKET_POLICY = 'TrailBucketPolicy';
const ROLE = 'TrailRole';
export const TRAIL = 'Trail';

const LOG_FILE_DAYS = 365;

/** The name of the log group that the trail delivers to: the given one, or the stack's own. */
export const trailLogGroup = ({ cloudTrailLogGroup }: Settings): Value =>
  cloudTrailLogGroup ?? ref(TRAIL_LOG_GROUP);

/**
 * The only two that CloudTrail can leave out, every use of a key and every statement of a database: most of what a trail logs.
 * https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_EventSelector.html
 */
const COSTLY_SOURCES = ['kms.amazonaws.com', 'rdsdata.amazonaws.com'];

/**
 * A trail that logs what the rule and the alarm need, with a log group if anything reads it; nothing unless `createTrail` is
 * set. The rule needs the trail alone.
 */
export function trail(settings: Settings): Resources {
  if (!settings.createTrail) return {};
  const logs = readsLogGroup(settings);
  return {
    [BUCKET]: bucket,
    [BUCKET_POLICY]: bucketPolicy,
    ...(logs && {
      [TRAIL_LOG_GROUP]: {
        Type: 'AWS::Logs::LogGroup',
        Properties: { RetentionInDays: settings.logRetentionDays },
      },
      [ROLE]: trailRole,
    }),
    [TRAIL]: {
      Type: 'AWS::CloudTrail::Trail',
      DependsOn: [BUCKET_POLICY], // CloudTrail tries to write to the bucket when the trail is made
      Properties: {
        TrailName: ref('AWS::StackName'),
        IsLogging: true,
        IsMultiRegionTrail: true,
        IncludeGlobalServiceEvents: true,
        EnableLogFileValidation: true,
        S3BucketName: ref(BUCKET),
        ...(logs && {
          CloudWatchLogsLogGroupArn: attribute(TRAIL_LOG_GROUP, 'Arn'),
          CloudWatchLogsRoleArn: attribute(ROLE, 'Arn'),
        }),
        // GetSecretValue is a read event, which a trail of write events only never logs.
        // https://docs.aws.amazon.com/awscloudtrail/latest/userguide/logging-management-events-with-cloudtrail.html
        EventSelectors: [
          {
            ReadWriteType: 'All',
            IncludeManagementEvents: true,
            ExcludeManagementEventSources: COSTLY_SOURCES,
          },
        ],
      },
    },
  };
}

/**
 * Outlives the stack: an audit log is not deleted along with it. The empty bucket of a deployment that fails and
 * is rolled back is.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-attribute-deletionpolicy.html
 */
const bucket: Resource = {
  Type: 'AWS::S3::Bucket',
  DeletionPolicy: 'RetainExceptOnCreate',
  UpdateReplacePolicy: 'Retain',
  Properties: {
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
      Rules: [{ Id: 'expire-log-files', Status: 'Enabled', ExpirationInDays: LOG_FILE_DAYS }],
    },
  },
};

/** https://docs.aws.amazon.com/awscloudtrail/latest/userguide/create-s3-bucket-policy-for-cloudtrail.html */
const allowThisTrail = (
  Sid: string,
  Action: string,
  path: string,
  condition: Record<string, string> = {},
): Statement => ({
  Sid,
  Effect: 'Allow',
  Principal: { Service: 'cloudtrail.amazonaws.com' },
  Action,
  Resource: sub(`\${${BUCKET}.Arn}${path}`),
  Condition: {
    StringEquals: {
      ...condition,
      // Written out, because the trail itself has to wait for this policy.
      'aws:SourceArn': sub(
        'arn:${AWS::Partition}:cloudtrail:${AWS::Region}:${AWS::AccountId}:trail/${AWS::StackName}',
      ),
    },
  },
});

const bucketPolicy: Resource = {
  Type: 'AWS::S3::BucketPolicy',
  Properties: {
    Bucket: ref(BUCKET),
    PolicyDocument: policyDocument(
      allowThisTrail('AllowAclCheck', 's3:GetBucketAcl', ''),
      allowThisTrail('AllowWrite', 's3:PutObject', '/AWSLogs/${AWS::AccountId}/*', {
        's3:x-amz-acl': 'bucket-owner-full-control',
      }),
      denyInsecureTransport('s3:*', [attribute(BUCKET, 'Arn'), sub(`\${${BUCKET}.Arn}/*`)]),
    ),
  },
};

/** https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-required-policy-for-cloudwatch-logs.html */
const trailRole = role(
  service('cloudtrail.amazonaws.com'),
  {},
  allow(
    'DeliverRecords',
    ['logs:CreateLogStream', 'logs:PutLogEvents'],
    sub(
      `arn:\${AWS::Partition}:logs:\${AWS::Region}:\${AWS::AccountId}:log-group:\${${TRAIL_LOG_GROUP}}` +
        ':log-stream:${AWS::AccountId}_CloudTrail_${AWS::Region}*',
    ),
  ),
);
