import { DeleteSecretCommand } from '@aws-sdk/client-secrets-manager';
import { startLocalAws } from '../../emulators/aws.ts';
import type { Resource } from '../../emulators/template.ts';
import { NOTIFY } from '../../stack/names.ts';
import { TABLE, table as tableResource } from '../../stack/table.ts';
import { OPERATOR, runCli } from '../testing/cli.ts';
import { startControlPlane } from '../testing/control-plane.ts';
import { APP_SERVER } from '../testing/records.ts';
import { secretsAt } from '../testing/secrets-manager.ts';
import { environmentOf } from '../unit/stack/complete-settings.ts';

let started = new AsyncDisposableStack();
afterEach(async () => {
  await started.disposeAsync();
  started = new AsyncDisposableStack();
});

/** A local AWS with a deployed stack, and what runs commands in it. */
async function start() {
  const now = () => new Date();
  const aws = await startLocalAws({ callers: { operator: APP_SERVER }, now });
  started.defer(() => aws.stop());
  await aws.dynamoDb.createTable(tableResource[TABLE] as Resource);
  const controlPlane = await startControlPlane([], {
    outputs: { NotifyFunctionName: 'notify' },
    environment: { ...environmentOf(NOTIFY, {}), TABLE_NAME: aws.dynamoDb.table.name },
  });
  started.defer(() => controlPlane.stop());
  const environment = { ...aws.endpoints, ...controlPlane.endpoints, ...OPERATOR };
  const { create } = secretsAt(aws.secretsManager.endpoint, 'operator');
  const client = aws.clientOf('operator');
  return {
    run: (command: string, ...args: string[]) => runCli(command, args, environment),
    create,
    async schedule(SecretId: string) {
      await create(SecretId);
      await client.send(new DeleteSecretCommand({ SecretId, RecoveryWindowInDays: 7 }));
    },
  };
}

const ADMIN = 'arn:aws:sts::111122223333:assumed-role/admin/alice';

test('a secret is muted, listed, shown by the status, and not muted any more', async () => {
  const { run, schedule } = await start();
  await schedule('prod/db');
  const given = ['--secret', 'prod/db', '--for', '3d', '--reason', 'replaced next week'];
  const made = await run('mute', ...given);
  expect(made).toMatchObject({ code: 0, stderr: '' });
  expect(made.stdout).toMatch(
    /^Muted: prod\/db, account \d+, Region eu-west-1\n {2}Caller: {2}all\n/,
  );
  expect(made.stdout).toContain(`By:      alice (${ADMIN}), on `);
  expect(made.stdout).toMatch(/To remove it: npm run mute -- --secret prod\/db --remove\n$/);

  const listed = await run('mute', '--list');
  expect(listed).toMatchObject({ code: 0, stdout: expect.stringMatching(/^prod\/db, account/) });
  const status = await run('status');
  expect(status.stdout).toMatch(
    / Muted: +by alice until .+ UTC: replaced next week \(0\s+attempts\)/,
  );

  const removed = await run('mute', '--secret', 'prod/db', '--remove');
  expect(removed).toMatchObject({ code: 0, stdout: expect.stringMatching(/^Removed: prod\/db,/) });
  expect((await run('mute', '--list')).stdout).toBe('No mute is in force.\n');
  expect(JSON.parse((await run('mute', '--list', '--json')).stdout).mutes).toEqual([
    {
      secret: 'prod/db',
      accountId: '111122223333',
      region: 'eu-west-1',
      by: 'alice',
      byArn: ADMIN,
      reason: 'replaced next week',
      from: expect.any(String),
      until: expect.any(String),
      endedAt: expect.any(String),
      isInForce: false,
    },
  ]);
  expect((await run('status')).stdout).not.toContain('Muted:');
});

test('some callers are muted beside others, as one JSON object', async () => {
  const { run, schedule } = await start();
  await schedule('prod/db');
  for (const role of ['a-job', 'b-job']) {
    const caller = `arn:aws:iam::*:role/${role}`;
    const args = ['--secret', 'prod/db', '--caller', caller, '--reason', 'we know', '--json'];
    const { code, stdout } = await run('mute', ...args);
    expect([code, JSON.parse(stdout)]).toEqual([
      0,
      expect.objectContaining({ muted: expect.objectContaining({ caller, isInForce: true }) }),
    ]);
  }
  expect(JSON.parse((await run('mute', '--list', '--json')).stdout).mutes).toHaveLength(2);
});

describe('wrong use ends with exit code 2 and one line on stderr:', () => {
  test.each([
    ['nothing', [], /^error: Expected --secret .+ Expected --reason .+--help shows how\.\n$/],
    [
      'a secret that is not there',
      ['--secret', 'x', '--reason', 'a'],
      /^error: Expected a secret x/,
    ],
    ['a secret that stays', ['--secret', 'kept', '--reason', 'a'], /is not scheduled for deletion/],
    ['no mute to remove', ['--secret', 'kept', '--remove'], /Expected a mute of kept in force/],
  ])('%s', async (_, args, message) => {
    const { run, create } = await start();
    await create('kept');
    const { code, stdout, stderr } = await run('mute', ...args);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(message);
    expect(stderr.trim()).not.toContain('\n');
  });
});
