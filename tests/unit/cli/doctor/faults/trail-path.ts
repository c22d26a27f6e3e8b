import { all, answered, type Change, patched, refused } from '../../../../testing/account.ts';
import {
  allowLogs,
  functionArn,
  LOG_GROUP,
  policyOf,
} from '../../../../testing/healthy-account.ts';
import type { Any, Faults } from './fault.ts';
import { resource } from './stack.ts';
import { foreignTrail } from './trail.ts';

/** The stack is deployed without the resources whose logical ids this matches. */
const without = (logicalIds: RegExp): Change =>
  patched('ListStackResources', (answer) => {
    answer.StackResourceSummaries = answer.StackResourceSummaries.filter(
      ({ LogicalResourceId }: Any) => !logicalIds.test(LogicalResourceId),
    );
  });
/** As with `trailPath=off`. */
export const noTrailPath = without(/^ReadTrail/);
/** As with `classicAlarm=false`. */
export const noClassicAlarm = without(/^(Unexplained)?Attempts(Recorded)?(Alarm|MetricFilter)$/);

/** What the function `readTrail` is deployed with differs in the template. */
const template = (change: (resources: Any) => void) =>
  patched('GetTemplate', (answer) => {
    const body = JSON.parse(answer.TemplateBody);
    change(body.Resources);
    answer.TemplateBody = JSON.stringify(body);
  });
/** The log group is that of the stack's own trail. */
export const ownLogGroup = all(
  template(({ ReadTrailSubscriptionFilter: { Properties } }) => {
    Properties.LogGroupName = { Ref: 'TrailLogGroup' };
  }),
  patched('ListStackResources', ({ StackResourceSummaries }) =>
    StackResourceSummaries.push({
      LogicalResourceId: 'TrailLogGroup',
      PhysicalResourceId: LOG_GROUP,
      ResourceStatus: 'CREATE_COMPLETE',
    }),
  ),
);

/** Something of the subscription filter is different. */
export const subscription = (more: object) =>
  patched('DescribeSubscriptionFilters', ({ subscriptionFilters: [one] }) =>
    Object.assign(one, more),
  );
const onlyOthers = (...names: readonly string[]) =>
  answered('DescribeSubscriptionFilters', {
    subscriptionFilters: names.map((filterName) => ({
      filterName,
      filterPattern: '',
      destinationArn: `arn:aws:firehose:eu-west-1:111122223333:deliverystream/${filterName}`,
    })),
  });
const allowedOnlyIf = (condition: object) =>
  answered('GetPolicy', { Policy: policyOf(allowLogs(functionArn('read-trail'), condition)) });

const PUT =
  /^aws logs put-subscription-filter --log-group-name CloudTrail\/MyCloudWatchLogGroup --filter-name deleted-secret-notifier-dev-ReadTrailSubscriptionFilter --filter-pattern '\{ .+ \}' --destination-arn arn:aws:lambda:eu-west-1:111122223333:function:deleted-secret-notifier-dev-read-trail --region eu-west-1$/;
const ADD_PERMISSION =
  /^aws lambda add-permission --function-name deleted-secret-notifier-dev-read-trail --statement-id ReadTrailPermissionByHand --action lambda:InvokeFunction --principal logs\.amazonaws\.com --source-arn 'arn:aws:logs:eu-west-1:111122223333:log-group:CloudTrail\/MyCloudWatchLogGroup:\*' --source-account 111122223333 --region eu-west-1$/;

/** What may be wrong between the log group and the function that reads the trail. */
export const TRAIL_PATH_FAULTS: Faults = {
  stack: [
    [
      'fail',
      /^It lacks ReadTrailPermission\.$/,
      /serverless deploy/,
      resource('ReadTrailPermission', { PhysicalResourceId: undefined }),
    ],
    [
      'fail',
      /^It lacks ReadTrailLambdaFunction\.$/,
      /serverless deploy/,
      without(/^ReadTrailLambdaFunction$/),
    ],
  ],
  'readTrail: permission': [
    [
      'fail',
      /^CloudWatch Logs may not invoke the function\.$/,
      ADD_PERMISSION,
      refused('GetPolicy', 'ResourceNotFoundException'),
    ],
    [
      'fail',
      /^CloudWatch Logs may not/,
      ADD_PERMISSION,
      allowedOnlyIf({ StringEquals: { 'AWS:SourceAccount': '444455556666' } }),
    ],
    [
      'fail',
      /^CloudWatch Logs may not/,
      ADD_PERMISSION,
      allowedOnlyIf({
        ArnLike: { 'AWS:SourceArn': 'arn:aws:logs:eu-west-1:111122223333:log-group:other:*' },
      }),
    ],
    [
      'unknown',
      /^The stack's template has no ReadTrailSubscriptionFilter\.$/,
      undefined,
      template((resources) => {
        delete resources.ReadTrailSubscriptionFilter;
      }),
    ],
  ],
  'readTrail: filter': [
    [
      'fail',
      /^There is no log group CloudTrail\/MyCloudWatchLogGroup\.$/,
      /createTrail=true"/,
      refused('DescribeSubscriptionFilters', 'ResourceNotFoundException'),
    ],
    [
      'fail',
      /^There is no log group CloudTrail\/MyCloudWatchLogGroup\.$/,
      /^docs\/operations\.md#the-organizations-trail$/,
      all(foreignTrail, refused('DescribeSubscriptionFilters', 'ResourceNotFoundException')),
    ],
    [
      'fail',
      /^There is no subscription filter deleted-secret-notifier-dev-ReadTrailSubscriptionFilter on CloudTrail\/MyCloudWatchLogGroup\.$/,
      PUT,
      onlyOthers('archive'),
    ],
    [
      'fail',
      /^There is no subscription filter \S+ on CloudTrail\/MyCloudWatchLogGroup, but others: archive to arn:aws:firehose:\S+, siem to arn:aws:firehose:\S+\. AWS's quotas allow 5, the reference of its API 2; if it refuses: docs\/operations\.md#no-subscription-filter-is-free\.$/,
      PUT,
      onlyOthers('archive', 'siem'),
    ],
    [
      'fail',
      /^There is no subscription filter \S+ on CloudTrail\/MyCloudWatchLogGroup, which takes 5; others have them: a to arn:aws:firehose:\S+, b to .+, e to arn:aws:firehose:\S+\.$/,
      /^docs\/operations\.md#no-subscription-filter-is-free$/,
      onlyOthers('a', 'b', 'c', 'd', 'e'),
    ],
    [
      'fail',
      /^It sends to arn:aws:lambda:\S+-notify, not to readTrail\.$/,
      PUT,
      subscription({ destinationArn: functionArn('notify') }),
    ],
    [
      'fail',
      /^Its pattern is not the one that was deployed: \{ \$\.eventName = "DeleteSecret" \}$/,
      PUT,
      subscription({ filterPattern: '{ $.eventName = "DeleteSecret" }' }),
    ],
    [
      'fail',
      /^It leaves out all records but those with @aws\.account = "1"\.$/,
      PUT,
      subscription({ fieldSelectionCriteria: '@aws.account = "1"' }),
    ],
    [
      'fail',
      /a transformer makes of CloudTrail's records/,
      PUT,
      subscription({ applyOnTransformedLogs: true }),
    ],
    [
      'fail',
      /^Its pattern is not the one/,
      /--filter-name mine /,
      subscription({ filterName: 'mine', filterPattern: '' }),
    ],
  ],
  'readTrail: function': [
    [
      'fail',
      /^There is no function deleted-secret-notifier-dev-read-trail\.$/,
      /serverless remove .+ && npx serverless deploy/,
      refused('GetFunctionConfiguration', 'ResourceNotFoundException'),
    ],
    [
      'fail',
      /never runs/,
      /^aws lambda delete-function-concurrency --function-name deleted-secret-notifier-dev-read-trail /,
      answered('GetFunctionConcurrency', { ReservedConcurrentExecutions: 0 }),
    ],
  ],
  'readTrail: errors': [
    [
      'warn',
      /^2 errors in the last day/,
      /deleted-secret-notifier-dev-read-trail$/,
      answered('GetMetricStatistics', { Datapoints: [{ Sum: 2 }] }),
    ],
  ],
  'log group': [
    [
      'fail',
      /^There is no log group/,
      /createTrail=true/,
      all(noClassicAlarm, answered('DescribeLogGroups', { logGroups: [] })),
    ],
  ],
};
