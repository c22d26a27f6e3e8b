import { ConditionalCheckFailedException, type DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import { createBudgetStore } from '../../../lib/incident/budget.ts';
import { createPairStore } from '../../../lib/incident/pairs.ts';

/** A table whose every conditional write fails on this item. */
function failingOn(item: object) {
  const failure = new ConditionalCheckFailedException({
    message: 'The conditional request failed',
    $metadata: {},
    Item: marshall(item),
  });
  const send = () => Promise.reject(failure);
  return { client: { send } as unknown as DynamoDBClient, name: 'table' };
}

const NOW = 1_000_000;
const terms = { token: 't', now: NOW, leaseUntil: NOW + 60_000 };
const key = { pk: 'pair', sk: 'caller' };
const named = { claimedAt: 900_000, leaseUntil: 960_000 };
const FOREVER = { until: Number.POSITIVE_INFINITY };

test.each([
  [
    'as named by the version before, which kept the id and the ARN too',
    { ...named, sent: 'prod/db', arn: 'arn' },
    { ...FOREVER, isUnnamed: false },
  ],
  ['as named', named, { ...FOREVER, isUnnamed: false }],
  [
    'until the deletion is to be cancelled again',
    { ...named, renewAt: 1_200_000 },
    { until: 1_200_000, isUnnamed: false },
  ],
  ['as left to a digest', { claimedAt: 900_000, unnamed: true }, { ...FOREVER, isUnnamed: true }],
  [
    'for no certain time while its claim may be given back',
    { ...named, leaseUntil: 1_059_000, unconfirmed: true },
    { isUnnamed: true },
  ],
])('a pair that cannot be claimed is known %s', async (_, item, expected) => {
  expect(await createPairStore(failingOn(item)).claim(key, terms)).toEqual(expected);
});

test.each([
  [{ taken: 29, s0510: 8 }, 'second'],
  [{ taken: 30, s0510: 1 }, 'hour'],
])('a budget of %j is used up for this %s, without another look', async (item, expected) => {
  const time = new Date('2026-11-22T17:05:10.250Z');
  expect(await createBudgetStore(failingOn(item)).takeTurn(time, 30)).toBe(expected);
});

describe('any other failure is thrown', () => {
  const send = () => Promise.reject(new Error('no table'));
  const table = { client: { send } as unknown as DynamoDBClient, name: 'table' };

  test('of a claim', async () => {
    await expect(createPairStore(table).claim(key, terms)).rejects.toThrow('no table');
  });

  test('of the budget', async () => {
    await expect(createBudgetStore(table).takeTurn(new Date(0), 30)).rejects.toThrow('no table');
  });
});
