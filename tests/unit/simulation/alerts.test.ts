import { watchAlerts } from '../../../simulation/alerts.ts';

const QUIET = 3_600_000;
const PROMISES = { quietWindow: QUIET, renewalsOf: () => [], maxPerMinute: 2 };
const RUN = { pair: 0, time: 0, isTroubled: false, isRepeat: false, isFaulty: false };

type Watch = ReturnType<typeof watchAlerts>;
type Run = Parameters<Watch['note']>[0];
type Alert = Parameters<Watch['judge']>[0]['alerts'][number];

const alertAt = (time: number, pair = 0): Alert => ({ pair, time, isCalm: true });
const shaken = (time: number): Alert => ({ ...alertAt(time), isCalm: false });

function judge(attempts: number[], alerts: Alert[], runs: Run[] = [], renewals: number[] = []) {
  const { note, judge } = watchAlerts();
  for (const run of runs) note(run);
  const storm = { attempts: attempts.map((time) => ({ pair: 0, time })), alerts, messages: alerts };
  return judge(storm, { ...PROMISES, renewalsOf: () => renewals });
}

describe('an attempt', () => {
  test.each<[string, number, Parameters<typeof judge>]>([
    ['is alerted at once', 0, [[0], [alertAt(500)]]],
    ['is never alerted', 1, [[0], []]],
    ['is alerted much later', 1, [[0], [alertAt(31_000)]]],
    ['waits for a second with room', 0, [[0], [alertAt(29_000)]]],
    ['comes in the quiet window', 0, [[0, QUIET], [alertAt(500)]]],
    ['comes after the quiet window', 1, [[0, QUIET + 500], [alertAt(500)]]],
    ['finds the budget used up', 0, [[0], [alertAt(0, 1), alertAt(1000, 1)]]],
    ['finds some budget left', 1, [[0], [alertAt(0, 1)]]],
    ['comes before the budget is used up', 1, [[0], [alertAt(0, 1), alertAt(50_000, 1)]]],
    [
      'finds a budget that a run with a fault may have taken',
      0,
      [[0], [alertAt(0, 1)], [{ ...RUN, pair: 1, isFaulty: true }]],
    ],
    ['fails, which its retry makes up for', 0, [[0], [], [{ ...RUN, isTroubled: true }]]],
    ['comes soon after one that failed', 0, [[89_000], [], [{ ...RUN, isTroubled: true }]]],
    ['comes later than one that failed', 1, [[91_000], [], [{ ...RUN, isTroubled: true }]]],
    ['comes at the time of a repeat', 0, [[10_000], [], [{ ...RUN, isRepeat: true }]]],
    ['comes later than a repeat', 1, [[31_000], [], [{ ...RUN, isRepeat: true }]]],
    ['is the first since the deletion came nearer', 1, [[0, 5000], [alertAt(500)], [], [5000]]],
    ['comes before the deletion is nearer', 0, [[0, 4999], [alertAt(500)], [], [5000]]],
    [
      'is alerted as the deletion has come nearer',
      0,
      [[9000], [alertAt(1), alertAt(9001)], [], [5000]],
    ],
    ['follows an alert that knew no date', 0, [[9000], [shaken(1)], [], [5000]]],
  ])('that %s: %d too late', (_, expected, args) => {
    expect(judge(...args).alertsDelayed).toBe(expected);
  });
});

describe('an alert', () => {
  const MINUTE = 60_000;
  test.each<[string, number, Alert[], number[]]>([
    ['in the quiet window', 1, [alertAt(0), alertAt(QUIET - MINUTE)], []],
    ['after the quiet window', 0, [alertAt(0), alertAt(QUIET)], []],
    ['of another pair', 0, [alertAt(0), alertAt(MINUTE, 1)], []],
    [
      'whose claim was made before the quiet window was over',
      0,
      [alertAt(0), alertAt(QUIET - 9000)],
      [],
    ],
    ['since the deletion came nearer', 0, [alertAt(0), alertAt(MINUTE)], [MINUTE - 1]],
    ['before the deletion comes nearer', 1, [alertAt(0), alertAt(MINUTE)], [MINUTE + 1]],
    ['after one that was not noted', 0, [shaken(0), alertAt(MINUTE)], []],
    [
      'in the quiet window of one before that',
      1,
      [alertAt(0), shaken(QUIET), alertAt(QUIET + MINUTE), alertAt(QUIET + 2 * MINUTE)],
      [],
    ],
  ])('%s: %d too soon', (_, expected, alerts, renewals) => {
    expect(judge([], alerts, [], renewals).alertsTooSoon).toBe(expected);
  });

  test.each([
    ['failed, whose claim lapses', 0, { ...RUN, time: MINUTE, isTroubled: true }],
    ['was a repeat with a fault', 0, { ...RUN, time: MINUTE, isRepeat: true, isFaulty: true }],
    ['was a repeat, which gives its claim back', 1, { ...RUN, time: MINUTE, isRepeat: true }],
  ])('after a run that %s: %d too soon', (_, expected, run) => {
    expect(judge([], [alertAt(0), alertAt(3 * MINUTE)], [run]).alertsTooSoon).toBe(expected);
  });
});
