import { type Account, patch, refuse } from '../../../../testing/account.ts';
import type { Any, Fault } from './fault.ts';

export const rule = (account: Account, logicalId: string, change: (rule: Any) => void) =>
  patch(account, 'DescribeRule', (one, { Name }) => Name.endsWith(`-${logicalId}`) && change(one));
export const noRule = (account: Account) => {
  account.DescribeRule = refuse('ResourceNotFoundException');
  account.ListTargetsByRule = refuse('ResourceNotFoundException');
};

const PUT =
  /^aws events put-rule --name deleted-secret-notifier-dev-NotifyRule --state ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS --description '.+' --event-pattern '\{.+marked for deletion.+\}' --region eu-west-1$/;

/** What may be wrong with a rule. */
export const RULE_FAULTS: readonly Fault[] = [
  ['notify: rule', 'fail', /^There is no rule/, PUT, noRule],
  [
    'notify: rule',
    'fail',
    /^It is DISABLED\.$/,
    PUT,
    (account) => rule(account, 'NotifyRule', (one) => Object.assign(one, { State: 'DISABLED' })),
  ],
  [
    'notify: rule',
    'fail',
    /^Its state is ENABLED, which never sees a read/,
    PUT,
    (account) => rule(account, 'NotifyRule', (one) => Object.assign(one, { State: 'ENABLED' })),
  ],
  [
    'notify: rule',
    'fail',
    /^Its event pattern is not the one that was deployed\.$/,
    PUT,
    (account) =>
      rule(account, 'NotifyRule', (one) => {
        one.EventPattern = '{"source":["aws.s3"]}';
      }),
  ],
  [
    'trackDeletion: rule',
    'fail',
    /^It is DISABLED\.$/,
    /put-rule --name \S+-TrackDeletionRule --state ENABLED --desc/,
    (account) =>
      rule(account, 'TrackDeletionRule', (one) => Object.assign(one, { State: 'DISABLED' })),
  ],
  [
    'summarize: rule',
    'fail',
    /^It is DISABLED\.$/,
    /enable-rule --name \S+-SummarizeRule /,
    (account) => rule(account, 'SummarizeRule', (one) => Object.assign(one, { State: 'DISABLED' })),
  ],
  [
    'summarize: rule',
    'fail',
    /^It has no schedule\.$/,
    /--schedule-expression 'rate\(60 minutes\)'/,
    (account) => rule(account, 'SummarizeRule', (one) => delete one.ScheduleExpression),
  ],
  ['summarize: rule', 'fail', /^There is no rule/, /put-rule/, noRule],
];
