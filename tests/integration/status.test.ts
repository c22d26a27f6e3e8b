import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DeleteSecretCommand } from '@aws-sdk/client-secrets-manager';
import { startLocalAws } from '../../emulators/aws.ts';
import { ACCOUNT, REGION } from '../../emulators/client.ts';
import type { EventHistoryOptions } from '../../emulators/event-history.ts';
import type { Resource } from '../../emulators/template.ts';
import { readAttempt } from '../../lib/attempt/attempt.ts';
import { attemptItem, attemptPartition } from '../../lib/attempt/item.ts';
import { createAttemptStore } from '../../lib/attempt/store.ts';
import type { Item } from '../../lib/aws/table.ts';
import { getItems } from '../../lib/aws/table.ts';
import { parseRecord } from '../../lib/cloudtrail/record.ts';
import { identifySecret } from '../../lib/cloudtrail/secret-id.ts';
import { DAY_MS } from '../../lib/time.ts';
import { NOTIFY } from '../../stack/names.ts';
import { TABLE, table as tableResource } from '../../stack/table.ts';
import { attempt } from '../testing/attempts.ts';
import { ended, OPERATOR, runCli, startCli } from '../testing/cli.ts';
import { startControlPlane } from '../testing/control-plane.ts';
import { APP_SERVER } from '../testing/records.ts';
import { secretsAt } from '../testing/secrets-manager.ts';
import { environmentOf } from '../unit/stack/complete-settings.ts';

let started = new AsyncDisposableStack();
afterEach(async () => {
  await started.disposeAsync();
  started = new AsyncDisposableStack();
});

/** A local AWS with a deployed stack whose clock can be set back, and what runs the command in it. */
async function start(options: EventHistoryOptions = {}) {
  let ago = 0;
  const now = () => new Date(Date.now() - ago);
  const aws = await startLocalAws({ callers: { operator: APP_SERVER }, now, ...options });
  started.defer(() => aws.stop());
  const { table } = aws.dynamoDb;
  await aws.dynamoDb.createTable(tableResource[TABLE] as Resource);
  const controlPlane = await startControlPlane([], {
    outputs: { NotifyFunctionName: 'notify' },
    environment: {
      ...environmentOf(NOTIFY, { ownerTagKeys: 'owner' }),
      TABLE_NAME: table.name,
    },
  });
  started.defer(() => controlPlane.stop());
  const environment = { ...aws.endpoints, ...controlPlane.endpoints, ...OPERATOR };
  const { create, get } = secretsAt(aws.secretsManager.endpoint, 'operator');
  const client = aws.clientOf('operator');
  return {
    aws,
    table,
    status: (...args: string[]) => runCli('status', args, environment),
    startStatus: (...args: string[]) => startCli('status', args, environment),
    /** Sets the clock of Secrets Manager back, in ms. */
    goBack(ms: number) {
      ago = ms;
    },
    async schedule(SecretId: string) {
      await create(SecretId);
      await client.send(new DeleteSecretCommand({ SecretId, RecoveryWindowInDays: 7 }));
    },
    /** An application tries to read it. Returns the item of its attempt. */
    async ask(SecretId: string) {
      await expect(get({ SecretId })).rejects.toThrow('marked for deletion');
      const { attempt } = readAttempt(parseRecord(aws.records.at(-1)), now());
      if (!attempt) throw new Error('no attempt');
      return attemptItem(attempt, now());
    },
    recorded: (name: string) =>
      getItems(table, attemptPartition(identifySecret(name, { ...WHERE }))) as Promise<Item[]>,
  };
}

const WHERE = { accountId: ACCOUNT, region: REGION };

test('shows the secrets that are pending, from the list of AWS and the table', async () => {
  const { schedule, ask, table, status } = await start();
  await schedule('prod/db');
  await schedule('unused');
  await schedule('deleted-secret-notifier-drill-1');
  await createAttemptStore(table).record(await ask('prod/db'));
  const { code, stdout, stderr } = await status();
  expect([code, stderr]).toEqual([0, '']);
  expect(stdout).toMatch(/^2 secrets scheduled for deletion in account \d{12}, Region eu-west-1:/);
  expect(stdout).toMatch(
    /still in use +prod\/db\n[\s\S]+Owner: +payments[\s\S]+ 1 x role app-server/,
  );
  expect(stdout).toMatch(/too soon to tell +unused\n/);
  expect(stdout).toMatch(/before .+ UTC: unknown[\s\S]+Left out: 1 secret of drills\.\n$/);
});

test('counts the attempts by a partial ARN that looks like a complete one for its secret alone', async () => {
  const { schedule, table, status } = await start();
  await schedule('app');
  await schedule('app-config');
  const partial = `arn:aws:secretsmanager:${REGION}:${ACCOUNT}:secret:app-config`;
  const read = attempt({ secret: identifySecret(partial, WHERE), time: new Date() });
  await createAttemptStore(table).record(attemptItem(read, new Date()));
  const { stdout } = await status('--short');
  expect(stdout).toMatch(/still in use +app-config\n/);
  expect(stdout).toMatch(/too soon to tell +app\n/);
});

test('with --short it prints a line for each', async () => {
  const { schedule, status } = await start();
  await schedule('unused');
  const { stdout } = await status('--short');
  expect(stdout).toMatch(/ too soon to tell +unused\n\nWhat is unknown/);
});

describe('with --backfill', () => {
  const DENIED = { code: 'AccessDeniedException', message: 'not authorized' };

  test('attempts and deletions of the past are read from the event history, and kept', async () => {
    const { schedule, ask, goBack, status, recorded } = await start();
    goBack(5 * DAY_MS);
    await schedule('prod/db');
    for (let i = 0; i < 51; i++) await ask('prod/db');
    const asked = Date.now();
    const { code, stdout, stderr } = await status('--backfill', '--json');
    expect([code, stderr]).toEqual([
      0,
      expect.stringMatching(
        /^Event history: 52 records back to .+ UTC, 51 attempts not known before\.\n$/,
      ),
    ]);
    const { secrets, time } = JSON.parse(stdout);
    // As of when that was read: four pages, half a second apart.
    expect(Date.parse(time) - asked).toBeGreaterThan(1400);
    expect(secrets).toMatchObject([
      {
        name: 'prod/db',
        daysLeft: { least: expect.closeTo(2, 1), most: expect.closeTo(2, 1) },
        scheduled: { by: 'arn:aws:iam::111122223333:role/app-server', windowDays: 7 },
        attempts: { count: 51, isComplete: true },
        verdict: { kind: 'quiet', days: 5 },
      },
    ]);
    const items = await recorded('prod/db');
    expect(items).toHaveLength(51);
    expect(items.filter(({ backfilled }) => backfilled !== true)).toEqual([]);
  });

  test('what is known stays as it is, and what was read is reported if it is delivered after all', async () => {
    const { schedule, ask, table, status, recorded } = await start();
    await schedule('prod/db');
    const items = [await ask('prod/db'), await ask('prod/db'), await ask('prod/db')];
    const [alerting, deferred, known] = items as [Item, Item, Item];
    const attempts = createAttemptStore(table);
    await attempts.record(known);
    await status('--backfill');
    const now = Date.now();
    const lease = { token: 'run', now, leaseUntil: now + 60_000 };
    expect(await attempts.recordAlerting(alerting, lease)).toBe(true);
    expect(await attempts.record(deferred)).toBe(true);
    expect(await attempts.record(known)).toBe(false);
    const kept = (await recorded('prod/db')).map(({ alertBy, backfilled }) => [
      alertBy,
      backfilled,
    ]);
    expect(new Set(kept.map(String))).toEqual(new Set(['run,', ',']));
  });

  test('that CloudTrail ends early, the status is shown, with how far it got', async () => {
    const { schedule, ask, aws, status } = await start();
    await schedule('prod/db');
    await ask('prod/db');
    aws.eventHistory.failNext('LookupEvents', DENIED, 1, 2);
    const { code, stdout, stderr } = await status('--backfill');
    expect(code).toBe(1);
    expect(stdout).toContain('prod/db');
    expect(stderr).toMatch(/Event history: .+; 1 record back to/);
  });

  test('that is interrupted ends, with how far it got, and the status', async () => {
    let child: ReturnType<typeof startCli> | undefined;
    // The fourth call reads the second page of attempts; half a second later it would read the third.
    const onCall = (calls: number) => calls === 4 && child?.kill('SIGINT');
    const { schedule, ask, startStatus } = await start({ onCall });
    await schedule('prod/db');
    for (let i = 0; i < 101; i++) await ask('prod/db');
    child = startStatus('--backfill');
    const { code, stdout, stderr } = await ended(child);
    expect([code, stdout]).toEqual([130, expect.stringContaining('prod/db')]);
    expect(stderr).toMatch(
      /^Event history: interrupted; \d+ records back to .+\n.+run it again\.\n$/,
    );
  });

  test('that CloudTrail refuses is reported in one line', async () => {
    const { aws, status } = await start();
    aws.eventHistory.failNext('LookupEvents', DENIED);
    expect(await status('--backfill')).toEqual({
      code: 2,
      stdout: '',
      stderr: 'error: AccessDeniedException: not authorized\n',
    });
  });
});

test('with --html it writes a page', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'status-'));
  started.defer(() => rm(directory, { recursive: true }));
  const { schedule, status } = await start();
  await schedule('prod/db');
  const file = join(directory, 'status.html');
  expect(await status('--html', file)).toEqual({
    code: 0,
    stdout: '',
    stderr: `Written: ${file}\n`,
  });
  expect(await readFile(file, 'utf8')).toMatch(/^<!doctype html>[\s\S]+prod\/db[\s\S]+<\/html>\n$/);
});

describe('wrong use ends with exit code 2 and one line on stderr:', () => {
  test('no credentials', async () => {
    const { code, stdout, stderr } = await runCli('status', [], { AWS_REGION: 'eu-west-1' });
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(/^error: .*credentials.*\n$/);
  });

  test.each([
    [
      'a stage without a stack',
      ['--stage', 'x'],
      /Expected a stack deleted-secret-notifier-x in eu-west-1, got none\. Give/,
    ],
    [
      'a file that cannot be written',
      ['--html', '/no/such/file'],
      /\/no\/such\/file: expected a file to write/,
    ],
    ['no file at all', ['--html', ''], /expected a file to write/],
  ])('%s', async (_, args, message) => {
    const { status } = await start();
    expect(await status(...args)).toEqual({
      code: 2,
      stdout: '',
      stderr: expect.stringMatching(message),
    });
  });
});
