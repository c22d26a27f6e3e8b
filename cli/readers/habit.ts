import { DAY_MS } from '../../lib/time.ts';
import { type CallerTally, stepOf } from '../status/tally.ts';
import type { Readers, Window } from './readers.ts';

/** As of `status`: more than a day, so that a daily job that is a little late is not quiet. */
export const QUIET_DAYS = 2;

/** How many gaps make a habit: who has read twice may have needed it twice. */
const MIN_GAPS = 2;
/** Those before say nothing of today's habit. */
const MAX_GAPS = 10;
/** How many times as long as the longest gap a pause is that ends the habit. */
const PATIENCE = 1.5;

/** A caller who reads again and again, and has not paused longer than it does. */
export interface Regular {
  readonly caller: CallerTally;
  readonly last: Date;
  /** The longest of the last gaps between its reads, in ms, to the length of a bin. */
  readonly gap: number;
}

/**
 * The callers whose next read is to be expected: at least three reads, in different bins of the tallies, of which the last is not
 * clearly longer ago than the longest of the last ten gaps. The one that has read last comes first.
 */
export function regularsIn(readers: Readers, { from, to }: Window): Regular[] {
  const step = stepOf(to.getTime() - from.getTime());
  const regulars = callersIn(readers).flatMap((tallies): Regular[] => {
    const [caller] = tallies;
    const bins = [...new Set(tallies.flatMap((tally) => [...tally.bins.keys()]))];
    bins.sort((a, b) => a - b);
    const gaps = bins.slice(1).map((bin, i) => bin - (bins[i] ?? bin));
    if (!caller || gaps.length < MIN_GAPS) return [];
    const gap = Math.max(...gaps.slice(-MAX_GAPS)) * step;
    const last = new Date(Math.max(...tallies.map((tally) => tally.last.getTime())));
    const patience = Math.max(QUIET_DAYS * DAY_MS, gap * PATIENCE);
    return to.getTime() - last.getTime() <= patience ? [{ caller, last, gap }] : [];
  });
  return regulars.sort((a, b) => b.last.getTime() - a.last.getTime());
}

/** What each caller has read, by itself and in batches. */
function callersIn({ tallies: { read, batch } }: Readers): CallerTally[][] {
  const identities = new Set([...read.keys(), ...batch.keys()]);
  return [...identities].map((identity) =>
    [read, batch].flatMap((tally) => tally.get(identity) ?? []),
  );
}

/** The callers whose last read has failed, the latest first: they still need it. */
export function failingIn({ tallies: { read, batch, failed } }: Readers): CallerTally[] {
  const hasReadSince = (identity: string, { last }: CallerTally) =>
    [read.get(identity), batch.get(identity)].some((tally) => tally && tally.last >= last);
  return [...failed]
    .filter(([identity, caller]) => !hasReadSince(identity, caller))
    .map(([, caller]) => caller)
    .sort((a, b) => b.last.getTime() - a.last.getTime());
}
