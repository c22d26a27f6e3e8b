import { marshall } from '@aws-sdk/util-dynamodb';
import { readAttempt } from '../../lib/attempt/attempt.ts';
import { ATTEMPT_ATTRIBUTES, attemptItem } from '../../lib/attempt/item.ts';
import type { Item } from '../../lib/aws/table.ts';
import { parseEvent } from '../../lib/cloudtrail/record.ts';
import { incidentKey } from '../../lib/incident/incidents.ts';
import { pairKey } from '../../lib/incident/pairs.ts';
import { HOUR_MS } from '../../lib/time.ts';
import { attemptEvent } from '../../simulation/cast.ts';
import { type Answer, answersAt, json } from './cases.ts';

/** Of one secret. */
export const PAIRS = 50;

/**
 * A page of a query holds at most 1 MB of items, before they are filtered and projected.
 * Source: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Query.Pagination.html
 */
const PAGE_BYTES = 1024 ** 2;

/** A unit reads up to 4 KB, strongly consistent. */
const UNIT_BYTES = 4096;

/** The attempts of a digest, in the pages in which DynamoDB returns them. */
export interface DigestPages {
  readonly answer: (operation: string, request: string) => Answer;
  readonly pages: number;
  /** What it takes to read them. */
  readonly readUnits: number;
  /** The message that was published. */
  readonly message: () => string;
}

/**
 * Answers as a table does that holds so many attempts on one secret which no notice has reported, and as the rest of AWS does.
 * The pages are the same but for their order, and nothing is stored.
 * @param now when this begins, in ms since 1970
 */
export function digestPages(attempts: number, now: number): DigestPages {
  // More than a page holds: no item is smaller than this.
  const items = Array.from({ length: PAGE_BYTES / 256 }, (_, i) => itemOf(i, now));
  const [first] = items;
  if (!first) throw new RangeError('Expected at least one attempt, got none');
  const itemBytes = items.reduce((sum, { item }) => sum + sizeOf(item), 0) / items.length;
  const perPage = Math.floor(PAGE_BYTES / itemBytes);
  const pages = Math.ceil(attempts / perPage);
  const projected = items.slice(0, perPage).map(({ item }) => JSON.stringify(projection(item)));
  let message = '';

  const pairs = items
    .slice(0, PAIRS)
    .map(({ attempt }) => marshall({ ...pairKey(attempt), claimedAt: now }));
  const all = answersAt(now);
  const incident = incidentOf(first, now);

  /** The page after the one that is named by the last key. */
  function pageAfter(request: string): Answer {
    const page = Number(/"sk":\{"S":"page#(\d+)"\}/.exec(request)?.[1] ?? 0);
    const isLast = page + 1 === pages;
    const own = isLast ? projected.slice(0, attempts - page * perPage) : projected;
    const last = isLast
      ? ''
      : `,"LastEvaluatedKey":${JSON.stringify(marshall({ pk: first?.item.pk, sk: `page#${page + 1}` }))}`;
    const body = `{"Items":[${own.join()}],"Count":${own.length},"ScannedCount":${own.length}${last}}`;
    return { ...json('1.0', {}), body };
  }

  return {
    pages,
    readUnits: Math.ceil((attempts * itemBytes) / UNIT_BYTES),
    message: () => message,
    answer(operation, request) {
      if (operation === 'Publish') message = new URLSearchParams(request).get('Message') ?? '';
      if (operation !== 'Query') return all(operation, request);
      if (request.includes('{"S":"incidents"}')) return found([incident]);
      if (request.includes('{"S":"attempt#')) return pageAfter(request);
      if (request.includes('{"S":"pair#')) return found(pairs);
      return all(operation, request);
    },
  };
}

const found = (Items: readonly object[]) =>
  json('1.0', { Items, Count: Items.length, ScannedCount: Items.length });

/** An attempt of some minutes ago, by one of the pairs, and its item. */
function itemOf(i: number, now: number) {
  const time = new Date(now - HOUR_MS + 500 * i);
  const event = attemptEvent({ attempt: i, secret: 0, caller: i % PAIRS, time });
  const { attempt } = readAttempt(parseEvent(event), time);
  if (!attempt) throw new Error('The record of an attempt was not understood');
  return { attempt, item: attemptItem(attempt, time) };
}

/**
 * About what DynamoDB counts: names and values as they are written.
 * Source: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html
 */
function sizeOf(item: Item): number {
  return Object.entries(item)
    .filter(([, value]) => value !== undefined)
    .reduce((sum, [name, value]) => sum + name.length + Buffer.byteLength(String(value)), 0);
}

function projection(item: Item): object {
  const needed = Object.entries(item).filter(([name]) => ATTEMPT_ATTRIBUTES.includes(name));
  return marshall(Object.fromEntries(needed), { removeUndefinedValues: true });
}

/** One whose digest is due. */
function incidentOf({ attempt, item }: ReturnType<typeof itemOf>, now: number): object {
  const at = (ago: number) => new Date(now - ago).toISOString();
  return marshall({
    pk: 'incidents',
    sk: incidentKey(attempt.secret),
    secretId: item.secretId,
    accountId: item.accountId,
    region: item.region,
    openedAt: at(3 * HOUR_MS),
    newsAt: at(0),
    namedAt: at(3 * HOUR_MS),
    reportedUntil: at(2 * HOUR_MS),
    digestAt: at(1000),
    pauseHours: 1,
    alerts: 1,
    notices: 2,
  });
}
