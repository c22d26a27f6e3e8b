import { type BackfillProgress, backfill } from '../../../../cli/status/backfill.ts';
import type { Item } from '../../../../lib/aws/table.ts';
import type { HistoryPage, Query } from '../../../../lib/deletion/history.ts';
import { addDays } from '../../../../lib/time.ts';
import { NOW } from '../../../testing/attempts.ts';
import { memoryTable } from '../../../testing/memory-table.ts';
import { deleteSecret, failedGetSecretValue, getSecretValue } from '../../../testing/records.ts';

const FROM = addDays(NOW, -30);
const json = (...records: object[]) => records.map((record) => JSON.stringify(record));

const failed = (n: number) =>
  failedGetSecretValue({ eventID: `attempt-${n}`, eventTime: `2026-11-2${n}T14:03:00Z` });

/** A history with these pages, or refusals, for each call, and the state of a backfill from it. */
function start(pages: Readonly<Record<string, readonly (string[] | Error)[]>>) {
  const table = memoryTable();
  const queries: Query[] = [];
  const progress: BackfillProgress = { from: FROM, readTo: NOW, records: 0, attempts: 0 };
  const seen: string[] = [];
  const run = () =>
    backfill(
      progress,
      {
        now: () => NOW,
        async ask(query, token = '0'): Promise<HistoryPage> {
          queries.push(query);
          const page = Number(token);
          const records = pages[query.value]?.[page] ?? [];
          if (records instanceof Error) throw records;
          const isLast = page + 1 >= (pages[query.value]?.length ?? 0);
          return { records, token: isLast ? undefined : String(page + 1) };
        },
        async recordPast(item: Item) {
          const isNew = !table.items.has(`${item.pk}\n${item.sk}`);
          if (isNew) await table.putItem(item);
          return isNew;
        },
        putIfNewer: table.putIfNewer,
        getItems: table.getItems,
      },
      () => seen.push(progress.readTo.toISOString().slice(0, 10)),
    );
  return { run, table, queries, progress, seen };
}

test('keeps attempts and deletions, of all pages', async () => {
  const { run, table, queries, progress } = start({
    DeleteSecret: [json(deleteSecret())],
    GetSecretValue: [json(failed(2), getSecretValue()), json(failed(1))],
  });
  await run();
  expect(progress).toEqual({ from: FROM, readTo: FROM, records: 4, attempts: 2 });
  expect([...table.items.values()].map(({ pk }) => pk.split('#')[0])).toEqual([
    'secret',
    'attempt',
    'attempt',
  ]);
  expect(queries.map(({ value }) => value)).toEqual([
    'DeleteSecret',
    'RestoreSecret',
    'GetSecretValue',
    'GetSecretValue',
  ]);
  expect(new Set(queries.map(({ from }) => from))).toEqual(new Set([FROM]));
});

test('what is of the past has no time of arrival, so that no digest reports it', async () => {
  const { run, table } = start({ GetSecretValue: [json(failed(1))] });
  await run();
  const [item] = [...table.items.values()].map((one) => Object.entries(one));
  const names = item?.flatMap(([name, value]) => (value === undefined ? [] : [name]));
  expect(names).toContain('callerKey');
  expect(names).not.toContain('recordedAt');
});

test('an attempt by a partial ARN that looks like a complete one is recorded for the secret that was deleted', async () => {
  const secretId = 'arn:aws:secretsmanager:eu-west-1:111122223333:secret:app-config';
  const deletion = deleteSecret({
    requestParameters: { secretId: 'app-config', recoveryWindowInDays: 7 },
    responseElements: { arn: `${secretId}-AbCdEf`, deletionDate: 'Nov 29, 2026, 2:03:00 PM' },
  });
  const read = failedGetSecretValue({ requestParameters: { secretId } });
  const { run, table } = start({ DeleteSecret: [json(deletion)], GetSecretValue: [json(read)] });
  await run();
  const [partition] = [...table.items.values()].map(({ pk }) => pk).slice(-1);
  expect(partition).toBe('attempt#111122223333#eu-west-1#app-config');
});

test('run again, it adds nothing', async () => {
  const { run, table, progress } = start({ GetSecretValue: [json(failed(1))] });
  await run();
  await run();
  expect(table.items.size).toBe(1);
  expect(progress).toMatchObject({ records: 2, attempts: 1 });
});

test('passes over what is no record, and calls of that name to other services', async () => {
  const other = { ...deleteSecret(), eventSource: 'ssm.amazonaws.com' };
  const { run, table } = start({
    DeleteSecret: [['no JSON', '{}', ...json(other)]],
    GetSecretValue: [json({ ...failed(1), eventSource: 'ssm.amazonaws.com' }, failed(2))],
  });
  await run();
  expect(table.items.size).toBe(1);
});

test('reports its progress after each page', async () => {
  const { run, seen } = start({ GetSecretValue: [json(failed(2)), json(failed(1)), []] });
  await run();
  const [, , ...ofAttempts] = seen; // after a page of each kind of change
  expect(ofAttempts).toEqual(['2026-11-22', '2026-11-21', '2026-11-21', '2026-10-23']);
});

test('reports how far it got when CloudTrail refuses a page', async () => {
  const { run, progress } = start({ GetSecretValue: [json(failed(1)), new Error('throttled')] });
  await expect(run()).rejects.toThrow('throttled');
  expect(progress).toMatchObject({
    readTo: new Date('2026-11-21T14:03:00Z'),
    records: 1,
    attempts: 1,
  });
});
