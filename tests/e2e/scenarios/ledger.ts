import { putOnBus } from '../bus.ts';
import { eventually } from '../eventually.ts';
import { useMailbox } from '../mailbox.ts';
import { admin, attempt, createPending } from '../secrets.ts';
import { changeOf } from '../table.ts';
import { deployed } from '../world.ts';

const NAME = 'prod/ledger';

const change = () => changeOf(NAME);

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
