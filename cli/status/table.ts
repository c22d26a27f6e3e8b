import { DescribeTableCommand } from '@aws-sdk/client-dynamodb';
import { ASKING_ATTRIBUTES, attemptPartition, BACKFILLED } from '../../lib/attempt/item.ts';
import { type Place, placeKey } from '../../lib/aws/spokes.ts';
import {
  anyOf,
  expression,
  getItems,
  type Item,
  putItem,
  query,
  type Table,
} from '../../lib/aws/table.ts';
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

/** The items that record how far back the event history of a place has been read. */
const BACKFILLS = 'backfill';
/** The place of the stack, or another. */
const backfillKey = (place?: Place) => ({
  pk: BACKFILLS,
  sk: place ? placeKey(place) : 'state',
});

/** When attempts on secrets began to be known. */
export interface Known {
  /** When the table was created. */
  readonly since: Date;
  /** How far back the event history was read: of the stack's place, or of another; `undefined` if it was not. */
  readonly backfilledTo: (place?: Place) => Date | undefined;
}

export async function readKnown(table: Table): Promise<Known> {
  const { client, name: TableName } = table;
  const [{ Table: description }, items] = await Promise.all([
    client.send(new DescribeTableCommand({ TableName })),
    getItems(table, BACKFILLS),
  ]);
  const notes = new Map((items as Item[]).map(({ sk, from }) => [sk, parseTime(from)]));
  return {
    since: description?.CreationDateTime ?? new Date(0),
    backfilledTo: (place) => notes.get(backfillKey(place).sk),
  };
}

/** Records that attempts are known since a time, of the stack's place or of another, unless they are since an earlier one. */
export async function noteBackfilled(table: Table, from: Date, place?: Place): Promise<void> {
  const time = from.toISOString();
  const isEarlier = anyOf(expression`attribute_not_exists(pk)`, expression`#from > ${time}`);
  await putItem(table, { ...backfillKey(place), from: time }, isEarlier);
}
