import type { Key } from '../aws/table.ts';
import { type SecretId, secretKey } from '../cloudtrail/secret-id.ts';
import { lastOf } from '../last-of.ts';
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
  /** What came of asking which secret is meant by an id in its place, if it is not to be asked again yet. */
  readonly meantBy: (asked: SecretId, now: number) => Meant | undefined;
  readonly rememberMeant: (asked: SecretId, meant: Meant) => void;
  /** Whether a share of the budget of the hour of `now` is used up. */
  readonly isUsedUp: (share: Share, now: number) => boolean;
  readonly rememberUsedUp: (share: Share, now: number) => void;
}

/** The complete ARN of the secret that is meant by an id, if anybody knew it. */
interface Meant {
  readonly until: number;
  readonly arn?: string;
}

/** Remembers the last `capacity` pairs and ids, and the last hour in which a share was used up. */
export function createProcessMemory(capacity = 10_000): ProcessMemory {
  const pairs = lastOf<Known>(capacity);
  const ids = lastOf<Meant>(capacity);
  const usedUp = new Map<Share, number>();
  const idOf = ({ pk, sk }: Key) => `${pk}\n${sk}`;
  const askedId = (asked: SecretId) => `${secretKey(asked)}\n${asked.sent}`;
  const hour = (now: number) => Math.floor(now / HOUR_MS);
  return {
    knownOf: (pair, now) => pairs.get(idOf(pair), now),
    rememberKnown: (pair, known) => pairs.set(idOf(pair), known),
    meantBy: (asked, now) => ids.get(askedId(asked), now),
    rememberMeant: (asked, meant) => ids.set(askedId(asked), meant),
    isUsedUp: (share, now) => usedUp.get(share) === hour(now),
    rememberUsedUp(share, now) {
      usedUp.set(share, hour(now));
    },
  };
}
