import { historyItem } from '../../lib/deletion/ledger.ts';
import { combinations, properties, template } from './template.ts';

test('the table has the two keys of an item', () => {
  const { AttributeDefinitions, KeySchema } = properties('example', 'Table');
  const keys = { pk: 'HASH', sk: 'RANGE' };
  expect(KeySchema).toEqual(
    Object.entries(keys).map(([AttributeName, KeyType]) => ({ AttributeName, KeyType })),
  );
  expect(AttributeDefinitions).toEqual(
    [...Object.keys(keys), 'tell', 'kind', 'requestedAt'].map((AttributeName) => ({
      AttributeName,
      AttributeType: 'S',
    })),
  );
});

test('an index finds the attempts that the version before has left unreported, the oldest first; another lists the deletions', () => {
  expect(properties('example', 'Table').GlobalSecondaryIndexes).toEqual([
    {
      IndexName: 'tell',
      KeySchema: [
        { AttributeName: 'tell', KeyType: 'HASH' },
        { AttributeName: 'sk', KeyType: 'RANGE' },
      ],
      Projection: { ProjectionType: 'ALL' },
    },
    {
      IndexName: 'deletions',
      KeySchema: [
        { AttributeName: 'kind', KeyType: 'HASH' },
        { AttributeName: 'requestedAt', KeyType: 'RANGE' },
      ],
      Projection: { ProjectionType: 'KEYS_ONLY' },
    },
  ]);
});

test('the table forgets an item at the time that the ledger gives it', () => {
  const { AttributeName, Enabled } = properties('example', 'Table').TimeToLiveSpecification;
  expect(Enabled).toBe(true);
  expect(historyItem('secret', new Date(60_000), 'Not found.')).toHaveProperty(AttributeName, 60); // in seconds
});

test.each(combinations)('the table goes with the stack, but can be recovered: %s', (name) => {
  const { Table } = template(name).Resources;
  expect(Table).toMatchObject({ DeletionPolicy: 'Delete', UpdateReplacePolicy: 'Delete' });
  expect(Table?.Properties).toMatchObject({
    PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
  });
  expect(Table?.Properties).not.toHaveProperty('TableName'); // a fixed one could not be replaced
});

test('the table is paid by use', () => {
  expect(properties('example', 'Table').BillingMode).toBe('PAY_PER_REQUEST');
});
