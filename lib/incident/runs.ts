import { anyOf, expression, type Key, type Table, updateItem } from '../aws/table.ts';
import type { Pace } from './plan.ts';

/** The one item that says which run of `summarize` is at work, and what the last ones sent when. */
const STATE = { pk: 'summary', sk: 'state' };

/** A run of the function; times in ms since 1970. */
export interface DigestRun {
  /** The same for the retries of an invocation, which come when the run before has ended. */
  readonly token: string;
  readonly leaseUntil: number;
}

/** What a run goes by. */
export interface Begun {
  readonly pace: Pace;
  readonly left: LeftBehind;
}

/** What may be left to take over from the version before. */
export interface LeftBehind {
  /** The summary that it took attempts up for and did not send, if any. */
  readonly unsentSummary?: string;
  /** When the first run of this version began. */
  readonly firstRunAt: Date;
  /** After which item the table is still to be searched for its attempts, or `end`. */
  readonly searchedTo?: Key | 'end';
}

/** Says in a table which run is at work: one at a time. */
export type RunStore = ReturnType<typeof createRunStore>;

/** Its functions throw whatever the SDK throws. */
export function createRunStore(table: Table) {
  return {
    /**
     * Begins a run, unless another is at work. One that died is at work until its lease is over.
     * @returns `undefined` if another run is at work.
     */
    async begin({ token, leaseUntil }: DigestRun, now: Date): Promise<Begun | undefined> {
      const nobodyIsAtWork = expression`attribute_not_exists(#token)`;
      const runHasDied = expression`leaseUntil < ${now.getTime()}`;
      const isOurs = expression`#token = ${token}`;
      const { passed, item } = await updateItem(table, STATE, {
        condition: anyOf(nobodyIsAtWork, runHasDied, isOurs),
        set: {
          token,
          leaseUntil,
          firstRunAt: expression`if_not_exists(firstRunAt, ${now.toISOString()})`,
        },
        returnsNew: true,
      });
      if (!passed || !item) return undefined;
      const { digestAt, catchUpAt, catchUpPause, endAt, endPause, unmailedAt } = item;
      const { summary, firstRunAt, searchedTo } = item;
      const pace = {
        digestAt: timeOf(digestAt),
        catchUpAt: timeOf(catchUpAt),
        catchUpPause: typeof catchUpPause === 'number' ? catchUpPause : undefined,
        endAt: timeOf(endAt),
        endPause: typeof endPause === 'number' ? endPause : undefined,
        unmailedAt: timeOf(unmailedAt),
      };
      const left = {
        unsentSummary: typeof summary === 'string' ? summary : undefined,
        firstRunAt: timeOf(firstRunAt) ?? now,
        searchedTo: searchedTo as Key | 'end' | undefined,
      };
      return { pace, left };
    },

    /** Notes what was sent when; what is not given stays. */
    async notePace(
      { token }: DigestRun,
      { digestAt, catchUpAt, catchUpPause, endAt, endPause, unmailedAt }: Pace,
    ): Promise<void> {
      const set = {
        digestAt: digestAt?.toISOString(),
        catchUpAt: catchUpAt?.toISOString(),
        catchUpPause,
        endAt: endAt?.toISOString(),
        endPause,
        unmailedAt: unmailedAt?.toISOString(),
      };
      await updateItem(table, STATE, { set, condition: expression`#token = ${token}` });
    },

    /** Ends a run. */
    async end({ token }: DigestRun): Promise<void> {
      const remove = ['token', 'leaseUntil'];
      await updateItem(table, STATE, { remove, condition: expression`#token = ${token}` });
    },

    /** Notes that what the version before had not reported has been taken over. */
    async noteTakenOver(): Promise<void> {
      await updateItem(table, STATE, { remove: ['summary', 'sentAt'] });
    },

    /** Notes how far the table has been searched for attempts of the version before. */
    async noteSearched(searchedTo: Key | 'end'): Promise<void> {
      await updateItem(table, STATE, { set: { searchedTo } });
    },
  };
}

function timeOf(value: unknown): Date | undefined {
  return typeof value === 'string' ? new Date(value) : undefined;
}
