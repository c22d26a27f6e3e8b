import { UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import { ifPassed } from './condition.ts';
import type { Table } from './table.ts';

/** The one item that says which summary is at work, or has not been sent. */
const Key = marshall({ pk: 'summary', sk: 'state' });

/** A run of the function that sums up; times in ms since 1970. */
export interface Run {
  readonly token: string;
  readonly leaseUntil: number;
}

/**
 * Begins a summary, or goes on with the one that an earlier run could not send, unless another run is at work.
 * A run that died is at work until its lease is over; by then the index shows all that it took up.
 * @returns the summary's name. @throws whatever the SDK throws.
 */
export async function beginSummary(
  { client, name }: Table,
  { token, leaseUntil }: Run,
  now: Date,
): Promise<string | undefined> {
  const answer = await ifPassed(
    client.send(
      new UpdateItemCommand({
        TableName: name,
        Key,
        UpdateExpression:
          'SET #token = :token, leaseUntil = :lease, summary = if_not_exists(summary, :summary)',
        ConditionExpression: 'attribute_not_exists(#token) OR leaseUntil < :now OR #token = :token',
        ExpressionAttributeNames: { '#token': 'token' },
        ExpressionAttributeValues: marshall({
          ':token': token,
          ':lease': leaseUntil,
          ':summary': `summary#${now.toISOString()}#${token}`,
          ':now': now.getTime(),
        }),
        ReturnValues: 'ALL_NEW',
      }),
    ),
  );
  return answer?.Attributes && unmarshall(answer.Attributes).summary;
}

/** Ends a run; the summary stays for the next one unless `isSent`. @throws whatever the SDK throws. */
export async function endSummary(
  { client, name }: Table,
  { token }: Run,
  isSent: boolean,
): Promise<void> {
  await ifPassed(
    client.send(
      new UpdateItemCommand({
        TableName: name,
        Key,
        UpdateExpression: `REMOVE #token, leaseUntil${isSent ? ', summary' : ''}`,
        ConditionExpression: '#token = :token',
        ExpressionAttributeNames: { '#token': 'token' },
        ExpressionAttributeValues: marshall({ ':token': token }),
      }),
    ),
  );
}
