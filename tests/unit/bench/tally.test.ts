import { maxPer } from '../../../bench/rate.ts';
import { type Told, tally } from '../../../simulation/tally.ts';

/** Two attempts of pair 0, one of pair 1. */
const PAIRS = Uint32Array.of(0, 0, 1);

const SURE = { time: 0, isSure: true, isCalm: true };
const UNSURE = { ...SURE, isSure: false, isCalm: false };

const alert = (attempt: number, how = SURE): Told => ({
  ...how,
  reading: { kind: 'alert', attempt },
});

/** @param counts of pair 0 and of pair 1 @param rest of callers without room */
function summary(counts: readonly number[], how = SURE, rest = 0): Told {
  const lines = counts.map((count, secret) => ({ secret, caller: 0, count }));
  return { ...how, reading: { kind: 'summary', counts: lines, rest } };
}

const FINE = { lost: 0, toldTwice: 0, toldTwiceAfterCrash: 0 };

test.each<[string, Told[], Partial<typeof FINE>]>([
  ['alerts and a summary that tell each once', [alert(0), summary([1, 1])], {}],
  ['nothing', [], { lost: 3 }],
  ['a summary that leaves one out', [alert(0), summary([0, 1])], { lost: 1 }],
  ['an alert that is repeated', [alert(0), alert(0), summary([1, 1])], { toldTwice: 1 }],
  ['a summary that counts what was alerted', [alert(0), summary([2, 1])], { toldTwice: 1 }],
  ['a summary that is repeated', [summary([2, 1]), summary([2, 1])], { toldTwice: 3 }],
  [
    'one lost, and one of another pair told twice',
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
  ['a summary without room, and with one too few', [summary([1], SURE, 1)], { lost: 1 }],
  ['a summary without room, and with one too many', [summary([2], SURE, 2)], { toldTwice: 1 }],
])('%s', (_, told, expected) => {
  expect(tally(PAIRS, (secret) => secret, told)).toEqual({ ...FINE, ...expected });
});

test('counts the messages of each minute, or second', () => {
  const at = (time: number) => ({ ...alert(0), time });
  expect(maxPer(60_000, [])).toBe(0);
  expect(maxPer(60_000, [at(59_999), at(60_000), at(119_999)])).toBe(2);
  expect(maxPer(1000, [at(59_999), at(60_000), at(119_999)])).toBe(1);
});
