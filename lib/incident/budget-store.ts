import {
  ConditionalCheckFailedException,
  GetItemCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import type { Table } from '../aws/table.ts';
import type { Budget } from './budget.ts';

/**
 * SNS sends an e-mail subscription at most 10 messages a second, and suspends one that gets more.
 * Source: https://docs.aws.amazon.com/sns/latest/dg/sns-email-notifications.html
 */
const MAX_PER_SECOND = 8;

/**
 * Takes one message from the budget of the minute and of the second of `now`, by one conditional write.
 * @throws whatever the SDK throws.
 */
export async function takeMessage(
  { client, name: TableName }: Table,
  now: Date,
  maxPerMinute: number,
): Promise<Budget> {
  const iso = now.toISOString();
  const Key = marshall({ pk: `minute#${iso.slice(0, 16)}`, sk: 'budget' });
  try {
    await client.send(
      new UpdateItemCommand({
        TableName,
        Key,
        UpdateExpression: 'SET expiresAt = :expires ADD taken :one, #second :one',
        ConditionExpression:
          '(attribute_not_exists(taken) OR taken < :minute) AND (attribute_not_exists(#second) OR #second < :second)',
        ExpressionAttributeNames: { '#second': `s${iso.slice(17, 19)}` },
        ExpressionAttributeValues: marshall({
          ':one': 1,
          ':minute': maxPerMinute,
          ':second': MAX_PER_SECOND,
          ':expires': Math.ceil(now.getTime() / 1000) + 3600,
        }),
        ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
      }),
    );
    return 'taken';
  } catch (error) {
    if (!(error instanceof ConditionalCheckFailedException)) throw error;
    const item = error.Item ?? (await client.send(new GetItemCommand({ TableName, Key }))).Item;
    return item && Number(unmarshall(item).taken) < maxPerMinute ? 'second' : 'minute';
  }
}
