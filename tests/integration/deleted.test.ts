import { putItem } from '../../lib/aws/table.ts';
import { identifySecret } from '../../lib/cloudtrail/secret-id.ts';
import type { Change } from '../../lib/deletion/change.ts';
import { createDeletedSecrets } from '../../lib/deletion/deleted.ts';
import { changeItem, historyItem, partitionKey, restoringItem } from '../../lib/deletion/ledger.ts';
import { MINUTE_MS } from '../../lib/time.ts';
import { attempt, cancellation, deletion, HOME, NOW } from '../testing/attempts.ts';
import { useState } from '../testing/state.ts';

const state = useState();
const SECRET = attempt().secret;
const named = (name: string) => identifySecret(name, HOME);

const keep = (change: Change) =>
  putItem(state.table, changeItem(change, partitionKey(change.secret) ?? ''));

/** The list of deleted secrets, and the calls that ask the table for it. */
function listOf() {
  const calls = import.meta.jest.spyOn(state.table.client, 'send');
  return { deleted: createDeletedSecrets(state.table), calls };
}

test('those are known as deleted of which the newest change is a deletion, by whatever id', async () => {
  await keep(deletion({ forced: true, windowDays: 0 }));
  await keep(deletion({ secret: named('pending') }));
  await keep(cancellation({ secret: named('restored') }));
  const asked = partitionKey(named('asked')) ?? '';
  await putItem(state.table, historyItem(asked, NOW, 'unknown'));
  await putItem(state.table, restoringItem(asked, 'attempt', NOW));
  const { deleted } = listOf();
  const known = async (secret = SECRET) => deleted.isKnown(secret, NOW);
  expect(await known()).toBe(true);
  expect(await known(named('prod/db/password'))).toBe(true);
  expect(await known(identifySecret('prod/db/password', { ...HOME, region: 'us-east-1' }))).toBe(
    false,
  );
  expect(await known(named('pending'))).toBe(true);
  for (const name of ['restored', 'asked', 'never', '', 'x'.repeat(600)]) {
    expect([name, await known(named(name))]).toEqual([name, false]);
  }
  expect(await known(identifySecret(undefined, HOME))).toBe(false);
});

test('a partial ARN that looks like the complete one of another secret is of either', async () => {
  await keep(deletion({ secret: named('my-super-secret') }));
  const sent = `arn:aws:secretsmanager:eu-west-1:${HOME.accountId}:secret:my-super-secret`;
  expect(await listOf().deleted.isKnown(identifySecret(sent, {}), NOW)).toBe(true);
});

test('any number of reads cost one reading of the list a minute', async () => {
  const { deleted, calls } = listOf();
  const probes = Array.from({ length: 1000 }, (_, n) => deleted.isKnown(named(`probe-${n}`), NOW));
  expect(new Set(await Promise.all(probes))).toEqual(new Set([false]));
  expect(calls).toHaveBeenCalledTimes(1);
  await keep(deletion());
  calls.mockClear();
  const after = (ms: number) => deleted.isKnown(SECRET, new Date(NOW.getTime() + ms));
  expect(await after(MINUTE_MS - 1)).toBe(false);
  expect(await after(MINUTE_MS)).toBe(true);
  expect(calls).toHaveBeenCalledTimes(1);
});

test('a list that cannot be read is thrown, and asked for again by the next', async () => {
  await keep(deletion());
  const { deleted, calls } = listOf();
  calls.mockImplementationOnce(() => Promise.reject(new Error('down')));
  await expect(deleted.isKnown(SECRET, NOW)).rejects.toThrow('down');
  expect(await deleted.isKnown(SECRET, NOW)).toBe(true);
});
