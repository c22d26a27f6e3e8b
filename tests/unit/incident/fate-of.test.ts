import { identifySecret } from '../../../lib/cloudtrail/secret-id.ts';
import type { Change } from '../../../lib/deletion/change.ts';
import { changeItem, partitionKey } from '../../../lib/deletion/ledger.ts';
import type { CallerDigest } from '../../../lib/incident/digest.ts';
import { fateOf } from '../../../lib/incident/fate-of.ts';
import { addDays, HOUR_MS } from '../../../lib/time.ts';
import { attempt, cancellation, deletion, found, NOW, SECRET_ARN } from '../../testing/attempts.ts';
import { memoryTable } from '../../testing/memory-table.ts';

const { secret, time } = attempt();
const earlier = identifySecret(SECRET_ARN.replace(/AbC123$/, 'OlD987'), {});
const requestedAt = new Date(NOW.getTime() - HOUR_MS);
const callers = new Map([['app-server', { first: time, last: time } as CallerDigest]]);

/** How the secret stands when the ledger holds a change, and how often DescribeSecret was asked. */
async function fateWith(change: Change) {
  const table = memoryTable();
  await table.putIfNewer(changeItem(change, partitionKey(change.secret) ?? ''));
  let asked = 0;
  const fate = await fateOf(
    { secret, callers },
    {
      ...table,
      now: () => NOW,
      describeSecret: async () => {
        asked++;
        return found({ deletedDate: requestedAt });
      },
    },
  );
  return { fate, asked };
}

const DATED_BY_AWS = {
  kind: 'estimated',
  earliest: addDays(requestedAt, 7),
  latest: addDays(requestedAt, 30),
  arn: SECRET_ARN,
};

test.each<[string, Change]>([
  ['a deletion', deletion({ secret: earlier })],
  ['a cancellation', cancellation({ secret: earlier })],
])('%s of an earlier secret of the name says nothing of this one', async (_, change) => {
  const { fate, asked } = await fateWith(change);
  expect(fate).toMatchObject(DATED_BY_AWS);
  expect(asked).toBe(1);
});

test('what the ledger knows of this secret needs no look', async () => {
  const { fate, asked } = await fateWith(deletion());
  expect(fate).toEqual({ kind: 'exact', date: deletion().date, arn: SECRET_ARN });
  expect(asked).toBe(0);
});
