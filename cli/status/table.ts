import { DescribeTableCommand, GetItemCommand } from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import { ASKING_ATTRIBUTES, attemptPartition, BACKFILLED } from '../../lib/attempt/item.ts';
import { expression, type Item, putItem, query, type Table } from '../../lib/aws/table.ts';
import type { SecretId } from '../../lib/cloudtrail/secret-id.ts';
import { parseTime } from '../../lib/time.ts';

/** The items of a secret's attempts since a time, page by page. Throws whatever the SDK throws, as every function here. */
export async function* attemptsSince(
  table: Table,
  secret: SecretId,
  since: Date,
): AsyncGenerator<unknown[]> {
  // The sort key of an attempt begins with its time.
  const key = expression`pk = ${attemptPartition(secret)} AND sk >= ${since.toISOString()}`;
  for await (const { items } of query(table, key, { attributes: ASKING_ATTRIBUTES })) yield items;
}

/**
 * Records an attempt from the event history, unless it is known, such that no alert and no digest reports it.
 * @returns whether it is new.
 */
export async function recordPast(table: Table, item: Item): Promise<boolean> {
  if (await isRecorded(table, item)) return false;
  return putItem(table, { ...item, [BACKFILLED]: true }, expression`attribute_not_exists(pk)`);
}

/** Whether an attempt is recorded, also by the version before, whose sort keys named the caller: `time#caller#id`. */
async function isRecorded(table: Table, { pk, sk }: Item): Promise<boolean> {
  const end = sk.slice(sk.indexOf('#'));
  const key = expression`pk = ${pk} AND begins_with(sk, ${sk.slice(0, -end.length)})`;
  for await (const { items } of query(table, key, { attributes: ['sk'] })) {
    if (items.some((item) => String(item.sk).endsWith(end))) return true;
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
