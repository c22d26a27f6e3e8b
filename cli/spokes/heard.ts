import { DescribeTableCommand } from '@aws-sdk/client-dynamodb';
import * as v from 'valibot';
import { ATTEMPT_PREFIX } from '../../lib/attempt/item.ts';
import { type Place, placeKey } from '../../lib/aws/spokes.ts';
import { allOf, anyOf, expression, scan, type Table } from '../../lib/aws/table.ts';
import { LEDGER_PREFIX } from '../../lib/deletion/ledger.ts';
import { isoTime } from '../../lib/time.ts';

/** What events have told of a place, as far as the table remembers: 60 days. */
export interface Heard {
  readonly place: Place;
  /** When the first and the last of them came; the last by a rule, and the last attempt that the trail's log group brought first. */
  first: Date;
  last: Date;
  lastByRule?: Date;
  lastByTrail?: Date;
}

/** What is known of the places, by {@link placeKey}. */
export type HeardOf = ReadonlyMap<string, Heard>;

/** Items for one scan of the table, and how many scans there are at the same time at most. */
const PART_ITEMS = 20_000;
const MAX_PARTS = 8;

/**
 * The accounts and Regions of all attempts and deletions that an event has brought into the table. What was only looked up
 * afterwards, in CloudTrail's event history, shows nothing of whether events arrive.
 * @param run shows the progress: it is given how many items there are about, and calls its argument with how many more are read.
 * @throws whatever the SDK throws.
 */
export async function readHeard(
  table: Table,
  run: (total: number, read: (advance: (items: number) => void) => Promise<void>) => Promise<void>,
): Promise<HeardOf> {
  const { client, name: TableName } = table;
  const description = (await client.send(new DescribeTableCommand({ TableName }))).Table;
  const total = description?.ItemCount ?? 0;
  const of = Math.min(MAX_PARTS, 1 + Math.floor(total / PART_ITEMS));
  const heard = new Map<string, Heard>();
  const readPart = async (part: number, advance: (items: number) => void) => {
    for await (const { items, scanned } of scan(table, CAME, ATTRIBUTES, { part, of })) {
      for (const item of items) note(heard, item);
      advance(scanned);
    }
  };
  await run(total, async (advance) => {
    await Promise.all(Array.from({ length: of }, (_, part) => readPart(part, advance)));
  });
  return heard;
}

/** An attempt bears when it arrived unless it is of the past; a change is marked once its own event has been worked on. */
const CAME = anyOf(
  allOf(expression`begins_with(pk, ${ATTEMPT_PREFIX})`, expression`attribute_exists(recordedAt)`),
  allOf(expression`begins_with(pk, ${LEDGER_PREFIX})`, expression`announced = ${true}`),
);
const ATTRIBUTES = ['pk', 'recordedAt', 'requestedAt', 'path'];

const Came = v.object({
  pk: v.string(),
  recordedAt: v.optional(isoTime),
  requestedAt: v.optional(isoTime),
  path: v.optional(v.string()),
});

/** What both kinds of keys begin with; of an unknown account or Region there is a `?` in its stead. */
const PLACE = /^[a-z]+#(\d{12})#([a-z][a-z\d-]+)#/;

function note(heard: Map<string, Heard>, item: unknown): void {
  const read = v.safeParse(Came, item);
  if (!read.success) return;
  const { pk, recordedAt, requestedAt, path } = read.output;
  const [, accountId, region] = PLACE.exec(pk) ?? [];
  const at = recordedAt ?? requestedAt;
  if (!accountId || !region || !at) return;
  const place = { accountId, region };
  const known = heard.get(placeKey(place)) ?? { place, first: at, last: at };
  heard.set(placeKey(place), known);
  if (at < known.first) known.first = at;
  if (at > known.last) known.last = at;
  // Of a change nobody notes by which path it came.
  if (!recordedAt) return;
  const by = path === undefined ? 'lastByRule' : 'lastByTrail';
  if (!(known[by] && known[by] > at)) known[by] = at;
}
