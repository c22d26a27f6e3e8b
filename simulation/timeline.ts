import { setTimeout as sleep } from 'node:timers/promises';
import TinyQueue from 'tinyqueue';

/**
 * How far a running happening may lag behind one that begins, in simulated ms. Much less than the functions' leases, which
 * assume that clocks are about right.
 */
const MAX_LAG_MS = 4000;

/** The longest sleep before checking again what can begin, in ms. */
const LOOK_AGAIN_MS = 50;

interface Scene<Happening> {
  /** Whether it can begin, apart from its time. */
  readonly hasRoom: (happening: Happening) => boolean;
  /** Makes it happen. @returns its consequences. */
  readonly begin: (happening: Happening) => Promise<readonly Happening[]>;
}

/**
 * Runs happenings in the order of their simulated times, in ms since 1970, and concurrently if their times are close.
 * While some run, simulated time passes as fast as real time; with none running it jumps to the next.
 * @throws what a happening throws.
 */
export async function play<Happening extends { readonly time: number }>(
  happenings: readonly Happening[],
  { hasRoom, begin }: Scene<Happening>,
): Promise<void> {
  const coming = new TinyQueue([...happenings], (a, b) => a.time - b.time);
  /** By running happening its simulated time minus the real one. */
  const underWay = new Map<Promise<void>, number>();

  function start(happening: Happening): void {
    const done: Promise<void> = begin(happening).then((following) => {
      underWay.delete(done);
      for (const each of following) coming.push(each);
    });
    underWay.set(done, happening.time - performance.now());
  }

  while (coming.length > 0 || underWay.size > 0) {
    const next = coming.peek();
    const horizon = Math.min(...underWay.values()) + performance.now() + MAX_LAG_MS;
    if (next && next.time <= horizon && hasRoom(next)) {
      coming.pop();
      start(next);
    } else {
      await Promise.race([...underWay.keys(), sleep(LOOK_AGAIN_MS)]);
    }
  }
}
