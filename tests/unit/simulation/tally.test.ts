import type { SecretReading } from '../../../simulation/cast.ts';
import { type Message, maxPer, tally } from '../../../simulation/tally.ts';

/** Of two secrets: two attempts on the first, one on the second; all by one caller. */
const STORM = { pairs: Uint32Array.of(0, 0, 1), secrets: 2, places: 1 };

const SURE = { time: 0, isSure: true };
const UNSURE = { ...SURE, isSure: false };

const alert = (attempt: number, how = SURE, secret = attempt < 2 ? 0 : 1): Message => ({
  ...how,
  reading: { kind: 'alert', attempt, secret },
});

/** @param counts of each secret */
function digest(counts: readonly number[], how = SURE, of: Partial<SecretReading> = {}): Message {
  const secrets = counts.map((attempts, secret) => {
    return { secret, attempts, callers: [0], moreCallers: 0, named: [], ...of };
  });
  return { ...how, reading: { kind: 'digest', secrets } };
}

const FINE = { lost: 0, toldTwice: 0, toldTwiceAfterCrash: 0, unnamedCallers: 0, mixedUp: 0 };

test.each<[string, Message[], Partial<typeof FINE>]>([
  ['alerts and a digest that report each once', [alert(0), digest([1, 1])], {}],
  ['nothing', [], { lost: 3, unnamedCallers: 2 }],
  ['a digest that leaves one out', [alert(0), digest([0, 1])], { lost: 1 }],
  ['an alert that is repeated', [alert(0), alert(0), digest([1, 1])], { toldTwice: 1 }],
  ['a digest that counts what was alerted', [alert(0), digest([2, 1])], { toldTwice: 1 }],
  ['a digest that is repeated', [digest([2, 1]), digest([2, 1])], { toldTwice: 3 }],
  [
    'one lost, and one of another secret reported twice',
    [alert(0), digest([0, 2])],
    { lost: 1, toldTwice: 1 },
  ],
  [
    'an alert that is repeated after a death',
    [alert(0, UNSURE), alert(0), digest([1, 1])],
    { toldTwiceAfterCrash: 1 },
  ],
  [
    'a digest that counts an alert that was not noted',
    [alert(0, UNSURE), digest([2, 1])],
    { toldTwiceAfterCrash: 1 },
  ],
  [
    'a digest that is repeated after a death',
    [digest([2, 1], UNSURE), digest([2, 1])],
    { toldTwiceAfterCrash: 3 },
  ],
  [
    'a digest that counts callers without a name',
    [digest([2, 1], SURE, { callers: [] })],
    { unnamedCallers: 2 },
  ],
  [
    'a digest that counts new callers as such',
    [digest([2, 1], SURE, { callers: [], moreCallers: 1 })],
    {},
  ],
])('%s', (_, messages, expected) => {
  expect(tally(STORM, messages)).toEqual({ ...FINE, ...expected });
});

describe('of secrets of one name in two places are mixed up', () => {
  const storm = { ...STORM, places: 2 };

  test.each<[string, Message[], number]>([
    ['none that are reported each on its own', [alert(0), digest([1, 1])], 0],
    ['those that are named on the other', [alert(0), alert(2, SURE, 0), digest([1, 0])], 1],
    ['those whose sessions are', [digest([2, 1], SURE, { named: [0, 2] })], 2],
    ['those that are counted on the other', [alert(0), digest([2, 0])], 1],
    ['none that are merely reported twice', [alert(0), digest([2, 1])], 0],
    ['none that are merely lost', [alert(0), digest([0, 1])], 0],
  ])('%s', (_, messages, expected) => {
    expect(tally(storm, messages).mixedUp).toBe(expected);
  });

  test('none if the names differ', () => {
    expect(tally(STORM, [alert(0), digest([2, 0])]).mixedUp).toBe(0);
  });
});

test('counts the messages of each hour, or second', () => {
  const at = (time: number) => ({ ...alert(0), time });
  expect(maxPer(3_600_000, [])).toBe(0);
  expect(maxPer(3_600_000, [at(3_599_999), at(3_600_000), at(7_199_999)])).toBe(2);
  expect(maxPer(1000, [at(59_999), at(60_000), at(119_999)])).toBe(1);
});
