import {
  allOf,
  anyOf,
  type Expression,
  expression,
  findItem,
  type Item,
  type Key,
  putItem,
  query,
  scan,
  type Table,
  updateItem,
} from '../aws/table.ts';
import {
  ATTEMPT_ATTRIBUTES,
  ATTEMPT_PREFIX,
  BACKFILLED,
  type RecordedAttempt,
  readAttemptItem,
  TELL_INDEX,
} from './item.ts';

/** Whose run of the function alerts an attempt, and until when it will have ended, in ms. */
export interface Lease {
  readonly token: string;
  readonly now: number;
  readonly leaseUntil: number;
}

/** Which attempts to read, by when they were recorded. */
export interface Recorded {
  /** At this time or later; what the version before reported, if it was made then. */
  readonly since?: Date;
  /** Later than this, and not by an alert of their own. */
  readonly unreportedAfter?: Date;
  /** At this time or earlier. */
  readonly until: Date;
}

/** An attempt that was read from the event history must still be reported when it is delivered. */
const isNew = anyOf(
  expression`attribute_not_exists(pk)`,
  expression`attribute_exists(${() => BACKFILLED})`,
);
const isAlerting = expression`attribute_exists(alertBy)`;
const isOf = (token: string): Expression => expression`alertBy = ${token}`;
/** The run that alerts it has ended. */
const hasLapsed = (now: number): Expression => expression`leaseUntil < ${now}`;

/** How long after an attempt was recorded without an alert another delivery may still alert it, in ms: much less than a minute. */
const FRESH_MS = 15_000;

function isFresh(now: number): Expression {
  const since = new Date(now - FRESH_MS).toISOString();
  const hasNoAlert = ['alertBy', 'alertedAt'].map(
    (name) => expression`attribute_not_exists(${() => name})`,
  );
  return allOf(...hasNoAlert, expression`recordedAt > ${since}`);
}

/** The version before noted no time of arrival. */
const isOfVersionBefore = allOf(
  expression`attribute_not_exists(recordedAt)`,
  expression`attribute_not_exists(${() => BACKFILLED})`,
);
const wasMadeSince = (since: Date) => expression`#time >= ${since.toISOString()}`;

/** How the version before marked what nothing had reported: to be summed up, or being alerted. */
const UNTOLD = ['untold', 'unnamed'] as const;
const ALERTING = 'alerting';
const isUntold = anyOf(...UNTOLD.map((tell) => expression`tell = ${tell}`));
const wasAlerting = (now: number) => allOf(expression`tell = ${ALERTING}`, hasLapsed(now));

/** The attempts in a table. */
export type AttemptStore = ReturnType<typeof createAttemptStore>;

/** Its functions throw whatever the SDK throws. */
export function createAttemptStore(table: Table) {
  return {
    /**
     * Records an attempt that is being alerted. Passes for a new one, for one whose alert has failed and that no digest
     * has adopted, and for one that another delivery recorded this very moment, which no digest reads yet.
     * @returns whether the alert may go out.
     */
    recordAlerting(item: Item, { token, now, leaseUntil }: Lease): Promise<boolean> {
      const isOurs = allOf(isAlerting, anyOf(hasLapsed(now), isOf(token)));
      const isLeft = anyOf(isUntold, wasAlerting(now));
      const passes = anyOf(isNew, isOurs, isLeft, isFresh(now));
      return putItem(table, { ...item, alertBy: token, leaseUntil }, passes);
    },

    /** Records an attempt for a digest; changes nothing if it is recorded already. @returns whether it is new. */
    record(item: Item): Promise<boolean> {
      return putItem(table, item, isNew);
    },

    /** Whether an attempt is recorded, and is or will be reported without another delivery of it. */
    async isSettled(key: Key, now: Date): Promise<boolean> {
      const item = await findItem(table, key);
      // Of what was read from the event history, or is the version before's, no arrival is noted.
      if (item?.recordedAt === undefined) return false;
      return item.alertBy === undefined || Number(item.leaseUntil) >= now.getTime();
    },

    /** Notes that an attempt has been reported by its alert. */
    async noteAlerted(key: Key, now: Date): Promise<void> {
      const set = { alertedAt: now.toISOString() };
      await updateItem(table, key, { set, remove: ['alertBy', 'leaseUntil'] });
    },

    /** Notes by which path a recorded attempt has come, first or again. Only of drills: it takes one write more. */
    async noteHeard(key: Key, path: 'rule' | 'trail', now: Date): Promise<void> {
      const set = { [path === 'trail' ? 'byTrailAt' : 'byRuleAt']: now.toISOString() };
      await updateItem(table, key, { condition: expression`attribute_exists(pk)`, set });
    },

    /** Leaves an attempt whose alert has failed to a retry, or else to a digest. */
    async noteFailed(key: Key, token: string): Promise<void> {
      await updateItem(table, key, { condition: isOf(token), set: { leaseUntil: 0 } });
    },

    /** Leaves an attempt that is not alerted after all to a digest. */
    async leave(key: Key, token: string): Promise<void> {
      const remove = ['alertBy', 'leaseUntil'];
      await updateItem(table, key, { condition: isOf(token), remove });
    },

    /** Takes over an attempt whose alert has failed. @returns whether no alert will report it any more. */
    async adopt(key: Key, now: number): Promise<boolean> {
      const condition = allOf(isAlerting, hasLapsed(now));
      return (await updateItem(table, key, { condition, remove: ['alertBy', 'leaseUntil'] }))
        .passed;
    },

    /** The attempts of a partition, the latest first, page by page, as they are at the time of reading. */
    async *read(
      partition: string,
      { since, unreportedAfter, until }: Recorded,
    ): AsyncGenerator<RecordedAttempt[]> {
      const filters = [
        expression`recordedAt <= ${until.toISOString()}`,
        ...(since ? [expression`recordedAt >= ${since.toISOString()}`] : []),
        ...(unreportedAfter
          ? [
              expression`recordedAt > ${unreportedAfter.toISOString()}`,
              expression`attribute_not_exists(alertedAt)`,
            ]
          : []),
      ];
      const pages = query(table, expression`pk = ${partition}`, {
        ConsistentRead: true,
        ScanIndexForward: false,
        filter: since
          ? anyOf(allOf(...filters), allOf(isOfVersionBefore, wasMadeSince(since)))
          : allOf(...filters),
        attributes: ATTEMPT_ATTRIBUTES,
      });
      for await (const { items } of pages) {
        // What is no attempt, such as an item changed by hand, must not stop all digests.
        yield items.map(readAttemptItem).filter((attempt) => attempt !== undefined);
      }
    },

    /**
     * All attempts of a partition that were made since a time, those from the event history included, the latest first, page by
     * page, as they are at the time of reading.
     */
    async *madeSince(partition: string, since: Date): AsyncGenerator<RecordedAttempt[]> {
      const key = expression`pk = ${partition} AND sk >= ${since.toISOString()}`;
      const pages = query(table, key, {
        ConsistentRead: true,
        ScanIndexForward: false,
        attributes: ATTEMPT_ATTRIBUTES,
      });
      for await (const { items } of pages) {
        yield items.map(readAttemptItem).filter((attempt) => attempt !== undefined);
      }
    },

    /**
     * Attempts that the version before had not reported: deferred, being alerted, or taken up by a summary that it did not
     * send. Page by page; as raw items.
     */
    async *leftBehind(
      unsentSummary: string | undefined,
    ): AsyncGenerator<Record<string, unknown>[]> {
      for (const tell of [...UNTOLD, ALERTING, ...(unsentSummary ? [unsentSummary] : [])]) {
        const pages = query(table, expression`tell = ${tell}`, { IndexName: TELL_INDEX });
        for await (const { items } of pages) yield items;
      }
    },

    /**
     * Attempts of the version before that were made since a time, page by page of the whole table, from the item after `from`
     * on; `next` as of a {@link scan}.
     */
    async *ofVersionBefore(since: Date, from: Key | undefined) {
      const isAttempt = expression`begins_with(pk, ${ATTEMPT_PREFIX})`;
      const filter = allOf(isAttempt, isOfVersionBefore, wasMadeSince(since));
      for await (const { items, next } of scan(table, filter, ATTEMPT_ATTRIBUTES, { from })) {
        const found = items.map(readAttemptItem).filter((attempt) => attempt !== undefined);
        yield { attempts: found.filter(({ isIgnored }) => !isIgnored), next };
      }
    },

    /** Makes an attempt of the version before one that has just been recorded. @returns whether it was left to be reported. */
    async takeOver(key: Key, unsentSummary: string | undefined, now: Date): Promise<boolean> {
      const isOfSummary = expression`tell = ${unsentSummary ?? ''}`;
      const condition = anyOf(isUntold, wasAlerting(now.getTime()), isOfSummary);
      const set = { recordedAt: now.toISOString() };
      const remove = ['tell', 'token', 'leaseUntil', 'heldBack'];
      return (await updateItem(table, key, { condition, set, remove })).passed;
    },
  };
}
