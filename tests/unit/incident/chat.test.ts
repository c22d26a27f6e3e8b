import type { Limit, Turn } from '../../../lib/incident/budget.ts';
import { tellChat } from '../../../lib/incident/chat.ts';
import type { SentStore } from '../../../lib/notice/channel.ts';
import type { IncidentNotice } from '../../../lib/notice/incident-notice.ts';
import { NOW } from '../../testing/attempts.ts';
import { opened, STACK } from '../../testing/chat.ts';

/** As in serverless.yml, and as Lambda tries again. */
const TIMEOUT_MS = 300_000;
const PAUSES_MS = [60_000, 120_000];

/** A clock on which many sleep at a time. */
function fakeClock() {
  let ms = NOW.getTime();
  const sleepers: { wake: () => void; at: number }[] = [];
  return {
    now: () => new Date(ms),
    sleep: (span: number) =>
      new Promise<void>((wake) => {
        sleepers.push({ wake, at: ms + span });
      }),
    async passUntilAllAreAwake() {
      for (await new Promise(setImmediate); sleepers.length > 0; await new Promise(setImmediate)) {
        ms = Math.min(...sleepers.map(({ at }) => at));
        const awake = sleepers.filter(({ at }) => at <= ms);
        for (const one of awake) {
          sleepers.splice(sleepers.indexOf(one), 1);
          one.wake();
        }
      }
    },
  };
}

/** What a chat has taken, by seconds, and how often its budget was asked. */
function fakeChat() {
  const seconds = new Set<number>();
  const sent = new Map<string, string>();
  const count = { asked: 0 };
  const budget = {
    async takeTurn(time: Date, _limit: Limit): Promise<Turn> {
      count.asked++;
      const second = Math.floor(time.getTime() / 1000);
      if (seconds.has(second)) return 'second';
      seconds.add(second);
      return 'taken';
    },
  };
  const store: SentStore = {
    async claim(_, id, { token }) {
      const claimed = sent.get(id);
      if (claimed === 'sent') return 'sent';
      if (claimed !== undefined && claimed !== token) return 'busy';
      sent.set(id, token);
      return 'claimed';
    },
    note: async (_, id) => void sent.set(id, 'sent'),
    release: async (_, id) => void sent.delete(id),
  };
  return { budget, store, count };
}

/** So many messages of the topic come at once, each to a run of its own. */
async function burst(notices: readonly IncidentNotice[]) {
  const clock = fakeClock();
  const { budget, store, count } = fakeChat();
  const published: { id: string; at: number }[] = [];
  const begun = clock.now().getTime();
  let retries = 0;
  let deadLetters = 0;

  async function invoke(notice: IncidentNotice, token: string) {
    const pauses = [...PAUSES_MS];
    for (;;) {
      const leaseUntil = clock.now().getTime() + TIMEOUT_MS;
      const ports = {
        ...clock,
        ...{ token, leaseUntil, budget, sent: store },
        timeLeft: () => leaseUntil - clock.now().getTime(),
        publish: async () => {
          published.push({ id: notice.id, at: (clock.now().getTime() - begun) / 1000 });
        },
      };
      try {
        await tellChat(
          { notices: [notice], isMailed: true, stack: STACK },
          { maxChatMessagesPerHour: 60, chatButtons: true },
          ports,
        );
        return;
      } catch {
        const pause = pauses.shift();
        if (pause === undefined) {
          deadLetters++;
          return;
        }
        retries++;
        await clock.sleep(pause);
      }
    }
  }

  const all = Promise.all(notices.map((notice, i) => invoke(notice, `run-${i}`)));
  await clock.passUntilAllAreAwake();
  await all;
  return { published, retries, deadLetters, asked: count.asked };
}

const alerts = (count: number) =>
  Array.from({ length: count }, (_, i) => ({ ...opened(), id: `alert/${i}` }));

test('216 alerts that are mailed at once are all sent, without a retry, a second apart', async () => {
  const { published, retries, deadLetters, asked } = await burst(alerts(216));
  expect({ retries, deadLetters }).toEqual({ retries: 0, deadLetters: 0 });
  expect(new Set(published.map(({ id }) => id)).size).toBe(216);
  expect(new Set(published.map(({ at }) => Math.floor(at))).size).toBe(216);
  expect(published.at(-1)?.at).toBeLessThan(280);
  expect(asked).toBeLessThan(5000);
});

test('600 at once take the retries, and none of them is lost', async () => {
  const { published, deadLetters } = await burst(alerts(600));
  expect(deadLetters).toBe(0);
  expect(published).toHaveLength(600);
});

test('one that is handed on twice waits for the run that sends it, and is sent once', async () => {
  const [one, ...others] = alerts(200);
  if (!one) throw new Error('no notice');
  const { published, deadLetters } = await burst([...others, one, one]);
  expect(deadLetters).toBe(0);
  expect(published).toHaveLength(200);
});
