import { patched, refused } from '../../../../testing/account.ts';
import { STACK } from '../../../../testing/healthy-account.ts';
import type { Any, Faults } from './fault.ts';

const stack = (more: object) =>
  patched('DescribeStacks', ({ Stacks: [one] }) => Object.assign(one, more));
export const resource = (logicalId: string, more: object) =>
  patched('ListStackResources', ({ StackResourceSummaries }) =>
    Object.assign(
      StackResourceSummaries.find((one: Any) => one.LogicalResourceId === logicalId),
      more,
    ),
  );

/** What may be wrong with the stack. */
export const STACK_FAULTS: Faults = {
  stack: [
    [
      'fail',
      /^There is no stack deleted-secret-notifier-dev in eu-west-1\.$/,
      /^npx serverless deploy --region eu-west-1 --stage dev/,
      refused('DescribeStacks', 'ValidationError', `Stack with id ${STACK} does not exist`),
    ],
    [
      'fail',
      /^ROLLBACK_COMPLETE \(no bucket\)\.$/,
      /^npx serverless remove --region eu-west-1 --stage dev && npx serverless deploy --region eu-west-1 --stage dev /,
      stack({ StackStatus: 'ROLLBACK_COMPLETE', StackStatusReason: 'no bucket' }),
    ],
    [
      'fail',
      /^CREATE_IN_PROGRESS/,
      /^aws cloudformation describe-stack-events --stack-name deleted-secret-notifier-dev --region eu-west-1$/,
      stack({ StackStatus: 'CREATE_IN_PROGRESS' }),
    ],
    [
      'warn',
      /^UPDATE_ROLLBACK_COMPLETE: the last deployment failed/,
      /describe-stack-events/,
      stack({ StackStatus: 'UPDATE_ROLLBACK_COMPLETE' }),
    ],
    [
      'warn',
      /being changed/,
      /describe-stack-events/,
      stack({ StackStatus: 'UPDATE_IN_PROGRESS' }),
    ],
    [
      'fail',
      /^It lacks NotifyRule\.$/,
      /serverless deploy/,
      resource('NotifyRule', { PhysicalResourceId: undefined }),
    ],
    [
      'fail',
      /^Table is UPDATE_FAILED\.$/,
      /describe-stack-events/,
      resource('Table', { ResourceStatus: 'UPDATE_FAILED' }),
    ],
    [
      'warn',
      /2026-11-23 10:00 UTC, something had been changed by hand/,
      /describe-stack-resource-drifts/,
      stack({
        DriftInformation: {
          StackDriftStatus: 'DRIFTED',
          LastCheckTimestamp: new Date('2026-11-23T10:00:00Z'),
        },
      }),
    ],
  ],
};
