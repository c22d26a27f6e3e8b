import type { Key } from './ledger.ts';

/** What a running function remembers of pairs that are quiet, so that a repeat need not claim in vain. */
export interface QuietPairs {
  readonly isQuiet: (key: Key, now: number) => boolean;
  /** `until`: ms since 1970. */
  readonly remember: (key: Key, until: number) => void;
}

/** Remembers the last `capacity` pairs, in memory. */
export function createQuietPairs(capacity = 10_000): QuietPairs {
  const until = new Map<string, number>();
  const id = ({ pk, sk }: Key) => `${pk}\n${sk}`;
  return {
    isQuiet: (key, now) => (until.get(id(key)) ?? 0) > now,
    remember(key, time) {
      until.delete(id(key));
      until.set(id(key), time);
      const [oldest] = until.keys();
      if (until.size > capacity && oldest !== undefined) until.delete(oldest);
    },
  };
}
