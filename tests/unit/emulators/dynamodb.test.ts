import { ConditionalCheckFailedException, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { AbstractValueIterator } from 'abstract-level';
import { type DynamoDb, startDynamoDb } from '../../../emulators/dynamodb.ts';
import { resourceOf } from '../../../emulators/template.ts';
import { getItems, putItem } from '../../../lib/aws/table.ts';
import { createLedger } from '../../../lib/deletion/ledger.ts';
import { table } from '../../../stack/table.ts';

const STACKS_TABLE = resourceOf({ Resources: table }, 'Table');

let dynamoDb: DynamoDb;

beforeEach(async () => {
  dynamoDb = await startDynamoDb();
});
afterEach(() => dynamoDb.stop());

test("the stack's table keeps items by its keys, and only newer ones if told so", async () => {
  await dynamoDb.createTable(STACKS_TABLE);
  const { putIfNewer } = createLedger(dynamoDb.table);
  await putItem(dynamoDb.table, { pk: 'a', sk: 'other' });
  expect(await putIfNewer({ pk: 'a', sk: 'change', order: '2' })).toBe(true);
  expect(await putIfNewer({ pk: 'a', sk: 'change', order: '1' })).toBe(false);
  expect(await getItems(dynamoDb.table, 'a')).toEqual([
    { pk: 'a', sk: 'change', order: '2' },
    { pk: 'a', sk: 'other' },
  ]);
});

test.each([
  ['returns the item if requested', 'ALL_OLD', { pk: { S: 'a' }, sk: { S: 'b' }, n: { N: '1' } }],
  ['returns nothing else', undefined, undefined],
] as const)('a condition that does not hold %s', async (_, asked, item) => {
  await dynamoDb.createTable(STACKS_TABLE);
  await putItem(dynamoDb.table, { pk: 'a', sk: 'b', n: 1 });
  const update = new UpdateItemCommand({
    TableName: dynamoDb.table.name,
    Key: { pk: { S: 'a' }, sk: { S: 'b' } },
    UpdateExpression: 'SET n = :two',
    ConditionExpression: 'attribute_not_exists(n)',
    ExpressionAttributeValues: { ':two': { N: '2' } },
    ReturnValuesOnConditionCheckFailure: asked,
  });
  const failure = await dynamoDb.table.client.send(update).catch((error) => error);
  expect(failure).toBeInstanceOf(ConditionalCheckFailedException);
  expect(failure.Item).toEqual(item);
});

test('a query leaves nothing open', async () => {
  await dynamoDb.createTable(STACKS_TABLE);
  const close = import.meta.jest.spyOn(AbstractValueIterator.prototype, 'close');
  await getItems(dynamoDb.table, 'a');
  expect(close).toHaveBeenCalledTimes(1);
});

test('another deployment finds the items of the one before', async () => {
  await dynamoDb.createTable(STACKS_TABLE);
  await putItem(dynamoDb.table, { pk: 'a', sk: 'b' });
  await dynamoDb.createTable(STACKS_TABLE);
  expect(await getItems(dynamoDb.table, 'a')).toHaveLength(1);
});

test('once stopped it is out of reach', async () => {
  await dynamoDb.createTable(STACKS_TABLE);
  await dynamoDb.stop();
  await expect(getItems(dynamoDb.table, 'a')).rejects.toThrow('ECONNREFUSED');
});
