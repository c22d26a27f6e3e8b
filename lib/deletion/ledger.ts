import * as v from 'valibot';
import type { Caller } from '../cloudtrail/caller.ts';
import {
  identifySecret,
  isSameSecret,
  readAsPartial,
  type SecretId,
  secretKey,
} from '../cloudtrail/secret-id.ts';
import { isoTime } from '../iso-time.ts';
import { addDays, epochSeconds } from '../time.ts';
import type { Change } from './change.ts';

/** What the ledger knows of a secret. */
export interface Page {
  /** The newest known change of whether the secret is scheduled for deletion. */
  readonly change?: Change;
  /** CloudTrail's event history has been asked in vain. */
  readonly history?: {
    /** It is not asked again before this. */
    readonly askAgainAt: Date;
    /** What came of it, as a sentence. */
    readonly missing: string;
  };
  /** The id of the attempt for which this service last set out to cancel a deletion. */
  readonly restoringFor?: string;
}

/** The key of an item of the table. */
export interface Key {
  readonly pk: string;
  readonly sk: string;
}

export type Item = Readonly<Record<string, unknown>> & Key;

/** Days for which a change is kept: longer than any recovery window, so that it outlives what it tells of. */
const RETENTION_DAYS = 60;

/** The partition of a secret in the table; `undefined` for one that the record does not name. */
export function partitionKey(secret: SecretId): string | undefined {
  // A name that AWS allows has at most 512 characters.
  const { name = '' } = secret;
  return name !== '' && name.length <= 512 ? `secret#${secretKey(secret)}` : undefined;
}

/**
 * What the ledger knows of a secret. An ARN that ends like a complete one may be the partial one of another name, so it is
 * looked for under both. A change of another secret, such as an earlier one of that name, says nothing of this one.
 * @throws what `getItems` throws.
 */
export async function readLedger(
  secret: SecretId,
  getItems: (pk: string) => Promise<unknown[]>,
): Promise<Page> {
  const read = async (id: SecretId | undefined): Promise<Page> => {
    const pk = id && partitionKey(id);
    return id && pk ? readPage(await getItems(pk), id) : {};
  };
  const isOf = ({ change }: Page) => change && isSameSecret(change.secret, secret);
  const page = await read(secret);
  if (isOf(page)) return page;
  const other = await read(readAsPartial(secret));
  return isOf(other) ? other : { ...page, change: undefined };
}

const call = {
  id: v.string(),
  arn: v.optional(v.string()),
  requestedAt: isoTime,
  requestedBy: v.object({
    key: v.string(),
    name: v.string(),
    shortName: v.string(),
    description: v.string(),
    accountId: v.optional(v.string()),
  }) satisfies v.GenericSchema<unknown, Caller>,
  sourceAddress: v.optional(v.string()),
};

const ChangeItem = v.variant('kind', [
  v.object({
    kind: v.literal('deletion'),
    ...call,
    date: isoTime,
    dateFrom: v.picklist(['record', 'window']),
    windowDays: v.number(),
    forced: v.boolean(),
  }),
  v.object({ kind: v.literal('cancellation'), ...call }),
]);

const HistoryItem = v.object({
  kind: v.literal('history'),
  askAgainAt: isoTime,
  missing: v.string(),
});

const RestoringItem = v.object({ kind: v.literal('restoring'), attemptId: v.string() });

/**
 * The item of a change. `order` ranks the changes of a secret: the highest is the state, in whatever order
 * and how often they arrive. A record's time is whole seconds; of a deletion and a cancellation in the same
 * second the deletion ranks higher, because a wrong cancellation would hide a date, while a wrong deletion is
 * found out by DescribeSecret.
 */
export function changeItem(change: Change, pk: string): Item & { readonly order: string } {
  const { secret, requestedAt, ...rest } = change;
  const rank = change.kind === 'deletion' ? 1 : 0;
  return {
    pk,
    sk: 'change',
    ...rest,
    arn: secret.arn,
    requestedAt: requestedAt.toISOString(),
    ...(change.kind === 'deletion' && { date: change.date.toISOString() }),
    order: `${requestedAt.toISOString()}/${rank}/${change.id}`,
    expiresAt: epochSeconds(addDays(requestedAt, RETENTION_DAYS)),
  };
}

/** The item that says that CloudTrail's event history has been asked in vain. */
export function historyItem(pk: string, askAgainAt: Date, missing: string): Item {
  return {
    pk,
    sk: 'history',
    kind: 'history',
    missing,
    askAgainAt: askAgainAt.toISOString(),
    expiresAt: epochSeconds(askAgainAt),
  };
}

/** The item that says that this service sets out to cancel a deletion, for an attempt. */
export function restoringItem(pk: string, attemptId: string, now: Date): Item {
  const expiresAt = epochSeconds(addDays(now, RETENTION_DAYS));
  return { pk, sk: 'restoring', kind: 'restoring', attemptId, expiresAt };
}

/** Reads the items of a secret; passes over what is none of ours, such as one changed by hand. */
export function readPage(items: readonly unknown[], secret: SecretId): Page {
  const find = <Schema extends v.GenericSchema>(schema: Schema) =>
    items.map((item) => v.safeParse(schema, item)).find(({ success }) => success)?.output as
      | v.InferOutput<Schema>
      | undefined;
  const history = find(HistoryItem);
  const restoringFor = find(RestoringItem)?.attemptId;
  const found = find(ChangeItem);
  if (!found) return { history, restoringFor };
  const { arn, ...change } = found;
  return {
    change: { ...change, secret: arn ? identifySecret(arn, secret) : secret },
    history,
    restoringFor,
  };
}

/**
 * Notes that this service sets out to cancel the deletion of a secret, for an attempt.
 * @throws what `putItem` throws.
 */
export async function noteRestoring(
  secret: SecretId,
  attemptId: string,
  now: Date,
  putItem: (item: Item) => Promise<void>,
): Promise<void> {
  const pk = partitionKey(secret);
  if (pk) await putItem(restoringItem(pk, attemptId, now));
}
