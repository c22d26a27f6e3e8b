import { classicAlarm, compare, deliver, eachDelivery } from '../../../bench/side-by-side.ts';
import type { Traffic } from '../../../simulation/traffic.ts';
import { stormReport } from '../../testing/bench-results.ts';

const MINUTE = 60_000;

/** Attempts at these times, each delivered two seconds later; the first is delivered again after a minute. */
function trafficAt(...times: number[]): Traffic {
  const deliveries = times.map((time, attempt) => ({
    attempt,
    time: time + 2000,
    isRepeat: false,
  }));
  const again = { attempt: 0, time: (times[0] ?? 0) + 2000 + MINUTE, isRepeat: true };
  return {
    times: Float64Array.from(times),
    pairs: new Uint32Array(times.length),
    deliveries: [...deliveries, again].sort((a, b) => a.time - b.time),
  };
}

const at = (...times: number[]) => times.map((time, i) => ({ time, attempts: [i] }));

describe('an e-mail subscription', () => {
  test('gets 10 messages in a second', () => {
    const messages = at(...Array<number>(10).fill(1000), ...Array<number>(10).fill(2000));
    expect(deliver(messages)).toEqual({ mails: messages });
  });

  test('is suspended by the eleventh, and gets nothing after', () => {
    const messages = at(...Array<number>(12).fill(1999), 600_000);
    expect(deliver(messages)).toEqual({ mails: messages.slice(0, 10), suspendedAt: 1999 });
  });
});

test('a rule or a function publishes each delivery, repeated ones too', () => {
  expect(eachDelivery(trafficAt(0, 5000), 150)).toEqual([
    { time: 2150, attempts: [0] },
    { time: 7150, attempts: [1] },
    { time: 62_150, attempts: [0] },
  ]);
});

describe('the classic alarm', () => {
  const minutesOfMails = (...minutes: number[]) =>
    classicAlarm(trafficAt(...minutes.map((minute) => minute * MINUTE))).map(
      ({ time }) => time / MINUTE,
    );

  test.each([
    ['mails when the log has the attempt', [0.5], [6]],
    ['mails once while attempts go on', [0.5, 3, 7, 11, 15], [6]],
    ['mails again after a quiet period', [0.5, 20], [6, 25]],
  ])('%s', (_, attempts, mails) => {
    expect(minutesOfMails(...attempts)).toEqual(mails);
  });

  test('names no attempt', () => {
    expect(classicAlarm(trafficAt(0))[0]?.attempts).toEqual([]);
  });
});

test('the ways are compared by the same attempts', () => {
  const traffic = trafficAt(...Array<number>(20).fill(10_000));
  const report = stormReport(20, { mails: 3, told: 20, maxMailsPerHour: 2 });
  expect(compare(traffic, report, { ours: 300, plain: 150 })).toEqual({
    attempts: 20,
    ways: {
      'this service': { mails: 3, mostPerHour: 2, told: 1, firstMailAfter: 2.3 },
      'rule to topic': {
        mails: 10,
        mostPerHour: 10,
        told: 0.5,
        firstMailAfter: 2,
        suspendedAfter: 2,
      },
      'function to topic': {
        mails: 10,
        mostPerHour: 10,
        told: 0.5,
        firstMailAfter: 2.15,
        suspendedAfter: 2.15,
      },
      'classic alarm': { mails: 1, mostPerHour: 1, told: 0, firstMailAfter: 350 },
    },
  });
});
