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
const terms = {
  token: 't',
  now: NOW,
  leaseUntil: NOW + 60_000,
  quietWindow: 500_000,
  sent: 'prod/db',
};
const key = { pk: 'pair', sk: 'caller' };

describe('a pair that is quiet', () => {
  test.each([
    ['until its window is over', { claimedAt: 900_000, leaseUntil: 960_000 }, { until: 1_400_000 }],
    [
      'until it is to be renewed',
      { claimedAt: 900_000, leaseUntil: 960_000, renewAt: 1_200_000 },
      { until: 1_200_000 },
    ],
    [
      'for an unknown time while its claim may be given back',
      { claimedAt: 999_000, leaseUntil: 1_059_000 },
      {},
    ],
  ])('is so %s', async (_, item, expected) => {
    expect(await createPairStore(failingOn(item)).claim(key, terms)).toEqual(expected);
  });
});

test.each([
  [{ taken: 29, s10: 8 }, 'second'],
  [{ taken: 30, s10: 1 }, 'minute'],
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
