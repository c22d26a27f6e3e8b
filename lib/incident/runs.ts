import { anyOf, expression, type Table, updateItem } from '../aws/table.ts';
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
  /** The summary that the version before took attempts up for and did not send, if any. */
  readonly unsentSummary?: string;
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
        set: { token, leaseUntil },
        returnsNew: true,
      });
      if (!passed || !item) return undefined;
      const { digestAt, catchUpAt, catchUpPause, summary } = item;
      const pace = {
        digestAt: timeOf(digestAt),
        catchUpAt: timeOf(catchUpAt),
        catchUpPause: typeof catchUpPause === 'number' ? catchUpPause : undefined,
      };
      return { pace, unsentSummary: typeof summary === 'string' ? summary : undefined };
    },

    /** Notes what was sent when. */
    async notePace(
      { token }: DigestRun,
      { digestAt, catchUpAt, catchUpPause }: Pace,
    ): Promise<void> {
      const set = {
        digestAt: digestAt?.toISOString(),
        catchUpAt: catchUpAt?.toISOString(),
        catchUpPause,
      };
      await updateItem(table, STATE, { set, condition: expression`#token = ${token}` });
    },

    /** Ends a run. */
    async end({ token }: DigestRun): Promise<void> {
      const remove = ['token', 'leaseUntil'];
      await updateItem(table, STATE, { remove, condition: expression`#token = ${token}` });
    },

    /** Notes that what the version before left has been taken over. */
    async noteTakenOver(): Promise<void> {
      await updateItem(table, STATE, { remove: ['summary', 'sentAt'] });
    },
  };
}

function timeOf(value: unknown): Date | undefined {
  return typeof value === 'string' ? new Date(value) : undefined;
}
