import * as v from 'valibot';
import { short } from '../attempt/item.ts';
import {
  allOf,
  anyOf,
  type Expression,
  expression,
  type Key,
  query,
  type Table,
  updateItem,
} from '../aws/table.ts';
import { type Caller, callerIdentity } from '../cloudtrail/caller.ts';
import {
  identifySecret,
  type SecretId,
  secretKey,
  type Whereabouts,
} from '../cloudtrail/secret-id.ts';
import { addDays, epochSeconds, isoTime } from '../time.ts';
import type { Clash } from './clash.ts';
import { elsewhereOf, placeOf } from './describe.ts';
import type { SearchHistory } from './history.ts';
import { readLedger } from './ledger.ts';
import { MAX_WINDOW_DAYS } from './schedule.ts';

/** All calls of one caller that clashed with one name, as the table keeps them. */
export interface RecordedClash extends Omit<Clash, 'id' | 'time'> {
  readonly key: Key;
  /** Those that no notice has reported, the earliest first. */
  readonly calls: readonly ClashCall[];
  /** The time of the last call that was reported, or need not be: what was made by then is not reported again. */
  readonly toldUntil?: Date;
  /** Whether there were more than are kept; `lastAt`: the last of those. */
  readonly isLeast: boolean;
  readonly lastAt?: Date;
  /** When a mail last reported some. */
  readonly toldAt?: Date;
  /** When the channels beside the mail were told what no mail could report. */
  readonly unmailedAt?: Date;
}

/** A call in an item: what tells it from others, and when it was made. */
interface ClashCall {
  readonly id: string;
  readonly time: Date;
}

/** The partition of all clashes, which are so listed by one query. */
const CLASHES = 'clashes';

/** What the sort keys of a secret's clashes begin with. */
const prefixOf = (secret: SecretId) => `${secretKey(secret)}#`;

const keyOf = ({ secret, caller }: Pick<Clash, 'secret' | 'caller'>): Key => ({
  pk: CLASHES,
  sk: `${prefixOf(secret)}${short(callerIdentity(caller.key), 256)}`,
});

/**
 * How many calls of an item are kept one by one; of more it is known that there were more. Terraform tries some twenty times in
 * two minutes before it gives up, a controller for as long as it runs.
 */
const MAX_CALLS = 50;

const text = v.optional(v.string());

const CallerItem = v.object({
  key: v.string(),
  name: v.string(),
  shortName: v.string(),
  description: v.string(),
  session: text,
  accountId: text,
  issuerArn: text,
}) satisfies v.GenericSchema<unknown, Caller>;

const Calls = v.pipe(
  v.optional(v.set(v.string()), new Set<string>()),
  v.transform((ids) =>
    [...ids].sort().map((id) => ({ id, time: new Date(id.split('#', 1)[0] ?? '') })),
  ),
  v.array(v.object({ id: v.string(), time: v.date() })),
);

const ClashItem = v.object({
  pk: v.string(),
  sk: v.string(),
  name: v.string(),
  accountId: text,
  region: text,
  partition: v.optional(v.string(), 'aws'),
  caller: CallerItem,
  sourceAddress: text,
  userAgent: text,
  calls: Calls,
  toldUntil: v.optional(isoTime),
  isLeast: v.optional(v.boolean(), false),
  lastAt: v.optional(isoTime),
  toldAt: v.optional(isoTime),
  unmailedAt: v.optional(isoTime),
});

/** The clashes in a table. */
export type ClashStore = ReturnType<typeof createClashStore>;

/** Its functions throw whatever the SDK throws. */
export function createClashStore(table: Table) {
  return {
    /**
     * Records a call once, however often and by whichever path it is delivered.
     * @returns whether it is new.
     */
    async record(clash: Clash, now: Date): Promise<boolean> {
      const key = keyOf(clash);
      const time = clash.time.toISOString();
      const call = `${time}#${short(clash.id, 128)}`;
      const isKnown = anyOf(expression`contains(calls, ${call})`, expression`toldUntil >= ${time}`);
      const hasRoom = anyOf(
        expression`attribute_not_exists(calls)`,
        expression`size(calls) < ${MAX_CALLS}`,
      );
      const set = { ...naming(clash), expiresAt: epochSeconds(addDays(now, MAX_WINDOW_DAYS)) };
      const { passed, item } = await updateItem(table, key, {
        condition: allOf(expression`NOT ${isKnown}`, hasRoom),
        set,
        add: { calls: new Set([call]) },
      });
      if (passed) return true;
      const before = readClashItem(item);
      if (before?.toldUntil && before.toldUntil >= clash.time) return false;
      if (before?.calls.some(({ id }) => id === call)) return false;
      const isLater = anyOf(expression`attribute_not_exists(lastAt)`, expression`lastAt < ${time}`);
      await updateItem(table, key, {
        condition: isLater,
        set: { ...set, isLeast: true, lastAt: time },
      });
      return true;
    },

    /** All clashes, as they are at the time of reading. */
    list: (): Promise<RecordedClash[]> => find(expression`pk = ${CLASHES}`),

    of,

    /**
     * Notes that the calls of a clash, as it was read, have been reported, or need not be; those that have come since still are to be.
     * @param toldAt when a mail reported them; absent of those that need not be
     */
    async settle(clash: RecordedClash, toldAt?: Date): Promise<void> {
      const { key, calls } = clash;
      await updateItem(table, key, {
        condition: expression`attribute_exists(pk)`,
        set: { toldUntil: lastTriedAt(clash)?.toISOString(), toldAt: toldAt?.toISOString() },
        take: { calls: new Set(calls.map(({ id }) => id)) },
        remove: ['isLeast', 'lastAt', 'unmailedAt'],
      });
    },

    /** Lets a mail report the clashes of a secret that was deleted anew, also those that one has reported within the day before. */
    async tellAnew(secret: SecretId, deletedAt: Date): Promise<void> {
      const iso = deletedAt.toISOString();
      for (const { key, toldAt } of await of(secret)) {
        if (!toldAt || toldAt >= deletedAt) continue;
        await updateItem(table, key, {
          condition: expression`toldAt < ${iso}`,
          remove: ['toldAt'],
        });
      }
    },

    /** Notes that the channels beside the mail were told of a clash, although no mail could be sent. */
    async noteUnmailed({ key }: RecordedClash, now: Date): Promise<void> {
      const condition = expression`attribute_exists(pk)`;
      await updateItem(table, key, { condition, set: { unmailedAt: now.toISOString() } });
    },
  };

  /** Those of a secret. @param abortSignal ends it */
  function of(secret: SecretId, abortSignal?: AbortSignal): Promise<RecordedClash[]> {
    return find(expression`pk = ${CLASHES} AND begins_with(sk, ${prefixOf(secret)})`, abortSignal);
  }

  async function find(key: Expression, abortSignal?: AbortSignal): Promise<RecordedClash[]> {
    const found: RecordedClash[] = [];
    for await (const { items } of query(table, key, { ConsistentRead: true, abortSignal })) {
      found.push(...items.map(readClashItem).filter((clash) => clash !== undefined));
    }
    return found;
  }
}

/** Who, and by what, as the call that came last tells it. */
function naming({ secret, caller, sourceAddress, userAgent }: Clash) {
  const { name, accountId, region, partition } = secret;
  return {
    name,
    accountId,
    region,
    partition,
    caller: {
      ...caller,
      key: short(caller.key, 2048),
      issuerArn: caller.issuerArn?.slice(0, 2048),
    },
    sourceAddress: sourceAddress?.slice(0, 256),
    userAgent: userAgent?.slice(0, 1024),
  };
}

/** What is no clash, such as an item changed by hand, must not stop all others. */
function readClashItem(item: unknown): RecordedClash | undefined {
  const result = v.safeParse(ClashItem, item);
  if (!result.success) return undefined;
  const { pk, sk, name, accountId, region, partition, ...rest } = result.output;
  const secret = identifySecret(name, { accountId, region, partition });
  return { ...rest, key: { pk, sk }, secret };
}

/** When the last call of a clash was made, reported or not. */
export function lastTriedAt({ calls, toldUntil, lastAt }: RecordedClash): Date | undefined {
  const times = [...calls.map(({ time }) => time), lastAt, toldUntil].filter(
    (time) => time !== undefined,
  );
  return times.length > 0 ? new Date(Math.max(...times.map(Number))) : undefined;
}

/** Dependencies of {@link keepClash}; all but `searchHistory` may throw. */
export interface KeepPorts {
  readonly now: () => Date;
  readonly home: Whereabouts;
  readonly hasSpokes: boolean;
  readonly clashes: Pick<ClashStore, 'record'>;
  readonly getItems: (pk: string) => Promise<unknown[]>;
  readonly searchHistory: SearchHistory;
}

/**
 * Records a clash, and finds out who scheduled the secret of its name for deletion if the ledger does not know, where anybody can
 * look: the ledger keeps it for the notice.
 * @returns whether it is new.
 * @throws what the ports throw.
 */
export async function keepClash(clash: Clash, ports: KeepPorts): Promise<boolean> {
  const { secret, time } = clash;
  const isNew = await ports.clashes.record(clash, ports.now());
  const page = await readLedger(secret, ports.getItems);
  const elsewhere = elsewhereOf(secret, ports.home);
  const place = elsewhere && ports.hasSpokes ? placeOf(secret) : undefined;
  if (page.change?.kind !== 'deletion' && (place || !elsewhere)) {
    await ports.searchHistory({ secret, time, place }, page);
  }
  return isNew;
}
