import {
  ConditionalCheckFailedException,
  type DynamoDBClient,
  PutItemCommand,
  QueryCommand,
  type QueryCommandInput,
  type QueryCommandOutput,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import type { Item } from '../deletion/ledger.ts';

/** The stack's table and the client that reaches it. */
export interface Table {
  readonly client: DynamoDBClient;
  readonly name: string;
}

/** @returns all items with this `pk`. @throws whatever the SDK throws. */
export async function getItems({ client, name }: Table, pk: string): Promise<unknown[]> {
  const { Items = [] } = await client.send(
    new QueryCommand({
      TableName: name,
      KeyConditionExpression: 'pk = :pk',
      ExpressionAttributeValues: marshall({ ':pk': pk }),
      ConsistentRead: true,
    }),
  );
  return Items.map((item) => unmarshall(item));
}

/** The pages of a query, to the last one, each asked for when the one before has been worked on. @throws whatever the SDK throws. */
export async function* queryPages(
  { client, name: TableName }: Table,
  query: Omit<QueryCommandInput, 'TableName' | 'ExclusiveStartKey'>,
): AsyncGenerator<QueryCommandOutput> {
  let ExclusiveStartKey: QueryCommandInput['ExclusiveStartKey'];
  do {
    const page = await client.send(new QueryCommand({ ...query, TableName, ExclusiveStartKey }));
    yield page;
    ExclusiveStartKey = page.LastEvaluatedKey;
  } while (ExclusiveStartKey);
}

/** Writes an item, whatever the table holds. @throws whatever the SDK throws. */
export async function putItem({ client, name }: Table, item: Item): Promise<void> {
  const Item = marshall(item, { removeUndefinedValues: true });
  await client.send(new PutItemCommand({ TableName: name, Item }));
}

/**
 * Writes an item unless the table holds one of a higher `order`, or the same one announced. The result is the
 * same in whatever order, and however often, items are written.
 * @returns whether it was written. @throws whatever else the SDK throws.
 */
export async function putIfNewer(
  { client, name }: Table,
  item: Item & { readonly order: string },
): Promise<boolean> {
  return passing(
    client.send(
      new PutItemCommand({
        TableName: name,
        Item: marshall(item, { removeUndefinedValues: true }),
        // What the SDK repeats because an answer was lost passes again, as does what has not been announced.
        ConditionExpression:
          'attribute_not_exists(pk) OR #order < :order OR (#order = :order AND attribute_not_exists(announced))',
        ExpressionAttributeNames: { '#order': 'order' },
        ExpressionAttributeValues: marshall({ ':order': item.order }),
      }),
    ),
  );
}

/**
 * Notes on an item that it has been announced, unless another has taken its place since.
 * @throws whatever the SDK throws.
 */
export async function markAnnounced(
  { client, name }: Table,
  pk: string,
  order: string,
): Promise<void> {
  await passing(
    client.send(
      new UpdateItemCommand({
        TableName: name,
        Key: marshall({ pk, sk: 'change' }),
        UpdateExpression: 'SET announced = :true',
        ConditionExpression: '#order = :order',
        ExpressionAttributeNames: { '#order': 'order' },
        ExpressionAttributeValues: marshall({ ':true': true, ':order': order }),
      }),
    ),
  );
}

/** Whether the condition of a write held. @throws whatever else the write throws. */
async function passing(write: Promise<unknown>): Promise<boolean> {
  try {
    await write;
    return true;
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) return false;
    throw error;
  }
}
