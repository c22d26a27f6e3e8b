import { type DynamoDb, startDynamoDb } from '../../../emulators/dynamodb.ts';
import { resourceOf } from '../../../emulators/template.ts';
import { getItems, putItem } from '../../../lib/aws/table.ts';
import { identifySecret } from '../../../lib/cloudtrail/secret-id.ts';
import type { Clash } from '../../../lib/deletion/clash.ts';
import {
  type ClashStore,
  createClashStore,
  type KeepPorts,
  keepClash,
  type RecordedClash,
} from '../../../lib/deletion/clashes.ts';
import { changeItem, partitionKey } from '../../../lib/deletion/ledger.ts';
import { addDays, epochSeconds } from '../../../lib/time.ts';
import { table } from '../../../stack/table.ts';
import { ACCOUNT, attempt, cancellation, deletion, HOME, NOW } from '../../testing/attempts.ts';

let dynamoDb: DynamoDb;
let clashes: ClashStore;

beforeEach(async () => {
  dynamoDb = await startDynamoDb();
  await dynamoDb.createTable(resourceOf({ Resources: table }, 'Table'));
  clashes = createClashStore(dynamoDb.table);
});
afterEach(() => dynamoDb.stop());

const SECRET = identifySecret('prod/db/password', HOME);

/** One of several clashes of a role with a name, a second apart. */
const nth = (n: number, overrides: Partial<Clash> = {}): Clash => ({
  id: `call-${n}`,
  time: new Date(NOW.getTime() + n * 1000),
  secret: SECRET,
  caller: attempt().caller,
  sourceAddress: '10.0.3.7',
  userAgent: 'Terraform/1.9.5',
  ...overrides,
});

const record = async (...calls: readonly Clash[]): Promise<boolean[]> => {
  const areNew: boolean[] = [];
  for (const call of calls) areNew.push(await clashes.record(call, NOW));
  return areNew;
};

async function only(): Promise<RecordedClash> {
  const [one, ...others] = await clashes.list();
  expect(others).toEqual([]);
  if (!one) throw new Error('Expected a clash, got none');
  return one;
}

const times = (calls: RecordedClash['calls']) => calls.map(({ time }) => time);

test('the calls of a caller on a name are one clash, in the order of their times', async () => {
  const userAgent = 'Terraform/1.10.0';
  await record(nth(2), nth(1), nth(3, { userAgent, sourceAddress: undefined }));
  expect(await only()).toMatchObject({
    secret: SECRET,
    caller: attempt().caller,
    sourceAddress: '10.0.3.7',
    userAgent,
    isLeast: false,
  });
  expect(times((await only()).calls)).toEqual([nth(1), nth(2), nth(3)].map(({ time }) => time));
});

test('a call that is delivered again is recorded once, also after it was reported', async () => {
  expect(await record(nth(1), nth(1))).toEqual([true, false]);
  await clashes.settle(await only(), NOW);
  expect(await record(nth(1), nth(2))).toEqual([false, true]);
  expect(await only()).toMatchObject({
    calls: [{ time: nth(2).time }],
    toldUntil: nth(1).time,
    toldAt: NOW,
  });
});

test('a call that a mail before the last one reported is not new when it comes again', async () => {
  await record(nth(1));
  await clashes.settle(await only(), NOW);
  await record(nth(2));
  await clashes.settle(await only(), NOW);
  expect(await record(nth(1))).toEqual([false]);
  expect(await only()).toMatchObject({ calls: [], toldUntil: nth(2).time });
});

test('what comes late, of the time that a mail has told, moves that time back no more', async () => {
  await record(nth(2));
  const read = await only();
  await record(nth(1));
  await clashes.settle(read, NOW);
  await clashes.settle(await only(), NOW);
  expect(await only()).toMatchObject({ calls: [], toldUntil: nth(2).time });
});

test('what has come since a clash was read is still to be reported once that is', async () => {
  await record(nth(1));
  const read = await only();
  await record(nth(2));
  await clashes.noteUnmailed(read, NOW);
  expect(await only()).toMatchObject({ unmailedAt: NOW });
  await clashes.settle(read, NOW);
  const settled = await only();
  expect(times(settled.calls)).toEqual([nth(2).time]);
  expect(settled.unmailedAt).toBeUndefined();
});

test('of calls that need not be reported no time of a notice is noted', async () => {
  await record(nth(1));
  await clashes.settle(await only());
  expect(await only()).toMatchObject({ calls: [], toldUntil: nth(1).time });
  expect((await only()).toldAt).toBeUndefined();
});

test('of more than fifty calls it is known that there were more, and when the last one was', async () => {
  await record(...Array.from({ length: 50 }, (_, n) => nth(n)));
  expect(await record(nth(60), nth(70), nth(65), nth(3))).toEqual([true, true, true, false]);
  const full = await only();
  expect(full).toMatchObject({ isLeast: true, lastAt: nth(70).time });
  expect(full.calls).toHaveLength(50);
  await clashes.settle(full, NOW);
  expect(await record(nth(60), nth(70))).toEqual([false, false]);
  await record(nth(80));
  const settled = await only();
  expect(settled).toMatchObject({ isLeast: false, calls: [{ time: nth(80).time }] });
  expect(settled.lastAt).toBeUndefined();
});

test('once its secret is deleted anew, a clash may be told as if none had been', async () => {
  const other = identifySecret('other', HOME);
  const role = { ...attempt().caller, key: `arn:aws:iam::${ACCOUNT}:role/other` };
  await record(nth(1), nth(1, { secret: other }), nth(1, { caller: role }));
  const [first] = await clashes.of(SECRET);
  for (const one of await clashes.list()) await clashes.settle(one, NOW);
  if (first) await clashes.settle(first, addDays(NOW, 2));
  await clashes.tellAnew(SECRET, addDays(NOW, 1));
  expect((await clashes.of(SECRET)).map(({ toldAt }) => toldAt)).toEqual([
    addDays(NOW, 2),
    undefined,
  ]);
  expect(await clashes.of(other)).toMatchObject([{ toldAt: NOW }]);
  expect(await record(nth(1))).toEqual([false]);
});

test('another caller, and another name, are clashes of their own; a role with and without its path is one', async () => {
  const { caller } = attempt();
  const withPath = { ...caller, key: `arn:aws:iam::${ACCOUNT}:role/ci/app-server` };
  const other = { ...caller, key: `arn:aws:iam::${ACCOUNT}:role/other` };
  const longName = identifySecret('x'.repeat(512), HOME);
  const longKey = { ...caller, key: `arn:aws:iam::${ACCOUNT}:role/${'x'.repeat(5000)}` };
  await record(
    nth(1),
    nth(2, { caller: withPath }),
    nth(3, { caller: other }),
    nth(4, { secret: longName, caller: longKey }),
  );
  expect((await clashes.list()).map(({ calls }) => calls.length).sort()).toEqual([1, 1, 2]);
  expect((await clashes.of(SECRET)).map(({ calls }) => calls.length).sort()).toEqual([1, 2]);
});

test('of a secret whose name only begins like another one’s no clash is listed', async () => {
  await record(nth(1, { secret: identifySecret('prod/db/password2', HOME) }));
  expect(await clashes.of(SECRET)).toEqual([]);
});

test('an item that somebody has changed by hand is passed over, and nothing makes one of a clash that is gone', async () => {
  await record(nth(1));
  const read = await only();
  await putItem(dynamoDb.table, { ...read.key, calls: 'none' });
  expect(await clashes.list()).toEqual([]);
  await clashes.settle({ ...read, key: { ...read.key, sk: 'gone' } }, NOW);
  await clashes.noteUnmailed({ ...read, key: { ...read.key, sk: 'gone' } }, NOW);
  await record(nth(1, { secret: identifySecret('other', HOME) }));
  await expect(only()).resolves.toMatchObject({ secret: { name: 'other' } });
});

describe('who scheduled the deletion', () => {
  /** What is asked of the event history when a clash is kept that the ledger knows this of. */
  async function asked(
    ledger: Parameters<typeof changeItem>[0][],
    overrides: Partial<KeepPorts> = {},
    clash = nth(1),
  ) {
    const searched: unknown[] = [];
    const pk = partitionKey(SECRET) ?? '';
    const isNew = await keepClash(clash, {
      now: () => NOW,
      home: HOME,
      hasSpokes: false,
      clashes,
      getItems: async () => ledger.map((change) => changeItem(change, pk)),
      searchHistory: async ({ secret, place }) => {
        searched.push({ name: secret.name, place });
        return {};
      },
      ...overrides,
    });
    return { isNew, searched };
  }
  const elsewhere = nth(1, { secret: { ...SECRET, accountId: '444455556666' } });

  test.each([
    ['nothing', []],
    ['that it was restored since', [cancellation({ requestedAt: addDays(NOW, -1) })]],
  ])('is searched in the event history where the ledger knows %s', async (_, ledger) => {
    expect(await asked(ledger)).toEqual({
      isNew: true,
      searched: [{ name: SECRET.name, place: undefined }],
    });
  });

  test('is not searched where the ledger knows it', async () => {
    expect(await asked([deletion()])).toEqual({ isNew: true, searched: [] });
  });

  test('is searched elsewhere by a spoke alone', async () => {
    const place = { accountId: '444455556666', region: 'eu-west-1' };
    expect((await asked([], {}, elsewhere)).searched).toEqual([]);
    const { searched } = await asked([], { hasSpokes: true }, elsewhere);
    expect(searched).toEqual([{ name: SECRET.name, place }]);
  });

  test('is searched again by a retry of a run that failed to', async () => {
    const fails = async () => Promise.reject(new Error('throttled'));
    await expect(asked([], { getItems: fails })).rejects.toThrow('throttled');
    expect(await asked([])).toMatchObject({ isNew: false, searched: [{}] });
  });
});

test('a clash is forgotten a month after its last call', async () => {
  await record(nth(1));
  const expiresAt = epochSeconds(addDays(NOW, 30));
  expect(await getItems(dynamoDb.table, 'clashes')).toEqual([
    expect.objectContaining({ expiresAt }),
  ]);
});
