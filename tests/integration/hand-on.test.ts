import { ScanCommand } from '@aws-sdk/client-dynamodb';
import type { Attempt } from '../../lib/attempt/attempt.ts';
import { DRILL_PREFIX } from '../../lib/drill.ts';
import { notify, type Outcome, type Ports } from '../../lib/incident/notify.ts';
import type { SummarizePorts } from '../../lib/incident/summarize.ts';
import type { Sending } from '../../lib/notice/channel.ts';
import type { HandedOn, IncidentNotice } from '../../lib/notice/incident-notice.ts';
import { HOUR_MS, MINUTE_MS } from '../../lib/time.ts';
import { attempt, found, nth } from '../testing/attempts.ts';
import { channelOf, fakeSns, topicOf } from '../testing/channels.ts';
import { named } from '../testing/digests.ts';
import { NOTIFY_POLICY, notifyPorts } from '../testing/gate.ts';
import { linesOf } from '../testing/notices.ts';
import { type State, startState, useState, wrapCalls } from '../testing/state.ts';

const state = useState();
const POLICY = { ...NOTIFY_POLICY, hasChannels: true };
/** As often as `summarize` runs. */
const RUN_MS = 2 * MINUTE_MS;
const down = () => new Error('down');

/** A stack with a topic of mails and one of notices, each of which a test may take down. */
function stackOf(own: State) {
  const faults = { topic: false, mail: false };
  const sns = fakeSns(() => (faults.topic ? down() : undefined));
  const chat = channelOf(own);
  const mails: string[] = [];
  const send = async (mail: string) => {
    if (faults.mail) throw down();
    mails.push(mail);
  };
  const ports = (overrides: Partial<Ports> = {}): Ports =>
    notifyPorts({
      now: own.now,
      gate: own.gate(),
      describeSecret: async () => found(),
      handOn: topicOf(own, sns.client).handOn,
      publish: (notice) => send(notice.attempt.id),
      ...overrides,
    });
  return {
    faults,
    chat,
    mails,
    ports,
    /** An attempt comes; the chat then sends what it is handed. */
    async comes(one: Attempt, overrides?: Partial<Ports>): Promise<Outcome> {
      try {
        return await notify(one, POLICY, ports(overrides));
      } finally {
        await chat.run(sns.taken());
      }
    },
    async sumUp(overrides: Partial<SummarizePorts> = {}): Promise<string[]> {
      const publish: SummarizePorts['publish'] = async (notice, _, before) => {
        await before?.(undefined);
        await send(notice.kind);
        return undefined;
      };
      const summary = { publish, noticeTopic: topicOf(own, sns.client), ...overrides };
      try {
        return linesOf(await own.sumUp(summary));
      } finally {
        await chat.run(sns.taken());
      }
    },
    taken: sns.taken,
  };
}

const kinds = (notices: readonly IncidentNotice[]) => notices.map(({ kind }) => kind);
const idsOf = (notices: readonly IncidentNotice[]) => notices.map(({ id }) => id);

/** How many items of the table are of a kind, by what their keys begin with. */
async function itemsOf(prefix: string, own: State = state): Promise<number> {
  const { client, name: TableName } = own.table;
  const { Items = [] } = await client.send(new ScanCommand({ TableName }));
  return Items.filter(({ pk }) => pk?.S?.startsWith(prefix)).length;
}

describe('while the topic of notices is down', () => {
  test('the mail goes out, and the chat has it when summarize finds the topic up', async () => {
    const { faults, comes, sumUp, chat, mails } = stackOf(state);
    faults.topic = true;
    await comes(nth(1));
    state.pass(1);
    await comes(nth(2, { caller: { ...attempt().caller, key: 'role/other' } }));
    expect([mails, kinds(chat.sent)]).toEqual([['attempt-1', 'attempt-2'], []]);
    expect(await itemsOf('handed-on')).toBe(2);
    state.pass(RUN_MS);
    expect(await sumUp()).toEqual([]);
    expect(chat.sent).toEqual([]);
    faults.topic = false;
    state.pass(RUN_MS);
    await sumUp();
    expect(kinds(chat.sent)).toEqual(['opened', 'caller']);
    expect(await itemsOf('handed-on')).toBe(0);
    await sumUp();
    expect(chat.sent).toHaveLength(2);
  });

  test('what summarize sends is left too, and handed on before anything else', async () => {
    const { faults, comes, sumUp, chat, mails } = stackOf(state);
    await comes(nth(1));
    await comes(nth(2));
    state.pass(HOUR_MS);
    faults.topic = true;
    await sumUp();
    expect([mails, kinds(chat.sent)]).toEqual([['attempt-1', 'digest'], ['opened']]);
    faults.topic = false;
    state.pass(RUN_MS);
    await sumUp();
    expect(kinds(chat.sent)).toEqual(['opened', 'digest']);
    expect(chat.sent[1]?.counts.attempts).toBe(1);
  });

  test('and the table too, the attempt is tried again, and nothing is lost', async () => {
    const { faults, comes, chat, mails } = stackOf(state);
    const handOn = () => Promise.reject(down());
    await expect(comes(nth(1), { handOn })).rejects.toThrow('down');
    expect([mails, chat.sent]).toEqual([[], []]);
    faults.topic = false;
    state.pass(MINUTE_MS);
    await comes(nth(1));
    expect([mails, kinds(chat.sent)]).toEqual([['attempt-1'], ['opened']]);
  });
});

describe('while the topic of mails is down', () => {
  test('the chat has an alert once, however often it is tried again', async () => {
    const { faults, comes, chat, mails } = stackOf(state);
    faults.mail = true;
    for (let n = 0; n < 3; n++) {
      await expect(comes(nth(1))).rejects.toThrow('down');
      state.pass(MINUTE_MS);
    }
    faults.mail = false;
    await comes(nth(1));
    expect([mails, idsOf(chat.sent)]).toEqual([['attempt-1'], ['alert/attempt-1']]);
  });

  test('the chat has a digest once, however often it is tried again', async () => {
    const { faults, comes, sumUp, chat, mails } = stackOf(state);
    await comes(nth(1));
    await comes(nth(2));
    state.pass(HOUR_MS);
    faults.mail = true;
    for (let n = 0; n < 3; n++) {
      await expect(sumUp()).rejects.toThrow('down');
      state.pass(RUN_MS);
    }
    faults.mail = false;
    expect(await sumUp()).toHaveLength(1);
    expect([mails, kinds(chat.sent)]).toEqual([
      ['attempt-1', 'digest'],
      ['opened', 'digest'],
    ]);
  });
});

describe('without budget for a mail', () => {
  const isFull = async () => 'hour' as const;

  test('an alert is handed on as one that no mail reports, and its digest in its turn', async () => {
    const { ports, sumUp, chat, mails, taken } = stackOf(state);
    const gate = state.gate({ budget: { takeTurn: isFull } });
    expect(await notify(nth(1), POLICY, ports({ gate }))).toEqual({ deferred: 'budget' });
    const handedOn = taken();
    expect(handedOn).toMatchObject([{ isMailed: false, notices: [{ kind: 'opened' }] }]);
    await chat.run(handedOn);
    state.pass(RUN_MS);
    await sumUp();
    expect([mails, kinds(chat.sent)]).toEqual([['digest'], ['opened', 'digest']]);
    expect(chat.sent[0]?.incident).toBe(chat.sent[1]?.incident);
  });

  test('further callers are handed on in the same process, as long as there are channels', async () => {
    const { ports, taken } = stackOf(state);
    const { memory } = state.gate();
    for (const [n, policy] of [POLICY, POLICY, NOTIFY_POLICY].entries()) {
      const caller = { ...attempt().caller, key: `role/${n}` };
      const gate = state.gate({ memory, budget: { takeTurn: isFull } });
      expect(await notify(nth(n, { caller }), policy, ports({ gate }))).toEqual({
        deferred: 'budget',
      });
    }
    expect(taken()).toHaveLength(2);
  });

  test('what is deferred for another reason is not handed on', async () => {
    const { comes, chat } = stackOf(state);
    for (let n = 0; n < 8; n++) {
      await comes(nth(n, { caller: { ...attempt().caller, key: `role/${n}` } }));
      await comes(nth(10 + n, { caller: { ...attempt().caller, key: `role/${n}` } }));
    }
    expect(kinds(chat.sent)).toEqual(['opened', 'caller', 'caller', 'caller']);
  });
});

test('an alert of a drill is handed on too', async () => {
  const { comes, chat } = stackOf(state);
  await comes(nth(1, { secret: named(`${DRILL_PREFIX}1f3a9c0e`) }));
  expect(chat.sent).toMatchObject([
    { kind: 'opened', secret: { name: `${DRILL_PREFIX}1f3a9c0e` } },
  ]);
});

test('a digest in several mails is handed on mail by mail', async () => {
  const unknown = { kind: 'unavailable', reason: '' } as const;
  const { comes, sumUp, taken } = stackOf(state);
  for (const secret of ['a', 'b', 'c'].map(named)) {
    for (const n of [1, 2])
      await comes(nth(n, { secret, id: `${secret.name}${n}` }), {
        describeSecret: async () => unknown,
      });
  }
  const handedOn: HandedOn[] = [];
  const publish: SummarizePorts['publish'] = async (notice, _, before) => {
    const rest =
      notice.secrets.length > 1 ? { ...notice, secrets: notice.secrets.slice(1) } : undefined;
    await before?.(rest);
    handedOn.push(...taken());
    return rest;
  };
  state.pass(HOUR_MS);
  await sumUp({ publish });
  const names = handedOn.map(({ notices }) => notices.map(({ secret }) => secret.name));
  expect(names).toEqual([['a'], ['b'], ['c']]);
});

describe('a run that dies after any of its calls', () => {
  const die = () => Promise.reject(new Error('killed'));

  /** Lets each call but the first ones fail, also to both topics. @returns how many were made, and how to make one. */
  function dying(calls: number) {
    let made = 0;
    const call = async <T>(make: () => Promise<T>): Promise<T> => {
      if (made >= calls) return die();
      made++;
      const answer = await make();
      return made >= calls ? die() : answer;
    };
    return { call, made: () => made };
  }

  /** @returns how many calls were made, how many mails went out and what the chat has sent */
  async function alertDiesAfter(calls: number, isTopicDown: boolean) {
    await using own = await startState();
    const { faults, ports, comes, sumUp, chat, mails, taken } = stackOf(own);
    faults.topic = isTopicDown;
    const { call, made } = dying(calls);
    const usual = ports();
    let sent = '';
    const dead = {
      gate: wrapCalls(
        usual.gate,
        (_, make) =>
          (...args) =>
            call(() => make(...args)),
      ),
      handOn: (...args: Parameters<NonNullable<Ports['handOn']>>) =>
        call(() => usual.handOn?.(...args) ?? die()),
      publish: (...args: Parameters<Ports['publish']>) =>
        call(async () => {
          await usual.publish(...args);
          sent = `after ${made()}`;
        }),
    };
    await notify(nth(1), POLICY, ports(dead)).catch(() => undefined);
    await chat.run(taken());
    faults.topic = false;
    const diedOnSending = sent === `after ${calls}`;
    own.pass(MINUTE_MS);
    await comes(nth(1));
    for (const minutes of [2, 2, 60, 120]) {
      own.pass(minutes * MINUTE_MS);
      await sumUp();
    }
    expect([calls, mails]).toEqual([calls, Array(diedOnSending ? 2 : 1).fill('attempt-1')]);
    expect([calls, idsOf(chat.sent)]).toEqual([calls, ['alert/attempt-1']]);
    expect(await itemsOf('handed-on', own)).toBe(0);
    return made() >= calls;
  }

  test.each([
    ['up', false],
    ['down', true],
  ])('while the topic is %s loses and repeats nothing in the chat', async (_, isTopicDown) => {
    let calls = 1;
    while (await alertDiesAfter(calls, isTopicDown)) calls++;
    expect(calls).toBeGreaterThan(8);
  });

  test('of a channel sends what it has not sent, when it is tried again', async () => {
    const { ports, taken } = stackOf(state);
    for (const n of [1, 2, 3]) {
      await notify(nth(n, { caller: { ...attempt().caller, key: `role/${n}` } }), POLICY, ports());
    }
    const handedOn = taken();
    const notices = handedOn.flatMap((one) => one.notices);
    const together = [{ ...(handedOn[0] as HandedOn), notices }];
    for (let calls = 1; calls <= 3 * notices.length; calls++) {
      const chat = channelOf(state, `chat-${calls}`);
      const { call } = dying(calls);
      const { sent } = chat.portsOf({});
      const stores = wrapCalls(
        { pairs: sent },
        (_, make) =>
          (...args) =>
            call(() => make(...args)),
      );
      let tries = 0;
      const send = () =>
        call(async (): Promise<Sending> => {
          tries++;
          return 'sent';
        });
      await chat.run(together, send, { sent: stores.pairs as typeof sent }).catch(() => undefined);
      state.pass(MINUTE_MS);
      await chat.run(together, async () => {
        tries++;
        return 'sent';
      });
      // One that died between sending and noting that sends it again.
      expect([calls, tries]).toEqual([calls, notices.length + (calls % 3 === 2 ? 1 : 0)]);
    }
  });
});
