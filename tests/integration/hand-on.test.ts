import { ScanCommand } from '@aws-sdk/client-dynamodb';
import type { Attempt } from '../../lib/attempt/attempt.ts';
import { identifySecret } from '../../lib/cloudtrail/secret-id.ts';
import type { Change } from '../../lib/deletion/change.ts';
import { restoringItem } from '../../lib/deletion/ledger.ts';
import { DRILL_PREFIX } from '../../lib/drill.ts';
import { shareOf } from '../../lib/incident/budget.ts';
import { MAX_ALERTS } from '../../lib/incident/gate.ts';
import { notify, type Outcome, type Ports } from '../../lib/incident/notify.ts';
import type { SummarizePorts } from '../../lib/incident/summarize.ts';
import { type TrackPorts, track } from '../../lib/incident/track.ts';
import type { Sending } from '../../lib/notice/channel.ts';
import type { HandedOn, IncidentNotice } from '../../lib/notice/incident-notice.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../lib/time.ts';
import { ACCOUNT, attempt, cancellation, deletion, found, nth } from '../testing/attempts.ts';
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
  const bus = channelOf(own, 'bus');
  const handedOn: HandedOn[] = [];
  const deliver = async () => {
    const taken = sns.taken();
    handedOn.push(...taken);
    await chat.run(taken);
    await bus.run(taken);
  };
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
      publish: async (notice, beforeAgain) => {
        for (let n = 0; faults.mail && n < 2; n++) await beforeAgain();
        await send(notice.attempt.id);
      },
      ...overrides,
    });
  return {
    faults,
    chat,
    bus,
    mails,
    ports,
    /** An attempt comes; the channels then send what they are handed. */
    async comes(one: Attempt, overrides?: Partial<Ports>): Promise<Outcome> {
      try {
        return await notify(one, POLICY, ports(overrides));
      } finally {
        await deliver();
      }
    },
    async sumUp(overrides: Partial<SummarizePorts> = {}): Promise<string[]> {
      const publish: SummarizePorts['publish'] = async (notice, beforeAgain) => {
        // As the SDK tries.
        for (let n = 0; faults.mail && n < 2; n++) await beforeAgain();
        await send(notice.kind);
        return undefined;
      };
      const summary = { publish, noticeTopic: topicOf(own, sns.client), ...overrides };
      try {
        return linesOf(await own.sumUp(summary));
      } finally {
        await deliver();
      }
    },
    handedOn,
    taken: sns.taken,
  };
}

const kinds = (notices: readonly IncidentNotice[]) => notices.map(({ kind }) => kind);

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
    expect([mails, kinds(chat.sent)]).toEqual([['attempt-1'], ['opened']]);
  });

  test('the chat hears of a caller once, however often that comes', async () => {
    const { faults, comes, chat, mails } = stackOf(state);
    faults.mail = true;
    for (let n = 1; n <= 4; n++) {
      await expect(comes(nth(n))).rejects.toThrow('down');
      state.pass(MINUTE_MS);
    }
    faults.mail = false;
    await comes(nth(2));
    expect([mails, kinds(chat.sent)]).toEqual([['attempt-2'], ['opened']]);
  });

  test('the first caller opens the incident, and each further one is a caller, also when the first is tried again', async () => {
    const { faults, comes, sumUp, handedOn, bus, mails } = stackOf(state);
    const of = (n: number) => nth(n, { caller: { ...attempt().caller, key: `role/${n}` } });
    faults.mail = true;
    for (const n of [1, 2, 1, 3]) {
      await expect(comes(of(n))).rejects.toThrow('down');
      state.pass(MINUTE_MS);
    }
    const tried = handedOn.flatMap(({ notices }) => kinds(notices));
    expect(tried).toEqual(['opened', 'caller', 'opened', 'caller']);
    expect(kinds(bus.sent)).toEqual(['opened', 'caller', 'caller']);
    faults.mail = false;
    await comes(of(2));
    await comes(of(4));
    state.pass(HOUR_MS);
    await sumUp();
    expect(mails).toEqual(['attempt-2', 'attempt-4', 'digest']);
    expect(kinds(bus.sent)).toEqual(['opened', 'caller', 'caller', 'caller', 'digest']);
  });

  test('a deletion anew is opened anew', async () => {
    const { faults, comes, bus } = stackOf(state);
    faults.mail = true;
    await expect(comes(nth(1, { time: state.now() }))).rejects.toThrow('down');
    state.pass(HOUR_MS);
    await track(
      deletion({ id: 'anew', requestedAt: state.now() }),
      undefined,
      state.stores as unknown as TrackPorts,
    );
    state.pass(HOUR_MS);
    await expect(comes(nth(2, { time: state.now() }))).rejects.toThrow('down');
    expect(kinds(bus.sent)).toEqual(['opened', 'opened']);
    expect(new Set(bus.sent.map(({ incident }) => incident)).size).toBe(2);
  });

  test('the chat hears of a restore once, and of one that a try made which told nobody', async () => {
    const { faults, ports, comes, chat, taken } = stackOf(state);
    const policy = { ...POLICY, autoCancel: 'all' } as const;
    const restoring = { describeSecret: async () => found() };
    const restored = {
      describeSecret: async () => found({ deletedDate: undefined }),
      getItems: async (pk: string) => [restoringItem(pk, 'attempt-1', state.now())],
    };
    faults.mail = true;
    await expect(comes(nth(1))).rejects.toThrow('down');
    const run = async (overrides: Partial<Ports>) => {
      state.pass(MINUTE_MS);
      await notify(nth(1), policy, ports(overrides)).catch(() => undefined);
      await chat.run(taken());
    };
    await run({ ...restoring, handOn: () => Promise.reject(down()) });
    await run(restored);
    await run(restored);
    faults.mail = false;
    await run(restored);
    expect(chat.sent.map(({ state: own, perhapsByUs }) => [own.state, perhapsByUs])).toEqual([
      ['pending', false],
      ['restored', true],
    ]);
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

describe('while the topic of mails is down for eight hours', () => {
  const RESTORED_AT = 5 * HOUR_MS;
  const LAST_CALL_AT = 3 * HOUR_MS;

  /**
   * Three secrets are read every 5, 10 and 30 minutes. The last call for the second one is due meanwhile; the third one is
   * restored. @returns what was mailed once mails go out again, and what a channel was told of a secret: after how many minutes
   */
  async function pass(stack: ReturnType<typeof stackOf>) {
    const start = state.now().getTime();
    const age = () => state.now().getTime() - start;
    const describeSecret: SummarizePorts['describeSecret'] = async (id) => {
      const name = /(\w+)(-AbCdEf)?$/.exec(id)?.[1] ?? '';
      const days = name === 'ending' ? 7 : 20;
      const isRestored = name === 'restored' && age() >= RESTORED_AT;
      const deletedDate = new Date(start + LAST_CALL_AT + days * DAY_MS);
      const arn = `arn:aws:secretsmanager:eu-west-1:${ACCOUNT}:secret:${name}-AbCdEf`;
      return found({ arn, name, deletedDate: isRestored ? undefined : deletedDate });
    };
    const read = async (name: string) => {
      const one = { id: `${name} ${age()}`, secret: named(name), time: state.now() };
      await stack.comes(attempt(one), { describeSecret });
    };
    const sumUp = () => stack.sumUp({ describeSecret });
    for (let minute = 0; minute < 8 * 60; minute += 5) {
      await read('app');
      if (minute % 10 === 0) await read('ending');
      if (minute % 30 === 0 && age() < RESTORED_AT) await read('restored');
      if (age() === RESTORED_AT) {
        const change = cancellation({ secret: named('restored'), requestedAt: state.now() });
        await track(change, undefined, state.stores as unknown as TrackPorts);
      }
      stack.faults.mail = true;
      await sumUp().catch(() => undefined);
      state.pass(5 * MINUTE_MS);
    }
    stack.faults.mail = false;
    const mailed: string[] = [];
    for (let run = 0; run < 3; run++) {
      mailed.push(...(await sumUp()));
      state.pass(RUN_MS);
    }
    const told = (channel: typeof stack.chat, name: string) =>
      channel.sent
        .filter(({ secret }) => secret.name === name)
        .map(({ kind, now, counts }) => [
          Math.round((now.getTime() - start) / MINUTE_MS),
          kind,
          counts.attempts,
        ]);
    return { mailed, told };
  }

  test('the other channels hear of all within an hour, at most hourly, and of ends in their time', async () => {
    const stack = stackOf(state);
    const { mailed, told } = await pass(stack);
    const hours = [1, 2, 3, 4, 5, 6, 7, 8];
    for (const channel of [stack.chat, stack.bus]) {
      // What is new when the mail goes out, at 480 minutes, is handed on with it.
      expect(told(channel, 'app')).toEqual([
        [0, 'opened', 1],
        ...hours.map((hour) => [hour * 60, 'digest', hour * 12 - 1]),
      ]);
      expect(told(channel, 'ending')).toEqual([
        [0, 'opened', 1],
        ...hours.slice(0, 2).map((hour) => [hour * 60, 'digest', hour * 6 - 1]),
        ...hours.slice(2).map((hour) => [hour * 60, 'last-call', hour * 6]),
      ]);
      expect(told(channel, 'restored')).toEqual([
        [0, 'opened', 1],
        ...hours.slice(0, 5).map((hour) => [hour * 60, 'digest', hour * 2 - 1]),
        [310, 'resolved', 10],
      ]);
    }
    expect(mailed).toEqual([
      'digest app: 95 x role app-server',
      'last-call ending: 48 x role app-server (47 new)',
      'resolved restored: 10 x role app-server (9 new)',
    ]);
    expect(stack.mails).toEqual([
      ...['app 0', 'ending 0', 'restored 0'],
      ...['digest', 'last-call', 'resolved'],
    ]);
  }, 300_000);
});

describe('a digest that cannot be mailed', () => {
  const other = { secret: named('other'), id: 'other' };
  /** Two attempts come, of which a digest is due to tell the second one. */
  async function dueOf({ comes, faults }: ReturnType<typeof stackOf>) {
    await comes(nth(1));
    await comes(nth(2));
    state.pass(HOUR_MS);
    faults.mail = true;
  }

  test('is handed on as that of an incident once an hour, whatever is counted meanwhile', async () => {
    const stack = stackOf(state);
    await dueOf(stack);
    for (let n = 0; n < 35; n++) {
      await stack.sumUp().catch(() => undefined);
      await stack.comes(nth(10 + n));
      state.pass(RUN_MS);
    }
    const counts = stack.chat.sent.map(({ kind, counts }) => [kind, counts.attempts]);
    expect(counts).toEqual([
      ['opened', 1],
      ['digest', 1],
      ['digest', 31],
    ]);
  });

  test('keeps what is new of others for some minutes', async () => {
    const stack = stackOf(state);
    const { chat, comes, sumUp } = stack;
    await dueOf(stack);
    await sumUp().catch(() => undefined);
    await comes(attempt(other)).catch(() => undefined);
    const told: number[] = [];
    for (let n = 0; n < 5; n++) {
      state.pass(RUN_MS);
      await sumUp().catch(() => undefined);
      told.push(chat.sent.length);
    }
    expect(told).toEqual([3, 3, 3, 3, 4]);
    expect(chat.sent.map(({ kind, secret }) => `${kind} ${secret.name}`)).toEqual([
      'opened prod/db/password',
      'digest prod/db/password',
      'opened other',
      'digest other',
    ]);
  });

  test('is handed on where the hour has no mail left, and again with its mail', async () => {
    const stack = stackOf(state);
    const { chat, mails, sumUp, comes, faults } = stack;
    await dueOf(stack);
    faults.mail = false;
    const takeTurn = async () => 'hour' as const;
    for (let n = 0; n < 3; n++) {
      expect(await sumUp({ budget: { takeTurn } })).toEqual([]);
      await comes(nth(10 + n));
      state.pass(RUN_MS);
    }
    expect([mails, kinds(chat.sent)]).toEqual([['attempt-1'], ['opened', 'digest']]);
    await sumUp();
    expect([mails, kinds(chat.sent)]).toEqual([
      ['attempt-1', 'digest'],
      ['opened', 'digest', 'digest'],
    ]);
    expect(chat.sent.at(-1)?.counts.attempts).toBe(4);
  });

  test('is of the incident that the next caller, and its mail, are of, although a deletion anew had opened none', async () => {
    const { chat, comes, sumUp, mails } = stackOf(state);
    const { memory } = state.gate();
    const reads = (n: number) =>
      comes(nth(n, { time: state.now() }), { gate: state.gate({ memory }) });
    const record = (change: Change) =>
      track(change, undefined, state.stores as unknown as TrackPorts);
    await reads(1);
    state.pass(MINUTE_MS);
    await record(cancellation({ id: 'restored', requestedAt: state.now() }));
    state.pass(MINUTE_MS);
    await record(deletion({ id: 'anew', requestedAt: state.now() }));
    state.pass(MINUTE_MS / 2);
    // By a process that takes its caller for known.
    expect(await reads(2)).toEqual({ deferred: 'known-caller' });
    expect((await state.stores.incidents.all())[0]?.openedAt).toBeUndefined();
    const takeTurn = async () => 'hour' as const;
    for (let n = 0; n < 3; n++) {
      state.pass(RUN_MS);
      await sumUp({ budget: { takeTurn } });
    }
    expect(kinds(chat.sent)).toEqual(['opened', 'digest']);
    const caller = { ...attempt().caller, key: 'role/other' };
    await comes(nth(3, { time: state.now(), caller }));
    await reads(4);
    expect(await reads(5)).toEqual({ deferred: 'known-caller' });
    state.pass(HOUR_MS);
    await sumUp();
    expect(mails).toEqual(['attempt-1', 'attempt-3', 'attempt-4', 'digest']);
    expect(kinds(chat.sent)).toEqual(['opened', 'digest', 'opened', 'caller', 'digest']);
    const [before, ...since] = chat.sent.map(({ incident }) => incident);
    expect(new Set(since).size).toBe(1);
    expect(since).not.toContain(before);
  });

  test('keeps no other notice from being tried, nor takes its time by another mail', async () => {
    const stack = stackOf(state);
    await stack.comes(attempt(other));
    await dueOf(stack);
    const change = cancellation({ secret: named('other'), requestedAt: state.now() });
    await track(change, undefined, state.stores as unknown as TrackPorts);
    state.pass(RUN_MS);
    const tried: string[] = [];
    const publish: SummarizePorts['publish'] = async ({ kind }) => {
      tried.push(kind);
      throw down();
    };
    await expect(stack.sumUp({ publish })).rejects.toThrow('down');
    expect(tried).toEqual(['digest']);
    expect(kinds(stack.chat.sent)).toEqual(['opened', 'opened', 'digest', 'resolved']);
    stack.faults.mail = false;
    await stack.sumUp();
    expect(stack.mails.slice(2)).toEqual(['digest', 'resolved']);
    expect(stack.chat.sent).toHaveLength(4);
  });
});

test('what was mailed, but not handed on, is mailed and handed on again', async () => {
  const { comes, sumUp, chat, mails } = stackOf(state);
  await comes(nth(1));
  await comes(nth(2));
  state.pass(HOUR_MS);
  const noticeTopic = { handOn: () => Promise.reject(down()), handOnLeft: async () => undefined };
  await expect(sumUp({ noticeTopic })).rejects.toThrow('down');
  await sumUp();
  expect([mails, kinds(chat.sent)]).toEqual([
    ['attempt-1', 'digest', 'digest'],
    ['opened', 'digest'],
  ]);
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

  test('as many callers of a secret as are mailed at once are told at once; a digest tells the others', async () => {
    const { ports, sumUp, chat, mails, taken } = stackOf(state);
    const looked: string[] = [];
    const describeSecret: Ports['describeSecret'] = async (id) => {
      looked.push(id);
      return found();
    };
    const deferrals: unknown[] = [];
    for (let n = 0; n < 30; n++) {
      const caller = { ...attempt().caller, key: `role/${n}` };
      const gate = state.gate({ budget: { takeTurn: isFull } });
      const one = nth(n, { caller });
      deferrals.push(await notify(one, POLICY, ports({ gate, describeSecret })));
    }
    await chat.run(taken());
    expect(kinds(chat.sent)).toEqual(['opened', ...Array(MAX_ALERTS - 1).fill('caller')]);
    expect(looked).toHaveLength(MAX_ALERTS);
    expect(deferrals).toEqual([
      ...Array(MAX_ALERTS).fill({ deferred: 'budget' }),
      ...Array(30 - MAX_ALERTS).fill({ deferred: 'many-callers' }),
    ]);
    state.pass(RUN_MS);
    await sumUp();
    expect(mails).toEqual(['digest']);
    expect(chat.sent.at(-1)).toMatchObject({ kind: 'digest', counts: { callers: 30 } });
  });

  test('without channels no caller that is left to a digest counts as alerted', async () => {
    const gate = state.gate({ budget: { takeTurn: isFull } });
    const { ports } = stackOf(state);
    await notify(nth(1), NOTIFY_POLICY, ports({ gate, handOn: undefined }));
    expect(await state.stores.incidents.all()).toMatchObject([{ alerts: 0, notices: 0 }]);
  });

  test('a caller that is mailed after one was told without a mail is a further one, with the share of a first', async () => {
    const { ports, comes, chat, taken } = stackOf(state);
    await notify(nth(1), POLICY, ports({ gate: state.gate({ budget: { takeTurn: isFull } }) }));
    await chat.run(taken());
    const limits: unknown[] = [];
    const takeTurn = async (_: Date, limit: unknown) => {
      limits.push(limit);
      return 'taken' as const;
    };
    const gate = state.gate({ budget: { takeTurn } });
    await comes(nth(2, { caller: { ...attempt().caller, key: 'role/other' } }), { gate });
    expect(kinds(chat.sent)).toEqual(['opened', 'caller']);
    expect(limits).toEqual([shareOf('opened', POLICY)]);
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

test('a restore that works at the second try is of a caller that is not new', async () => {
  const { ports, bus, taken } = stackOf(state);
  const done = { isRefused: true, isRestored: false };
  const describeSecret = async () => found(done.isRestored ? { deletedDate: undefined } : {});
  const restoreSecret = async () => {
    if (done.isRefused) throw down();
    done.isRestored = true;
  };
  const policy = { ...POLICY, autoCancel: 'all' } as const;
  for (const n of [1, 2]) {
    await notify(nth(n, { time: state.now() }), policy, ports({ describeSecret, restoreSecret }));
    await bus.run(taken());
    done.isRefused = false;
    state.pass(6 * MINUTE_MS);
  }
  expect(
    bus.sent.map(({ kind, action, callers }) => [kind, action?.kind, callers[0]?.isNew]),
  ).toEqual([
    ['opened', 'restore-failed', true],
    ['caller', 'restored', false],
  ]);
});

test('an alert of a drill is handed on too', async () => {
  const { comes, chat } = stackOf(state);
  await comes(nth(1, { secret: named(`${DRILL_PREFIX}1f3a9c0e`) }));
  expect(chat.sent).toMatchObject([
    { kind: 'opened', secret: { name: `${DRILL_PREFIX}1f3a9c0e` } },
  ]);
});

test('a digest tells of each of two secrets whose partial ARNs look like one name, read alike', async () => {
  const describeSecret = async () => ({ kind: 'unavailable', reason: '' }) as const;
  const { comes, sumUp, chat } = stackOf(state);
  const prefix = `arn:aws:secretsmanager:eu-west-1:${ACCOUNT}:secret:app-`;
  for (const [n, end] of ['config', 'config', 'tokens'].entries()) {
    await comes(nth(n, { secret: identifySecret(prefix + end, {}) }), { describeSecret });
  }
  state.pass(HOUR_MS);
  await sumUp();
  const [opened, ...digests] = chat.sent;
  expect(digests.map(({ kind, secret }) => [kind, secret.id]).toSorted()).toEqual([
    ['digest', `${prefix}config`],
    ['digest', `${prefix}tokens`],
  ]);
  expect(digests.map(({ incident }) => incident)).toEqual(Array(2).fill(opened?.incident));
});

test('a digest in several mails is handed on mail by mail', async () => {
  const unknown = { kind: 'unavailable', reason: '' } as const;
  const { comes, sumUp, handedOn } = stackOf(state);
  for (const secret of ['a', 'b', 'c'].map(named)) {
    for (const n of [1, 2])
      await comes(nth(n, { secret, id: `${secret.name}${n}` }), {
        describeSecret: async () => unknown,
      });
  }
  const alerts = handedOn.length;
  state.pass(HOUR_MS);
  await sumUp({
    publish: async (notice) =>
      notice.secrets.length > 1 ? { ...notice, secrets: notice.secrets.slice(1) } : undefined,
  });
  const names = handedOn
    .slice(alerts)
    .map(({ notices }) => notices.map(({ secret }) => secret.name));
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
    expect([calls, kinds(chat.sent)]).toEqual([calls, ['opened']]);
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

  /** @returns whether the run made as many calls */
  async function unmailedDiesAfter(calls: number) {
    await using own = await startState();
    const { ports, comes, sumUp, chat, mails, taken } = stackOf(own);
    const full = { budget: { takeTurn: async () => 'hour' as const } };
    const { call, made } = dying(calls);
    const handOn: Ports['handOn'] = (...args) => call(() => ports().handOn?.(...args) ?? die());
    const gate = wrapCalls(
      own.gate(full),
      (_, make) =>
        (...args) =>
          call(() => make(...args)),
    );
    await notify(nth(1), POLICY, ports({ gate, handOn })).catch(() => undefined);
    await chat.run(taken());
    own.pass(MINUTE_MS);
    await comes(nth(1), { gate: own.gate(full) });
    for (const minutes of [2, 2, 60]) {
      own.pass(minutes * MINUTE_MS);
      await sumUp();
    }
    expect([calls, mails]).toEqual([calls, ['digest']]);
    expect([calls, kinds(chat.sent)]).toEqual([calls, ['opened', 'digest']]);
    return made() >= calls;
  }

  test('without budget for a mail loses and repeats nothing in the chat, and opens the incident', async () => {
    let calls = 1;
    while (await unmailedDiesAfter(calls)) calls++;
    expect(calls).toBeGreaterThan(6);
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
