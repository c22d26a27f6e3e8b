import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { HOME } from '../../emulators/client.ts';
import { getItems, type Table } from '../../lib/aws/table.ts';
import { identifySecret } from '../../lib/cloudtrail/secret-id.ts';
import type { Change } from '../../lib/deletion/change.ts';
import { createClashStore } from '../../lib/deletion/clashes.ts';
import { partitionKey, readPage } from '../../lib/deletion/ledger.ts';
import { aws, deployed, type Settings } from './world.ts';

const client = new DynamoDBClient(aws);

/** The stack's table. */
export async function deployedTable(settings?: Settings): Promise<Table> {
  const { TableName: name = '' } = await deployed(settings);
  return { client, name };
}

export const secretOf = (name: string, place = HOME) => identifySecret(name, place);

/** What the ledger knows of the secret of that name. */
export async function changeOf(name: string, place = HOME): Promise<Change | undefined> {
  const secret = secretOf(name, place);
  const items = await getItems(await deployedTable(), partitionKey(secret) ?? '');
  return readPage(items, secret).change;
}

/** How often the name of a secret was found taken, as far as no mail has said so. */
export async function countTries(name: string): Promise<number> {
  const clashes = await createClashStore(await deployedTable()).of(secretOf(name));
  return clashes.reduce((sum, { calls }) => sum + calls.length, 0);
}
