import { answered, patched, refused } from '../../../../testing/account.ts';
import type { Faults } from './fault.ts';

const ANEW = /serverless remove .+ && npx serverless deploy/;

/** What may be wrong with the queue and the table. */
export const STORAGE_FAULTS: Faults = {
  'dead-letter queue': [
    [
      'fail',
      /^It holds 3 messages that could not be handled\.$/,
      /^npm run replay -- --stage dev --region eu-west-1$/,
      answered('GetQueueAttributes', {
        Attributes: {
          ApproximateNumberOfMessages: '2',
          ApproximateNumberOfMessagesNotVisible: '1',
        },
      }),
    ],
    ['fail', /^There is no queue/, ANEW, refused('GetQueueAttributes', 'QueueDoesNotExist')],
  ],
  table: [
    ['fail', /^There is no table/, ANEW, refused('DescribeTable', 'ResourceNotFoundException')],
    [
      'fail',
      /^The table is ARCHIVED, index tell is CREATING\.$/,
      /describe-table/,
      patched('DescribeTable', ({ Table }) => {
        Table.TableStatus = 'ARCHIVED';
        Table.GlobalSecondaryIndexes[0].IndexStatus = 'CREATING';
      }),
    ],
    [
      'fail',
      /^It lacks the index deletions: no read of a secret that is gone is reported\.$/,
      /^aws dynamodb update-table --table-name \S+ --attribute-definitions .+"kind".+ --global-secondary-index-updates '\[\{"Create":\{"IndexName":"deletions"/,
      patched('DescribeTable', ({ Table }) => {
        Table.GlobalSecondaryIndexes.pop();
      }),
    ],
    [
      'warn',
      /never expire/,
      /update-time-to-live --table-name \S+ --time-to-live-specification Enabled=true,AttributeName=expiresAt/,
      answered('DescribeTimeToLive', {}),
    ],
    [
      'warn',
      /Point-in-time recovery is off/,
      /update-continuous-backups/,
      answered('DescribeContinuousBackups', {}),
    ],
  ],
};
