import { type Account, patch } from '../../../../testing/account.ts';
import { LOG_GROUP, REGION } from '../../../../testing/healthy-account.ts';
import type { Any, Fault } from './fault.ts';

export const selectors = (account: Account, ...EventSelectors: object[]) => {
  account.GetEventSelectors = () => ({ EventSelectors });
};
export const status = (account: Account, more: object) =>
  patch(account, 'GetTrailStatus', (one) => Object.assign(one, more));
export const trail = (account: Account, change: (trail: Any) => void) =>
  patch(account, 'DescribeTrails', ({ trailList: [one] }) => change(one));

const SELECT =
  /^aws cloudtrail put-event-selectors --trail-name arn:aws:cloudtrail:eu-west-1:111122223333:trail\/main --event-selectors '\[.*\{"ReadWriteType":"ReadOnly","IncludeManagementEvents":true\}\]' --region eu-west-1$/;
const CREATE =
  /^npx serverless deploy --region eu-west-1 --stage dev --param="cloudTrailLogGroup=" --param="createTrail=true" # with its other settings, but no cloudTrailLogGroup$/;
const START = /^aws cloudtrail start-logging --name \S+ --region eu-west-1$/;
const none = (account: Account) => {
  account.DescribeTrails = () => ({ trailList: [] });
};

/** What may be wrong with the trail. */
export const TRAIL_FAULTS: readonly Fault[] = [
  ['trail: reads', 'fail', /^No trail logs anything in eu-west-1/, CREATE, none],
  ['trail: logging', 'fail', /^There is no trail/, CREATE, none],
  [
    'trail: reads',
    'fail',
    /^No trail logs anything/,
    /^npx serverless remove --region eu-west-1 --stage dev && npx serverless deploy /,
    (account) => {
      none(account);
      patch(account, 'ListStackResources', ({ StackResourceSummaries }) =>
        StackResourceSummaries.push({
          LogicalResourceId: 'Trail',
          PhysicalResourceId: 'deleted-secret-notifier-dev',
          ResourceStatus: 'CREATE_COMPLETE',
        }),
      );
    },
  ],
  [
    'trail: reads',
    'fail',
    /main logs write events only\.$/,
    SELECT,
    (account) => selectors(account, { ReadWriteType: 'WriteOnly' }),
  ],
  [
    'log group: trail',
    'fail',
    /^main, which delivers to it, logs write events only\.$/,
    SELECT,
    (account) => selectors(account, { ReadWriteType: 'WriteOnly' }),
  ],
  [
    'trail: reads',
    'fail',
    /main logs write events only\.$/,
    /\{"ReadWriteType":"ReadOnly","IncludeManagementEvents":true,"ExcludeManagementEventSources":\["kms\.amazonaws\.com","rdsdata\.amazonaws\.com"\]\}\]'/,
    (account) =>
      selectors(account, {
        ReadWriteType: 'WriteOnly',
        IncludeManagementEvents: true,
        DataResources: [],
        ExcludeManagementEventSources: ['kms.amazonaws.com', 'rdsdata.amazonaws.com'],
      }),
  ],
  [
    'trail: reads',
    'fail',
    /excludes Secrets Manager/,
    /--advanced-event-selectors '\[\{.+\},\{"Name":"Read management events",/,
    (account) => {
      account.GetEventSelectors = () => ({
        AdvancedEventSelectors: [
          {
            FieldSelectors: [
              { Field: 'eventCategory', Equals: ['Management'] },
              { Field: 'eventSource', NotEquals: ['secretsmanager.amazonaws.com'] },
            ],
          },
        ],
      });
    },
  ],
  [
    'trail: logging',
    'fail',
    /^main is stopped, since 2026-11-24 08:00 UTC\.$/,
    START,
    (account) =>
      status(account, { IsLogging: false, StopLoggingTime: new Date('2026-11-24T08:00:00Z') }),
  ],
  [
    'log group: trail',
    'fail',
    /^main is stopped\.$/,
    START,
    (account) => status(account, { IsLogging: false }),
  ],
  [
    'trail: logging',
    'warn',
    /cannot write its files: AccessDenied/,
    /create-s3-bucket-policy-for-cloudtrail/,
    (account) => status(account, { LatestDeliveryError: 'AccessDenied' }),
  ],
  [
    'log group: trail',
    'fail',
    /cannot deliver to it: ResourceNotFoundException/,
    /^https:\/\/docs\.aws\.amazon\.com\/awscloudtrail/,
    (account) =>
      status(account, { LatestCloudWatchLogsDeliveryError: 'ResourceNotFoundException' }),
  ],
  [
    'log group: trail',
    'fail',
    /^No trail delivers to it, but one to other\.$/,
    /--param="createTrail=false" --param="cloudTrailLogGroup=other" # with its other settings$/,
    (account) =>
      trail(account, (one) => {
        one.CloudWatchLogsLogGroupArn = `arn:aws:logs:${REGION}:111122223333:log-group:other:*`;
      }),
  ],
  [
    'log group: trail',
    'fail',
    /^No trail delivers to a log group here\.$/,
    CREATE,
    (account) =>
      trail(account, (one) => {
        one.CloudWatchLogsLogGroupArn = `arn:aws:logs:us-east-1:111122223333:log-group:${LOG_GROUP}:*`;
      }),
  ],
];
