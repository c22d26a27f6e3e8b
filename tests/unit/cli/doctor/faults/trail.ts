import { all, answered, patched } from '../../../../testing/account.ts';
import { LOG_GROUP, REGION, TRAIL } from '../../../../testing/healthy-account.ts';
import type { Faults } from './fault.ts';

export const selectors = (...EventSelectors: object[]) =>
  answered('GetEventSelectors', { EventSelectors });
export const status = (more: object) =>
  patched('GetTrailStatus', (one) => Object.assign(one, more));
export const trail = (more: object) =>
  patched('DescribeTrails', ({ trailList: [one] }) => Object.assign(one, more));
/** It is the organization's, and only another account can change it. */
export const foreignTrail = trail({ TrailARN: TRAIL.replace('111122223333', '999999999999') });
const deliversTo = (region: string, group: string) =>
  trail({ CloudWatchLogsLogGroupArn: `arn:aws:logs:${region}:111122223333:log-group:${group}:*` });

const SELECT =
  /^aws cloudtrail put-event-selectors --trail-name arn:aws:cloudtrail:eu-west-1:111122223333:trail\/main --event-selectors '\[.*\{"ReadWriteType":"ReadOnly","IncludeManagementEvents":true\}\]' --region eu-west-1$/;
const CREATE =
  /^npx serverless deploy --region eu-west-1 --stage dev --param="cloudTrailLogGroup=" --param="createTrail=true" # with its other settings, but no cloudTrailLogGroup$/;
const START = /^aws cloudtrail start-logging --name \S+ --region eu-west-1$/;
const none = answered('DescribeTrails', { trailList: [] });
const writesOnly = selectors({ ReadWriteType: 'WriteOnly' });

/** What may be wrong with the trail. */
export const TRAIL_FAULTS: Faults = {
  'trail: reads': [
    ['fail', /^No trail logs anything in eu-west-1/, CREATE, none],
    [
      'fail',
      /^No trail logs anything/,
      /^npx serverless remove --region eu-west-1 --stage dev && npx serverless deploy /,
      all(
        none,
        patched('ListStackResources', ({ StackResourceSummaries }) =>
          StackResourceSummaries.push({
            LogicalResourceId: 'Trail',
            PhysicalResourceId: 'deleted-secret-notifier-dev',
            ResourceStatus: 'CREATE_COMPLETE',
          }),
        ),
      ),
    ],
    ['fail', /main logs write events only\.$/, SELECT, writesOnly],
    [
      'fail',
      /main logs write events only\.$/,
      /\{"ReadWriteType":"ReadOnly","IncludeManagementEvents":true,"ExcludeManagementEventSources":\["kms\.amazonaws\.com","rdsdata\.amazonaws\.com"\]\}\]'/,
      selectors({
        ReadWriteType: 'WriteOnly',
        IncludeManagementEvents: true,
        DataResources: [],
        ExcludeManagementEventSources: ['kms.amazonaws.com', 'rdsdata.amazonaws.com'],
      }),
    ],
    [
      'fail',
      /excludes Secrets Manager/,
      /--advanced-event-selectors '\[\{.+\},\{"Name":"Read management events",/,
      answered('GetEventSelectors', {
        AdvancedEventSelectors: [
          {
            FieldSelectors: [
              { Field: 'eventCategory', Equals: ['Management'] },
              { Field: 'eventSource', NotEquals: ['secretsmanager.amazonaws.com'] },
            ],
          },
        ],
      }),
    ],
  ],
  'trail: coverage': [['fail', /^There is no trail/, CREATE, none]],
  'trail: logging': [
    ['fail', /^There is no trail/, CREATE, none],
    [
      'fail',
      /^main is stopped, since 2026-11-24 08:00 UTC\.$/,
      START,
      status({ IsLogging: false, StopLoggingTime: new Date('2026-11-24T08:00:00Z') }),
    ],
    [
      'warn',
      /cannot write its files: AccessDenied/,
      /create-s3-bucket-policy-for-cloudtrail/,
      status({ LatestDeliveryError: 'AccessDenied' }),
    ],
  ],
  'log group: trail': [
    ['fail', /^main, which delivers to it, logs write events only\.$/, SELECT, writesOnly],
    ['fail', /^main is stopped\.$/, START, status({ IsLogging: false })],
    [
      'fail',
      /cannot deliver to it: ResourceNotFoundException/,
      /^https:\/\/docs\.aws\.amazon\.com\/awscloudtrail/,
      status({ LatestCloudWatchLogsDeliveryError: 'ResourceNotFoundException' }),
    ],
    [
      'fail',
      /^No trail delivers to it, but one to other\.$/,
      /--param="createTrail=false" --param="cloudTrailLogGroup=other" # with its other settings$/,
      deliversTo(REGION, 'other'),
    ],
    [
      'fail',
      /^No trail delivers to a log group here: main is of the account 999999999999\.$/,
      /^docs\/operations\.md#the-organizations-trail$/,
      trail({
        TrailARN: TRAIL.replace('111122223333', '999999999999'),
        CloudWatchLogsLogGroupArn: `arn:aws:logs:${REGION}:999999999999:log-group:${LOG_GROUP}:*`,
      }),
    ],
    [
      'fail',
      /^No trail delivers to a log group here\.$/,
      CREATE,
      deliversTo('us-east-1', LOG_GROUP),
    ],
  ],
};
