import { type Account, patch, refuse } from '../../../../testing/account.ts';
import { STACK } from '../../../../testing/healthy-account.ts';
import type { Any, Fault } from './fault.ts';

const stack = (account: Account, change: (stack: Any) => void) =>
  patch(account, 'DescribeStacks', ({ Stacks: [one] }) => change(one));
export const resource = (account: Account, logicalId: string, change: (resource: Any) => void) =>
  patch(account, 'ListStackResources', ({ StackResourceSummaries }) =>
    change(StackResourceSummaries.find((one: Any) => one.LogicalResourceId === logicalId)),
  );

/** What may be wrong with the stack. */
export const STACK_FAULTS: readonly Fault[] = [
  [
    'stack',
    'fail',
    /^There is no stack deleted-secret-notifier-dev in eu-west-1\.$/,
    /^npx serverless deploy --region eu-west-1 --stage dev/,
    (account) => {
      account.DescribeStacks = refuse('ValidationError', `Stack with id ${STACK} does not exist`);
    },
  ],
  [
    'stack',
    'fail',
    /^ROLLBACK_COMPLETE \(no bucket\)\.$/,
    /^npx serverless remove --region eu-west-1 --stage dev && npx serverless deploy --region eu-west-1 --stage dev /,
    (account) =>
      stack(account, (one) => {
        one.StackStatus = 'ROLLBACK_COMPLETE';
        one.StackStatusReason = 'no bucket';
      }),
  ],
  [
    'stack',
    'fail',
    /^CREATE_IN_PROGRESS/,
    /^aws cloudformation describe-stack-events --stack-name deleted-secret-notifier-dev --region eu-west-1$/,
    (account) => stack(account, (one) => Object.assign(one, { StackStatus: 'CREATE_IN_PROGRESS' })),
  ],
  [
    'stack',
    'warn',
    /^UPDATE_ROLLBACK_COMPLETE: the last deployment failed/,
    /describe-stack-events/,
    (account) =>
      stack(account, (one) => Object.assign(one, { StackStatus: 'UPDATE_ROLLBACK_COMPLETE' })),
  ],
  [
    'stack',
    'warn',
    /being changed/,
    /describe-stack-events/,
    (account) => stack(account, (one) => Object.assign(one, { StackStatus: 'UPDATE_IN_PROGRESS' })),
  ],
  [
    'stack',
    'fail',
    /^It lacks NotifyRule\.$/,
    /serverless deploy/,
    (account) => resource(account, 'NotifyRule', (one) => delete one.PhysicalResourceId),
  ],
  [
    'stack',
    'fail',
    /^Table is UPDATE_FAILED\.$/,
    /describe-stack-events/,
    (account) =>
      resource(account, 'Table', (one) => Object.assign(one, { ResourceStatus: 'UPDATE_FAILED' })),
  ],
  [
    'stack',
    'warn',
    /2026-11-23 10:00 UTC, something had been changed by hand/,
    /describe-stack-resource-drifts/,
    (account) =>
      stack(account, (one) => {
        one.DriftInformation = {
          StackDriftStatus: 'DRIFTED',
          LastCheckTimestamp: new Date('2026-11-23T10:00:00Z'),
        };
      }),
  ],
];
