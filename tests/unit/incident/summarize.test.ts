import { attemptItem, type RecordedAttempt, readAttemptItem } from '../../../lib/attempt/item.ts';
import type { Lookup } from '../../../lib/deletion/describe.ts';
import type { Incident } from '../../../lib/incident/incident.ts';
import type { Change } from '../../../lib/incident/incidents.ts';
import { type SummarizePorts, summarize } from '../../../lib/incident/summarize.ts';
import {
  type DigestNotice,
  digestNotice,
  lastAttemptOn,
  reportedOf,
} from '../../../lib/notice/digest.ts';
import type { Mail } from '../../../lib/notice/mail/mail.ts';
import { renderNotice } from '../../../lib/notice/mail/render.ts';
import { HOUR_MS, MINUTE_MS } from '../../../lib/time.ts';
import { ACCOUNT, attempt, HOME, NOW } from '../../testing/attempts.ts';
import { calls, known, named } from '../../testing/digests.ts';
import { newIncident } from '../../testing/gate.ts';

const POLICY = {
  maxMailsPerHour: 200,
  maxDigestPauseHours: 24,
  tagKeys: { owner: ['owner'], replacement: ['replaced-by'] },
};
/** As in serverless.yml, in ms. */
const TIMEOUT_MS = 300_000;
/** What a run of the function works on at a time, so that a call takes its part of what it takes all of them. */
const AT_A_TIME = 25;
/** When a run must have begun to send, so that three tries of SNS, of 4 s each, have their time. */
const IN_TIME_MS = TIMEOUT_MS - 20_000;

/** A secret's incident that nothing has named, `age` minutes old. */
const opened = (name: string, age = 10, overrides: Partial<Incident> = {}): Incident => ({
  ...newIncident(named(name)),
  openedAt: ago(age),
  newsAt: ago(age),
  unnamedSince: ago(age),
  unnamedAt: ago(age),
  ...overrides,
});
const ago = (minutes: number) => new Date(NOW.getTime() - minutes * MINUTE_MS);

/** An attempt on a secret, recorded ten minutes ago. */
function recorded(name: string, caller = 'app-server'): RecordedAttempt {
  const one = attempt({
    id: caller,
    secret: named(name),
    caller: { ...attempt().caller, key: caller, name: `role ${caller}` },
  });
  return readAttemptItem(attemptItem(one, ago(10))) as RecordedAttempt;
}

/**
 * A world in which calls take simulated time, with incidents and what the table holds of their attempts.
 * @param takes how long a call takes, in ms; `pages`: what is read of each
 */
function worldOf(
  incidents: readonly Incident[],
  takes: { readonly page?: number; readonly describeSecret?: number } = {},
  pages: (name: string) => Iterable<RecordedAttempt[]> = (name) => [[recorded(name)]],
  answer: Lookup = { kind: 'unavailable', reason: 'It does not answer.' },
) {
  let time = NOW.getTime();
  let sendsAfter = 0;
  const end = time + TIMEOUT_MS;
  const looked: string[] = [];
  const noted: string[] = [];
  const changes: Change[] = [];
  let listings = 0;
  const sent: DigestNotice[] = [];
  const published: Mail[] = [];
  const pass = (ms = 0) => {
    time += ms / AT_A_TIME;
  };
  const ports: SummarizePorts = {
    home: HOME,
    now: () => new Date(time),
    sleep: async (ms) => pass(ms * AT_A_TIME),
    token: 'this-run',
    leaseUntil: end,
    budget: { takeTurn: async () => 'taken' },
    runs: {
      begin: async () => ({ pace: {}, left: { firstRunAt: new Date(time), searchedTo: 'end' } }),
      notePace: async () => {},
      end: async () => {},
      noteTakenOver: async () => {},
      noteSearched: async () => {},
    },
    incidents: {
      all: async () => {
        listings++;
        return [...incidents];
      },
      mark: async (secret) => newIncident(secret),
      openSince: async () => {},
      note: async (key, change) => {
        changes.push(change);
        if (change.reportedUntil) noted.push(key.split('#').at(-1) ?? '');
        return true;
      },
      endMutes: async () => {},
      noteNamed: async () => {},
      end: async () => true,
    },
    pairs: { list: async () => [], name: async () => {} },
    attempts: {
      async *read(partition) {
        for (const page of pages(partition.split('#').at(-1) ?? '')) {
          pass(takes.page);
          yield page;
        }
      },
      async *madeSince() {},
      adopt: async () => true,
      async *leftBehind() {},
      async *ofVersionBefore() {},
      takeOver: async () => true,
    },
    getItems: async () => [],
    async describeSecret(id) {
      pass(takes.describeSecret);
      looked.push(id.split(':').at(-1) ?? id);
      return answer;
    },
    async publish(notice) {
      sendsAfter = TIMEOUT_MS - (end - time);
      sent.push(notice);
      const { mail, rest } = renderNotice(notice);
      published.push(mail);
      return rest;
    },
    clashes: { list: async () => [], settle: async () => {}, noteUnmailed: async () => {} },
    publishClashes: async () => undefined,
    timeLeft: () => end - time,
  };
  return {
    looked,
    noted,
    changes,
    listings: () => listings,
    sent,
    bodies: () => published.map(({ body }) => body),
    run: () => summarize(POLICY, ports),
    sendsAfter: () => sendsAfter,
  };
}

const some = <T>(count: number, make: (n: number) => T): T[] =>
  Array.from({ length: count }, (_, n) => make(n));

const countsOf = ({ secrets }: DigestNotice) =>
  secrets.map((secret) => [secret.secret.name, reportedOf(secret), secret.isLeast]);

describe('a digest is sent in time', () => {
  test('of more secrets than there is time for, the oldest first, all by mails that SNS takes', async () => {
    // As slow as ten times as many would be with calls of 25 and 50 ms.
    const all = some(13_000, (n) => opened(`secret-${n}`, 20 - n / 1000));
    const { run, noted, bodies, sendsAfter } = worldOf(all, { page: 250, describeSecret: 500 });
    expect(await run()).toMatchObject({ outcome: 'done' });
    expect(sendsAfter()).toBeLessThan(IN_TIME_MS);
    expect(noted.length).toBeGreaterThan(7000);
    const oldest = some(noted.length, (n) => `secret-${n}`);
    expect([...noted].sort()).toEqual(oldest.sort());
    const names = bodies().flatMap((body) => body.match(/^secret-\d+(?=,)/gm) ?? []);
    expect(names.sort()).toEqual(oldest);
    for (const body of bodies()) expect(Buffer.byteLength(body)).toBeLessThanOrEqual(255 * 1024);
  }, 60_000);

  test('in no more mails than leave the hour room for others', async () => {
    const all = some(1500, (n) => opened(`secret-${n}`));
    const page = (name: string) => some(20, (n) => recorded(name, `${'x'.repeat(60)}-${n}`));
    const { run, noted, bodies } = worldOf(all, {}, (name) => [page(name)]);
    await run();
    expect(bodies()).toHaveLength(5);
    expect(bodies().at(-1)).toMatch(/^A further mail names \d+ more secrets\.$/m);
    expect(noted.length).toBeLessThan(1500);
    expect(noted).toHaveLength(
      new Set(bodies().flatMap((body) => body.match(/^secret-\d+(?=,)/gm))).size,
    );
  });

  test('of 1,900 secrets whose DescribeSecret hangs', async () => {
    const all = some(1900, (n) => opened(`secret-${n}`));
    const { run, looked, noted, sendsAfter } = worldOf(all, { describeSecret: 4200 });
    await run();
    expect(sendsAfter()).toBeLessThan(IN_TIME_MS);
    expect(looked.length).toBeGreaterThan(1000);
    expect(looked.length).toBeLessThan(1900);
    // What there was no time for is the next run's.
    expect(noted.length).toBeGreaterThanOrEqual(new Set(looked).size);
  });

  test('which says of which secrets it does not know how they stand', async () => {
    // Reading takes the time that there was for looking up.
    const all = some(AT_A_TIME, (n) => opened(`secret-${n}`));
    const { run, looked, bodies, noted } = worldOf(all, { page: 245_000 });
    await run();
    expect([looked.length, noted.length]).toEqual([0, AT_A_TIME]);
    expect(bodies()[0]).toContain('\n  Deletion: not looked up: there was no time\n');
  });

  test('of an incident with more attempts than can be read, which it says', async () => {
    const incident = opened('secret', 60, { namedAt: ago(60), digestAt: NOW });
    const { run, sent, noted, sendsAfter } = worldOf([incident], { page: 5000 * AT_A_TIME }, () =>
      endless(some(2000, () => recorded('secret'))),
    );
    await run();
    expect(sendsAfter()).toBeLessThan(IN_TIME_MS);
    expect(sent.map(countsOf)).toEqual([[['secret', 43 * 2000, true]]]);
    expect(noted).toEqual(['secret']);
  });

  test('of a secret and 130,000 callers', () => {
    const callers = some(130_000, (n) => calls({ callerKey: `caller-${n}` }));
    const notice = digestNotice('digest', [known(callers)], NOW);
    expect(lastAttemptOn(notice.secrets[0] as never)).toEqual(NOW);
  });
});

/** The same page again and again. */
function* endless<Page>(page: Page): Generator<Page> {
  for (;;) yield page;
}

test('an incident of which nothing new was read in time is read again after its pause, not by each run', async () => {
  const incident = opened('secret', 60, { namedAt: ago(60), digestAt: NOW, pauseHours: 2 });
  const { run, sent, noted, changes } = worldOf([incident], { page: 5000 * AT_A_TIME }, () =>
    endless([]),
  );
  await run();
  expect([sent, noted]).toEqual([[], []]);
  expect(changes).toEqual([{ digestAt: new Date(NOW.getTime() + 4 * HOUR_MS), pauseHours: 4 }]);
});

test('an incident that is read last, after large ones, is read to its end', async () => {
  const all = some(2 * AT_A_TIME, (n) => opened(`secret-${n}`, 20 - n / 10));
  const isLarge = (name: string) => Number(name.split('-')[1]) < AT_A_TIME;
  const pages = (name: string) => some(isLarge(name) ? 40 : 2, () => [recorded(name)]);
  const { run, sent } = worldOf(all, { page: 5200 }, pages);
  await run();
  expect(sent.flatMap(countsOf)).toEqual(
    expect.arrayContaining(all.map((_, n) => [`secret-${n}`, n < AT_A_TIME ? 40 : 2, false])),
  );
});

test.each([
  ['once where nothing is overdue', { digestAt: NOW }, 1],
  ['again where something was', { digestAt: ago(90) }, 2],
])('the incidents are read %s', async (_, overrides, times) => {
  const world = worldOf([
    opened('secret', 60, { namedAt: ago(60), unnamedSince: undefined, ...overrides }),
  ]);
  await world.run();
  expect(world.listings()).toBe(times);
});

test('what nothing has named is read and looked up first, and named first', async () => {
  const due = { namedAt: ago(600), unnamedSince: undefined, digestAt: ago(10) };
  const { run, looked, bodies } = worldOf([
    opened('known', 10, due),
    opened('caller', 10, { namedAt: ago(600), digestAt: new Date(NOW.getTime() + HOUR_MS) }),
    opened('new', 5),
    opened('older', 20),
  ]);
  await run();
  expect(looked.slice(0, 4)).toEqual(['older', 'new', 'caller', 'known']);
  expect(
    bodies()[0]
      ?.match(/^\w+(?=, account)/gm)
      ?.slice(0, 2),
  ).toEqual(['older', 'new']);
});

test('an item that cannot be read by name of its secret is told apart from others', async () => {
  const one = opened('app');
  const { run, sent } = worldOf([one], {}, () => [
    [recorded('app'), { ...recorded('app'), secret: named('app-config') }],
  ]);
  await run();
  expect(sent.map(countsOf)).toEqual([
    [
      ['app', 1, false],
      ['app-config', 1, false],
    ],
  ]);
});

test('the owner of a secret, and what took its place, are looked up for its notice', async () => {
  const tags = { owner: 'payments', 'replaced-by': 'app-v2', cost: '7' };
  const arn = `arn:aws:secretsmanager:eu-west-1:${ACCOUNT}:secret:app-AbCdEf`;
  const secret = { arn, name: 'app', deletedDate: ago(60), tags };
  const { run, bodies } = worldOf([opened('app')], {}, undefined, { kind: 'found', secret });
  await run();
  expect(bodies()[0]).toContain(
    '  Owner: payments (tag owner)\n  Replaced by: app-v2 (tag replaced-by)\n',
  );
});
