import { attemptPartition } from '../../lib/attempt/item.ts';
import type { Place } from '../../lib/aws/spokes.ts';
import { getItems, type Item, type Table, updateItem } from '../../lib/aws/table.ts';
import { partitionKey } from '../../lib/deletion/ledger.ts';
import { incidentKey } from '../../lib/incident/incidents.ts';
import { DAY_MS, HOUR_MS } from '../../lib/time.ts';
import { secretOf } from './table.ts';

/** What the table says of when an incident, its attempts, its mutes and the notices were. */
const TIMES = [
  ...['recordedAt', 'openedAt', 'newsAt', 'namedAt', 'unnamedSince', 'unnamedAt'],
  ...['reportedUntil', 'digestAt', 'catchUpAt', 'endedAt', 'from'],
];

/** When a secret is to be gone, and looked at. */
const END_TIMES = ['date', 'endsAt', 'lookAt'];

/** Lets two hours pass for a secret's incident, but not for its deletion: whatever happened now happened then. */
export async function letHoursPass(table: Table, name: string, place?: Place): Promise<void> {
  await letPass(2 * HOUR_MS, TIMES, await itemsOf(table, name, place), table);
}

/** Lets days pass for a secret's incident, and for its deletion as far as the ledger alone knows of it. */
export async function letDaysPass(
  days: number,
  table: Table,
  name: string,
  place: Place,
): Promise<void> {
  const ledger = await getItems(table, partitionKey(secretOf(name, place)) ?? '');
  const items = [...(await itemsOf(table, name, place)), ...(ledger as Item[])];
  await letPass(days * DAY_MS, [...TIMES, ...END_TIMES], items, table);
}

/** Lets ends be told again at once, which else wait for minutes after others. */
export async function letEndsBeTold(table: Table): Promise<void> {
  await letPass(2 * HOUR_MS, ['endAt'], (await getItems(table, 'summary')) as Item[], table);
}

/** What tells of an incident, and of the last notices. */
async function itemsOf(table: Table, name: string, place?: Place): Promise<Item[]> {
  const secret = secretOf(name, place);
  const incidents = (await getItems(table, 'incidents')) as Item[];
  return [
    ...(await getItems(table, attemptPartition(secret))),
    ...incidents.filter(({ sk }) => sk === incidentKey(secret)),
    ...(await getItems(table, 'summary')),
  ] as Item[];
}

async function letPass(
  ms: number,
  names: readonly string[],
  items: readonly Item[],
  table: Table,
): Promise<void> {
  const earlier = (item: object) =>
    Object.fromEntries(
      Object.entries(item)
        .filter(([name]) => names.includes(name))
        .map(([name, time]) => [name, new Date(Date.parse(String(time)) - ms).toISOString()]),
    );
  for (const { mutes = [], ...item } of items) {
    const moved = (mutes as object[]).map((mute) => ({ ...mute, ...earlier(mute) }));
    const set = { ...earlier(item), ...(moved.length > 0 && { mutes: moved }) };
    if (Object.keys(set).length > 0) await updateItem(table, item, { set });
  }
}
