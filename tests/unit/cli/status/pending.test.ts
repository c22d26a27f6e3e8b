import { pendingSecret } from '../../../../cli/status/pending.ts';
import { identifySecret } from '../../../../lib/cloudtrail/secret-id.ts';
import type { Change } from '../../../../lib/deletion/change.ts';
import { changeItem, partitionKey } from '../../../../lib/deletion/ledger.ts';
import { addDays, MINUTE_MS } from '../../../../lib/time.ts';
import { cancellation, deletion, NOW, SECRET_ARN } from '../../../testing/attempts.ts';

const DATE = new Date('2026-11-29T14:03:00Z');
const REQUESTED = new Date('2026-11-22T14:03:00Z');

/** A secret with this date of AWS's, and what the ledger knows of it. */
function pending(deletedDate: Date, ...changes: Change[]) {
  const getItems = async (pk: string) => {
    expect(pk).toBe(partitionKey(identifySecret(SECRET_ARN, {})));
    return changes.map((change) => changeItem(change, pk));
  };
  const secret = { arn: SECRET_ARN, name: 'prod/db/password', tags: {}, deletedDate };
  return pendingSecret(secret, getItems, NOW);
}

describe('the date and the person', () => {
  test.each([
    ['the scheduled date', DATE],
    ["the request's", REQUESTED],
  ])("are the ledger's where AWS returns %s", async (_, deletedDate) => {
    const found = await pending(deletedDate, deletion());
    expect(found?.schedule).toEqual({ kind: 'exact', date: DATE });
    expect(found?.deletion?.requestedBy.name).toBe('user alice');
    expect(found?.since).toEqual(REQUESTED);
  });

  test("are AWS's future date, and unknown, where the ledger knows nothing", async () => {
    const found = await pending(DATE);
    expect(found?.schedule).toEqual({ kind: 'exact', date: DATE });
    expect(found?.deletion).toBeUndefined();
    expect(found?.since).toEqual(new Date(addDays(DATE, -30).getTime() - MINUTE_MS));
  });

  test('are a range after the past date of AWS where the ledger knows nothing', async () => {
    const found = await pending(REQUESTED);
    const range = { earliest: addDays(REQUESTED, 7), latest: addDays(REQUESTED, 30) };
    expect(found?.schedule).toMatchObject({ kind: 'estimated', ...range });
    // By another clock, whose times are whole seconds, an attempt may have been a little earlier.
    expect(found?.since).toEqual(new Date(REQUESTED.getTime() - MINUTE_MS));
  });

  test('are not those of another deletion, before a restore that was missed', async () => {
    const earlier = addDays(REQUESTED, -10);
    const missed = deletion({ requestedAt: earlier, date: addDays(earlier, 7) });
    const found = await pending(DATE, missed);
    expect(found?.deletion).toBeUndefined();
    expect(found?.since).toEqual(earlier);
  });
});

test('a deletion scheduled after a cancellation that is known is no older than that', async () => {
  const requestedAt = addDays(REQUESTED, -1);
  expect((await pending(DATE, cancellation({ requestedAt })))?.since).toEqual(requestedAt);
});

test('a secret deleted by force is none to wait for, though AWS still lists it', async () => {
  const forced = deletion({ forced: true, date: REQUESTED, windowDays: 0 });
  expect(await pending(REQUESTED, forced)).toBeUndefined();
});
