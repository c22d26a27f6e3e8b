/** DynamoDB in a thread of its own, which fails as its clients request; posts its endpoint. */
import { parentPort, workerData } from 'node:worker_threads';
import { serveDynamoDb } from './dynamodb.ts';
import { injectFaults } from './faults.ts';

injectFaults();
const { endpoint } = await serveDynamoDb(workerData);
parentPort?.postMessage(endpoint);
