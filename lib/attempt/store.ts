import {
  allOf,
  anyOf,
  type Expression,
  expression,
  type Item,
  type Key,
  putItem,
  query,
  type Table,
  updateItem,
} from '../aws/table.ts';
import {
  ALERTING,
  BACKFILLED,
  type Deferral,
  IGNORED,
  TELL_INDEX,
  UNNAMED,
  UNTOLD,
} from './item.ts';

/** Whose run of the function alerts an attempt, and until when it will have ended, in ms. */
export interface Lease {
  readonly token: string;
  readonly now: number;
  readonly leaseUntil: number;
}

/** Who is to report a deferred attempt: only one in a quiet window repeats what an alert has reported. */
const TELL: Readonly<Record<Deferral, string>> = {
  'quiet-window': UNTOLD,
  budget: UNNAMED,
  failed: UNNAMED,
  ignored: IGNORED,
};

/** An attempt that was read from the event history must still be reported when it is delivered. */
const isNew = anyOf(
  expression`attribute_not_exists(pk)`,
  expression`attribute_exists(${() => BACKFILLED})`,
);
const isLeftToSummary = expression`tell IN (${UNTOLD}, ${UNNAMED})`;
const isAlerting = expression`tell = ${ALERTING}`;
const isOf = (token: string): Expression => expression`#token = ${token}`;
/** The run that alerts it has died. */
const hasLapsed = (now: number): Expression => expression`leaseUntil < ${now}`;

/** The attempts in a table, each of which says who is to tell it. */
export type AttemptStore = ReturnType<typeof createAttemptStore>;

/** Its functions throw whatever the SDK throws. */
export function createAttemptStore(table: Table) {
  return {
    /**
     * Records an attempt that is being alerted. Passes for a new one, for one that no summary has taken up yet,
     * and for one whose alert has failed.
     * @returns whether the alert may go out.
     */
    recordAlerting(item: Item, { token, now, leaseUntil }: Lease): Promise<boolean> {
      const isOursToAlert = allOf(isAlerting, anyOf(hasLapsed(now), isOf(token)));
      const alerting = { ...item, tell: ALERTING, token, leaseUntil };
      return putItem(table, alerting, anyOf(isNew, isLeftToSummary, isOursToAlert));
    },

    /**
     * Records an attempt for the next summary; changes nothing if it is recorded already.
     * @returns whether it is new.
     */
    recordDeferred(item: Item, why: Deferral): Promise<boolean> {
      return putItem(table, { ...item, tell: TELL[why], heldBack: why }, isNew);
    },

    /** Notes that an attempt has been reported by its alert. */
    async noteAlerted(key: Key, now: Date): Promise<void> {
      await updateItem(table, key, {
        set: { alertedAt: now.toISOString() },
        remove: ['tell', 'token', 'leaseUntil'],
      });
    },

    /** Leaves an attempt whose alert did not go out to a retry, or else to the next summary. */
    async noteUnsent(key: Key, token: string, why: 'failed' | 'budget'): Promise<void> {
      await updateItem(table, key, {
        condition: isOf(token),
        set: { tell: TELL[why], heldBack: why },
        remove: ['token', 'leaseUntil'],
      });
    },

    /** The attempts with this `tell`, the oldest first, page by page. */
    async *toTell(tell: string): AsyncGenerator<Record<string, unknown>[]> {
      const pages = query(table, expression`tell = ${tell}`, { IndexName: TELL_INDEX });
      for await (const { items } of pages) yield items;
    },

    /**
     * Takes an attempt up into a summary, unless its alert is under way, or something has reported it since.
     * @returns whether it is the summary's now.
     */
    async takeUp(key: Key, summary: string, now: number): Promise<boolean> {
      const isTakenUp = expression`tell = ${summary}`;
      const alertHasFailed = allOf(isAlerting, hasLapsed(now));
      const condition = anyOf(isLeftToSummary, isTakenUp, alertHasFailed);
      return (await updateItem(table, key, { condition, set: { tell: summary } })).passed;
    },

    /** Counts the attempts of ignored callers that were made after `since`, page by page; nobody takes them up. */
    async *countIgnored(since: Date): AsyncGenerator<number> {
      // The sort key of an attempt begins with its time.
      const key = expression`tell = ${IGNORED} AND sk > ${since.toISOString()}`;
      const pages = query(table, key, { IndexName: TELL_INDEX, Select: 'COUNT' });
      for await (const { count } of pages) yield count;
    },
  };
}
