import {
  attemptItem,
  type Deferral,
  type RecordedAttempt,
  readAttemptItem,
} from '../../../lib/attempt/item.ts';
import { identifySecret } from '../../../lib/cloudtrail/secret-id.ts';
import { addAttempt, emptyDigest } from '../../../lib/incident/digest.ts';
import { type SummaryPorts, summarize } from '../../../lib/incident/summarize.ts';
import type { Mail } from '../../../lib/notice/mail/mail.ts';
import { renderMail } from '../../../lib/notice/mail/render.ts';
import { lastAttemptOn, type SecretDigest } from '../../../lib/notice/summary.ts';
import { HOUR_MS } from '../../../lib/time.ts';
import { ACCOUNT, attempt, NOW } from '../../testing/attempts.ts';

const POLICY = { maxAlertsPerMinute: 30 };
/** As in serverless.yml, in ms. */
const TIMEOUT_MS = 300_000;
/** What a run of the function works on at a time, so that a call takes its part of what it takes all of them. */
const AT_A_TIME = 25;
const PAGE = 2000;

/** An item that is deferred, `age` ms old: of the secret, and of the caller, of these names. */
function deferred(secret: string, why: Deferral, age = 0, caller = 'app-server') {
  const item = attemptItem(
    attempt({
      id: `${secret}/${caller}/${age}`,
      time: new Date(NOW.getTime() - age),
      secret: identifySecret(secret, { accountId: ACCOUNT, region: 'eu-west-1' }),
      caller: { ...attempt().caller, key: caller, name: `role ${caller}` },
    }),
  );
  return { ...item, heldBack: why, tell: why === 'quiet-window' ? 'untold' : 'unnamed' };
}

type DeferredItem = ReturnType<typeof deferred>;

/**
 * A world in which calls take simulated time, and what the table holds of attempts, the oldest first.
 * @param takes how long a call takes, in ms
 */
function worldOf(items: DeferredItem[], takes: { takeUp?: number; describeSecret?: number } = {}) {
  let time = NOW.getTime();
  let sendsAfter = 0;
  const looked: string[] = [];
  const published: Mail[] = [];
  const pass = (ms = 0) => {
    time += ms / AT_A_TIME;
  };
  const byKey = new Map(items.map((item) => [item.pk + item.sk, item]));
  async function* toTell(tell: string) {
    const found = items.filter((item) => item.tell === tell);
    for (let start = 0; start < found.length; start += PAGE) yield found.slice(start, start + PAGE);
  }
  const portsOf = (): SummaryPorts => {
    const end = time + TIMEOUT_MS;
    return {
      now: () => new Date(time),
      sleep: async (ms) => pass(ms * AT_A_TIME),
      token: 'this-run',
      leaseUntil: end,
      budget: { takeTurn: async () => 'taken' },
      summaries: {
        begin: async () => ({ name: 'summary#1', since: NOW }),
        end: async (_, outcome) => {
          if (outcome === 'sent')
            for (const item of items) if (item.tell === 'summary#1') item.tell = 'told';
        },
      },
      attempts: {
        toTell,
        async takeUp({ pk, sk }, summary) {
          pass(takes.takeUp);
          const item = byKey.get(pk + sk);
          if (item) item.tell = summary;
          return item !== undefined;
        },
        async *countIgnored() {
          yield 0;
        },
      },
      getItems: async () => [],
      async describeSecret(id) {
        pass(takes.describeSecret);
        looked.push(id);
        return { kind: 'unavailable', reason: 'It does not answer.' };
      },
      async publish(notice) {
        sendsAfter = TIMEOUT_MS - (end - time);
        published.push(renderMail(notice));
      },
      timeLeft: () => end - time,
    };
  };
  return {
    items,
    looked,
    published,
    portsOf,
    run: (attempts: Partial<SummaryPorts['attempts']> = {}) => {
      const ports = portsOf();
      return summarize(POLICY, { ...ports, attempts: { ...ports.attempts, ...attempts } });
    },
    pass: (ms: number) => pass(ms * AT_A_TIME),
    add(...more: DeferredItem[]) {
      items.push(...more);
      for (const item of more) byKey.set(item.pk + item.sk, item);
    },
    sendsAfter: () => sendsAfter,
    bodies: () => published.map(({ body }) => body),
  };
}

/** When a run must have begun to send, so that three tries of SNS, of 4 s each, have their time. */
const IN_TIME_MS = TIMEOUT_MS - 20_000;

const some = <T>(count: number, make: (n: number) => T): T[] =>
  Array.from({ length: count }, (_, n) => make(n));

test('an attempt that the index still shows under an old name is counted once', async () => {
  const item = deferred('prod/db', 'failed');
  const { run, bodies } = worldOf([item]);
  async function* toTell(tell: string) {
    if (tell !== 'summary#1') yield [item];
  }
  await run({ toTell });
  expect(bodies()).toEqual([expect.stringMatching(/^1 attempt to read 1 secret /)]);
});

describe('a summary is sent in time', () => {
  test('of more secrets than can be looked up', async () => {
    // As slow as ten times as many would be with calls of 25 and 50 ms.
    const all = some(13_000, (n) => deferred(`secret-${n}`, 'budget', 13_000 - n));
    const { run, published, sendsAfter } = worldOf(all, { takeUp: 250, describeSecret: 500 });
    expect(await run()).toMatchObject({ outcome: 'sent', oldestLeft: undefined });
    expect(sendsAfter()).toBeLessThan(IN_TIME_MS);
    const [{ body = '' } = {}] = published;
    expect(Buffer.byteLength(body)).toBeLessThanOrEqual(255 * 1024); // of SNS's 256, attributes included
    expect(body).toMatch(/^13000 attempts to read 13000 secrets/);
    expect(body).toMatch(/^secret-0, account/m);
  });

  test('of 1,900 secrets whose DescribeSecret hangs', async () => {
    const all = some(1900, (n) => deferred(`secret-${n}`, 'budget', 1900 - n));
    const { run, looked, bodies, sendsAfter } = worldOf(all, { describeSecret: 4200 });
    await run();
    expect(sendsAfter()).toBeLessThan(IN_TIME_MS);
    expect(looked.length).toBeGreaterThan(1000);
    expect(looked.length).toBeLessThan(1900);
    expect(bodies()[0]).toMatch(/^1900 attempts to read 1900 secrets/);
  });

  test('which says of which secrets it does not know how they stand', async () => {
    const all = some(30, (n) => deferred(`secret-${n}`, 'budget', 30 - n));
    const { run, looked, bodies } = worldOf(all, { describeSecret: 260_000 });
    await run();
    expect(looked).toHaveLength(AT_A_TIME);
    expect(bodies()[0]?.match(/^ {2}Deletion: not/gm)).toHaveLength(30 - AT_A_TIME);
    expect(bodies()[0]).toContain(`
secret-29, account ${ACCOUNT}, Region eu-west-1
  Deletion: not looked up: there was no time
  Restore: aws secretsmanager restore-secret`);
  });

  test('of one secret and 130,000 callers', async () => {
    const one = readAttemptItem(deferred('secret', 'budget')) as RecordedAttempt;
    const digest = emptyDigest();
    for (let n = 0; n < 130_000; n++) addAttempt(digest, { ...one, callerKey: `caller-${n}` });
    const [secret] = digest.secrets.values();
    expect(lastAttemptOn(secret as SecretDigest)).toEqual(one.time);
  });

  test('where ignored callers have made more attempts than can be counted', async () => {
    const { run, bodies, pass, sendsAfter } = worldOf([deferred('secret', 'budget')]);
    async function* countIgnored() {
      for (;;) {
        pass(5000);
        yield 2000;
      }
    }
    await run({ countIgnored });
    expect(sendsAfter()).toBeLessThan(IN_TIME_MS);
    expect(bodies()[0]).toMatch(/\nIgnored callers made at least 104000 attempts besides\.$/);
  });

  test('of as many as one run can read that runs before it took up and could not send', async () => {
    const one = { ...deferred('secret', 'budget'), tell: 'summary#1' };
    const all = some(200_000, (n) => ({ ...one, sk: `${n}` }));
    const { run } = worldOf([...all, deferred('other', 'budget')]);
    expect(await run()).toMatchObject({ digest: { attempts: 200_000 }, oldestLeft: NOW });
  }, 60_000);
});

test('what nothing has named is looked up first, and told first', async () => {
  const { run, looked, bodies } = worldOf([
    deferred('named', 'quiet-window', 3),
    deferred('new', 'budget', 2),
    deferred('unsent', 'failed', 1, 'other'),
    deferred('unsent', 'quiet-window', 0),
    deferred('unsent', 'quiet-window', -1),
  ]);
  await run();
  expect(looked.map((id) => id.split(':').at(-1))).toEqual(['new', 'unsent', 'named']);
  expect(bodies()[0]?.match(/^(\w+(?=, account)| {2}- .*? x .*?(?=,))/gm)).toEqual([
    'new',
    '  - 1 x role app-server',
    'unsent',
    '  - 1 x role other',
    '  - 2 x role app-server',
    'named',
    '  - 1 x role app-server',
  ]);
});

describe('while one fleet makes more attempts than summaries can take up', () => {
  const SECOND = 1000;
  const fleet = (from: number) =>
    some(7000, (n) => deferred('stale', 'quiet-window', (from - n) * SECOND));

  test('each run sends, what nothing has named is told by the next, and the age of the rest is known', async () => {
    const world = worldOf(fleet(7000), { takeUp: SECOND });
    for (let hour = 1; hour <= 4; hour++) {
      const other = `other-${hour}`;
      world.add(deferred(other, 'budget', -hour * HOUR_MS));
      const outcome = await world.run();
      expect(world.sendsAfter()).toBeLessThan(IN_TIME_MS);
      expect(world.published).toHaveLength(hour);
      expect(world.bodies().at(-1)).toContain(`\n${other}, account`);
      // 226 batches a run, one of them for what has not been named.
      const told = hour * 225 * AT_A_TIME;
      const oldestLeft = new Date(NOW.getTime() - (7000 - told) * SECOND);
      expect(outcome).toMatchObject({ outcome: 'sent', oldestLeft });
      world.add(...fleet((1 - hour) * 7000));
      world.pass(HOUR_MS);
    }
  });
});
