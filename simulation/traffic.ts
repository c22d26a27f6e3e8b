import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import { MINUTE_MS } from '../lib/time.ts';

export interface TrafficOptions {
  readonly attempts: number;
  readonly secrets: number;
  readonly callers: number;
  readonly minutes: number;
  /** The share of attempts that are delivered twice, 0 to 1. */
  readonly duplicates: number;
  readonly seed: number;
}

/** The attempts of a storm, numbered in the order of time. */
export interface Traffic {
  /** The time of each attempt, in whole seconds, as ms since the storm began. */
  readonly times: Float64Array;
  /** The secret and the caller of each attempt: `caller * secrets + secret`; each burst has a caller of its own. */
  readonly pairs: Uint32Array;
  /** The deliveries of the attempts, in ms since the storm began, the earliest first. */
  readonly deliveries: readonly Delivery[];
}

interface Delivery {
  readonly attempt: number;
  readonly time: number;
  readonly isRepeat: boolean;
}

/** A caller that tries once often tries again at once. */
const AGAIN = 0.3;

/** The share of attempts by jobs, which all start within a few seconds on the hour. */
const ON_THE_HOUR = 0.1;
const JOB_START_SECONDS = 5;

/**
 * The number of secrets that a burst reads within {@link BURST_MS}, each for the first time, as a release or a script does:
 * once in the first hour, and then together with the jobs of each hour.
 */
const BURST_SIZE = 25;
const BURST_MS = 500;

/** An event takes up to 5 s to arrive; a repeat comes at once or up to two hours later. */
const MAX_DELAY = 5000;
const AT_ONCE = 1500;
const LATE = 2 * 60 * 60_000;

/** The attempts of a storm; the same for the same options. Few pairs make most of them. */
export function makeTraffic(options: TrafficOptions): Traffic {
  const { attempts, secrets, callers, minutes, duplicates, seed } = options;
  const random = createRandom(seed);
  const bursts = drawBursts(options, random);
  const others = Array.from({ length: attempts - bursts.length }, (): Made => {
    return { time: drawTime(random, minutes) };
  });
  const all = [...bursts, ...others].sort((a, b) => a.time - b.time);
  const draw = zipf(secrets * callers, random);
  const times = Float64Array.from(all, ({ time }) => time);
  const pairs = new Uint32Array(attempts);
  const deliveries: Delivery[] = [];
  let last: number | undefined;
  for (const [attempt, made] of all.entries()) {
    const pair = made.pair ?? (last !== undefined && random() < AGAIN ? last : draw());
    if (made.pair === undefined) last = pair;
    pairs[attempt] = pair;
    const time = made.time + (made.delay ?? below(random, MAX_DELAY));
    deliveries.push({ attempt, time, isRepeat: false });
    if (random() >= duplicates) continue;
    const later = below(random, random() < 0.5 ? AT_ONCE : LATE);
    deliveries.push({ attempt, time: time + later, isRepeat: true });
  }
  return { times, pairs, deliveries: deliveries.sort((a, b) => a.time - b.time) };
}

/** An attempt at a time in ms since the storm began; one of a burst has its pair and the delay of its event. */
interface Made {
  readonly time: number;
  readonly pair?: number;
  readonly delay?: number;
}

/** Bursts, at most half of all attempts; none where there is only one secret to read. */
function drawBursts(
  { attempts, secrets, callers, minutes }: TrafficOptions,
  random: Random,
): Made[] {
  const size = Math.min(BURST_SIZE, secrets);
  const most = Math.min(Math.ceil(minutes / 60), Math.floor(attempts / 2 / size));
  const count = secrets > 1 ? most : 0;
  return Array.from({ length: count }, (_, burst) => {
    const minute = burst === 0 ? below(random, Math.min(60, minutes)) : 60 * burst;
    const time = MINUTE_MS * minute + 1000 * below(random, JOB_START_SECONDS);
    const first = below(random, secrets);
    return Array.from({ length: size }, (_, i) => ({
      time,
      pair: (callers + burst) * secrets + ((first + i) % secrets),
      delay: below(random, BURST_MS),
    }));
  }).flat();
}

/** A whole second of the storm, in ms since it began. */
function drawTime(random: Random, minutes: number): number {
  const hours = Math.floor(minutes / 60);
  const isJob = hours > 0 && random() < ON_THE_HOUR;
  const second = isJob
    ? 3600 * (1 + below(random, hours)) + below(random, JOB_START_SECONDS)
    : below(random, minutes * 60);
  return second * 1000;
}

/**
 * Draws numbers below `count` by Zipf's law: the frequency of rank r is proportional to 1/r. The ranks are random.
 */
function zipf(count: number, random: Random): () => number {
  const numbers = Uint32Array.from({ length: count }, (_, i) => i);
  const sums = new Float64Array(count);
  let sum = 0;
  for (let i = 0; i < count; i++) {
    const j = i + below(random, count - i);
    [numbers[i], numbers[j]] = [numbers[j] ?? 0, numbers[i] ?? 0];
    sum += 1 / (i + 1);
    sums[i] = sum;
  }
  return () => numbers[firstAbove(sums, random() * sum)] ?? 0;
}

/** The index of the first of the ascending `sums` that is above `value`. */
function firstAbove(sums: Float64Array, value: number): number {
  let low = 0;
  let high = sums.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((sums[middle] ?? 0) > value) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** Random numbers from 0 to 1, the same for the same seed. */
export type Random = () => number;

export function createRandom(seed: number): Random {
  const generator = xoroshiro128plus(seed);
  return () => uniformFloat64(generator);
}

/** A whole number from 0 to `end`, exclusive. */
export function below(random: Random, end: number): number {
  return Math.floor(random() * end);
}
