import type { Key } from '../aws/table.ts';
import { HOUR_MS } from '../time.ts';
import type { Share } from './budget.ts';
import type { Known } from './pairs.ts';

/**
 * What a running function remembers, so that it need not ask the table in vain. It is gone with the process, and
 * never needed to be right. Times are ms since 1970.
 */
export interface ProcessMemory {
  /** What is known of a pair, if nobody is to claim it yet. */
  readonly knownOf: (pair: Key, now: number) => Known | undefined;
  readonly rememberKnown: (pair: Key, known: Known) => void;
  /** Whether a share of the budget of the hour of `now` is used up. */
  readonly isUsedUp: (share: Share, now: number) => boolean;
  readonly rememberUsedUp: (share: Share, now: number) => void;
}

/** Remembers the last `capacity` pairs, and the last hour in which a share was used up. */
export function createProcessMemory(capacity = 10_000): ProcessMemory {
  const pairs = new Map<string, Known>();
  const usedUp = new Map<Share, number>();
  const id = ({ pk, sk }: Key) => `${pk}\n${sk}`;
  const hour = (now: number) => Math.floor(now / HOUR_MS);
  return {
    knownOf(pair, now) {
      const known = pairs.get(id(pair));
      return known && (known.until ?? 0) > now ? known : undefined;
    },
    rememberKnown(pair, known) {
      pairs.delete(id(pair));
      pairs.set(id(pair), known);
      const [oldest] = pairs.keys();
      if (pairs.size > capacity && oldest !== undefined) pairs.delete(oldest);
    },
    isUsedUp: (share, now) => usedUp.get(share) === hour(now),
    rememberUsedUp(share, now) {
      usedUp.set(share, hour(now));
    },
  };
}
