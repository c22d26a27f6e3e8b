import { attemptPartition } from '../../lib/attempt/item.ts';
import type { Place } from '../../lib/aws/spokes.ts';
import { getItems, type Item, type Table, updateItem } from '../../lib/aws/table.ts';
import { incidentKey } from '../../lib/incident/incidents.ts';
import { HOUR_MS } from '../../lib/time.ts';
import { secretOf } from './table.ts';

/** What the table says of when an incident, its attempts, its mutes and the digests were. */
const TIMES = [
  ...['recordedAt', 'openedAt', 'newsAt', 'namedAt', 'unnamedSince', 'unnamedAt'],
  ...['reportedUntil', 'digestAt', 'catchUpAt', 'endedAt', 'from'],
];

/** Lets two hours pass for a secret's incident: whatever happened now happened then. */
export async function letHoursPass(table: Table, name: string, place?: Place): Promise<void> {
  const secret = secretOf(name, place);
  const incidents = (await getItems(table, 'incidents')) as Item[];
  const items = [
    ...(await getItems(table, attemptPartition(secret))),
    ...incidents.filter(({ sk }) => sk === incidentKey(secret)),
    ...(await getItems(table, 'summary')),
  ] as Item[];
  for (const { mutes = [], ...item } of items) {
    const moved = (mutes as object[]).map((mute) => ({ ...mute, ...movedTimes(mute) }));
    const set = { ...movedTimes(item), ...(moved.length > 0 && { mutes: moved }) };
    if (Object.keys(set).length > 0) await updateItem(table, item, { set });
  }
}

function movedTimes(item: object): Record<string, string> {
  const times = Object.entries(item).filter(([name]) => TIMES.includes(name));
  return Object.fromEntries(
    times.map(([name, time]) => [
      name,
      new Date(Date.parse(String(time)) - 2 * HOUR_MS).toISOString(),
    ]),
  );
}
