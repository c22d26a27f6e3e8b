import { identifySecret, type SecretId } from '../../../lib/cloudtrail/secret-id.ts';
import type { Change } from '../../../lib/deletion/change.ts';
import { changeItem, goneSecret, partitionKey, readLedger } from '../../../lib/deletion/ledger.ts';
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

const forced = deletion({ forced: true, windowDays: 0, date: requestedAt });
const { date } = deletion();

describe('a secret that AWS does not find is gone, for all that the ledger knows,', () => {
  test.each<[string, Change, SecretId, Date]>([
    ['within the second in which it was deleted by force', forced, secret, later(-1000)],
    ['long after that', forced, secret, addDays(requestedAt, 50)],
    ['by its name', forced, bare, later(1)],
    ['by its partial ARN', forced, identifySecret(SECRET_ARN.slice(0, -7), {}), later(1)],
    ['once its window has ended', deletion(), secret, date],
    ['long after that end', deletion(), secret, addDays(date, 50)],
  ])('%s', async (_, change, asked, time) => {
    const gone = await goneSecret({ secret: asked, time }, await knowing(change));
    expect(gone).toEqual({ ...secret, sent: asked.sent });
  });

  test.each<[string, Change | undefined, SecretId, Date]>([
    ['before it was deleted by force', forced, secret, later(-1001)],
    ['while it is scheduled for deletion', deletion(), secret, new Date(date.getTime() - 1001)],
    ['when it was restored since', cancellation(), secret, later(1)],
    ['of that name, by another ARN', forced, other, later(1)],
    ['of which nothing is known', undefined, secret, later(1)],
  ])('but not %s', async (_, change, asked, time) => {
    expect(await goneSecret({ secret: asked, time }, await knowing(change))).toBeUndefined();
  });
});

test('of an id that may be the complete ARN of one secret or the partial one of another, the ledger tells which is gone', async () => {
  const arn = SECRET_ARN.replace(/secret:.*/, 'secret:app-OAuth2-AbC123');
  const change = { ...forced, secret: identifySecret(arn, {}) };
  const asked = identifySecret(arn.slice(0, -7), {});
  expect(asked.name).toBe('app');
  const gone = await goneSecret({ secret: asked, time: later(1) }, await knowing(change));
  expect(gone).toMatchObject({ name: 'app-OAuth2', arn });
});

test('a deletion is kept until 60 days after its end, and a restore until 60 days after it', () => {
  const expiryOf = (change: Change) => new Date(Number(changeItem(change, 'pk').expiresAt) * 1000);
  expect(expiryOf(deletion())).toEqual(addDays(deletion().date, 60));
  expect(expiryOf(cancellation())).toEqual(addDays(cancellation().requestedAt, 60));
});

test('what the last look at a secret told is kept with its deletion', async () => {
  const kept = deletion({ tags: { owner: 'payments' }, replicaOf: 'eu-west-1' });
  expect((await readLedger(secret, await knowing(kept))).change).toEqual(kept);
});
