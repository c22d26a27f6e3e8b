import type { Key } from '../aws/table.ts';
import { MINUTE_MS } from '../time.ts';
import type { Quiet } from './pairs.ts';

/**
 * What a running function remembers, so that it need not ask the table in vain. It is gone with the process, and
 * never needed to be right. Times are ms since 1970.
 */
export interface ProcessMemory {
  /** The quiet window of a pair, if it is known not to be over. */
  readonly quietOf: (pair: Key, now: number) => Quiet | undefined;
  readonly rememberQuiet: (pair: Key, quiet: Quiet) => void;
  /** Whether the budget of the minute of `now` is used up. */
  readonly isUsedUp: (now: number) => boolean;
  readonly rememberUsedUp: (now: number) => void;
}

/** Remembers the last `capacity` pairs, and the last minute without budget. */
export function createProcessMemory(capacity = 10_000): ProcessMemory {
  const quiet = new Map<string, Quiet>();
  let usedUp = 0;
  const id = ({ pk, sk }: Key) => `${pk}\n${sk}`;
  const minute = (now: number) => Math.floor(now / MINUTE_MS);
  return {
    quietOf(pair, now) {
      const known = quiet.get(id(pair));
      return known && (known.until ?? 0) > now ? known : undefined;
    },
    rememberQuiet(pair, known) {
      quiet.delete(id(pair));
      quiet.set(id(pair), known);
      const [oldest] = quiet.keys();
      if (quiet.size > capacity && oldest !== undefined) quiet.delete(oldest);
    },
    isUsedUp: (now) => minute(now) === usedUp,
    rememberUsedUp(now) {
      usedUp = minute(now);
    },
  };
}
