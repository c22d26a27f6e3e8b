import { mkdtemp, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { putOnBus } from '../bus.ts';
import { operate } from '../commands.ts';
import { eventually } from '../eventually.ts';
import { useMailbox } from '../mailbox.ts';
import { admin, attempt, createPending } from '../secrets.ts';
import { deployed } from '../world.ts';

/** A secret in `status --json`. */
async function statusOf(name: string) {
  const { code, stdout, stderr } = await operate('status', ['--json']);
  expect([code, stderr]).toEqual([0, '']);
  const { secrets } = JSON.parse(stdout) as { secrets: Record<string, unknown>[] };
  return secrets.find((secret) => secret.name === name);
}

describe('The status of pending secrets', () => {
  const mailbox = useMailbox(async () => (await deployed()).AlertTopicArn);

  test('joins what AWS lists, the ledger and the attempts', async () => {
    const date = await createPending('status/asked', [{ Key: 'owner', Value: 'payments' }]);
    await putOnBus(admin.lastRecord(), await attempt('status/asked'));
    await createPending('status/unasked');
    await mailbox().next();
    const status = await eventually(
      () => statusOf('status/asked'),
      (found) => found?.scheduled !== undefined, // tracked beside the alert
    );
    expect(status).toMatchObject({
      deletion: { kind: 'exact', date: expect.stringContaining(date.toISOString().slice(0, 16)) },
      scheduled: { by: 'arn:aws:iam::111122223333:role/platform-admin', windowDays: 7 },
      owner: 'payments',
      attempts: { count: 1, callers: [{ name: 'role app-server', count: 1 }] },
      verdict: { kind: 'in-use' },
    });
    expect(await statusOf('status/unasked')).toMatchObject({
      daysLeft: { least: expect.closeTo(7, 1), most: expect.closeTo(7, 1) },
      attempts: { count: 0 },
      verdict: { kind: 'too-soon' },
    });
  });

  test('is a table for people, and a page', async () => {
    const { stdout } = await operate('status');
    expect(stdout).toMatch(/still in use +status\/asked\n/);
    expect(stdout).toMatch(/too soon to tell +status\/unasked\n/);
    const file = join(await mkdtemp(join(tmpdir(), 'status-')), 'status.html');
    expect(await operate('status', ['--html', file])).toMatchObject({ code: 0 });
    expect(await readFile(file, 'utf8')).toContain('<span class="name">status/asked</span>');
  });

  // The emulator's history has no errors, so no attempts: tests/integration/status.test.ts has them.
  test('reads the event history to its end, and may do so again', async () => {
    const end = /^Event history: \d+ records? back to .+, 0 attempts not known before\.\n$/;
    for (let i = 0; i < 2; i++) {
      const { code, stderr } = await operate('status', ['--backfill']);
      expect([code, stderr]).toEqual([0, expect.stringMatching(end)]);
    }
    expect(await statusOf('status/unasked')).toMatchObject({ attempts: { isComplete: true } });
  });
});
