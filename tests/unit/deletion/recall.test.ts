import type { Change } from '../../../lib/deletion/change.ts';
import { changeItem, partitionKey } from '../../../lib/deletion/ledger.ts';
import { type Memory, recall } from '../../../lib/deletion/recall.ts';
import { addDays } from '../../../lib/time.ts';
import { attempt, cancellation, deletion, NOW } from '../../testing/attempts.ts';
import { memoryTable } from '../../testing/memory-table.ts';

const { secret, time } = attempt();
const PK = partitionKey(secret) ?? '';
const NOWHERE = 'Neither the ledger nor the event history of CloudTrail knows who scheduled it.';

/** A memory whose ledger holds `changes` and whose history finds `found`, and how often it was searched. */
function memory(changes: Change[], found?: Change | Error, overrides: Partial<Memory> = {}) {
  const table = memoryTable();
  const searches: string[] = [];
  for (const change of changes) void table.putIfNewer(changeItem(change, PK));
  const ports: Memory = {
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

const recallNow = (ports: Memory, askHistory = true, deletedDate?: Date) =>
  recall({ secret, time, deletedDate }, ports, askHistory);

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
    expect(await recall({ secret: { ...secret, name }, time }, ports, true)).toEqual({});
    expect(searches).toEqual([]);
  },
);
