/** DynamoDB in a thread of its own, on disk, so that memory stays flat; tells where it is. */
import { parentPort, workerData } from 'node:worker_threads';
import { startDynamoDb } from '../emulators/dynamodb.ts';
import { injectFaults } from './environment/faults.ts';

injectFaults();
const { directory, resource } = workerData;
const dynamoDb = await startDynamoDb(directory);
await dynamoDb.createTable(resource);
parentPort?.postMessage({ endpoint: dynamoDb.endpoint, tableName: dynamoDb.table.name });
