import type { Place } from '../../../lib/aws/spokes.ts';
import type { SecretId } from '../../../lib/cloudtrail/secret-id.ts';
import { identifySecret } from '../../../lib/cloudtrail/secret-id.ts';
import type { Change, Deletion } from '../../../lib/deletion/change.ts';
import type { Lookup } from '../../../lib/deletion/describe.ts';
import { type HistoryDependencies, historySearch } from '../../../lib/deletion/history.ts';
import { changeItem, partitionKey } from '../../../lib/deletion/ledger.ts';
import {
  assess,
  type SecretState,
  type StateDependencies,
  secretState,
} from '../../../lib/deletion/secret-state.ts';
import { NotifierError } from '../../../lib/errors.ts';
import { addDays, HOUR_MS } from '../../../lib/time.ts';
import { attempt, cancellation, deletion, found, NOW, SECRET_ARN } from '../../testing/attempts.ts';
import { memoryTable } from '../../testing/memory-table.ts';

type Pending = Extract<SecretState, { state: 'pending' }>;

const refused = { kind: 'unavailable', reason: 'DescribeSecret was refused (X).' } as const;

describe('assess', () => {
  test('takes a future DeletedDate for the exact date', () => {
    expect(assess(attempt(), found(), NOW)).toEqual({
      state: 'pending',
      schedule: { kind: 'exact', date: new Date('2026-11-29T14:03:00Z') },
    });
  });

  test.each([
    ['the scheduled date', new Date('2026-11-29T14:03:02Z')],
    ['the time of the request', new Date('2026-11-22T14:03:01Z')],
  ])('names the recorded deletion where DeletedDate is %s', (_, deletedDate) => {
    const recorded = deletion();
    expect(assess(attempt(), found({ deletedDate }), NOW, { change: recorded })).toEqual({
      state: 'pending',
      schedule: { kind: 'exact', date: recorded.date },
      deletion: recorded,
    });
  });

  const ELSEWHERE = { kind: 'elsewhere', place: { region: 'us-east-1' } } as const;

  test('believes, where nobody can look, the newest deletion, also of one deleted again since the read', () => {
    const change = deletion({ requestedAt: addDays(attempt().time, 2) });
    expect(assess(attempt(), ELSEWHERE, addDays(NOW, 3), { change })).toEqual({
      state: 'pending',
      schedule: { kind: 'exact', date: change.date },
      deletion: change,
    });
    const forced = { ...change, forced: true };
    expect(assess(attempt(), ELSEWHERE, addDays(NOW, 3), { change: forced })).toEqual({
      state: 'gone',
      deletion: forced,
    });
  });

  test.each<[string, Lookup]>([
    ['does not find it', { kind: 'not-found' }],
    ['cannot look', ELSEWHERE],
    ['refuses to', refused],
  ])(
    'says gone of a secret that a read did not find where AWS %s, whatever is recorded',
    (_, lookup) => {
      const change = deletion();
      expect(assess(attempt({ isNotFound: true }), lookup, NOW, { change })).toEqual({
        state: 'gone',
        deletion: change,
      });
    },
  );

  test('does not believe the record of an earlier deletion', () => {
    const deletedDate = new Date('2026-12-10T00:00:00Z');
    expect(assess(attempt(), found({ deletedDate }), NOW, { change: deletion() })).toEqual({
      state: 'pending',
      schedule: { kind: 'exact', date: deletedDate },
    });
  });

  test('does not take a deletion for the one that was requested as it would have ended', () => {
    const earlier = deletion({ requestedAt: addDays(NOW, -7), date: NOW });
    const lookup = found({ deletedDate: NOW });
    expect(assess(attempt(), lookup, NOW, { change: earlier })).toMatchObject({
      schedule: { kind: 'estimated', earliest: addDays(NOW, 7), latest: addDays(NOW, 30) },
    });
  });

  test('believes the record where DescribeSecret was refused', () => {
    const recorded = deletion();
    expect(assess(attempt(), refused, NOW, { change: recorded })).toMatchObject({
      schedule: { kind: 'exact', date: recorded.date },
    });
  });

  test('knows only the latest date where nothing else is known', () => {
    expect(assess(attempt(), refused, NOW)).toEqual({
      state: 'pending',
      schedule: { kind: 'unknown', latest: addDays(attempt().time, 30), reason: refused.reason },
    });
  });

  test('sees that the secret has been restored, whatever the record says', () => {
    expect(
      assess(attempt(), found({ deletedDate: undefined }), NOW, { change: deletion() }),
    ).toEqual({
      state: 'restored',
    });
  });

  test('names who has restored the secret', () => {
    const recalled = { change: cancellation() };
    const restored = { state: 'restored', cancellation: cancellation() };
    expect(assess(attempt(), found({ deletedDate: undefined }), NOW, recalled)).toEqual(restored);
    expect(assess(attempt(), refused, NOW, recalled)).toEqual(restored);
  });

  test('says everything that could not be found out', () => {
    const { schedule } = assess(attempt(), refused, NOW, { missing: 'Nobody knows.' }) as Pending;
    expect(schedule).toMatchObject({ reason: 'DescribeSecret was refused (X). Nobody knows.' });
  });

  test('sees that the secret is gone', () => {
    expect(assess(attempt(), { kind: 'not-found' }, NOW)).toEqual({ state: 'gone' });
  });

  test('takes a secret deleted by force for gone while AWS still says that it is marked', () => {
    const forced = deletion({
      forced: true,
      windowDays: 0,
      date: new Date('2026-11-22T14:03:00Z'),
    });
    const lookup = found({ deletedDate: new Date('2026-11-22T14:03:00Z') });
    expect(assess(attempt(), lookup, NOW, { change: forced })).toEqual({
      state: 'gone',
      deletion: forced,
    });
  });
});

const { secret, time } = attempt();

describe('what DescribeSecret finds by the name', () => {
  test.each<[string, number, SecretState['state'], Date | undefined]>([
    ['made a minute after the read, by another clock', 60_000, 'restored', undefined],
    ['made later: the secret that was read is gone', 60_001, 'gone', undefined],
    ['made later, and deleted too: that secret is gone', 60_001, 'gone', NOW],
  ])('is %s', async (_, ms, expected, deletedDate) => {
    const createdDate = new Date(time.getTime() + ms);
    const arn = SECRET_ARN.replace('AbC123', 'xYz789');
    const lookup = found({ arn, createdDate, deletedDate });
    const byName = identifySecret('prod/db/password', secret);
    const { ports } = memory([deletion()]);
    const known = await secretState({ secret: byName, time }, lookup, ports);
    expect(known.state.state).toBe(expected);
    if (known.state.state !== 'gone') return;
    expect(known).toMatchObject({ state: { anew: createdDate, deletion: deletion() } });
    expect(known.arn).toBe(SECRET_ARN);
  });
});

const PK = partitionKey(secret) ?? '';
const NOWHERE = 'Neither the ledger nor the event history of CloudTrail knows who scheduled it.';

type Dependencies = HistoryDependencies & Pick<StateDependencies, 'getItems'>;

/** Dependencies whose ledger holds `changes` and whose history finds `found`, and how often it was searched. */
function memory(changes: Change[], found?: Change | Error, overrides: Partial<Dependencies> = {}) {
  const table = memoryTable();
  const searches: string[] = [];
  for (const change of changes) void table.putIfNewer(changeItem(change, PK));
  const ports: Dependencies = {
    ...table,
    now: () => NOW,
    findDeletion: async ({ name = '' }) => {
      searches.push(name);
      if (found instanceof Error) throw found;
      return found?.kind === 'deletion' ? found : undefined;
    },
    ...overrides,
  };
  return { ports, searches, items: table.items };
}

/** What is known of who scheduled or cancelled the deletion. */
async function recallNow(
  ports: Dependencies,
  askHistory = true,
  deletedDate?: Date,
  asked: SecretId = secret,
) {
  const { now, getItems } = ports;
  const searchHistory = askHistory ? historySearch(ports) : undefined;
  const lookup = deletedDate ? found({ deletedDate }) : refused;
  const { state, missing } = await secretState({ secret: asked, time }, lookup, {
    now: () => now(),
    getItems,
    searchHistory,
  });
  const { deletion: why = undefined, cancellation: by = undefined } = {
    ...('deletion' in state && { deletion: state.deletion }),
    ...('cancellation' in state && { cancellation: state.cancellation }),
  };
  return {
    ...(why && { deletion: why }),
    ...(by && { cancellation: by }),
    ...(missing && { missing }),
  };
}

test('a deletion of the ledger is recalled, and the history not asked', async () => {
  const { ports, searches } = memory([deletion()]);
  expect(await recallNow(ports)).toEqual({ deletion: deletion() });
  expect(searches).toEqual([]);
});

test('a cancellation after the attempt is recalled', async () => {
  const cancelled = cancellation({ requestedAt: addDays(time, 1) });
  const { ports } = memory([deletion(), cancelled]);
  expect(await recallNow(ports)).toEqual({ cancellation: cancelled });
});

test('a cancellation before the attempt shows that the ledger missed a deletion', async () => {
  const cancelled = cancellation({ requestedAt: addDays(time, -2) });
  const { ports, searches } = memory([cancelled], deletion());
  expect(await recallNow(ports)).toEqual({ deletion: deletion() });
  expect(searches).toHaveLength(1);
});

test('a deletion that does not fit what DescribeSecret says shows that the ledger missed one', async () => {
  const newer = deletion({ id: 'newer', requestedAt: addDays(time, -1), date: addDays(time, 20) });
  const { ports } = memory(
    [deletion({ requestedAt: addDays(time, -9), date: addDays(time, -2) })],
    newer,
  );
  expect(await recallNow(ports, true, addDays(time, 20))).toEqual({ deletion: newer });
});

test('an earlier deletion is not taken for the present one that the history does not show yet', async () => {
  const { ports, items } = memory([], deletion());
  expect(await recallNow(ports, true, addDays(time, -0.01))).toEqual({ missing: NOWHERE });
  expect([...items.values()].map(({ kind }) => kind)).toEqual(['history']);
});

test('a deletion of an earlier secret of the same name is none of this one', async () => {
  const arn = deletion().secret.arn?.replace('AbC123', 'xYz789');
  const other = deletion({ secret: { ...deletion().secret, arn } });
  const { ports } = memory([other]);
  expect(await recallNow(ports)).toEqual({ missing: NOWHERE });
});

describe('a secret that the ledger does not know', () => {
  test('is looked up in the history once, and the answer kept', async () => {
    const { ports, searches } = memory([], deletion());
    expect(await recallNow(ports)).toEqual({ deletion: deletion() });
    expect(await recallNow(ports)).toEqual({ deletion: deletion() });
    expect(searches).toHaveLength(1);
  });

  test('nor the history is looked up again after 6 hours', async () => {
    let now = NOW;
    const { ports, searches } = memory([], undefined, { now: () => now });
    expect(await recallNow(ports)).toEqual({ missing: NOWHERE });
    now = new Date(NOW.getTime() + 6 * 3_600_000 - 1);
    expect(await recallNow(ports)).toEqual({ missing: NOWHERE });
    expect(searches).toHaveLength(1);
    now = new Date(now.getTime() + 1);
    await recallNow(ports);
    expect(searches).toHaveLength(2);
  });

  test('is looked up again 10 minutes after a failure', async () => {
    const throttled = Object.assign(new Error('slow down'), { name: 'ThrottlingException' });
    let now = NOW;
    const { ports, searches } = memory([], throttled, { now: () => now });
    expect(await recallNow(ports)).toEqual({
      missing: 'The event history of CloudTrail could not be asked (ThrottlingException).',
    });
    expect(await recallNow(ports)).toEqual({
      missing: expect.stringMatching(/ThrottlingException/),
    });
    expect(searches).toHaveLength(1);
    now = new Date(NOW.getTime() + 600_000);
    await recallNow(ports);
    expect(searches).toHaveLength(2);
  });

  test('is told of even if the answer cannot be kept', async () => {
    const putIfNewer = () => Promise.reject(new Error('no'));
    const { ports } = memory([], deletion(), { putIfNewer });
    expect(await recallNow(ports)).toEqual({ deletion: deletion() });
  });

  test('is not looked up where nobody needs to know', async () => {
    const { ports, searches } = memory([], deletion());
    expect(await recallNow(ports, false)).toEqual({});
    expect(searches).toEqual([]);
  });
});

describe('the history of a secret elsewhere', () => {
  const there = identifySecret(SECRET_ARN.replace('eu-west-1', 'us-east-1'), {});
  const place = { region: 'us-east-1' };

  /** How it stands by a look-up, and where its history was searched. */
  async function stands(lookup: Lookup, answer?: Deletion | Error) {
    const places: (Place | undefined)[] = [];
    const { ports } = memory([], undefined, {
      async findDeletion(_, __, at) {
        places.push(at);
        if (answer instanceof Error) throw answer;
        return answer;
      },
    });
    const dependencies = { ...ports, searchHistory: historySearch(ports) };
    const { state } = await secretState({ secret: there, time }, lookup, dependencies);
    return { state, places };
  }

  test.each<[string, Lookup]>([
    ['was found', { ...found({ arn: there.arn }), place } as Lookup],
    ['could not be looked up just now', { ...refused, place }],
  ])('is searched there where it %s', async (_, lookup) => {
    const why = deletion({ secret: there });
    const { state, places } = await stands(lookup, why);
    expect(places).toEqual([{ accountId: there.accountId, region: 'us-east-1' }]);
    expect(state).toMatchObject({ state: 'pending', deletion: why });
  });

  test('is not searched where nobody can look', async () => {
    const { state, places } = await stands({ kind: 'elsewhere', place }, deletion());
    expect(places).toEqual([]);
    expect(state).toMatchObject({ schedule: { reason: 'No record of its deletion has come.' } });
  });

  test('is not said twice not to answer where its spoke does not', async () => {
    const reason = 'AWS STS did not answer.';
    const down = new NotifierError('AWS_REFUSED', reason);
    const { state } = await stands({ kind: 'unavailable', reason, place }, down);
    expect(state).toMatchObject({ schedule: { kind: 'unknown', reason } });
  });
});

test('what was looked up is told, unless the ledger alone was certain', async () => {
  const { ports } = memory([]);
  const lookup: Lookup = { kind: 'elsewhere', place: { region: 'us-east-1' } };
  const look = () => secretState({ secret, time }, async () => lookup, ports);
  expect((await look()).lookup).toEqual(lookup);
  await ports.putIfNewer(changeItem(deletion(), PK));
  expect((await look()).lookup).toBeUndefined();
});

test('an event of the deletion that comes after a vain search is believed', async () => {
  const { ports } = memory([]);
  await recallNow(ports);
  await ports.putIfNewer(changeItem(deletion(), PK));
  expect(await recallNow(ports)).toEqual({ deletion: deletion() });
});

test('a ledger that cannot be reached says so', async () => {
  const getItems = () => Promise.reject(Object.assign(new Error('no'), { name: 'TimeoutError' }));
  const { ports } = memory([], deletion(), { getItems });
  expect(await recallNow(ports)).toEqual({
    missing: 'The ledger of deletions could not be asked (TimeoutError).',
  });
});

test('an item changed by hand is passed over', async () => {
  const { ports, items } = memory([]);
  items.set('broken', { pk: PK, sk: 'change', kind: 'deletion', date: 'soon' });
  expect(await recallNow(ports)).toEqual({ missing: NOWHERE });
});

test.each([undefined, 'x'.repeat(513)])(
  'a secret without a usable name, %p, is not asked for',
  async (name) => {
    const { ports, searches } = memory([], deletion());
    expect(await recallNow(ports, true, undefined, { ...secret, name })).toEqual({});
    expect(searches).toEqual([]);
  },
);

describe('where DescribeSecret is asked only for what the ledger does not know', () => {
  const earlier = identifySecret(SECRET_ARN.replace(/AbC123$/, 'OlD987'), {});
  const requestedAt = new Date(NOW.getTime() - HOUR_MS);

  /** How the secret stands when the ledger holds a change, and how often DescribeSecret was asked. */
  async function stateWith(change: Change) {
    const { ports } = memory([]);
    await ports.putIfNewer(changeItem(change, partitionKey(change.secret) ?? ''));
    let asked = 0;
    const describe = async () => {
      asked++;
      return found({ deletedDate: requestedAt });
    };
    const { state, arn } = await secretState({ secret, time }, describe, ports);
    return { state, arn, asked };
  }

  test.each<[string, Change]>([
    ['a deletion', deletion({ secret: earlier })],
    ['a cancellation', cancellation({ secret: earlier })],
  ])('%s of an earlier secret of the name says nothing of this one', async (_, change) => {
    expect(await stateWith(change)).toMatchObject({
      state: {
        schedule: {
          kind: 'estimated',
          earliest: addDays(requestedAt, 7),
          latest: addDays(requestedAt, 30),
        },
      },
      arn: SECRET_ARN,
      asked: 1,
    });
  });

  test('what the ledger knows of this secret needs no look', async () => {
    expect(await stateWith(deletion())).toMatchObject({
      state: { schedule: { kind: 'exact', date: deletion().date } },
      arn: SECRET_ARN,
      asked: 0,
    });
  });
});
