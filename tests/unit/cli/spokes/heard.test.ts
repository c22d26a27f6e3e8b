import { readHeard } from '../../../../cli/spokes/heard.ts';
import { startDynamoDb } from '../../../../emulators/dynamodb.ts';
import type { Resource } from '../../../../emulators/template.ts';
import { attemptItem } from '../../../../lib/attempt/item.ts';
import { putItem } from '../../../../lib/aws/table.ts';
import { identifySecret } from '../../../../lib/cloudtrail/secret-id.ts';
import { changeItem, partitionKey } from '../../../../lib/deletion/ledger.ts';
import { addDays } from '../../../../lib/time.ts';
import { TABLE, table as tableResource } from '../../../../stack/table.ts';
import { attempt, deletion, NOW } from '../../../testing/attempts.ts';

const dynamoDb = await startDynamoDb();
const { table } = dynamoDb;
beforeAll(() => dynamoDb.createTable(tableResource[TABLE] as Resource));
afterAll(() => dynamoDb.stop());

const inPlace = (accountId: string | undefined, region: string, name = 'prod/db') =>
  identifySecret(name, { accountId, region });

test('each place is known by what events have brought of it, and not by what was only looked up', async () => {
  let id = 0;
  const came = (accountId: string, region: string, at: Date | undefined, path?: 'trail') => {
    const made = attempt({ secret: inPlace(accountId, region), id: `${id++}`, path });
    return putItem(table, attemptItem(made, at));
  };
  const changed = (name: string, region: string, requestedAt: Date, announced?: boolean) => {
    const secret = inPlace('444455556666', region, name);
    const item = changeItem(deletion({ secret, requestedAt }), partitionKey(secret) ?? '');
    return putItem(table, { ...item, announced });
  };
  await came('111122223333', 'eu-west-1', addDays(NOW, -3));
  await came('111122223333', 'eu-west-1', addDays(NOW, -2));
  await came('111122223333', 'eu-west-1', addDays(NOW, -1), 'trail');
  await came('444455556666', 'us-east-1', addDays(NOW, -4), 'trail');
  await came('444455556666', 'eu-north-1', undefined);
  await putItem(table, attemptItem(attempt({ secret: inPlace(undefined, 'eu-west-1') }), NOW));
  await changed('a', 'us-east-1', addDays(NOW, -9), true);
  await changed('b', 'us-east-1', addDays(NOW, -20));
  await changed('c', 'ap-south-1', addDays(NOW, -20));
  let read = 0;
  const heard = await readHeard(table, (_, run) =>
    run((items) => {
      read += items;
    }),
  );
  expect(
    [...heard.values()].sort((a, b) => (a.place.accountId < b.place.accountId ? -1 : 1)),
  ).toEqual([
    {
      place: { accountId: '111122223333', region: 'eu-west-1' },
      first: addDays(NOW, -3),
      last: addDays(NOW, -1),
      lastByRule: addDays(NOW, -2),
      lastByTrail: addDays(NOW, -1),
    },
    {
      place: { accountId: '444455556666', region: 'us-east-1' },
      first: addDays(NOW, -9),
      last: addDays(NOW, -4),
      lastByTrail: addDays(NOW, -4),
    },
  ]);
  expect(read).toBe(9);
});
