import { callerIdentity } from '../../lib/cloudtrail/caller.ts';
import {
  addAsking,
  type CallerTally,
  callersOf,
  lastOf,
  stepOf,
  type Tally,
} from '../status/tally.ts';
import type { Outcome, Read } from './reads.ts';

/** Who has read a secret. The sizes grow with callers and bins, not with reads. */
export interface Readers {
  readonly tallies: Readonly<Record<Outcome, Tally>>;
  /** Of each caller, by its identity, when and as what it was last seen. */
  readonly lastSeen: Map<string, Seen>;
}

interface Seen {
  readonly time: Date;
  /** One plain line: `role app-server, session i-0abc, account 111122223333`. */
  readonly description: string;
}

/** A window of time, of which the reads count. */
export interface Window {
  readonly from: Date;
  readonly to: Date;
}

/** The readers of each secret, by its key. */
export interface ReadersBySecret {
  /** Counts the reads of one record, unless they were counted already, or are none of the window. */
  readonly add: (reads: readonly Read[]) => void;
  readonly of: (secret: string) => Readers;
  /** The length of a bin, in ms. */
  readonly step: number;
}

/** @param createdAt when a secret was made: what was read before was an earlier one of its name */
export function createReaders(
  { from, to }: Window,
  createdAt: (secret: string) => Date | undefined,
): ReadersBySecret {
  const step = stepOf(to.getTime() - from.getTime());
  const bySecret = new Map<string, Readers>();
  const counted = new Set<string>();

  function of(secret: string): Readers {
    const known = bySecret.get(secret);
    if (known) return known;
    const tallies = { read: new Map(), failed: new Map(), batch: new Map() };
    const readers = { tallies, lastSeen: new Map<string, Seen>() };
    bySecret.set(secret, readers);
    return readers;
  }

  return {
    step,
    of,
    add(reads) {
      const [{ id } = {}] = reads;
      if (id === undefined || counted.has(id)) return;
      counted.add(id);
      for (const read of reads) {
        const { secret, outcome, time, callerKey, description } = read;
        const created = createdAt(secret);
        if (time < from || (created && time.getTime() < startOfSecond(created))) continue;
        const { tallies, lastSeen } = of(secret);
        addAsking(tallies[outcome], read, step);
        const caller = callerIdentity(callerKey);
        const seen = lastSeen.get(caller);
        if (!seen || seen.time < time) lastSeen.set(caller, { time, description });
      }
    },
  };
}

/** A record's times are whole seconds. */
const startOfSecond = (time: Date) => Math.floor(time.getTime() / 1000) * 1000;

/** When the value was last read, as far as the history tells. */
export function lastReadOf({ tallies }: Readers): Date | undefined {
  const times = [lastOf(tallies.read), lastOf(tallies.batch)].filter((time) => time !== undefined);
  return times.length > 0 ? new Date(Math.max(...times.map(Number))) : undefined;
}

/** A caller, and what each of its calls was. */
export interface Reader extends CallerTally {
  readonly unit: 'read' | 'call of BatchGetSecretValue';
}

/** Who has read, the most frequent first; then who has only named the secret in a batch. */
export function readersIn({ tallies: { read, batch } }: Readers): Reader[] {
  const others = new Map([...batch].filter(([identity]) => !read.has(identity)));
  return [
    ...callersOf(read).map((caller) => ({ ...caller, unit: 'read' as const })),
    ...callersOf(others).map((caller) => ({
      ...caller,
      unit: 'call of BatchGetSecretValue' as const,
    })),
  ];
}
