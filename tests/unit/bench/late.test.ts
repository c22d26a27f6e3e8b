import { countLate } from '../../../simulation/late.ts';
import type { Told } from '../../../simulation/tally.ts';

const HOUR = 3_600_000;
const SURE = { isSure: true, isCalm: true };

const alert = (attempt: number, time: number): Told => ({
  ...SURE,
  time,
  reading: { kind: 'alert', attempt },
});
const summary = (count: number, time: number, rest = 0): Told => ({
  ...SURE,
  time,
  reading: { kind: 'summary', counts: [{ secret: 0, caller: 0, count }], rest },
});

/** Three attempts of a pair in the first minutes; a summary was due after an hour. */
const ATTEMPTS = [0, 60_000, 120_000].map((time) => ({ pair: 0, time }));

test.each<[string, number, Told[]]>([
  ['all are told in time', 0, [alert(0, 500), summary(2, HOUR + 9000)]],
  ['the summary tells too few', 1, [alert(0, 500), summary(1, HOUR + 9000)]],
  ['the summary comes an hour later', 2, [alert(0, 500), summary(2, 2 * HOUR)]],
  ['nothing is told', 3, []],
  ['the summary had no room for one', 0, [alert(0, 500), summary(1, HOUR, 1)]],
])('%s: %d late', (_, expected, told) => {
  const storm = { attempts: ATTEMPTS, pairOf: () => 0, pairOfAttempt: () => 0, told };
  expect(countLate(storm, [HOUR])).toBe(expected);
});

test('what comes right before a summary is left to the next', () => {
  const attempts = [{ pair: 0, time: HOUR - 30_000 }];
  const storm = { attempts, pairOf: () => 0, pairOfAttempt: () => 0, told: [] };
  expect(countLate(storm, [HOUR])).toBe(0);
  expect(countLate(storm, [2 * HOUR])).toBe(1);
});

test('a summary that failed is not waited for', () => {
  const storm = { attempts: ATTEMPTS, pairOf: () => 0, pairOfAttempt: () => 0, told: [] };
  expect(countLate(storm, [])).toBe(0);
});
