import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DeleteSecretCommand, GetSecretValueCommand } from '@aws-sdk/client-secrets-manager';
import { Client } from '@smithy/core/client';
import { startLocalAws } from '../../emulators/aws.ts';
import { ACCOUNT, REGION } from '../../emulators/client.ts';
import type { Permissions } from '../../emulators/cloudtrail.ts';
import type { Resource } from '../../emulators/template.ts';
import { readAttempt } from '../../lib/attempt/attempt.ts';
import { attemptItem } from '../../lib/attempt/item.ts';
import { createAttemptStore } from '../../lib/attempt/store.ts';
import { parseRecord } from '../../lib/cloudtrail/record.ts';
import { identifySecret } from '../../lib/cloudtrail/secret-id.ts';
import { createIncidentStore } from '../../lib/incident/incidents.ts';
import { NOTIFY } from '../../stack/names.ts';
import { TABLE, table as tableResource } from '../../stack/table.ts';
import { OPERATOR, runCli } from '../testing/cli.ts';
import { startControlPlane } from '../testing/control-plane.ts';
import { APP_SERVER } from '../testing/records.ts';
import { secretOf } from '../testing/secrets-manager.ts';
import { environmentOf } from '../unit/stack/complete-settings.ts';

let started = new AsyncDisposableStack();
afterEach(async () => {
  await started.disposeAsync();
  started = new AsyncDisposableStack();
});

const MEMBER = '444455556666';
const EMPTY = '123456789012';
const ELSEWHERE = 'us-east-1';
const ACCOUNTS = {
  [ACCOUNT]: 'security',
  [MEMBER]: 'payments www.example.com',
  [EMPTY]: 'sandbox',
};

const OPERATOR_ROLE = `arn:aws:iam::${ACCOUNT}:role/deleted-secret-notifier/dev/OperatorRole`;
const lookupRole = (account: string, region: string) =>
  `arn:aws:iam::${account}:role/deleted-secret-notifier/spoke/deleted-secret-notifier-dev-${region}`;
const LOOK = ['DescribeSecret', 'ListSecrets', 'LookupEvents'];

/** The roles of a hub, and of spokes in these places. */
function rolesOf(...places: (readonly [account: string, region: string])[]) {
  const spokes = places.map(([account, region]): [string, Permissions] => [
    lookupRole(account, region),
    { region, operations: LOOK },
  ]);
  return new Map([[OPERATOR_ROLE, { region: '', operations: [] }], ...spokes]);
}

/** The second Region of the hub's account, and both of another account. */
const SPOKES = rolesOf([ACCOUNT, ELSEWHERE], [MEMBER, REGION], [MEMBER, ELSEWHERE]);

interface Options {
  readonly roles?: Map<string, Permissions>;
  readonly accounts?: Readonly<Record<string, string>>;
  readonly isHub?: boolean;
}

/** Two accounts and two Regions with a hub in one of the four places, and what runs the command in it. */
async function start({ roles = SPOKES, accounts = ACCOUNTS, isHub = true }: Options = {}) {
  const aws = await startLocalAws({
    callers: { operator: APP_SERVER, member: { ...APP_SERVER, account: MEMBER, role: 'payer' } },
    roles,
    now: () => new Date(),
  });
  started.defer(() => aws.stop());
  const { table } = aws.dynamoDb;
  await aws.dynamoDb.createTable(tableResource[TABLE] as Resource);
  const controlPlane = await startControlPlane([], {
    outputs: { NotifyFunctionName: 'notify', OperatorRoleArn: OPERATOR_ROLE },
    environment: {
      ...environmentOf(NOTIFY, { ownerTagKeys: 'owner' }),
      TABLE_NAME: table.name,
      ...(isHub && { LOOKUP_ROLE_ARN: lookupRole('ACCOUNT', 'REGION') }),
    },
    accounts,
    spokes: [{ accountId: MEMBER, region: ELSEWHERE }],
  });
  started.defer(() => controlPlane.stop());
  const environment = { ...controlPlane.endpoints, ...aws.endpoints, ...OPERATOR };
  return {
    aws,
    table,
    status: (...args: string[]) => runCli('status', ['--all-accounts', ...args], environment),
    async schedule(who: 'operator' | 'member', region: string, SecretId: string) {
      const client = aws.clientOf(who, region);
      await secretOf(client, SecretId).create();
      await client.send(new DeleteSecretCommand({ SecretId, RecoveryWindowInDays: 7 }));
    },
    /** The same account tries to read it, which the hub hears of if `isHeard`. */
    async ask(who: 'operator' | 'member', region: string, SecretId: string, isHeard = true) {
      const client = aws.clientOf(who, region);
      const read = client.send(new GetSecretValueCommand({ SecretId }));
      await expect(read).rejects.toThrow('marked for deletion');
      const { attempt } = readAttempt(parseRecord(aws.records.at(-1)), new Date());
      if (!attempt) throw new Error('no attempt');
      if (isHeard) await createAttemptStore(table).record(attemptItem(attempt, new Date()));
    },
  };
}

/** In each of the four places a secret of the same name, of which one is still read; and one of a drill. */
async function startWithSecrets(options?: Options) {
  const made = await start(options);
  for (const who of ['operator', 'member'] as const) {
    for (const region of [REGION, ELSEWHERE]) await made.schedule(who, region, 'prod/db');
  }
  await made.schedule('member', REGION, 'deleted-secret-notifier-drill-1');
  await made.ask('member', ELSEWHERE, 'prod/db');
  return made;
}

test('shows the secrets of all accounts by account and Region, with what the table knows of each', async () => {
  const { aws, status } = await startWithSecrets({ accounts: { ...ACCOUNTS, [EMPTY]: '' } });
  const { code, stdout, stderr } = await status('--short');
  expect([code, stderr]).toEqual([0, '']);
  expect(stdout.replace(/before .+/g, '')).toMatchInlineSnapshot(`
"4 secrets scheduled for deletion in 2 of 2 accounts that answered, Regions
eu-west-1, us-east-1:

TIME LEFT     VERDICT           SECRET

Account 111122223333, Region eu-west-1 (security)
7 to 30 days  too soon to tell  prod/db

Account 111122223333, Region us-east-1 (security)
7 to 30 days  too soon to tell  prod/db

Account 444455556666, Region eu-west-1 (payments www[.]example[.]com)
7 to 30 days  too soon to tell  prod/db

Account 444455556666, Region us-east-1 (payments www[.]example[.]com)
7 to 30 days  still in use      prod/db

Not read, because the lookup role is missing, or does not let this hub in
(deploy the spoke there):
  123456789012

What is unknown may be in CloudTrail's event history: add --backfill.

Left out: 1 secret of drills.

What looks like a link is written with [.] or [:], so that it is none.
"
`);
  expect(aws.sts.assumptions.map(({ session }) => session)).toEqual(
    aws.sts.assumptions.map(() => 'operator'),
  );
});

test('with details', async () => {
  const { status } = await startWithSecrets();
  const { stdout } = await status();
  expect(stdout).toMatch(
    /still in use +prod\/db\n[\s\S]+Owner: +payments[\s\S]+ 1 x role payer, last on/,
  );
});

test('the JSON has them by account and Region too, with what was not read', async () => {
  const { status } = await startWithSecrets();
  const { accounts, secrets, drillsLeftOut } = JSON.parse((await status('--json')).stdout);
  expect(secrets).toBeUndefined();
  expect(drillsLeftOut).toBe(1);
  const pending = (attempts: object) => [{ name: 'prod/db', attempts }];
  const none = { count: 0, isComplete: false };
  expect(accounts).toMatchObject([
    {
      accountId: ACCOUNT,
      name: 'security',
      regions: [
        { region: REGION, secrets: pending({ count: 0 }) },
        { region: ELSEWHERE, secrets: pending(none) },
      ],
      notRead: [],
    },
    {
      accountId: MEMBER,
      regions: [
        { region: REGION, secrets: pending(none) },
        { region: ELSEWHERE, secrets: pending({ count: 1 }) },
      ],
      notRead: [],
    },
    {
      accountId: EMPTY,
      regions: [],
      notRead: [{ regions: [REGION, ELSEWHERE], reason: expect.stringContaining('lookup role') }],
    },
  ]);
});

test('attempts in another place are known since the first word of it, not since there is a hub', async () => {
  const { status } = await startWithSecrets();
  const { time, accounts } = JSON.parse((await status('--json')).stdout);
  const [silent, heard] = accounts[1].regions;
  expect(silent.attemptsKnownSince).toBe(time);
  expect(silent.secrets).toMatchObject([{ verdict: { kind: 'too-soon' } }]);
  expect(heard.attemptsKnownSince < time).toBe(true);
});

describe('what cannot be read is a line', () => {
  test('of each account that refuses, with its Regions where others of it answer', async () => {
    const { status } = await startWithSecrets({ roles: rolesOf([MEMBER, ELSEWHERE]) });
    const { code, stdout } = await status('--short');
    expect(code).toBe(0);
    expect(stdout).toMatch(
      /^2 secrets scheduled for deletion in 2 of 2 accounts that answered, Regions\neu-west-1, us-east-1:\n/,
    );
    expect(stdout.slice(stdout.indexOf('Not read'))).toMatchInlineSnapshot(`
"Not read, because the lookup role is missing, or does not let this hub in
(deploy the spoke there):
  111122223333 (security) in us-east-1
  444455556666 (payments www[.]example[.]com) in eu-west-1
  123456789012 (sandbox)

What is unknown may be in CloudTrail's event history: add --backfill.

What looks like a link is written with [.] or [:], so that it is none.
"
`);
  });

  test('of a role that may not list', async () => {
    const roles = rolesOf([MEMBER, REGION], [ACCOUNT, ELSEWHERE]);
    roles.set(lookupRole(MEMBER, ELSEWHERE), { region: ELSEWHERE, operations: [] });
    const { status } = await startWithSecrets({ roles, accounts: { [ACCOUNT]: '', [MEMBER]: '' } });
    const { code, stdout } = await status('--short');
    expect(code).toBe(0);
    expect(stdout).toContain(
      `Not read, because ListSecrets failed (AccessDeniedException):\n  ${MEMBER} in ${ELSEWHERE}\n`,
    );
  });

  test('and exit code 1 if it is no refusal', async () => {
    const { aws, status } = await startWithSecrets({ accounts: { [ACCOUNT]: '', [MEMBER]: '' } });
    aws.sts.failNext('AssumeRole', { code: 'ValidationError', message: 'no' }, 1, 3);
    const { code, stdout } = await status('--short');
    expect(code).toBe(1);
    expect(stdout).toMatch(
      /Not read, because AssumeRole failed \(ValidationError\):\n {2}\d{12} in /,
    );
  });
});

test('incidents that are left are of what could not be read', async () => {
  const { table, status } = await startWithSecrets({ roles: rolesOf([MEMBER, ELSEWHERE]) });
  const incidents = createIncidentStore(table);
  for (const region of [REGION, ELSEWHERE]) {
    const secret = identifySecret('prod/db', { accountId: MEMBER, region });
    await incidents.mark(secret, new Date(), true);
  }
  const { stdout } = await status('--json');
  expect(JSON.parse(stdout).otherIncidents).toMatchObject([{ accountId: MEMBER, region: REGION }]);
});

describe('with --backfill', () => {
  test('the event history of each place with secrets is read by its role', async () => {
    const made = await startWithSecrets();
    await made.ask('member', REGION, 'prod/db', false);
    const { code, stdout, stderr } = await made.status('--backfill', '--json');
    expect(code).toBe(0);
    expect(
      stderr
        .replace(/back to .+ UTC/g, 'back to …')
        .split('\n')
        .sort(),
    ).toMatchInlineSnapshot(`
[
  "",
  "Event history of account 111122223333, us-east-1: 1 record back to …, 0 attempts not known before.",
  "Event history of account 444455556666, eu-west-1: 3 records back to …, 1 attempt not known before.",
  "Event history of account 444455556666, us-east-1: 2 records back to …, 0 attempts not known before.",
  "Event history: 1 record back to …, 0 attempts not known before.",
]
`);
    const [, { regions }] = JSON.parse(stdout).accounts;
    expect(regions).toMatchObject([
      { region: REGION, secrets: [{ attempts: { count: 1, isComplete: true } }] },
      { region: ELSEWHERE, secrets: [{ attempts: { count: 1, isComplete: true } }] },
    ]);
  });

  test('one that refuses costs no other', async () => {
    const roles = new Map(SPOKES);
    roles.set(lookupRole(MEMBER, REGION), { region: REGION, operations: ['ListSecrets'] });
    const { status } = await startWithSecrets({ roles });
    const { code, stdout, stderr } = await status('--backfill', '--short');
    expect(code).toBe(1);
    expect(stderr).toMatch(
      /Event history of account 444455556666, eu-west-1: AccessDenied.+; 0 rec/,
    );
    expect(stderr).toMatch(/Event history of account 444455556666, us-east-1: \d+ records back/);
    expect(stdout).toMatch(/^4 secrets/);
  });
});

test('with --html it writes a page of all accounts', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'status-'));
  started.defer(() => rm(directory, { recursive: true }));
  const { status } = await startWithSecrets();
  const file = join(directory, 'status.html');
  expect(await status('--html', file)).toMatchObject({ code: 0, stdout: '' });
  const page = await readFile(file, 'utf8');
  expect(page.match(/<h2>.+?<\/h2>|<h3>.+?<\/h3>/g)).toMatchInlineSnapshot(`
[
  "<h2>Account 111122223333 <span class="called">security</span></h2>",
  "<h3>Region eu-west-1</h3>",
  "<h3>Region us-east-1</h3>",
  "<h2>Account 444455556666 <span class="called">payments www[.]example[.]com</span></h2>",
  "<h3>Region eu-west-1</h3>",
  "<h3>Region us-east-1</h3>",
  "<h2>Not read</h2>",
]
`);
});

test('docs/permissions.md says what it takes, and nothing else', async () => {
  const page = await readFile(join(import.meta.dirname, '../../docs/permissions.md'), 'utf8');
  const [, section = ''] = /^## status\n(.+?)^## /ms.exec(page) ?? [];
  const policies = [...section.matchAll(/```json\n(.+?)```/gs)].map(([, json = '']) =>
    JSON.parse(json),
  );
  const statements = policies.flatMap(
    ({ Statement }) => Statement as { Action: string | string[] }[],
  );
  const { status } = await startWithSecrets();
  const calls = new Set<string>();
  const send = import.meta.jest.spyOn(Client.prototype, 'send');
  await status('--backfill');
  send.mock.contexts.forEach((client, i) => {
    const service = (client.config as { serviceId: string }).serviceId.replaceAll(' ', '');
    const call = send.mock.calls[i]?.[0].constructor.name.replace(/Command$/, '');
    calls.add(`${service.toLowerCase()}:${call}`);
  });
  send.mockRestore();
  expect([...calls].sort()).toEqual(statements.flatMap(({ Action }) => Action).sort());
});

describe('wrong use ends with exit code 2 and one line on stderr:', () => {
  test('a stack that is no hub', async () => {
    const { status } = await start({ isHub: false });
    expect(await status()).toEqual({
      code: 2,
      stdout: '',
      stderr: expect.stringMatching(/^error: Expected the stack .+ to be a hub, .+\n$/),
    });
  });

  test('who may not assume the role for operators', async () => {
    const { status } = await start({ roles: new Map() });
    expect(await status()).toEqual({
      code: 2,
      stdout: '',
      stderr: expect.stringMatching(
        /^error: Expected to assume the role .+ permission sts:AssumeRole on it: docs\/permissions\.md\.\n$/,
      ),
    });
  });
});
