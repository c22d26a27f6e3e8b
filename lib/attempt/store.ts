import { PutItemCommand, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import { ifPassed } from '../aws/condition.ts';
import { queryPages, type Table } from '../aws/table.ts';
import type { Item, Key } from '../deletion/ledger.ts';
import type { Lease } from '../incident/claim.ts';
import {
  ALERTING,
  BACKFILLED,
  type HeldBack,
  IGNORED,
  TELL_INDEX,
  UNNAMED,
  UNTOLD,
} from './item.ts';

/** What the event history told of an attempt must not keep it from being told when it comes. */
const IS_NEW = `(attribute_not_exists(pk) OR attribute_exists(${BACKFILLED}))`;

const marshalled = (item: object) => marshall(item, { removeUndefinedValues: true });

/**
 * Records an attempt that is being alerted. Passes for a new one, for one that no summary has taken up yet,
 * and for one whose alert has failed.
 * @returns whether the alert may go out. @throws whatever the SDK throws.
 */
export async function recordAlerting(
  { client, name }: Table,
  item: Item,
  { token, now, leaseUntil }: Lease,
): Promise<boolean> {
  const passed = await ifPassed(
    client.send(
      new PutItemCommand({
        TableName: name,
        Item: marshalled({ ...item, tell: ALERTING, token, leaseUntil }),
        ConditionExpression: `${IS_NEW} OR tell IN (:untold, :unnamed) OR (tell = :alerting AND (leaseUntil < :now OR #token = :token))`,
        ExpressionAttributeNames: { '#token': 'token' },
        ExpressionAttributeValues: marshall({
          ':untold': UNTOLD,
          ':unnamed': UNNAMED,
          ':alerting': ALERTING,
          ':now': now,
          ':token': token,
        }),
      }),
    ),
  );
  return passed !== undefined;
}

/** Who is to tell an attempt that is held back: only one in a quiet window repeats what an alert has told. */
const TELL: Readonly<Record<HeldBack, string>> = {
  'quiet-window': UNTOLD,
  budget: UNNAMED,
  failed: UNNAMED,
  ignored: IGNORED,
};

/**
 * Records an attempt for the next summary; changes nothing if it is recorded already.
 * @returns whether it is new. @throws whatever the SDK throws.
 */
export async function recordHeldBack(
  { client, name }: Table,
  item: Item,
  heldBack: HeldBack,
): Promise<boolean> {
  const passed = await ifPassed(
    client.send(
      new PutItemCommand({
        TableName: name,
        Item: marshalled({ ...item, tell: TELL[heldBack], heldBack }),
        ConditionExpression: IS_NEW,
      }),
    ),
  );
  return passed !== undefined;
}

/** Notes that an attempt has been told by its alert. @throws whatever the SDK throws. */
export async function noteAlerted({ client, name }: Table, key: Key, now: Date): Promise<void> {
  await client.send(
    new UpdateItemCommand({
      TableName: name,
      Key: marshall(key),
      UpdateExpression: 'SET alertedAt = :now REMOVE tell, #token, leaseUntil',
      ExpressionAttributeNames: { '#token': 'token' },
      ExpressionAttributeValues: marshall({ ':now': now.toISOString() }),
    }),
  );
}

/**
 * Leaves an attempt whose alert did not go out to a retry, or else to the next summary.
 * @throws whatever the SDK throws.
 */
export async function noteUnsent(
  { client, name }: Table,
  key: Key,
  token: string,
  why: 'failed' | 'budget',
): Promise<void> {
  await ifPassed(
    client.send(
      new UpdateItemCommand({
        TableName: name,
        Key: marshall(key),
        UpdateExpression: 'SET tell = :tell, heldBack = :why REMOVE #token, leaseUntil',
        ConditionExpression: '#token = :token',
        ExpressionAttributeNames: { '#token': 'token' },
        ExpressionAttributeValues: marshall({
          ':tell': TELL[why],
          ':why': why,
          ':token': token,
        }),
      }),
    ),
  );
}

/** The attempts with this `tell`, the oldest first, page by page. @throws whatever the SDK throws. */
export async function* attemptsToTell(
  table: Table,
  tell: string,
): AsyncGenerator<Record<string, unknown>[]> {
  const pages = queryPages(table, {
    IndexName: TELL_INDEX,
    KeyConditionExpression: 'tell = :tell',
    ExpressionAttributeValues: marshall({ ':tell': tell }),
  });
  for await (const { Items = [] } of pages) yield Items.map((item) => unmarshall(item));
}

/**
 * Takes an attempt up into a summary, unless its alert is under way, or something has told it since.
 * @returns whether it is the summary's now. @throws whatever the SDK throws.
 */
export async function takeUp(
  { client, name }: Table,
  key: Key,
  summary: string,
  now: number,
): Promise<boolean> {
  const passed = await ifPassed(
    client.send(
      new UpdateItemCommand({
        TableName: name,
        Key: marshall(key),
        UpdateExpression: 'SET tell = :summary',
        ConditionExpression:
          'tell IN (:untold, :unnamed, :summary) OR (tell = :alerting AND leaseUntil < :now)',
        ExpressionAttributeValues: marshall({
          ':summary': summary,
          ':untold': UNTOLD,
          ':unnamed': UNNAMED,
          ':alerting': ALERTING,
          ':now': now,
        }),
      }),
    ),
  );
  return passed !== undefined;
}

/**
 * Counts the attempts of ignored callers that were made after `since`, page by page; nobody takes them up.
 * @throws whatever the SDK throws.
 */
export async function* countIgnored(table: Table, since: Date): AsyncGenerator<number> {
  const pages = queryPages(table, {
    IndexName: TELL_INDEX,
    Select: 'COUNT',
    // The sort key of an attempt begins with its time.
    KeyConditionExpression: 'tell = :ignored AND sk > :since',
    ExpressionAttributeValues: marshall({ ':ignored': IGNORED, ':since': since.toISOString() }),
  });
  for await (const { Count = 0 } of pages) yield Count;
}
