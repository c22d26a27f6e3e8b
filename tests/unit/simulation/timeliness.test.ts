import type { Mention } from '../../../simulation/tally.ts';
import {
  type Arrival,
  countOpenedDelayed,
  countToldLate,
  countWrongLastCalls,
  longestUntilNamed,
  mostMailsForOneIncident,
} from '../../../simulation/timeliness.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** An attempt on secret 0 by its first caller, delivered at once. */
const arrival = (time: number, others: Partial<Arrival> = {}): Arrival => {
  return { secret: 0, pair: 0, made: time, time, isTroubled: false, ...others };
};

/** A digest with an attempt of that pair. */
const digest = (time: number, others: Partial<Mention> = {}): Mention => ({
  kind: 'digest',
  secret: 0,
  attempts: 1,
  pairs: [0],
  moreCallers: 0,
  time,
  isSure: true,
  ...others,
});

const alert = (time: number, others: Partial<Mention> = {}) =>
  digest(time, { kind: 'alert', ...others });

describe('until a caller is named it takes', () => {
  test.each<[string, number, Arrival[], Mention[]]>([
    ['no time, by its alert', 0, [arrival(0)], [alert(400)]],
    ['until the first digest', 600, [arrival(0)], [digest(10 * MINUTE), digest(HOUR)]],
    [
      'the longest of all',
      300,
      [arrival(0), arrival(0, { pair: 1 })],
      [alert(0), digest(5 * MINUTE, { pairs: [1] })],
    ],
    ['no time if it was named before', 0, [arrival(HOUR)], [digest(0)]],
    ['until the end if nothing does', 86_400, [arrival(0)], [digest(0, { pairs: [1] })]],
    [
      'its time from the first run that did not fail',
      60,
      [arrival(0, { isTroubled: true }), arrival(HOUR)],
      [digest(HOUR + MINUTE)],
    ],
  ])('%s: %d s', (_, expected, arrivals, mentions) => {
    const took = longestUntilNamed(
      arrivals,
      mentions,
      DAY,
      ({ pair }) => pair,
      ({ pairs }) => pairs,
    );
    expect(took).toBe(expected);
  });
});

describe('the first attempt on a secret', () => {
  const used = (...times: number[]) =>
    times.map((time) => ({
      time,
      isSure: true,
      reading: { kind: 'alert' as const, attempt: 0, secret: 0 },
    }));
  test.each<[string, number, Arrival[], Mention[], Parameters<typeof countOpenedDelayed>[2]]>([
    ['is alerted at once', 0, [arrival(0)], [alert(500)], none()],
    ['is alerted much later', 1, [arrival(0)], [alert(31_000)], none()],
    ['is left to a digest', 1, [arrival(0)], [digest(1000)], none()],
    ['fails, which its retry makes up for', 0, [arrival(0, { isTroubled: true })], [], none()],
    [
      'has the alert of another',
      0,
      [arrival(0), arrival(9, { pair: 1 })],
      [alert(500, { pairs: [1] })],
      none(),
    ],
    ['finds the budget used up', 0, [arrival(0)], [], none(used(1, 2))],
    ['finds some budget left', 1, [arrival(0)], [], none(used(1))],
    ['finds a smaller share used up', 0, [arrival(0, { secret: 1 })], [], none(used(1))],
    ['finds what a run that failed may have taken', 0, [arrival(0)], [], none(used(1), [2])],
    ['comes before the budget is used up', 1, [arrival(0)], [], none(used(1, HOUR / 2))],
    ['comes in another hour', 1, [arrival(HOUR)], [], none(used(1, 2))],
  ])('%s: %d too late', (_, expected, arrivals, mentions, obstacles) => {
    expect(countOpenedDelayed(arrivals, mentions, obstacles)).toBe(expected);
  });

  function none(messages: ReturnType<typeof used> = [], wasted: number[] = []) {
    return { messages, wasted, usedUpAt: (secret: number) => (secret === 0 ? 2 : 1) };
  }
});

describe('an attempt is reported', () => {
  const late = (arrivals: Arrival[], mentions: Mention[]) =>
    countToldLate(arrivals, mentions, DAY, 9 * DAY);
  test.each<[string, number, Arrival[], Mention[]]>([
    ['by its alert', 0, [arrival(0)], [alert(500)]],
    ['after the longest pause', 0, [arrival(0)], [digest(25 * HOUR)]],
    ['later', 1, [arrival(0)], [digest(26 * HOUR)]],
    ['with too few others', 1, [arrival(0), arrival(1)], [digest(HOUR), digest(2 * DAY)]],
    ['never', 2, [arrival(0), arrival(1)], []],
    ['never, at the end', 0, [arrival(9 * DAY - HOUR)], []],
    ['with another secret', 1, [arrival(0)], [digest(HOUR, { secret: 1 })]],
    ['by a retry', 0, [arrival(0, { isTroubled: true })], []],
  ])('%s: %d late', (_, expected, arrivals, mentions) => {
    expect(late(arrivals, mentions)).toBe(expected);
  });
});

describe('of a last call', () => {
  const MARK = 3 * DAY;
  const call = (time: number, others: Partial<Mention> = {}) =>
    digest(time, { kind: 'last-call', ...others });
  test.each<[string, number, Arrival[], Mention[]]>([
    ['one comes in time', 0, [arrival(0)], [call(MARK + 9 * MINUTE)]],
    ['none comes', 1, [arrival(0)], [digest(MARK)]],
    ['one waits for another hour', 0, [arrival(0)], [call(MARK + HOUR)]],
    ['one comes late', 2, [arrival(0)], [call(MARK + 2 * HOUR)]],
    ['two come', 1, [arrival(0)], [call(MARK), call(MARK + 3 * MINUTE)]],
    ['one is repeated after a death', 0, [arrival(0)], [call(MARK, { isSure: false }), call(MARK)]],
    ['none is due, as nobody had read it', 0, [arrival(MARK + HOUR)], []],
    ['none is due, as it may be named after', 0, [arrival(MARK - 9 * MINUTE)], []],
    ['one comes all the same', 1, [arrival(MARK + 7 * MINUTE)], [call(MARK + 9 * MINUTE)]],
    [
      'one comes on a secret that was just read',
      0,
      [arrival(MARK + MINUTE)],
      [call(MARK + 2 * MINUTE)],
    ],
  ])('%s: %d wrong', (_, expected, arrivals, mentions) => {
    expect(countWrongLastCalls(arrivals, mentions, () => [MARK], 9 * DAY)).toBe(expected);
  });
});

describe('the mails that name an incident', () => {
  const most = (arrivals: Arrival[], mentions: Mention[]) => {
    const { maxMailsForOneIncident, maxMailsForOneIncidentPerDay } = mostMailsForOneIncident(
      arrivals,
      mentions,
    );
    return [maxMailsForOneIncident, maxMailsForOneIncidentPerDay];
  };
  test.each<[string, [week: number, day: number], Arrival[], Mention[]]>([
    ['in its first week', [2, 0], [arrival(0)], [alert(0), digest(HOUR)]],
    ['in a day after', [1, 2], [arrival(0)], [alert(0), digest(7.1 * DAY), digest(7.9 * DAY)]],
    ['on two days after', [1, 1], [arrival(0)], [alert(0), digest(7.1 * DAY), digest(8.1 * DAY)]],
    [
      'without one for each further caller',
      [1, 0],
      [arrival(0), arrival(9, { pair: 1 })],
      [alert(0), alert(9, { pairs: [1] })],
    ],
    [
      'without the news of a caller later',
      [1, 0],
      [arrival(0), arrival(8 * DAY, { pair: 1 })],
      [alert(0), digest(8 * DAY + HOUR, { pairs: [1] })],
    ],
    ['without last calls', [1, 0], [arrival(0)], [alert(0), digest(DAY, { kind: 'last-call' })]],
    [
      'without repeats after a death',
      [1, 0],
      [arrival(0)],
      [alert(0, { isSure: false }), alert(9)],
    ],
    [
      'of the secret with the most',
      [2, 0],
      [arrival(0), arrival(0, { secret: 1, pair: 1 })],
      [alert(0), digest(HOUR), digest(2 * HOUR, { secret: 1 })],
    ],
  ])('are counted %s: %j', (_, expected, arrivals, mentions) => {
    expect(most(arrivals, mentions)).toEqual(expected);
  });
});
