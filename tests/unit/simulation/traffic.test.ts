import { makeTraffic } from '../../../simulation/traffic.ts';

const OPTIONS = {
  attempts: 5000,
  secrets: 20,
  callers: 10,
  minutes: 60,
  duplicates: 0.1,
  seed: 1,
};

const traffic = makeTraffic(OPTIONS);

test('is the same for the same seed, and another for another', () => {
  expect(makeTraffic(OPTIONS)).toEqual(traffic);
  expect(makeTraffic({ ...OPTIONS, seed: 2 }).pairs).not.toEqual(traffic.pairs);
});

test('delivers each attempt once after it was made, in the order of time', () => {
  const first = traffic.deliveries.filter(({ isRepeat }) => !isRepeat);
  expect(new Set(first.map(({ attempt }) => attempt)).size).toBe(OPTIONS.attempts);
  expect(first.every(({ attempt, time }) => time >= (traffic.times[attempt] ?? 0))).toBe(true);
  const times = traffic.deliveries.map(({ time }) => time);
  expect(times).toEqual(times.toSorted((a, b) => a - b));
});

test('repeats about the given share of deliveries', () => {
  const repeats = traffic.deliveries.filter(({ isRepeat }) => isRepeat).length;
  expect(repeats / OPTIONS.attempts).toBeCloseTo(OPTIONS.duplicates, 1);
});

test('has some pairs that try often, and many that try now and then', () => {
  const counts = new Map<number, number>();
  for (const pair of traffic.pairs) counts.set(pair, (counts.get(pair) ?? 0) + 1);
  const sorted = [...counts.values()].sort((a, b) => b - a);
  expect(sorted.length).toBeGreaterThan(180);
  expect(sorted[0]).toBeGreaterThan(20 * (sorted[100] ?? 0));
});

test('has a burst in each hour: something new reads 20 secrets in one second', () => {
  const { times, pairs, deliveries } = makeTraffic({ ...OPTIONS, minutes: 120 });
  for (const burst of [0, 1]) {
    const isOf = (attempt: number) =>
      Math.floor((pairs[attempt] ?? 0) / OPTIONS.secrets) === OPTIONS.callers + burst;
    const first = deliveries.filter(({ attempt, isRepeat }) => isOf(attempt) && !isRepeat);
    expect(new Set(first.map(({ attempt }) => pairs[attempt])).size).toBe(20);
    expect(new Set(first.map(({ attempt }) => times[attempt])).size).toBe(1);
    const span = (first.at(-1)?.time ?? 0) - (first[0]?.time ?? 0);
    expect(span).toBeLessThan(1000);
  }
});

test('has no burst that would be most of a small storm', () => {
  const { pairs } = makeTraffic({ ...OPTIONS, attempts: 30 });
  expect(Math.max(...pairs)).toBeLessThan(OPTIONS.secrets * OPTIONS.callers);
});

test('has no burst if there is one secret alone', () => {
  const { pairs } = makeTraffic({ ...OPTIONS, secrets: 1, callers: 1 });
  expect(Math.max(...pairs)).toBe(0);
});
