import { DescribeTableCommand, GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import { attemptPartition, BACKFILLED } from '../../lib/attempt/item.ts';
import { ifPassed } from '../../lib/aws/condition.ts';
import { putItem, queryPages, type Table } from '../../lib/aws/table.ts';
import type { SecretId } from '../../lib/cloudtrail/secret-id.ts';
import type { Item } from '../../lib/deletion/ledger.ts';
import { parseTime } from '../../lib/time.ts';

/** The items of a secret's attempts since a time, page by page. Throws whatever the SDK throws, as every function here. */
export async function* attemptsSince(
  table: Table,
  secret: SecretId,
  since: Date,
): AsyncGenerator<unknown[]> {
  const pages = queryPages(table, {
    // The sort key of an attempt begins with its time.
    KeyConditionExpression: 'pk = :pk AND sk >= :since',
    ExpressionAttributeValues: marshall({
      ':pk': attemptPartition(secret),
      ':since': since.toISOString(),
    }),
    ProjectionExpression: 'secretId, callerKey, callerName, #time',
    ExpressionAttributeNames: { '#time': 'time' },
  });
  for await (const { Items = [] } of pages) yield Items.map((item) => unmarshall(item));
}

/**
 * Records an attempt from the event history, unless it is known, such that no alert and no summary reports it.
 * @returns whether it is new.
 */
export async function recordPast(table: Table, item: Item): Promise<boolean> {
  if (await isRecorded(table, item)) return false;
  const passed = await ifPassed(
    table.client.send(
      new PutItemCommand({
        TableName: table.name,
        Item: marshall({ ...item, [BACKFILLED]: true }, { removeUndefinedValues: true }),
        ConditionExpression: 'attribute_not_exists(pk)',
      }),
    ),
  );
  return passed !== undefined;
}

/** Whether an attempt is recorded, also by the version before, whose sort keys named the caller: `time#caller#id`. */
async function isRecorded(table: Table, { pk, sk }: Item): Promise<boolean> {
  const end = sk.slice(sk.indexOf('#'));
  const pages = queryPages(table, {
    KeyConditionExpression: 'pk = :pk AND begins_with(sk, :time)',
    ExpressionAttributeValues: marshall({ ':pk': pk, ':time': sk.slice(0, -end.length) }),
    ProjectionExpression: 'sk',
  });
  for await (const { Items = [] } of pages) {
    if (Items.some((item) => String(unmarshall(item).sk).endsWith(end))) return true;
  }
  return false;
}

/** The item that records how far back the event history has been read. */
const BACKFILL = { pk: 'backfill', sk: 'state' };

/** Since when attempts are known: since the table was created, or as far back as was backfilled. */
export async function knownSince(table: Table): Promise<Date> {
  const { client, name: TableName } = table;
  const [{ Table: description }, { Item }] = await Promise.all([
    client.send(new DescribeTableCommand({ TableName })),
    client.send(new GetItemCommand({ TableName, Key: marshall(BACKFILL) })),
  ]);
  const created = description?.CreationDateTime ?? new Date(0);
  const filled = Item && parseTime(unmarshall(Item).from);
  return filled && filled < created ? filled : created;
}

/** Records that attempts are known since a time, unless they are since an earlier one. */
export async function noteBackfilled(table: Table, from: Date): Promise<void> {
  if (from < (await knownSince(table))) {
    await putItem(table, { ...BACKFILL, from: from.toISOString() });
  }
}
