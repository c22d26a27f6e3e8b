import { createRandom, makeTraffic } from '../../../simulation/traffic.ts';
import { makeTrail } from '../../../simulation/trail.ts';

const MINUTE = 60_000;

const traffic = makeTraffic({
  attempts: 5000,
  secrets: 20,
  callers: 10,
  minutes: 60,
  duplicates: 0.1,
  seed: 1,
});

const trailOf = (losses: number) => makeTrail(traffic, losses, createRandom(2));

test('brings each attempt once, four to seven minutes after it was made, in the order of time', () => {
  const { batches } = trailOf(0.01);
  const brought = batches.flatMap(({ attempts }) => attempts).sort((a, b) => a - b);
  expect(brought).toEqual([...traffic.pairs.keys()]);
  const delays = batches.flatMap(({ attempts, time }) =>
    attempts.map((attempt) => time - (traffic.times[attempt] ?? 0)),
  );
  expect(Math.min(...delays)).toBeGreaterThanOrEqual(4 * MINUTE);
  expect(Math.max(...delays)).toBeLessThan(7 * MINUTE);
  const times = batches.map(({ time }) => time);
  expect(times).toEqual(times.toSorted((a, b) => a - b));
});

test('brings many in a batch, and 50 at most', () => {
  const sizes = trailOf(0.01).batches.map(({ attempts }) => attempts.length);
  expect(Math.max(...sizes)).toBe(50);
  expect(sizes.length).toBeLessThan(5000 / 25);
});

test('alone brings what is not heard', () => {
  const { lost } = makeTrail(traffic, 0, createRandom(2), (attempt) => attempt % 5 > 0);
  expect([...lost]).toEqual([...traffic.pairs.keys()].filter((attempt) => attempt % 5 === 0));
});

test.each([0, 0.1, 1])('alone brings about the given share: %d', (losses) => {
  expect(trailOf(losses).lost.size / 5000).toBeCloseTo(losses, 1);
});
