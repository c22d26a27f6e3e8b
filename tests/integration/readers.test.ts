import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CreateSecretCommand } from '@aws-sdk/client-secrets-manager';
import { startLocalAws } from '../../emulators/aws.ts';
import { ACCOUNT } from '../../emulators/client.ts';
import type { EventHistoryOptions } from '../../emulators/event-history.ts';
import { DAY_MS, HOUR_MS } from '../../lib/time.ts';
import { ended, OPERATOR, runCli, startCli } from '../testing/cli.ts';
import { batchBy } from '../testing/history.ts';
import { APP_SERVER } from '../testing/records.ts';
import { secretsAt } from '../testing/secrets-manager.ts';

const STATES = join(import.meta.dirname, '../../.build/readers');

let started = new AsyncDisposableStack();
afterEach(async () => {
  await started.disposeAsync();
  started = new AsyncDisposableStack();
});

/** A local AWS, in which no stack is deployed, whose clock can be set back. */
async function start(options: EventHistoryOptions = {}) {
  let ago = 100 * DAY_MS;
  const now = () => new Date(Date.now() - ago);
  const aws = await startLocalAws({
    callers: { operator: APP_SERVER },
    now,
    hasReadResource: true,
    ...options,
  });
  started.defer(() => aws.stop());
  const environment = { ...aws.endpoints, ...OPERATOR };
  const { create, get } = secretsAt(aws.secretsManager.endpoint, 'operator');
  await create('prod/db');
  return {
    aws,
    create,
    endpoints: aws.endpoints,
    readers: (...args: string[]) => runCli('readers', args, environment),
    startReaders: (...args: string[]) => startCli('readers', args, environment),
    /** Reads it so often, so many days ago. */
    async read(SecretId: string, days: number, times = 1) {
      ago = days * DAY_MS;
      for (let i = 0; i < times; i++) await get({ SecretId });
      ago = 0;
    },
  };
}

/** An empty folder, which goes with the test. */
async function makeFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'readers-'));
  started.defer(() => rm(folder, { recursive: true }));
  return folder;
}

/** What is kept of runs that were interrupted, besides what was there before. */
async function statesSince(before: readonly string[]) {
  return (await readdir(STATES).catch(() => [])).filter((file) => !before.includes(file));
}

test('shows who has read a secret, by name and by ARN, over several pages', async () => {
  const { readers, read, aws } = await start();
  const arn = String(aws.records[0]?.responseElements?.arn);
  await read('prod/db', 40, 51);
  await read(arn, 30, 2);
  await read(arn.slice(0, -7), 25);
  const { code, stdout, stderr } = await readers('--secret', 'prod/db', '--json');
  expect([code, stderr]).toEqual([
    0,
    expect.stringMatching(/^Event history: 55 events back to .+ UTC\.\n$/),
  ]);
  expect(JSON.parse(stdout)).toMatchObject({
    accountId: ACCOUNT,
    days: 90,
    secrets: [
      {
        name: 'prod/db',
        reads: 54,
        callers: [{ caller: `arn:aws:iam::${ACCOUNT}:role/app-server`, reads: 54 }],
        verdict: { kind: 'quiet', windowDays: 30 },
      },
    ],
  });
});

test('where the events do not name what they read, the day of the last read that AWS tells leads to all reads', async () => {
  const { readers, read } = await start({ hasReadResource: false });
  await read('prod/db', 1.5, 3);
  const { code, stdout, stderr } = await readers('--secret', 'prod/db', '--json');
  expect(code).toBe(0);
  expect(stderr).toMatch(
    /by the secret it does not show the read of \d{4}-\d\d-\d\d that AWS tells/,
  );
  expect(JSON.parse(stdout).secrets).toMatchObject([{ reads: 3, verdict: { kind: 'in-use' } }]);
});

test('a secret alone and among all: who reads it in batches is found, and the verdict is the same', async () => {
  const { readers, read, aws } = await start();
  await read('prod/db', 30);
  const hourAgo = new Date(Date.now() - HOUR_MS);
  (aws.records as unknown[]).push(
    batchBy('etl', { SecretIdList: ['prod/db', 'other'] }, hourAgo),
    batchBy('sync', { Filters: [{ Key: 'name', Values: ['prod'] }] }, hourAgo),
  );
  const alone = JSON.parse((await readers('--secret', 'prod/db', '--json')).stdout);
  const all = JSON.parse((await readers('--all', '--json')).stdout);
  expect(alone).toMatchObject({
    secrets: [{ reads: 1, batches: 1, verdict: { kind: 'in-use' } }],
    batchesByFilters: [{ name: 'role sync', count: 1 }],
  });
  expect(alone.secrets).toEqual(all.secrets);
  expect(alone.batchesByFilters).toEqual(all.batchesByFilters);
});

test('a read of today that the history does not show yet does not lead to all reads', async () => {
  const { readers, read, aws } = await start();
  await read('prod/db', 0);
  (aws.records as unknown[]).pop();
  const { stdout, stderr } = await readers('--secret', 'prod/db', '--json');
  expect(stderr).not.toContain('all reads in the Region');
  expect(JSON.parse(stdout).secrets).toMatchObject([{ reads: 0, verdict: { kind: 'in-use' } }]);
});

test('a read that only AWS tells is in the verdict', async () => {
  const { readers, read, aws } = await start();
  await read('prod/db', 5);
  await read('prod/db', 0);
  (aws.records as unknown[]).pop();
  const { stdout, stderr } = await readers('--secret', 'prod/db');
  // It is not late yet.
  expect(stderr).toMatch(/^Event history: 2 events back to .+\n$/);
  expect(stdout).toMatch(/Read on \d{4}-\d\d-\d\d, by whom the event history does not show/);
});

test('ranks all, with the Regions of replicas and what each costs', async () => {
  const { readers, read, create, aws } = await start();
  await create('unused');
  await aws.clientOf('operator').send(
    new CreateSecretCommand({
      Name: 'global',
      SecretString: 'x',
      AddReplicaRegions: [{ Region: 'us-east-1' }],
    }),
  );
  await read('prod/db', 1);
  const { code, stdout } = await readers('--all');
  expect(code).toBe(0);
  expect(stdout).toMatch(
    /^3 secrets in account 111122223333, Region eu-west-1, by last read, of 90 days:\n\nLAST READ.+\nnever .+ \$0\.80 +not read +global\nnever .+ \$0\.40 +not read +unused\n20.+ \$0\.40 +in use +prod\/db\n/,
  );
  const replica = await readers('--secret', 'global', '--region', 'us-east-1');
  expect(replica.stdout).toContain('it is one, of the primary in eu-west-1');
});

test('writes a page', async () => {
  const { readers } = await start();
  const file = join(await makeFolder(), 'page.html');
  const { code, stdout, stderr } = await readers('--secret', 'prod/db', '--html', file);
  expect([code, stdout, stderr]).toEqual([0, '', expect.stringContaining(`Written: ${file}\n`)]);
  expect(await readFile(file, 'utf8')).toContain('<title>Who reads prod/db</title>');
});

test('a page that cannot be written is refused before anything is asked', async () => {
  const { readers, aws } = await start();
  const folder = await makeFolder();
  for (const file of [join(folder, 'none', 'page.html'), folder, '']) {
    const { code, stderr } = await readers('--secret', 'prod/db', '--html', file);
    expect([code, stderr]).toEqual([2, expect.stringContaining('expected a file to write')]);
  }
  expect(aws.eventHistory.calls()).toBe(0);
  // Tried, and not left where the search fails.
  const file = join(folder, 'page.html');
  expect(await readers('--secret', 'nope', '--html', file)).toMatchObject({ code: 2 });
  expect(await readdir(folder)).toEqual([]);
});

test('a page and the JSON can be had of one search', async () => {
  const { readers } = await start();
  const file = join(await makeFolder(), 'page.html');
  await writeFile(file, 'before');
  const { stdout } = await readers('--secret', 'prod/db', '--html', file, '--json');
  expect(JSON.parse(stdout)).toMatchObject({ secrets: [{ name: 'prod/db' }] });
  expect(await readFile(file, 'utf8')).toMatch(/^<!doctype html>/);
  expect((await readers('--help')).stdout.match(/instead of the text/g)).toHaveLength(2);
});

test('the commands are for the profile that is given', async () => {
  const { endpoints } = await start();
  const file = join(await makeFolder(), 'credentials');
  await writeFile(file, '[there]\naws_access_key_id = operator\naws_secret_access_key = local\n');
  const { stdout } = await runCli('readers', ['--secret', 'prod/db', '--profile', 'there'], {
    ...endpoints,
    AWS_REGION: 'eu-west-1',
    AWS_SHARED_CREDENTIALS_FILE: file,
  });
  expect(stdout).toMatch(/ {2}aws secretsmanager delete-secret .+ --profile there\n/);
});

const EXPIRED = { code: 'ExpiredTokenException', message: 'The security token is expired' };

test('refused in the middle it says how far it got, and goes on from there when it is run again', async () => {
  const before = await statesSince([]);
  const { readers, read, aws } = await start();
  await read('prod/db', 2, 120);
  // Four questions in turn, the first of which has three pages.
  aws.eventHistory.failNext('LookupEvents', EXPIRED, 1, 5);
  const stopped = await readers('--secret', 'prod/db');
  expect([stopped.code, stopped.stdout]).toEqual([1, '']);
  expect(stopped.stderr).toMatch(
    /ExpiredTokenException: .+; 100 events back to .+\nThe rest, back to .+ run it again/,
  );
  expect(await statesSince(before)).toHaveLength(1);
  const calls = aws.eventHistory.calls();
  const { code, stdout, stderr } = await readers('--secret', 'prod/db', '--json');
  expect([code, stderr]).toEqual([
    0,
    expect.stringContaining('goes on after the 100 events of an earlier run'),
  ]);
  expect(JSON.parse(stdout).secrets).toMatchObject([{ reads: 120 }]);
  // All 120 were in one second or two, which is read again; and each question asks what has come since.
  expect(aws.eventHistory.calls() - calls).toBeLessThanOrEqual(7);
  expect(await statesSince(before)).toEqual([]);
});

test('refused at once it leaves nothing behind', async () => {
  const before = await statesSince([]);
  const { readers, aws } = await start();
  const error = {
    code: 'AccessDeniedException',
    message: 'not authorized to perform cloudtrail:LookupEvents',
  };
  aws.eventHistory.failNext('LookupEvents', error);
  const { code, stderr } = await readers('--secret', 'prod/db');
  expect([code, stderr]).toEqual([
    2,
    expect.stringContaining('error: AccessDeniedException: not authorized'),
  ]);
  expect(await statesSince(before)).toEqual([]);
});

test('Ctrl-C ends it at once, and what was read is kept', async () => {
  const before = await statesSince([]);
  let interrupt = () => {};
  const { read, startReaders, readers } = await start({
    onCall: (calls) => calls === 3 && interrupt(),
  });
  await read('prod/db', 2, 160);
  const child = startReaders('--all');
  interrupt = () => setTimeout(() => child.kill('SIGINT'), 100);
  const { code, stderr } = await ended(child);
  expect([code, stderr]).toEqual([
    130,
    expect.stringMatching(/^Event history: interrupted; \d+ events back to/),
  ]);
  expect(await statesSince(before)).toHaveLength(1);
  interrupt = () => {};
  const { stdout } = await readers('--all', '--json');
  expect(JSON.parse(stdout).secrets).toMatchObject([{ reads: 160 }]);
});

test.each([
  [
    ['--secret', 'nope'],
    'Expected --secret to be the name or the ARN of a secret in eu-west-1, got nope',
  ],
  [
    ['--secret', 'arn:aws:secretsmanager:eu-west-1:999988887777:secret:x-AbCdEf'],
    'got one of 999988887777',
  ],
  [
    [
      '--secret',
      'arn:aws:secretsmanager:us-east-1:111122223333:secret:x-AbCdEf',
      '--region',
      'eu-west-1',
    ],
    'Expected --region to be that of the ARN, us-east-1',
  ],
  [[], 'got neither'],
  [['--secret', ''], 'got neither'],
  [['--all', '--secret', 'x'], 'cannot be used'],
  [['--all', '--days', '91'], 'from 1 to 90'],
  [['--all', '--days', '1.5'], 'from 1 to 90'],
  [['--all', '--days', '0x10'], 'from 1 to 90'],
  [['--all', '--days', '1e1'], 'from 1 to 90'],
])('refuses %j', async (args, message) => {
  const { readers } = await start();
  const { code, stdout, stderr } = await readers(...args);
  expect([code, stdout, stderr]).toEqual([2, '', expect.stringContaining(message)]);
});
