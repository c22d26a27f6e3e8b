import * as v from 'valibot';
import type { Attempt } from '../attempt/attempt.ts';
import { expiryOf } from '../attempt/item.ts';
import {
  allOf,
  anyOf,
  deleteItem,
  expression,
  getItems,
  type Item,
  putItem,
  type Table,
  updateItem,
} from '../aws/table.ts';
import type { Caller } from '../cloudtrail/caller.ts';
import {
  completedBy,
  identifySecret,
  isSameSecret,
  readAsPartial,
  type SecretId,
  secretKey,
} from '../cloudtrail/secret-id.ts';
import { epochSeconds, isoTime } from '../time.ts';
import { type Change, isGoneBy } from './change.ts';

/** The item of a change; the changes of a secret are ranked by `order`. */
export type ChangeItem = Item & { readonly order: string };

/** What the ledger knows of a secret. */
export interface Page {
  /** The newest known change of whether the secret is scheduled for deletion. */
  readonly change?: Change;
  /** Whether its record has come by itself, rather than been found in CloudTrail's event history. */
  readonly isHeard?: boolean;
  /** CloudTrail's event history has been asked in vain. */
  readonly history?: {
    /** It is not asked again before this. */
    readonly askAgainAt: Date;
    /** What came of it, as a sentence. */
    readonly missing: string;
  };
  /** The id of the attempt for which this service last set out to cancel a deletion, and was not refused. */
  readonly restoringFor?: string;
  /** When it did. */
  readonly restoringAt?: Date;
}

/** What the partitions of the ledger begin with. */
export const LEDGER_PREFIX = 'secret#';

/** The partition of a secret in the table; `undefined` for one that the record does not name. */
export function partitionKey(secret: SecretId): string | undefined {
  // A name that AWS allows has at most 512 characters.
  const { name = '' } = secret;
  return name !== '' && name.length <= 512 ? `${LEDGER_PREFIX}${secretKey(secret)}` : undefined;
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

/**
 * The secret that an id meant which AWS did not find at a time, as the ledger knows it, if it was gone by then. As long as it is
 * scheduled for deletion AWS finds it, but not by each id that may mean it.
 * @throws what `getItems` throws.
 */
export async function goneSecret(
  { secret, time }: Pick<Attempt, 'secret' | 'time'>,
  getItems: (pk: string) => Promise<unknown[]>,
): Promise<SecretId | undefined> {
  const { change } = await readLedger(secret, getItems);
  return change && isGoneBy(change, time) ? completedBy(secret, change.secret.arn) : undefined;
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
  announced: v.optional(v.boolean(), false),
};

const ChangeSchema = v.variant('kind', [
  v.object({
    kind: v.literal('deletion'),
    ...call,
    date: isoTime,
    dateFrom: v.picklist(['record', 'window']),
    windowDays: v.number(),
    forced: v.boolean(),
    replicaOf: v.optional(v.string()),
    tags: v.optional(v.record(v.string(), v.string())),
  }),
  v.object({ kind: v.literal('cancellation'), ...call }),
]);

const HistorySchema = v.object({
  kind: v.literal('history'),
  askAgainAt: isoTime,
  missing: v.string(),
});

const RestoringSchema = v.object({
  kind: v.literal('restoring'),
  attemptId: v.string(),
  at: v.optional(isoTime),
});

/**
 * The item of a change. `order` ranks the changes of a secret: the highest is the state, in whatever order
 * and how often they arrive. A record's time is whole seconds; of a deletion and a cancellation in the same
 * second the deletion ranks higher, because a wrong cancellation would hide a date, while a wrong deletion is
 * found out by DescribeSecret.
 */
export function changeItem(change: Change, pk: string): ChangeItem {
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
    expiresAt: forgottenAt(change),
  };
}

/** When the ledger may forget a change, in seconds since 1970: of what is deleted, reads are judged by it long after the end. */
export function forgottenAt(change: Change): number {
  return expiryOf(change.kind === 'deletion' ? change.date : change.requestedAt);
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
  const at = now.toISOString();
  return { pk, sk: 'restoring', kind: 'restoring', attemptId, at, expiresAt: expiryOf(now) };
}

/** Reads the items of a secret; passes over what is none of ours, such as one changed by hand. */
export function readPage(items: readonly unknown[], secret: SecretId): Page {
  const find = <Schema extends v.GenericSchema>(schema: Schema) =>
    items.map((item) => v.safeParse(schema, item)).find(({ success }) => success)?.output as
      | v.InferOutput<Schema>
      | undefined;
  const history = find(HistorySchema);
  const { attemptId: restoringFor, at: restoringAt } = find(RestoringSchema) ?? {};
  const found = find(ChangeSchema);
  if (!found) return { history, restoringFor, restoringAt };
  const { arn, announced, ...change } = found;
  return {
    change: { ...change, secret: arn ? identifySecret(arn, secret) : secret },
    isHeard: announced,
    history,
    restoringFor,
    restoringAt,
  };
}

/** The ledger of deletions in a table. */
export type Ledger = ReturnType<typeof createLedger>;

/** Its functions throw whatever the SDK throws. */
export function createLedger(table: Table) {
  return {
    /** All that the ledger holds in a partition. */
    getItems: (pk: string): Promise<unknown[]> => getItems(table, pk),

    /** Writes an item, whatever the ledger holds. */
    async putItem(item: Item): Promise<void> {
      await putItem(table, item);
    },

    /** Notes that this service sets out to cancel the deletion of a secret, for an attempt. */
    async noteRestoring(secret: SecretId, attemptId: string, now: Date): Promise<void> {
      const pk = partitionKey(secret);
      if (pk) await putItem(table, restoringItem(pk, attemptId, now));
    },

    /** Notes that the deletion that this service set out to cancel, for an attempt, could not be: who restores it is another. */
    async noteRefused(secret: SecretId, attemptId: string): Promise<void> {
      const pk = partitionKey(secret);
      const isOurs = expression`attemptId = ${attemptId}`;
      if (pk) await deleteItem(table, { pk, sk: 'restoring' }, isOurs);
    },

    /**
     * Writes a change unless the ledger holds one of a higher `order`, or the same one announced. The result is the
     * same in whatever order, and however often, changes are written.
     * @returns whether it was written.
     */
    putIfNewer(item: ChangeItem): Promise<boolean> {
      const isFirst = expression`attribute_not_exists(pk)`;
      const isNewer = expression`#order < ${item.order}`;
      // What the SDK repeats because an answer was lost passes again, as does what has not been announced.
      const isSame = expression`#order = ${item.order}`;
      const isNotAnnounced = expression`attribute_not_exists(announced)`;
      return putItem(table, item, anyOf(isFirst, isNewer, allOf(isSame, isNotAnnounced)));
    },

    /** Notes on a change that it has been announced, or need not be, unless another has taken its place since. */
    async markAnnounced(pk: string, order: string): Promise<void> {
      const isStillThere = expression`#order = ${order}`;
      const key = { pk, sk: 'change' };
      await updateItem(table, key, { condition: isStillThere, set: { announced: true } });
    },
  };
}
