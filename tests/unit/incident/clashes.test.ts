import { type DynamoDb, startDynamoDb } from '../../../emulators/dynamodb.ts';
import { resourceOf } from '../../../emulators/template.ts';
import { attemptItem, type RecordedAttempt, readAttemptItem } from '../../../lib/attempt/item.ts';
import { identifySecret } from '../../../lib/cloudtrail/secret-id.ts';
import type { Clash } from '../../../lib/deletion/clash.ts';
import { type ClashStore, createClashStore } from '../../../lib/deletion/clashes.ts';
import type { Lookup } from '../../../lib/deletion/describe.ts';
import { changeItem, partitionKey } from '../../../lib/deletion/ledger.ts';
import { DRILL_PREFIX } from '../../../lib/drill.ts';
import { type ClashPorts, tellClashes } from '../../../lib/incident/clashes.ts';
import type { Incident } from '../../../lib/incident/incident.ts';
import type { ClashNotice, IncidentClash } from '../../../lib/notice/clash.ts';
import { incidentId } from '../../../lib/notice/hand-on.ts';
import type { IncidentNotice } from '../../../lib/notice/incident-notice.ts';
import { addDays, DAY_MS, HOUR_MS, MINUTE_MS } from '../../../lib/time.ts';
import { table } from '../../../stack/table.ts';
import {
  ACCOUNT,
  attempt,
  deletion,
  found,
  HOME,
  NOW,
  SECRET_ARN,
} from '../../testing/attempts.ts';
import { named } from '../../testing/digests.ts';
import { newIncident } from '../../testing/gate.ts';

let dynamoDb: DynamoDb;
let clashes: ClashStore;
let time: number;

beforeEach(async () => {
  time = NOW.getTime();
  dynamoDb = await startDynamoDb();
  await dynamoDb.createTable(resourceOf({ Resources: table }, 'Table'));
  clashes = createClashStore(dynamoDb.table);
});
afterEach(() => dynamoDb.stop());

const POLICY = { maxMailsPerHour: 20, tagKeys: { owner: ['owner'], replacement: ['replaced-by'] } };
const NAME = 'prod/db/password';

/** A role of the account. */
const role = (name: string): Clash['caller'] => ({
  ...attempt().caller,
  key: `arn:aws:iam::${ACCOUNT}:role/${name}`,
  name: `role ${name}`,
  shortName: name,
});

let calls = 0;

/** A call clashes now. */
async function comes(name = NAME, caller = role('deployer'), overrides: Partial<Clash> = {}) {
  const call = { id: `call-${++calls}`, time: new Date(time), secret: named(name), caller };
  await clashes.record(
    { ...call, sourceAddress: '198.51.100.9', userAgent: 'aws-cli/2.31.0', ...overrides },
    new Date(time),
  );
}

/** What a run is given besides the table, and what it does. */
interface World {
  readonly incidents?: readonly Incident[];
  readonly attempts?: readonly RecordedAttempt[];
  readonly lookup?: Lookup;
  readonly ledger?: readonly unknown[];
  readonly ports?: Partial<ClashPorts>;
  /** How many clashes a mail has room for. */
  readonly room?: number;
}

async function run({
  incidents = [],
  attempts = [],
  ledger = [],
  room = 99,
  ...world
}: World = {}) {
  const mails: ClashNotice[] = [];
  const handedOn: IncidentNotice[] = [];
  const failures: unknown[] = [];
  const ports: ClashPorts = {
    home: HOME,
    now: () => new Date(time),
    sleep: async () => {},
    leaseUntil: time + 5 * MINUTE_MS,
    timeLeft: () => 5 * MINUTE_MS,
    budget: { takeTurn: async () => 'taken' },
    clashes,
    attempts: {
      async *madeSince(partition, since) {
        const made = attempts.filter((one) => one.key.pk === partition && one.time >= since);
        if (made.length > 0) yield made;
      },
    },
    getItems: async (pk) => (pk === partitionKey(named(NAME)) ? [...ledger] : []),
    describeSecret: async () => world.lookup ?? { kind: 'unavailable', reason: 'No answer.' },
    publishClashes: async (notice) => {
      const told = { ...notice, clashes: notice.clashes.slice(0, room) };
      mails.push(told);
      const rest = notice.clashes.slice(room);
      return rest.length > 0 ? { ...notice, clashes: rest } : undefined;
    },
    noticeTopic: {
      handOn: async (notices) => {
        handedOn.push(...notices);
      },
      handOnLeft: async () => {},
    },
    ...world.ports,
  };
  const now = new Date(time);
  const told = await tellClashes(await clashes.list(), incidents, {
    policy: POLICY,
    ports,
    now,
    failures,
    isMailDown: false,
  });
  return { mails, handedOn, failures, told };
}

const whoIn = (mails: readonly ClashNotice[]) =>
  mails.map((mail) =>
    mail.clashes.map(
      ({ secret, clash }) => `${secret.name} ${clash.caller.shortName} ${clash.count}`,
    ),
  );

const one = ({ mails }: { readonly mails: readonly ClashNotice[] }): IncidentClash => {
  const [clash, ...others] = mails.flatMap((mail) => mail.clashes);
  expect(others).toEqual([]);
  if (!clash) throw new Error('Expected a clash to be mailed, got none');
  return clash;
};

const fail = async () => Promise.reject(new Error('down'));

test('a clash is reported with who tried, by which tool, how often, and who scheduled the deletion until when', async () => {
  await comes();
  time += MINUTE_MS;
  await comes();
  const scheduled = changeItem(deletion(), partitionKey(named(NAME)) ?? '');
  const tags = { owner: 'payments', 'replaced-by': 'prod/db/new', other: 'x' };
  const lookup = found({
    deletedDate: deletion().requestedAt,
    tags,
    replicas: ['us-east-1'],
    owningService: 'rds',
  });
  const reported = one(await run({ lookup, ledger: [scheduled] }));
  expect(reported).toMatchObject({
    kind: 'clash',
    severity: 'warning',
    secret: {
      id: SECRET_ARN,
      name: NAME,
      owners: [{ key: 'owner', value: 'payments' }],
      replacements: [{ key: 'replaced-by', value: 'prod/db/new' }],
      replicas: ['us-east-1'],
      owningService: 'rds',
    },
    state: {
      state: 'pending',
      schedule: { kind: 'exact', date: deletion().date },
      deletion: { requestedBy: deletion().requestedBy },
    },
    clash: {
      caller: role('deployer'),
      tool: 'cli',
      sourceAddress: '198.51.100.9',
      userAgent: 'aws-cli/2.31.0',
      first: NOW,
      last: new Date(time),
      count: 2,
      isLeast: false,
    },
    callers: [],
    counts: { attempts: 0, callers: 0 },
    remedy: { act: 'restore', isNamed: true },
  });
});

/** Attempts in pages, with the first of which the time is over. */
function lateAfter(...pages: readonly RecordedAttempt[][]): Partial<ClashPorts> {
  let left = 5 * MINUTE_MS;
  return {
    timeLeft: () => left,
    attempts: {
      async *madeSince() {
        left = 0;
        yield* pages;
      },
    },
  };
}

describe('who reads the secret', () => {
  const opened = { ...newIncident(named(NAME)), openedAt: new Date(NOW.getTime() - HOUR_MS) };
  /** Attempts on the secret by its name and by its ARN. */
  const recorded = [SECRET_ARN, NAME].flatMap((sent, n) => {
    const secret = sent === NAME ? named(NAME) : attempt().secret;
    const item = attemptItem(
      attempt({ id: `${n}`, secret, time: new Date(NOW.getTime() - n) }),
      NOW,
    );
    return readAttemptItem(item) ?? [];
  });

  test('since its deletion is counted, by whatever id they read it', async () => {
    await comes();
    const lookup = found({ deletedDate: deletion().requestedAt });
    expect(one(await run({ incidents: [opened], attempts: recorded, lookup }))).toMatchObject({
      incident: incidentId(opened),
      callers: [{ callerName: 'role app-server', count: 2 }],
      counts: { attempts: 2, callers: 1 },
    });
  });

  test('is counted where nobody can look the secret up', async () => {
    await comes();
    expect(one(await run({ incidents: [opened], attempts: recorded })).counts.attempts).toBe(2);
  });

  test.each(['restored', 'closed'] as const)(
    'is counted, whatever was known, if its incident has ended as %s',
    async (ended) => {
      await comes();
      const incident = { ...opened, ended, endedAt: NOW } as const;
      const reported = one(await run({ incidents: [incident], attempts: recorded }));
      expect(reported.counts.attempts).toBe(2);
      expect(reported.incident).not.toBe(incidentId(incident));
    },
  );

  test('of a deletion before this one does not count', async () => {
    await comes();
    const scheduled = deletion({ requestedAt: recorded[0]?.time });
    const ledger = [changeItem(scheduled, partitionKey(named(NAME)) ?? '')];
    const { counts } = one(await run({ incidents: [opened], attempts: recorded, ledger }));
    expect(counts.attempts).toBe(1);
  });

  test.each<[string, Partial<RecordedAttempt>, readonly Incident[], object]>([
    ['ignored callers, of whom no incident knows', { isIgnored: true }, [], { ignored: 2 }],
    [
      'ignored callers, whom an earlier notice has counted',
      { isIgnored: true },
      [{ ...opened, reportedUntil: addDays(NOW, 1) }],
      { ignored: 2 },
    ],
    [
      'muted callers',
      {},
      [
        {
          ...opened,
          mutes: [{ id: '1', caller: '*/app-server', by: 'alice', reason: 'known', from: NOW }],
        },
      ],
      { muted: 2 },
    ],
  ])('is counted of %s', async (_, overrides, incidents, counts) => {
    await comes();
    const attempts = recorded.map((one) => ({ ...one, ...overrides }));
    expect(one(await run({ incidents, attempts })).counts).toMatchObject({
      attempts: 0,
      ...counts,
    });
  });

  test('by a partial ARN that looks like the complete one of another name is counted, and no other of that name', async () => {
    const name = 'app-config';
    await comes(name);
    const attempts = ['app-config', 'app-AbCdEf'].flatMap((resource) => {
      const sent = `arn:aws:secretsmanager:eu-west-1:${ACCOUNT}:secret:${resource}`;
      const item = attemptItem(attempt({ id: resource, secret: identifySecret(sent, {}) }), NOW);
      return readAttemptItem(item) ?? [];
    });
    const { secret, counts } = one(await run({ attempts }));
    expect([secret.name, counts.attempts]).toEqual([name, 1]);
  });

  test('is counted at least, where there is no time to read all', async () => {
    await comes();
    const ports = lateAfter(recorded.slice(0, 1), recorded.slice(1));
    const { counts } = one(await run({ incidents: [opened], ports }));
    expect(counts).toMatchObject({ attempts: 1, isLeast: true });
  });

  test('may be somebody, where there is no time to read on and nobody was found so far', async () => {
    await comes();
    const ports = lateAfter([], recorded);
    const { counts } = one(await run({ incidents: [opened], ports }));
    expect(counts).toMatchObject({ attempts: 0, isLeast: true });
  });

  test.each([
    ['ever since its deletion, of which a record has come', { announced: true }, true],
    ['perhaps not ever since its deletion, found in the event history', {}, false],
  ])('has been watched %s', async (_, heard, isWatched) => {
    await comes();
    const item = { ...changeItem(deletion(), partitionKey(named(NAME)) ?? ''), ...heard };
    const lookup = found({ deletedDate: deletion().requestedAt });
    expect(one(await run({ lookup, ledger: [item] })).clash.isWatched).toBe(isWatched);
  });

  test.each([
    ['of which nothing is known', [], undefined],
    ['other than the one that is known', [{ announced: true }], addDays(deletion().requestedAt, 1)],
  ])('has not been watched for certain since a deletion %s', async (_, heard, deletedDate) => {
    await comes();
    const scheduled = changeItem(deletion(), partitionKey(named(NAME)) ?? '');
    const ledger = heard.map((marks) => ({ ...scheduled, ...marks }));
    const lookup = found({ deletedDate: deletedDate ?? deletion().requestedAt });
    expect(one(await run({ lookup, ledger })).clash.isWatched).toBe(false);
  });
});

test('what is due goes out in one mail, the soonest end first, and what it has no room for in a later one', async () => {
  await comes('late');
  await comes('soon');
  await comes('soon', role('other'));
  const ends: Readonly<Record<string, number>> = { late: 20, soon: 10 };
  const getItems = async (pk: string) => {
    const date = addDays(NOW, ends[pk.split('#').at(-1) ?? ''] ?? 0);
    return [changeItem(deletion({ secret: named('x'), date }), pk)];
  };
  const ports = { getItems: async (pk: string) => (pk ? getItems(pk) : []) };
  const first = await run({ room: 2, ports });
  expect(whoIn(first.mails).map((who) => who.sort())).toEqual([
    ['soon deployer 1', 'soon other 1'],
  ]);
  expect(whoIn(first.told)).toEqual(whoIn(first.mails));
  expect(first.handedOn).toHaveLength(2);
  expect(whoIn((await run({ ports })).mails)).toEqual([]);
  time += 15 * MINUTE_MS;
  expect(whoIn((await run({ ports })).mails)).toEqual([['late deployer 1']]);
});

test('a caller and a name are reported once a day, with all that came since', async () => {
  await comes();
  expect(whoIn((await run()).mails)).toEqual([[`${NAME} deployer 1`]]);
  time += HOUR_MS;
  await comes();
  await comes();
  expect((await run()).mails).toEqual([]);
  time += DAY_MS - HOUR_MS;
  expect(whoIn((await run()).mails)).toEqual([[`${NAME} deployer 2`]]);
  time += 2 * DAY_MS;
  expect((await run()).mails).toEqual([]);
});

test('a further caller waits for the mail a quarter of an hour later', async () => {
  await comes();
  await run();
  await comes(NAME, role('other'));
  time += 14 * MINUTE_MS;
  expect((await run()).mails).toEqual([]);
  time += MINUTE_MS;
  expect(whoIn((await run()).mails)).toEqual([[`${NAME} other 1`]]);
});

describe('a clash is dropped', () => {
  test.each<[string, World]>([
    ['once the secret has been restored', { lookup: found({ deletedDate: undefined }) }],
    ['once it is gone', { lookup: { kind: 'not-found' } }],
    [
      'once it was deleted without a window, as AWS may still be doing',
      {
        lookup: found({ deletedDate: deletion().requestedAt }),
        ledger: [
          changeItem(deletion({ forced: true, windowDays: 0 }), partitionKey(named(NAME)) ?? ''),
        ],
      },
    ],
    [
      'once there is another secret of that name',
      { lookup: found({ deletedDate: undefined, createdDate: addDays(NOW, 1) }) },
    ],
  ])('%s', async (_, world) => {
    await comes();
    expect(await run(world)).toMatchObject({ mails: [], handedOn: [] });
    const [dropped] = await clashes.list();
    expect(dropped).toMatchObject({ calls: [] });
    expect(dropped).not.toHaveProperty('toldAt');
  });

  test('while its caller is muted, which is not made up for later', async () => {
    await comes();
    const mute = { id: '1', caller: '*/deployer', by: 'alice', reason: 'known', from: NOW };
    const incidents = [{ ...newIncident(named(NAME)), mutes: [mute] }];
    await comes(NAME, role('other'));
    expect(whoIn((await run({ incidents })).mails)).toEqual([[`${NAME} other 1`]]);
    time += HOUR_MS;
    expect((await run()).mails).toEqual([]);
  });
});

describe('what cannot be mailed', () => {
  const noBudget = { budget: { takeTurn: async () => 'hour' as const } };

  test.each<[string, Partial<ClashPorts>, number]>([
    ['for lack of budget', noBudget, 0],
    ['because the mail fails', { publishClashes: fail }, 1],
  ])('%s is handed on once, and mailed later', async (_, ports, failures) => {
    await comes();
    const first = await run({ ports });
    expect(first).toMatchObject({ mails: [], told: [] });
    expect([first.failures.length, first.handedOn.length]).toEqual([failures, 1]);
    await comes();
    expect((await run({ ports })).handedOn).toEqual([]);
    const later = await run();
    expect(whoIn(later.mails)).toEqual([[`${NAME} deployer 2`]]);
    // By its id a channel knows that it has sent it.
    expect(later.handedOn.map(({ id }) => id)).toEqual(first.handedOn.map(({ id }) => id));
  });

  test('is not tried where a mail of the run has failed already', async () => {
    await comes();
    await comes(`${DRILL_PREFIX}1`);
    let tries = 0;
    const publishClashes = async () => {
      tries++;
      return fail();
    };
    const { failures, handedOn } = await run({ ports: { publishClashes } });
    expect([tries, failures.length, handedOn.length]).toEqual([1, 1, 2]);
  });
});

test('the notice of another day has another id', async () => {
  await comes();
  const { handedOn } = await run();
  time += DAY_MS;
  await comes();
  expect((await run()).handedOn[0]?.id).not.toBe(handedOn[0]?.id);
});

test('the notice of a name whose secret was deleted anew has another id', async () => {
  await comes();
  const first = await run();
  time += HOUR_MS;
  await clashes.tellAnew(named(NAME), new Date(time));
  await comes();
  const again = await run();
  expect(whoIn(again.mails)).toEqual([[`${NAME} deployer 1`]]);
  expect(again.handedOn[0]?.id).not.toBe(first.handedOn[0]?.id);
});

test('a run that dies between sending and noting sends again, with the id that channels know', async () => {
  await comes();
  const handedOn: string[] = [];
  const handOn = async (notices: readonly IncidentNotice[]) => {
    handedOn.push(...notices.map(({ id }) => id));
  };
  const noticeTopic = { handOn, handOnLeft: async () => {} };
  const ports = { noticeTopic, clashes: { ...clashes, settle: fail } };
  await expect(run({ ports })).rejects.toThrow('down');
  expect(whoIn((await run({ ports: { noticeTopic } })).mails)).toEqual([[`${NAME} deployer 1`]]);
  expect(new Set(handedOn).size).toBe(1);
});

test('a drill has a mail of its own, which waits for no other, and keeps none waiting', async () => {
  const drill = `${DRILL_PREFIX}1`;
  await comes();
  await comes(drill);
  expect(whoIn((await run()).mails)).toEqual([[`${NAME} deployer 1`], [`${drill} deployer 1`]]);
  await comes(`${DRILL_PREFIX}2`);
  expect(whoIn((await run()).mails)).toEqual([[`${DRILL_PREFIX}2 deployer 1`]]);
  await comes(NAME, role('other'));
  time += 15 * MINUTE_MS;
  expect(whoIn((await run()).mails)).toEqual([[`${NAME} other 1`]]);
});

test('what there is no time to look up is left to the next run', async () => {
  await comes();
  const late = await run({ ports: { timeLeft: () => 30_000 } });
  expect([late.mails, late.handedOn]).toEqual([[], []]);
  expect(whoIn((await run()).mails)).toEqual([[`${NAME} deployer 1`]]);
});

test('a secret elsewhere in which nobody can look is said to be there', async () => {
  await comes(NAME, role('deployer'), { secret: { ...named(NAME), accountId: '444455556666' } });
  expect(one(await run()).secret.elsewhere).toMatchObject({ accountId: '444455556666' });
});
