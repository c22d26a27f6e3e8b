import { identifySecret } from '../../../lib/cloudtrail/secret-id.ts';
import type { Change } from '../../../lib/deletion/change.ts';
import { changeItem, partitionKey, readLedger, wasDeleted } from '../../../lib/deletion/ledger.ts';
import { CLOCK_TOLERANCE_MS } from '../../../lib/deletion/schedule.ts';
import { addDays } from '../../../lib/time.ts';
import { cancellation, deletion, SECRET_ARN } from '../../testing/attempts.ts';
import { memoryTable } from '../../testing/memory-table.ts';

const { secret, requestedAt } = deletion();

/** A ledger that knows a change. */
async function knowing(change?: Change) {
  const table = memoryTable();
  if (change) await table.putIfNewer(changeItem(change, partitionKey(change.secret) ?? ''));
  return table.getItems;
}

const later = (ms: number) => new Date(requestedAt.getTime() + ms);
const bare = identifySecret('prod/db/password', secret);
const other = identifySecret(SECRET_ARN.replace('AbC123', 'xYz789'), {});

test.each<[string, Change | undefined, typeof secret, Date, boolean]>([
  ['after its deletion', deletion(), secret, later(1), true],
  ['by its name', deletion(), bare, later(1), true],
  ['long after its end', deletion(), secret, addDays(requestedAt, 50), true],
  ['at that time by another clock', deletion(), secret, later(-CLOCK_TOLERANCE_MS), true],
  ['before its deletion', deletion(), secret, later(-CLOCK_TOLERANCE_MS - 1), false],
  ['when it was restored since', cancellation(), secret, later(1), false],
  ['of that name, by another ARN', deletion(), other, later(1), false],
  ['of which nothing is known', undefined, secret, later(1), false],
])(
  'a secret that is not found %s was deleted, for all that the ledger knows: %s',
  async (...row) => {
    const [, change, asked, time, expected] = row;
    expect(await wasDeleted({ secret: asked, time }, await knowing(change))).toBe(expected);
  },
);

test('a deletion is kept until 60 days after its end, and a restore until 60 days after it', () => {
  const expiryOf = (change: Change) => new Date(Number(changeItem(change, 'pk').expiresAt) * 1000);
  expect(expiryOf(deletion())).toEqual(addDays(deletion().date, 60));
  expect(expiryOf(cancellation())).toEqual(addDays(cancellation().requestedAt, 60));
});

test('what the last look at a secret told is kept with its deletion', async () => {
  const kept = deletion({ tags: { owner: 'payments' }, replicaOf: 'eu-west-1' });
  expect((await readLedger(secret, await knowing(kept))).change).toEqual(kept);
});
