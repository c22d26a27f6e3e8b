import {
  ConditionalCheckFailedException,
  DeleteItemCommand,
  type DynamoDBClient,
  PutItemCommand,
  paginateQuery,
  paginateScan,
  type QueryCommandInput,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';

/** The stack's table and the client that reaches it. Its functions throw whatever the SDK throws. */
export interface Table {
  readonly client: DynamoDBClient;
  readonly name: string;
}

/** The key of an item of the table. */
export interface Key {
  readonly pk: string;
  readonly sk: string;
}

export type Item = Readonly<Record<string, unknown>> & Key;

/** A condition, or another expression of DynamoDB's; `bind` takes a value and returns what stands for it in the text. */
export type Expression = (bind: (value: unknown) => string) => string;

/**
 * Writes an expression with its values where they belong: expression`claimedAt <= ${since}`. An expression may be such a
 * value. `#name` is the attribute `name`, and must be written so where that is a reserved word.
 * Source: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ReservedWords.html
 */
export function expression(parts: TemplateStringsArray, ...values: unknown[]): Expression {
  return (bind) => parts.reduce((text, part, i) => text + operand(values[i - 1], bind) + part);
}

export const anyOf = (...clauses: Expression[]) => joined(clauses, ' OR ');
export const allOf = (...clauses: Expression[]) => joined(clauses, ' AND ');

function joined(clauses: readonly Expression[], by: string): Expression {
  return (bind) => `(${clauses.map((clause) => clause(bind)).join(by)})`;
}

function operand(value: unknown, bind: (value: unknown) => string): string {
  return typeof value === 'function' ? value(bind) : bind(value);
}

/** One more than an attribute's number, which counts as 0 where it is missing. */
export const oneMore = (name: string) => expression`if_not_exists(${() => name}, ${0}) + ${1}`;

/** What becomes of an item. */
export interface Update {
  /** Values of attributes, which may be expressions; what is `undefined` stays as it is. */
  readonly set?: Readonly<Record<string, unknown>>;
  readonly remove?: readonly string[];
  /** What is put into attributes that are sets, and made if need be; and what is taken out of them. */
  readonly add?: Readonly<Record<string, ReadonlySet<string>>>;
  readonly take?: Readonly<Record<string, ReadonlySet<string>>>;
  /** Without it nothing is changed. Default: none. */
  readonly condition?: Expression;
  /** Whether to return the item as it is afterwards. Default: false. */
  readonly returnsNew?: boolean;
}

/** What came of an update; `item`: the one on which the condition did not hold, or the new one, if that was asked for. */
export interface Updated {
  readonly passed: boolean;
  readonly item?: Readonly<Record<string, unknown>>;
}

/** Changes an item, or makes it. */
export async function updateItem(
  { client, name: TableName }: Table,
  key: Key,
  { condition, returnsNew, ...changes }: Update,
): Promise<Updated> {
  const command = new UpdateItemCommand({
    TableName,
    Key: marshall({ pk: key.pk, sk: key.sk }),
    ...written({ UpdateExpression: updating(changes), ConditionExpression: condition }),
    ReturnValues: returnsNew ? 'ALL_NEW' : undefined,
    ReturnValuesOnConditionCheckFailure: condition && 'ALL_OLD',
  });
  try {
    const { Attributes } = await client.send(command);
    return { passed: true, item: Attributes && unmarshall(Attributes) };
  } catch (error) {
    if (!(error instanceof ConditionalCheckFailedException)) throw error;
    return { passed: false, item: error.Item && unmarshall(error.Item) };
  }
}

function updating({ set = {}, remove = [], add = {}, take = {} }: Update): Expression {
  return (bind) => {
    const membersOf = (sets: object) =>
      Object.entries(sets).map(([name, members]) => `#${name} ${bind(members)}`);
    const sets = Object.entries(set)
      .filter(([, value]) => value !== undefined)
      .map(([name, value]) => `#${name} = ${operand(value, bind)}`);
    const removes = remove.map((name) => `#${name}`);
    const clauses = [
      ['SET', sets],
      ['REMOVE', removes],
      ['ADD', membersOf(add)],
      ['DELETE', membersOf(take)],
    ] as const;
    return clauses
      .filter(([, changes]) => changes.length > 0)
      .map(([word, changes]) => `${word} ${changes.join(', ')}`)
      .join(' ');
  };
}

/** Writes an item, in place of the one with its key. @returns whether the condition held. */
export function putItem(
  { client, name: TableName }: Table,
  item: Item,
  condition?: Expression,
): Promise<boolean> {
  const Item = marshall(item, { removeUndefinedValues: true });
  const conditions = written({ ConditionExpression: condition });
  return passes(client.send(new PutItemCommand({ TableName, Item, ...conditions })));
}

/** Deletes an item. @returns whether the condition held. */
export function deleteItem(
  { client, name: TableName }: Table,
  { pk, sk }: Key,
  condition: Expression,
): Promise<boolean> {
  const conditions = written({ ConditionExpression: condition });
  const Key = marshall({ pk, sk });
  return passes(client.send(new DeleteItemCommand({ TableName, Key, ...conditions })));
}

async function passes(write: Promise<unknown>): Promise<boolean> {
  try {
    await write;
    return true;
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) return false;
    throw error;
  }
}

/** What a query asks for besides its key. */
export interface QueryOptions
  extends Pick<QueryCommandInput, 'IndexName' | 'Select' | 'ConsistentRead' | 'ScanIndexForward'> {
  readonly filter?: Expression;
  /** The names of those that are needed. Default: all. */
  readonly attributes?: readonly string[];
  /** Ends it. Default: nothing does. */
  readonly abortSignal?: AbortSignal;
}

export interface QueryPage {
  readonly items: Record<string, unknown>[];
  readonly count: number;
}

/** The pages of a query, to the last one, each asked for when the one before has been worked on. */
export async function* query(
  { client, name: TableName }: Table,
  key: Expression,
  { filter, attributes, abortSignal, ...options }: QueryOptions = {},
): AsyncGenerator<QueryPage> {
  const expressions = written({
    KeyConditionExpression: key,
    FilterExpression: filter,
    ProjectionExpression: attributes && projection(attributes),
  });
  const request = { TableName, ...options, ...expressions };
  for await (const page of paginateQuery({ client }, request, { abortSignal })) {
    const { Items = [], Count = 0 } = page;
    yield { items: Items.map((item) => unmarshall(item)), count: Count };
  }
}

/** A page of a scan; `next`: the item after which the next page begins, absent of the last page. */
export interface ScanPage {
  readonly items: Record<string, unknown>[];
  /** How many items it went through, whether they pass the filter or not. */
  readonly scanned: number;
  readonly next?: Key;
}

/** One of `of` parts of a table, the first being 0, which can be scanned at the same time. */
export interface ScanPart {
  readonly part: number;
  readonly of: number;
}

/** How many items of the table a page of a scan goes through. */
const SCAN_PAGE = 500;

/** The items of the whole table, or of a part, that pass a filter, from the one after `from` on, page by page. */
export async function* scan(
  { client, name: TableName }: Table,
  filter: Expression,
  attributes: readonly string[],
  { from, part, of }: { readonly from?: Key } & Partial<ScanPart> = {},
): AsyncGenerator<ScanPage> {
  const input = {
    TableName,
    Limit: SCAN_PAGE,
    Segment: part,
    TotalSegments: of,
    ExclusiveStartKey: from && marshall({ pk: from.pk, sk: from.sk }),
    ...written({
      FilterExpression: filter,
      ProjectionExpression: projection(attributes),
    }),
  };
  for await (const page of paginateScan({ client }, input)) {
    const { Items = [], ScannedCount = 0, LastEvaluatedKey } = page;
    const next = LastEvaluatedKey && (unmarshall(LastEvaluatedKey) as Key);
    yield { items: Items.map((item) => unmarshall(item)), scanned: ScannedCount, next };
  }
}

/** All items with this `pk`. */
export async function getItems(
  table: Table,
  pk: string,
  abortSignal?: AbortSignal,
): Promise<unknown[]> {
  const found: unknown[] = [];
  const pages = query(table, expression`pk = ${pk}`, { ConsistentRead: true, abortSignal });
  for await (const { items } of pages) found.push(...items);
  return found;
}

/** The item with this key, as it is at the time of reading: by a query, which the functions' roles allow. */
export async function findItem(
  table: Table,
  { pk, sk }: Key,
): Promise<Record<string, unknown> | undefined> {
  const one = expression`pk = ${pk} AND sk = ${sk}`;
  for await (const { items } of query(table, one, { ConsistentRead: true })) return items[0];
  return undefined;
}

const projection =
  (attributes: readonly string[]): Expression =>
  () =>
    attributes.map((name) => `#${name}`).join();

/** Expressions as a request takes them: as text, with what its placeholders stand for, which must not be empty. */
function written<Name extends string>(
  expressions: Readonly<Record<Name, Expression | undefined>>,
): Partial<Record<Name, string>> &
  Pick<QueryCommandInput, 'ExpressionAttributeNames' | 'ExpressionAttributeValues'> {
  const values: Record<string, unknown> = {};
  const bind = (value: unknown) => {
    const placeholder = `:v${Object.keys(values).length}`;
    values[placeholder] = value;
    return placeholder;
  };
  const texts: Partial<Record<Name, string>> = {};
  const names: Record<string, string> = {};
  for (const [name, write] of Object.entries<Expression | undefined>(expressions)) {
    if (!write) continue;
    const text = write(bind);
    texts[name as Name] = text;
    for (const [placeholder] of text.matchAll(/#\w+/g)) names[placeholder] = placeholder.slice(1);
  }
  return {
    ...texts,
    ExpressionAttributeNames: Object.keys(names).length > 0 ? names : undefined,
    ExpressionAttributeValues:
      Object.keys(values).length > 0
        ? marshall(values, { removeUndefinedValues: true })
        : undefined,
  };
}
