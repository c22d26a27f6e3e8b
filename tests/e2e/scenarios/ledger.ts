import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { ACCOUNT, REGION } from '../../../emulators/client.ts';
import { getItems } from '../../../lib/aws/table.ts';
import { identifySecret } from '../../../lib/cloudtrail/secret-id.ts';
import { partitionKey, readPage } from '../../../lib/deletion/ledger.ts';
import { putOnBus } from '../bus.ts';
import { eventually } from '../eventually.ts';
import { useMailbox } from '../mailbox.ts';
import { admin, attempt, createPending } from '../secrets.ts';
import { aws, deployed } from '../world.ts';

const client = new DynamoDBClient(aws);
const NAME = 'prod/ledger';

/** What the ledger knows of the secret. */
async function change() {
  const { TableName: name = '' } = await deployed();
  const secret = identifySecret(NAME, { accountId: ACCOUNT, region: REGION });
  return readPage(await getItems({ client, name }, partitionKey(secret) ?? ''), secret).change;
}

describe('The ledger follows deletions', () => {
  const mailbox = useMailbox(async () => (await deployed()).AlertTopicArn);

  test('a deletion fills it', async () => {
    const date = await createPending(NAME);
    await putOnBus(admin.lastRecord());
    const written = await eventually(change, (found) => found !== undefined);
    expect(written).toMatchObject({ kind: 'deletion', windowDays: 7 });
    expect(written?.requestedBy.name).toBe('role platform-admin');
    // The times of records are whole seconds.
    const seconds = Math.floor(date.getTime() / 1000) * 1000;
    expect(written).toHaveProperty('date', new Date(seconds));
  });

  test('the mail names who requested it', async () => {
    await putOnBus(await attempt(NAME));
    const { body } = await mailbox().next();
    expect(body).toMatch(/^Scheduled: +by role platform-admin, session ada/m);
  });

  test('a restored secret clears it', async () => {
    // In the same second, the unit of records, the deletion would count: docs/decisions/0008-ledger-order.md
    const deletedAt = (await change())?.requestedAt.getTime() ?? 0;
    await eventually(
      async () => Date.now(),
      (now) => now >= deletedAt + 1000,
    );
    await admin.restore(NAME);
    await putOnBus(admin.lastRecord());
    await eventually(change, (found) => found?.kind === 'cancellation');
  });
});
