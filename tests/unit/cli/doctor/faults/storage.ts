import { patch, refuse } from '../../../../testing/account.ts';
import type { Fault } from './fault.ts';

/** What may be wrong with the queue and the table. */
export const STORAGE_FAULTS: readonly Fault[] = [
  [
    'dead-letter queue',
    'fail',
    /^It holds 3 messages that could not be handled\.$/,
    /^npm run replay -- --stage dev --region eu-west-1$/,
    (account) => {
      const Attributes = {
        ApproximateNumberOfMessages: '2',
        ApproximateNumberOfMessagesNotVisible: '1',
      };
      account.GetQueueAttributes = () => ({ Attributes });
    },
  ],
  [
    'dead-letter queue',
    'fail',
    /^There is no queue/,
    /serverless remove .+ && npx serverless deploy/,
    (account) => {
      account.GetQueueAttributes = refuse('QueueDoesNotExist');
    },
  ],
  [
    'table',
    'fail',
    /^There is no table/,
    /serverless remove .+ && npx serverless deploy/,
    (account) => {
      account.DescribeTable = refuse('ResourceNotFoundException');
    },
  ],
  [
    'table',
    'fail',
    /^The table is ARCHIVED, index tell is CREATING\.$/,
    /describe-table/,
    (account) =>
      patch(account, 'DescribeTable', ({ Table }) => {
        Table.TableStatus = 'ARCHIVED';
        Table.GlobalSecondaryIndexes[0].IndexStatus = 'CREATING';
      }),
  ],
  [
    'table',
    'warn',
    /never expire/,
    /update-time-to-live --table-name \S+ --time-to-live-specification Enabled=true,AttributeName=expiresAt/,
    (account) => {
      account.DescribeTimeToLive = () => ({});
    },
  ],
  [
    'table',
    'warn',
    /Point-in-time recovery is off/,
    /update-continuous-backups/,
    (account) => {
      account.DescribeContinuousBackups = () => ({});
    },
  ],
];
