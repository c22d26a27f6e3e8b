import { UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import { ifPassed } from '../aws/condition.ts';
import type { Table } from '../aws/table.ts';

/** The one item that says which summary is at work, or has not been sent. */
const Key = marshall({ pk: 'summary', sk: 'state' });

/** How long after a failure nobody goes on with a summary, in ms: until the index shows all that it took up. */
const SETTLING_MS = 30_000;

/** A run of the function that sums up; times in ms since 1970. */
export interface Run {
  /** The same for the retries of an invocation, which come when the run before has ended. */
  readonly token: string;
  readonly leaseUntil: number;
}

/** What a run goes on with. */
export interface Begun {
  /** The summary's name, such as `summary#2026-11-22T18:00:00.000Z#…`. */
  readonly name: string;
  /** When the last summary was sent. */
  readonly since: Date;
}

/**
 * Begins a summary, or goes on with the one that an earlier run could not send, unless another run is at work.
 * A run that died is at work until its lease is over; by then the index shows all that it took up.
 * @returns `undefined` if another run is at work. @throws whatever the SDK throws.
 */
export async function beginSummary(
  { client, name }: Table,
  { token, leaseUntil }: Run,
  now: Date,
): Promise<Begun | undefined> {
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
  if (!answer?.Attributes) return undefined;
  const { summary, sentAt = new Date(0).toISOString() } = unmarshall(answer.Attributes);
  return { name: summary, since: new Date(sentAt) };
}

/**
 * Ends a run. If what it took up has been `sent`, or there was `nothing`, the next one begins a new summary; if it
 * `failed`, the next one goes on with this, but not at once.
 * @throws whatever the SDK throws.
 */
export async function endSummary(
  { client, name }: Table,
  { token }: Run,
  outcome: 'sent' | 'nothing' | 'failed',
  now: Date,
): Promise<void> {
  const expressions = {
    sent: 'SET sentAt = :at REMOVE #token, leaseUntil, summary',
    nothing: 'REMOVE #token, leaseUntil, summary',
    failed: 'SET leaseUntil = :at',
  };
  const at = {
    sent: { ':at': now.toISOString() },
    nothing: {},
    failed: { ':at': now.getTime() + SETTLING_MS },
  };
  await ifPassed(
    client.send(
      new UpdateItemCommand({
        TableName: name,
        Key,
        UpdateExpression: expressions[outcome],
        ConditionExpression: '#token = :token',
        ExpressionAttributeNames: { '#token': 'token' },
        ExpressionAttributeValues: marshall({ ':token': token, ...at[outcome] }),
      }),
    ),
  );
}
