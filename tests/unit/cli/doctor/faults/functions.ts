import { type Account, patch, refuse } from '../../../../testing/account.ts';
import type { Fault } from './fault.ts';

export const configuration = (more: object) => (account: Account) =>
  patch(account, 'GetFunctionConfiguration', (one) => Object.assign(one, more));

/** What may be wrong with a function. */
export const FUNCTION_FAULTS: readonly Fault[] = [
  [
    'notify: function',
    'fail',
    /^There is no function/,
    /serverless remove .+ && npx serverless deploy/,
    (account) => {
      account.GetFunctionConfiguration = refuse('ResourceNotFoundException');
    },
  ],
  [
    'notify: function',
    'fail',
    /^Its last update failed: no role\.$/,
    /serverless deploy .+ --force /,
    configuration({ LastUpdateStatus: 'Failed', LastUpdateStatusReason: 'no role' }),
  ],
  [
    'summarize: function',
    'fail',
    /^It is Failed: bad zip\.$/,
    /serverless deploy .+ --force /,
    configuration({ State: 'Failed', StateReason: 'bad zip' }),
  ],
  [
    'notify: function',
    'fail',
    /never runs/,
    /^aws lambda delete-function-concurrency --function-name deleted-secret-notifier-dev-notify/,
    (account) => {
      account.GetFunctionConcurrency = () => ({ ReservedConcurrentExecutions: 0 });
    },
  ],
  [
    'notify: function',
    'warn',
    /being updated/,
    /get-function-configuration/,
    configuration({ LastUpdateStatus: 'InProgress' }),
  ],
  [
    'notify: errors',
    'warn',
    /^3 errors in the last day/,
    /^https:\/\/eu-west-1\.console\.aws\.amazon\.com\/cloudwatch\/home\?region=eu-west-1#logsV2:log-groups\/log-group\/\$252Faws\$252Flambda\$252Fdeleted-secret-notifier-dev-notify$/,
    (account) => {
      account.GetMetricStatistics = () => ({ Datapoints: [{ Sum: 1 }, { Sum: 2 }, {}] });
    },
  ],
];
