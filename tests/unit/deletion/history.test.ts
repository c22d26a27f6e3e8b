import { identifySecret } from '../../../lib/cloudtrail/secret-id.ts';
import { findDeletion, type HistoryPage, type Query } from '../../../lib/deletion/history.ts';
import { NOW, SECRET_ARN } from '../../testing/attempts.ts';
import { deleteSecret } from '../../testing/records.ts';

const SECRET = identifySecret(SECRET_ARN, {});

/** The record of a deletion of our secret, as text. */
function record(overrides: object = {}): string {
  const responseElements = { arn: SECRET_ARN, deletionDate: 'Nov 29, 2026, 2:03:00 PM' };
  return JSON.stringify({ ...deleteSecret(), responseElements, ...overrides });
}

/** A history that answers the given pages in turn, and notes what it was asked. */
function history(...pages: HistoryPage[]) {
  const asked: [Query['attribute'], string, string | undefined][] = [];
  const ask = async ({ attribute, value }: Query, token?: string) => {
    asked.push([attribute, value, token]);
    return pages.shift() ?? { records: [] };
  };
  return { ask, asked };
}

test("finds the deletion by the secret's name with one call", async () => {
  const { ask, asked } = history({ records: [record()] });
  const found = await findDeletion(SECRET, NOW, ask);
  expect(found?.date).toEqual(new Date('2026-11-29T14:03:00Z'));
  expect(asked).toEqual([['ResourceName', 'prod/db/password', undefined]]);
});

test('then looks by its ARN', async () => {
  const { ask, asked } = history({ records: [] }, { records: [record()] });
  expect((await findDeletion(SECRET, NOW, ask))?.secret.arn).toBe(SECRET_ARN);
  expect(asked.map(([, value]) => value)).toEqual(['prod/db/password', SECRET_ARN]);
});

test('looks 30 days back from the attempt', async () => {
  let from: Date | undefined;
  await findDeletion(SECRET, NOW, async (query) => {
    from = query.from;
    return { records: [] };
  });
  expect(from).toEqual(new Date('2026-10-23T17:05:00Z'));
});

test('then looks by the name of the call, a few pages at most', async () => {
  const other = record({ responseElements: { arn: SECRET_ARN.replace('prod', 'test') } });
  const more = { records: [other], token: 'more' };
  const { ask, asked } = history({ records: [] }, { records: [] }, more, more, more, more);
  expect(await findDeletion(SECRET, NOW, ask)).toBeUndefined();
  expect(asked).toEqual([
    ['ResourceName', 'prod/db/password', undefined],
    ['ResourceName', SECRET_ARN, undefined],
    ['EventName', 'DeleteSecret', undefined],
    ['EventName', 'DeleteSecret', 'more'],
    ['EventName', 'DeleteSecret', 'more'],
  ]);
});

test('passes over failed calls, other calls and what cannot be read', async () => {
  const passedOver = [
    'no JSON',
    '{}',
    record({ errorCode: 'AccessDenied' }),
    record({ eventName: 'RestoreSecret' }),
    record({ responseElements: { arn: SECRET_ARN.replace('AbC123', 'xYz789') } }),
  ];
  const { ask } = history({ records: [...passedOver, record({ eventID: 'the-one' }), record()] });
  expect((await findDeletion(SECRET, NOW, ask))?.id).toBe('the-one');
});

test.each([
  ['another service', { eventSource: 'codecatalyst.amazonaws.com' }],
  ['no secret', { requestParameters: null, responseElements: null }],
])('passes over a deletion of %s', async (_, overrides) => {
  const { ask } = history(...Array(5).fill({ records: [record(overrides)] }));
  expect(await findDeletion(SECRET, NOW, ask)).toBeUndefined();
});

test('finds the deletion of a secret that is known by name only', async () => {
  const { ask, asked } = history({ records: [record()] });
  const secret = identifySecret('prod/db/password', {});
  expect((await findDeletion(secret, NOW, ask))?.secret.arn).toBe(SECRET_ARN);
  expect(asked).toEqual([['ResourceName', 'prod/db/password', undefined]]);
});

test('throws what the history throws', async () => {
  const refused = new Error('no');
  await expect(findDeletion(SECRET, NOW, () => Promise.reject(refused))).rejects.toBe(refused);
});
