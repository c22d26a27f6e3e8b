import { countLate, type Message, maxPer, tally } from '../../../simulation/tally.ts';

/** Two attempts of pair 0, one of pair 1. */
const PAIRS = Uint32Array.of(0, 0, 1);

const SURE = { time: 0, isSure: true, isCalm: true };
const UNSURE = { ...SURE, isSure: false, isCalm: false };

const alert = (attempt: number, how = SURE): Message => ({
  ...how,
  reading: { kind: 'alert', attempt },
});

/** @param counts of pair 0 and of pair 1 @param rest of callers without room */
function summary(counts: readonly number[], how = SURE, rest = 0): Message {
  const lines = counts.map((count, secret) => ({ secret, caller: 0, count }));
  return { ...how, reading: { kind: 'summary', counts: lines, rest } };
}

const FINE = { lost: 0, toldTwice: 0, toldTwiceAfterCrash: 0 };

test.each<[string, Message[], Partial<typeof FINE>]>([
  ['alerts and a summary that report each once', [alert(0), summary([1, 1])], {}],
  ['nothing', [], { lost: 3 }],
  ['a summary that leaves one out', [alert(0), summary([0, 1])], { lost: 1 }],
  ['an alert that is repeated', [alert(0), alert(0), summary([1, 1])], { toldTwice: 1 }],
  ['a summary that counts what was alerted', [alert(0), summary([2, 1])], { toldTwice: 1 }],
  ['a summary that is repeated', [summary([2, 1]), summary([2, 1])], { toldTwice: 3 }],
  [
    'one lost, and one of another pair reported twice',
    [alert(0), summary([0, 2])],
    { lost: 1, toldTwice: 1 },
  ],
  [
    'an alert that is repeated after a death',
    [alert(0, UNSURE), alert(0), summary([1, 1])],
    { toldTwiceAfterCrash: 1 },
  ],
  [
    'a summary that counts an alert that was not noted',
    [alert(0, UNSURE), summary([2, 1])],
    { toldTwiceAfterCrash: 1 },
  ],
  [
    'a summary that is repeated after a death',
    [summary([2, 1], UNSURE), summary([2, 1])],
    { toldTwiceAfterCrash: 3 },
  ],
  ['a summary without room for a pair', [summary([2], SURE, 1)], {}],
  [
    'a summary without room for an alert that was not noted',
    [alert(0, UNSURE), summary([1], SURE, 2)],
    { toldTwiceAfterCrash: 1 },
  ],
  [
    'a summary without room that is repeated after a death',
    [summary([2], UNSURE, 1), summary([0], SURE, 3)],
    { toldTwiceAfterCrash: 3 },
  ],
  ['a summary without room, and with one too few', [summary([1], SURE, 1)], { lost: 1 }],
  ['a summary without room, and with one too many', [summary([2], SURE, 2)], { toldTwice: 1 }],
])('%s', (_, messages, expected) => {
  expect(tally(PAIRS, (secret) => secret, messages)).toEqual({ ...FINE, ...expected });
});

test('counts the messages of each minute, or second', () => {
  const at = (time: number) => ({ ...alert(0), time });
  expect(maxPer(60_000, [])).toBe(0);
  expect(maxPer(60_000, [at(59_999), at(60_000), at(119_999)])).toBe(2);
  expect(maxPer(1000, [at(59_999), at(60_000), at(119_999)])).toBe(1);
});

describe('of what a summary should have reported', () => {
  const HOUR = 3_600_000;
  const alertAt = (time: number) => alert(0, { ...SURE, time });
  const summaryAt = (time: number, count: number, rest = 0) =>
    summary([count], { ...SURE, time }, rest);
  const late = (times: readonly number[], messages: readonly Message[], due: readonly number[]) => {
    const attempts = times.map((time) => ({ pair: 0, time }));
    return countLate({ attempts, pairOf: () => 0, pairOfAttempt: () => 0, messages }, due);
  };

  /** Three attempts of a pair in the first minutes; a summary was due after an hour. */
  const ATTEMPTS = [0, 60_000, 120_000];

  test.each<[string, number, Message[]]>([
    ['all are reported in time', 0, [alertAt(500), summaryAt(HOUR + 9000, 2)]],
    ['the summary reports too few', 1, [alertAt(500), summaryAt(HOUR + 9000, 1)]],
    ['the summary comes an hour later', 2, [alertAt(500), summaryAt(2 * HOUR, 2)]],
    ['nothing is reported', 3, []],
    ['the summary had no room for one', 0, [alertAt(500), summaryAt(HOUR, 1, 1)]],
  ])('%s: %d late', (_, expected, messages) => {
    expect(late(ATTEMPTS, messages, [HOUR])).toBe(expected);
  });

  test('what comes right before it is left to the next', () => {
    expect(late([HOUR - 30_000], [], [HOUR])).toBe(0);
    expect(late([HOUR - 30_000], [], [2 * HOUR])).toBe(1);
  });

  test('nothing is waited for if it failed', () => {
    expect(late(ATTEMPTS, [], [])).toBe(0);
  });
});
