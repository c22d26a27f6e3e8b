import {
  awaitAnotherTurn,
  awaitTurn,
  type Limit,
  renewTurn,
  type Share,
  shareOf,
  type Turn,
} from '../../../lib/incident/budget.ts';

/** What of a run's time is kept for sending, in ms. */
const TIME_TO_SEND_MS = 20_000;

/** A clock that sleeping moves, and a budget that answers in turn. */
function fakes(answers: Turn[], time = '17:05:10.250') {
  let ms = Date.parse(`2026-11-22T${time}Z`);
  const asked: string[] = [];
  return {
    asked,
    now: () => new Date(ms),
    leaseUntil: ms + 4000 + TIME_TO_SEND_MS,
    sleep: async (span: number) => {
      ms += span;
    },
    budget: {
      takeTurn: async (time: Date) => {
        asked.push(time.toISOString().slice(17, 23));
        return answers.shift() ?? 'second';
      },
    },
  };
}

describe('a message', () => {
  test('goes out at once while there is budget', async () => {
    const ports = fakes(['taken']);
    expect(await awaitTurn(30, ports)).toBe(true);
    expect(ports.asked).toEqual(['10.250']);
  });

  test('waits for the next second while there is none in this one', async () => {
    const ports = fakes(['second', 'second', 'taken']);
    expect(await awaitTurn(30, ports)).toBe(true);
    expect(ports.asked).toEqual(['10.250', '11.000', '12.000']);
  });

  test('does not wait for the next hour', async () => {
    const ports = fakes(['hour']);
    expect(await awaitTurn(30, ports)).toBe(false);
    expect(ports.asked).toHaveLength(1);
  });

  test.each([
    ['17:59:59.499', '59.499'],
    ['17:59:59.501', '00.000'],
    ['17:05:59.501', '59.501'],
  ])('is not taken from an hour in which it could not go out: %s', async (time, taken) => {
    const ports = fakes(['taken'], time);
    expect(await awaitTurn(30, ports)).toBe(true);
    expect(ports.asked).toEqual([taken]);
  });

  test('gives up when it may wait no longer', async () => {
    const ports = fakes([]);
    expect(await awaitTurn(30, ports)).toBe(false);
    expect(ports.asked).toEqual(['10.250', '11.000', '12.000', '13.000', '14.000']);
  });

  test('whose time is over asks once all the same', async () => {
    const ports = { ...fakes(['taken']), leaseUntil: 0 };
    expect(await awaitTurn(30, ports)).toBe(true);
  });
});

describe('with 399 messages an hour for alerts', () => {
  const WAIT_MS = 25_000;

  /** A clock on which many sleep at a time, a budget of the hour and of 8 a second, and when messages were taken. */
  function budget() {
    let ms = Date.parse('2026-11-22T17:05:10.250Z');
    const taken: string[] = [];
    const sleepers = new Map<() => void, number>();
    const ports = {
      now: () => new Date(ms),
      sleep: (span: number) =>
        new Promise<void>((wake) => {
          sleepers.set(wake, ms + span);
        }),
      budget: {
        async takeTurn(time: Date, maxPerHour: number): Promise<Turn> {
          const iso = time.toISOString();
          const count = (start: string) => taken.filter((one) => one.startsWith(start)).length;
          if (count(iso.slice(0, 13)) >= maxPerHour) return 'hour';
          if (count(iso.slice(0, 19)) >= 8) return 'second';
          taken.push(iso);
          return 'taken';
        },
      },
    };
    async function passUntilAllAreAwake() {
      for (await new Promise(setImmediate); sleepers.size > 0; await new Promise(setImmediate)) {
        ms = Math.min(...sleepers.values());
        for (const [wake, at] of sleepers) {
          if (at === ms && sleepers.delete(wake)) wake();
        }
      }
    }
    return { taken, ports, passUntilAllAreAwake };
  }

  /** So many first attempts come at this moment. @returns how many of them may be sent, once all is decided. */
  async function come(
    count: number,
    { ports, passUntilAllAreAwake }: ReturnType<typeof budget>,
  ): Promise<number> {
    const each = { ...ports, leaseUntil: ports.now().getTime() + WAIT_MS + TIME_TO_SEND_MS };
    const all = Promise.all(Array.from({ length: count }, () => awaitTurn(399, each)));
    await passUntilAllAreAwake();
    return (await all).filter(Boolean).length;
  }

  test('60 first attempts in one second are all sent, 8 a second', async () => {
    const it = budget();
    expect(await come(60, it)).toBe(60);
    expect(it.taken.at(-1)).toBe('2026-11-22T17:05:17.000Z');
  });

  test('those for which there was no second in time leave the hour to others', async () => {
    const it = budget();
    expect(await come(300, it)).toBe(8 * 26);
    expect(await come(1, it)).toBe(1);
  });
});

test('another try takes another message, and fails without one', async () => {
  const ports = fakes(['taken', 'hour']);
  await awaitAnotherTurn(30, ports);
  await expect(awaitAnotherTurn(30, ports)).rejects.toMatchObject({ code: 'NO_BUDGET' });
  expect(ports.asked).toHaveLength(2);
});

test.each<[number, Record<Share, number>]>([
  [20, { opened: 9, caller: 5, end: 11, digest: 16, 'catch-up': 20 }],
  [10, { opened: 1, caller: 1, end: 3, digest: 6, 'catch-up': 10 }],
  [15, { opened: 4, caller: 2, end: 6, digest: 11, 'catch-up': 15 }],
  [200, { opened: 189, caller: 95, end: 191, digest: 196, 'catch-up': 200 }],
])('of %d mails an hour each may take its share, whoever took the others', (most, shares) => {
  const each = (Object.keys(shares) as Share[]).map((share) => [
    share,
    shareOf(share, { maxMailsPerHour: most }),
  ]);
  expect(Object.fromEntries(each)).toEqual(shares);
});

describe('a turn whose message was kept waiting', () => {
  const taken = new Date('2026-11-22T17:59:58.000Z');

  test.each([
    ['half a second', '17:59:58.499', []],
    ['longer', '17:59:58.500', ['whatever']],
    ['until the next hour', '18:00:00.500', [30]],
  ])('%s, at %s, is taken anew by %j', async (_, time, limits) => {
    const asked: Limit[] = [];
    const takeTurn = async (_now: Date, limit: Limit) => {
      asked.push(limit);
      return 'taken' as const;
    };
    await renewTurn(taken, 30, {
      now: () => new Date(`2026-11-22T${time}Z`),
      sleep: async () => undefined,
      leaseUntil: taken.getTime() + 45_000,
      budget: { takeTurn },
    });
    expect(asked).toEqual(limits);
  });
});
