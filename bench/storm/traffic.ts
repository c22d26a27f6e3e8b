import { below, createRandom, type Random } from '../random.ts';

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
  /** When each attempt is made, in whole seconds, as ms since the storm began. */
  readonly times: Float64Array;
  /** The secret and the caller of each attempt: `caller * secrets + secret`. */
  readonly pairs: Uint32Array;
  /** When each attempt is delivered, in ms since the storm began, the earliest first. */
  readonly deliveries: readonly Delivery[];
}

export interface Delivery {
  readonly attempt: number;
  readonly time: number;
  readonly isRepeat: boolean;
}

/** What asks once often asks again at once. */
const AGAIN = 0.3;

/** Jobs start on the hour, all in a few seconds: this share of attempts is made by them. */
const ON_THE_HOUR = 0.1;
const JOB_START_SECONDS = 5;

/** An event takes up to 5 s to arrive; one that is repeated comes again at once or up to two hours later. */
const MAX_DELAY = 5000;
const AT_ONCE = 1500;
const LATE = 2 * 60 * 60_000;

/** Makes the attempts of a storm; the same for the same options. Few pairs make most of them. */
export function makeTraffic(options: TrafficOptions): Traffic {
  const { attempts, secrets, callers, minutes, duplicates, seed } = options;
  const random = createRandom(seed);
  const times = Float64Array.from({ length: attempts }, () => drawTime(random, minutes));
  times.sort();
  const draw = zipf(secrets * callers, random);
  const pairs = new Uint32Array(attempts);
  const deliveries: Delivery[] = [];
  for (const [attempt, made] of times.entries()) {
    pairs[attempt] = attempt > 0 && random() < AGAIN ? (pairs[attempt - 1] ?? 0) : draw();
    const time = made + below(random, MAX_DELAY);
    deliveries.push({ attempt, time, isRepeat: false });
    if (random() >= duplicates) continue;
    const later = below(random, random() < 0.5 ? AT_ONCE : LATE);
    deliveries.push({ attempt, time: time + later, isRepeat: true });
  }
  return { times, pairs, deliveries: deliveries.sort((a, b) => a.time - b.time) };
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
 * Draws numbers below `count` after Zipf's law: the one of rank r comes up as often as 1/r tells. Which number has
 * which rank is drawn too.
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
