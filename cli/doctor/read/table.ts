import {
  DescribeContinuousBackupsCommand,
  DescribeTableCommand,
  DescribeTimeToLiveCommand,
  type DynamoDBClient,
} from '@aws-sdk/client-dynamodb';
import { ask, find } from './ask.ts';

export interface TableFacts {
  /** `ACTIVE`, `UPDATING` … of the table and each index, by name. */
  readonly statuses: Readonly<Record<string, string>>;
  readonly expires: boolean;
  readonly recoverable: boolean;
}

/** `undefined` if there is no such table. @throws UnreadableError, and whatever the SDK throws. */
export async function readTable(
  client: DynamoDBClient,
  TableName: string,
): Promise<TableFacts | undefined> {
  const described = await find(
    'dynamodb:DescribeTable',
    client.send(new DescribeTableCommand({ TableName })),
  );
  if (!described) return undefined;
  const { TableStatus = '', GlobalSecondaryIndexes = [] } = described.Table ?? {};
  const { TimeToLiveDescription } = await ask(
    'dynamodb:DescribeTimeToLive',
    client.send(new DescribeTimeToLiveCommand({ TableName })),
  );
  const { ContinuousBackupsDescription } = await ask(
    'dynamodb:DescribeContinuousBackups',
    client.send(new DescribeContinuousBackupsCommand({ TableName })),
  );
  const recovery = ContinuousBackupsDescription?.PointInTimeRecoveryDescription;
  return {
    statuses: {
      table: TableStatus,
      ...Object.fromEntries(
        GlobalSecondaryIndexes.map(({ IndexName, IndexStatus = TableStatus }) => [
          `index ${IndexName}`,
          IndexStatus,
        ]),
      ),
    },
    expires: /^ENABL(ED|ING)$/.test(TimeToLiveDescription?.TimeToLiveStatus ?? ''),
    recoverable: recovery?.PointInTimeRecoveryStatus === 'ENABLED',
  };
}
