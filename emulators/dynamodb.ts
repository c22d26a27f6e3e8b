import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import {
  CreateTableCommand,
  DynamoDBClient,
  ResourceInUseException,
  waitUntilTableExists,
} from '@aws-sdk/client-dynamodb';
import { AbstractValueIterator } from 'abstract-level';
import dynalite from 'dynalite';
import db from 'dynalite/db/index.js';
import updateItem from 'dynalite/validations/updateItem.js';
import type { Table } from '../lib/aws/table.ts';
import { clientSettings } from './client.ts';
import { listen, type Server } from './service.ts';
import type { Resource } from './template.ts';

export interface DynamoDb {
  readonly endpoint: string;
  /** The stack's table, once it is created. */
  readonly table: Table;
  /** Creates the table as a template describes it; keeps the one that an earlier deployment created. */
  createTable(resource: Resource): Promise<void>;
  stop(): Promise<void>;
}

closeIterators();
returnConditionItems();

/**
 * Starts DynamoDB on 127.0.0.1. Its items do not expire.
 * @param path the directory where it stores them, in a thread of its own, so that memory stays flat; default: in memory
 */
export async function startDynamoDb(path?: string): Promise<DynamoDb> {
  const { endpoint, stop } = path === undefined ? await serveDynamoDb() : await startThread(path);
  const client = new DynamoDBClient(clientSettings(endpoint, 'database'));
  const name = 'deleted-secret-notifier';
  return {
    endpoint,
    table: { client, name },
    createTable: ({ Properties }) => createTable(client, name, Properties),
    async stop() {
      client.destroy();
      await stop();
    },
  };
}

/** Serves DynamoDB in this thread. */
export const serveDynamoDb = (path?: string): Promise<Server> =>
  listen(dynalite({ createTableMs: 0, path }));

async function startThread(path: string): Promise<Server> {
  const thread = new Worker(new URL('dynamodb-thread.ts', import.meta.url), {
    execArgv: [],
    workerData: path,
    resourceLimits: { maxYoungGenerationSizeMb: 16, maxOldGenerationSizeMb: 256 },
  });
  const [endpoint] = await once(thread, 'message');
  return { endpoint, stop: async () => void (await thread.terminate()) };
}

/** The properties of a table's keys, which are the same in CloudFormation and in the API. */
async function createTable(
  client: DynamoDBClient,
  TableName: string,
  { AttributeDefinitions, KeySchema, GlobalSecondaryIndexes, BillingMode }: Resource['Properties'],
): Promise<void> {
  const keys = { AttributeDefinitions, KeySchema, GlobalSecondaryIndexes };
  try {
    await client.send(new CreateTableCommand({ TableName, BillingMode, ...keys }));
  } catch (error) {
    if (!(error instanceof ResourceInUseException)) throw error;
  }
  // It is not there at once: as DynamoDB does, dynalite answers while it still makes it.
  const delays = { minDelay: 0.01, maxDelay: 0.1, maxWaitTime: 10 }; // seconds
  await waitUntilTableExists({ client, ...delays }, { TableName });
}

/**
 * Lets dynalite close its iterators: it calls `return`, which those of Level lack. Left open they keep everything that is
 * overwritten later, in memory and on disk.
 */
function closeIterators(): void {
  Object.assign(AbstractValueIterator.prototype, {
    return(this: AbstractValueIterator<unknown, unknown, unknown>) {
      return this.close();
    },
  });
}

/**
 * Adds to dynalite: an UpdateItem whose condition fails returns the item, if the request says so.
 * Source: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_UpdateItem.html
 */
function returnConditionItems(): void {
  const { checkConditional } = db;
  updateItem.types.ReturnValuesOnConditionCheckFailure = {
    type: 'String',
    enum: ['ALL_OLD', 'NONE'],
  };
  db.checkConditional = (request, item) => {
    const failure = checkConditional(request, item);
    const isAsked = request.ReturnValuesOnConditionCheckFailure === 'ALL_OLD';
    if (failure && item && isAsked) failure.body.Item = item;
    return failure;
  };
}
