import { anyOf, expression, type Table, updateItem } from '../aws/table.ts';

/** The one item that says which summary is at work, or has not been sent. */
const STATE = { pk: 'summary', sk: 'state' };

/** How long after a failure nobody goes on with a summary, in ms: until the index shows all that it took up. */
const SETTLING_MS = 30_000;

/** A run of the function that sums up; times in ms since 1970. */
export interface SummaryRun {
  /** The same for the retries of an invocation, which come when the run before has ended. */
  readonly token: string;
  readonly leaseUntil: number;
}

/** What a run goes on with. */
export interface Begun {
  /** The summary's name, such as `summary#2026-11-22T18:00:00.000Z#…`. */
  readonly name: string;
  /** When the last summary was sent. */
  readonly since: Date;
}

/** Says in a table which summary is at work. */
export type SummaryStore = ReturnType<typeof createSummaryStore>;

/** Its functions throw whatever the SDK throws. */
export function createSummaryStore(table: Table) {
  return {
    /**
     * Begins a summary, or goes on with the one that an earlier run could not send, unless another run is at work.
     * A run that died is at work until its lease is over; by then the index shows all that it took up.
     * @returns `undefined` if another run is at work.
     */
    async begin({ token, leaseUntil }: SummaryRun, now: Date): Promise<Begun | undefined> {
      const nobodyIsAtWork = expression`attribute_not_exists(#token)`;
      const runHasDied = expression`leaseUntil < ${now.getTime()}`;
      const isOurs = expression`#token = ${token}`;
      const ownName = `summary#${now.toISOString()}#${token}`;
      const { passed, item } = await updateItem(table, STATE, {
        condition: anyOf(nobodyIsAtWork, runHasDied, isOurs),
        set: { token, leaseUntil, summary: expression`if_not_exists(summary, ${ownName})` },
        returnsNew: true,
      });
      if (!passed || !item) return undefined;
      const { summary, sentAt = 0 } = item as { summary: string; sentAt?: string };
      return { name: summary, since: new Date(sentAt) };
    },

    /**
     * Ends a run. If what it took up has been `sent`, or there was `nothing`, the next one begins a new summary; if it
     * `failed`, the next one goes on with this, but not at once.
     */
    async end(
      { token }: SummaryRun,
      outcome: 'sent' | 'nothing' | 'failed',
      now: Date,
    ): Promise<void> {
      const remove = ['token', 'leaseUntil', 'summary'];
      const change = {
        sent: { set: { sentAt: now.toISOString() }, remove },
        nothing: { remove },
        failed: { set: { leaseUntil: now.getTime() + SETTLING_MS } },
      }[outcome];
      await updateItem(table, STATE, { ...change, condition: expression`#token = ${token}` });
    },
  };
}
