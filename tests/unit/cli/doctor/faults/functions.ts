import { all, answered, patched, refused } from '../../../../testing/account.ts';
import { functionArn, policyOf } from '../../../../testing/healthy-account.ts';
import type { Faults } from './fault.ts';

export const rule = (logicalId: string, more: object) =>
  patched('DescribeRule', (one, { Name }) => {
    if (Name.endsWith(`-${logicalId}`)) Object.assign(one, more);
  });
const noRule = all(
  refused('DescribeRule', 'ResourceNotFoundException'),
  refused('ListTargetsByRule', 'ResourceNotFoundException'),
);
const target = (more: object) =>
  patched('ListTargetsByRule', ({ Targets: [one] }) => Object.assign(one, more));
export const configuration = (more: object) =>
  patched('GetFunctionConfiguration', (one) => Object.assign(one, more));

const PUT_RULE =
  /^aws events put-rule --name deleted-secret-notifier-dev-NotifyRule --state ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS --description '.+' --event-pattern '\{.+marked for deletion.+\}' --region eu-west-1$/;
const PUT_TARGETS =
  /^aws events put-targets --rule deleted-secret-notifier-dev-NotifyRule --targets '\[\{"Id":"notify","Arn":"arn:aws:lambda:.+-notify","DeadLetterConfig":\{"Arn":"arn:aws:sqs:eu-west-1:111122223333:dead-letters"\}\}\]'/;
const ADD_PERMISSION =
  /^aws lambda add-permission --function-name deleted-secret-notifier-dev-notify .+ --principal events.amazonaws.com --source-arn arn:aws:events:eu-west-1:111122223333:rule\/deleted-secret-notifier-dev-NotifyRule/;
/** The function's policy lets it be invoked on a condition. */
const allowedIf = (Condition: object) =>
  answered('GetPolicy', {
    Policy: policyOf({
      Effect: 'Allow',
      Principal: { Service: 'events.amazonaws.com' },
      Action: 'lambda:InvokeFunction',
      Resource: functionArn('notify'),
      Condition,
    }),
  });

/** What may be wrong with a function, its rule, and the way between them. */
export const FUNCTION_FAULTS: Faults = {
  'notify: rule': [
    ['fail', /^There is no rule/, PUT_RULE, noRule],
    ['fail', /^It is DISABLED\.$/, PUT_RULE, rule('NotifyRule', { State: 'DISABLED' })],
    [
      'fail',
      /^Its state is ENABLED, which never sees a read/,
      PUT_RULE,
      rule('NotifyRule', { State: 'ENABLED' }),
    ],
    [
      'fail',
      /^Its event pattern is not the one that was deployed\.$/,
      PUT_RULE,
      rule('NotifyRule', { EventPattern: '{"source":["aws.s3"]}' }),
    ],
  ],
  'trackDeletion: rule': [
    [
      'fail',
      /^It is DISABLED\.$/,
      /put-rule --name \S+-TrackDeletionRule --state ENABLED --desc/,
      rule('TrackDeletionRule', { State: 'DISABLED' }),
    ],
  ],
  'summarize: rule': [
    [
      'fail',
      /^It is DISABLED\.$/,
      /enable-rule --name \S+-SummarizeRule /,
      rule('SummarizeRule', { State: 'DISABLED' }),
    ],
    [
      'fail',
      /^It has no schedule\.$/,
      /put-rule --name \S+-SummarizeRule --description 'Time to look .+' --schedule-expression 'rate\(2 minutes\)'/,
      rule('SummarizeRule', { ScheduleExpression: undefined }),
    ],
    [
      'warn',
      /^Its schedule is rate\(1 day\), not rate\(2 minutes\)\.$/,
      /--schedule-expression 'rate\(2 minutes\)'/,
      rule('SummarizeRule', { ScheduleExpression: 'rate(1 day)' }),
    ],
    ['fail', /^There is no rule/, /put-rule/, noRule],
  ],
  'notify: target': [
    ['fail', /^The rule does not send/, PUT_TARGETS, noRule],
    [
      'fail',
      /^The rule does not send its events to notify\.$/,
      PUT_TARGETS,
      target({ Arn: functionArn('summarize') }),
    ],
    ['fail', /^The rule changes its events/, PUT_TARGETS, target({ InputPath: '$.detail' })],
    [
      'warn',
      /do not go to the dead-letter queue/,
      PUT_TARGETS,
      target({ DeadLetterConfig: undefined }),
    ],
  ],
  'notify: permission': [
    [
      'fail',
      /^The rule may not invoke the function\.$/,
      ADD_PERMISSION,
      refused('GetPolicy', 'ResourceNotFoundException'),
    ],
    [
      'fail',
      /^The rule may not/,
      ADD_PERMISSION,
      allowedIf({ ArnLike: { 'AWS:SourceArn': 'arn:aws:events:*:*:rule/x' } }),
    ],
    [
      'unknown',
      /conditions that cannot be evaluated/,
      /^aws lambda get-policy/,
      allowedIf({ DateGreaterThan: { 'aws:CurrentTime': '2020-01-01' } }),
    ],
  ],
  'notify: function': [
    [
      'fail',
      /^There is no function/,
      /serverless remove .+ && npx serverless deploy/,
      refused('GetFunctionConfiguration', 'ResourceNotFoundException'),
    ],
    [
      'fail',
      /^Its last update failed: no role\.$/,
      /serverless deploy .+ --force /,
      configuration({ LastUpdateStatus: 'Failed', LastUpdateStatusReason: 'no role' }),
    ],
    [
      'fail',
      /never runs/,
      /^aws lambda delete-function-concurrency --function-name deleted-secret-notifier-dev-notify/,
      answered('GetFunctionConcurrency', { ReservedConcurrentExecutions: 0 }),
    ],
    [
      'warn',
      /^An update is in progress/,
      /get-function-configuration/,
      configuration({ LastUpdateStatus: 'InProgress' }),
    ],
  ],
  'summarize: function': [
    [
      'fail',
      /^It is Failed: bad zip\.$/,
      /serverless deploy .+ --force /,
      configuration({ State: 'Failed', StateReason: 'bad zip' }),
    ],
  ],
  'notify: errors': [
    [
      'warn',
      /^3 errors in the last day/,
      /^https:\/\/eu-west-1\.console\.aws\.amazon\.com\/cloudwatch\/home\?region=eu-west-1#logsV2:log-groups\/log-group\/\$252Faws\$252Flambda\$252Fdeleted-secret-notifier-dev-notify$/,
      answered('GetMetricStatistics', { Datapoints: [{ Sum: 1 }, { Sum: 2 }, {}] }),
    ],
  ],
};
