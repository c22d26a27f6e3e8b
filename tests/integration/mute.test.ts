import { CreateSecretCommand, DeleteSecretCommand } from '@aws-sdk/client-secrets-manager';
import { startLocalAws } from '../../emulators/aws.ts';
import type { Roles } from '../../emulators/sts.ts';
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

const OPERATOR_ROLE = 'arn:aws:iam::111122223333:role/deleted-secret-notifier/dev/OperatorRole';
const LOOKUP_ROLE_ARN =
  'arn:aws:iam::ACCOUNT:role/deleted-secret-notifier/spoke/deleted-secret-notifier-dev-REGION';
const SPOKE = { account: '444455556666', region: 'us-east-1' };
const SPOKE_ROLE = LOOKUP_ROLE_ARN.replace('ACCOUNT', SPOKE.account).replace(
  'REGION',
  SPOKE.region,
);
/** What lets a hub look into the spoke. */
const ROLES: Roles = new Map([
  [OPERATOR_ROLE, { region: 'eu-west-1', operations: [] }],
  [SPOKE_ROLE, { region: SPOKE.region, operations: ['DescribeSecret'] }],
]);

const without = (role: string): Roles => new Map([...ROLES].filter(([arn]) => arn !== role));

/** A local AWS with a deployed stack, which is a hub if there are roles, and what runs commands in it. */
async function start(roles?: Roles) {
  const now = () => new Date();
  const callers = { operator: APP_SERVER, spoke: { ...APP_SERVER, account: SPOKE.account } };
  const aws = await startLocalAws({ callers, now, roles });
  started.defer(() => aws.stop());
  await aws.dynamoDb.createTable(tableResource[TABLE] as Resource);
  const controlPlane = await startControlPlane([], {
    outputs: { NotifyFunctionName: 'notify', OperatorRoleArn: OPERATOR_ROLE },
    environment: {
      ...environmentOf(NOTIFY, {}),
      ...(roles && { LOOKUP_ROLE_ARN }),
      TABLE_NAME: aws.dynamoDb.table.name,
    },
  });
  started.defer(() => controlPlane.stop());
  const sts = roles && { AWS_ENDPOINT_URL_STS: aws.sts.endpoint };
  const environment = { ...aws.endpoints, ...controlPlane.endpoints, ...sts, ...OPERATOR };
  const { create } = secretsAt(aws.secretsManager.endpoint, 'operator');
  const client = aws.clientOf('operator');
  return {
    run: (command: string, ...args: string[]) => runCli(command, args, environment),
    create,
    assumptions: aws.sts.assumptions,
    async schedule(SecretId: string) {
      await create(SecretId);
      await client.send(new DeleteSecretCommand({ SecretId, RecoveryWindowInDays: 7 }));
    },
    /** @returns the ARN of the secret in the spoke. */
    async scheduleInSpoke(SecretId: string): Promise<string> {
      const spoke = aws.clientOf('spoke', SPOKE.region);
      const { ARN = '' } = await spoke.send(
        new CreateSecretCommand({ Name: SecretId, SecretString: 'x' }),
      );
      await spoke.send(new DeleteSecretCommand({ SecretId, RecoveryWindowInDays: 7 }));
      return ARN;
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

describe('a secret of another account', () => {
  test('is looked up by the roles of hub and spoke, muted and not muted any more by its ARN', async () => {
    const { run, schedule, scheduleInSpoke, assumptions } = await start(ROLES);
    await schedule('prod/db');
    const arn = await scheduleInSpoke('prod/db');
    const made = await run('mute', '--secret', arn, '--reason', 'we know');
    expect(made).toMatchObject({ code: 0, stderr: '' });
    expect(made.stdout).toMatch(/^Muted: prod\/db, account 444455556666, Region us-east-1\n/);
    expect(made.stdout).not.toContain('could not be checked');
    const removal = `--secret ${arn} --remove`;
    expect(made.stdout).toContain(`\nTo remove it: npm run mute -- ${removal}\n`);
    expect(assumptions.map(({ roleArn, session }) => [roleArn, session])).toEqual([
      [OPERATOR_ROLE, 'operator'],
      [SPOKE_ROLE, 'operator'],
    ]);

    // That of the stack's own account has no part in it.
    expect((await run('mute', '--secret', 'prod/db', '--remove')).code).toBe(2);
    const listed = await run('mute', '--list');
    expect(listed.stdout).toMatch(/^prod\/db, account 444455556666, Region us-east-1\n/);
    expect(listed.stdout).toContain(`\n  ARN:     ${arn}\n`);
    const removed = await run('mute', ...removal.split(' '));
    expect(removed.stdout).toMatch(/^Removed: prod\/db, account 444455556666, Region us-east-1\n/);
    expect((await run('mute', '--list')).stdout).toBe('No mute is in force.\n');
  });

  test.each<[what: string, roles: Roles | undefined, why: RegExp]>([
    ['has no spokes', undefined, /It is in account 444455556666, us-east-1, which was not looked/],
    [
      'lacks the spoke',
      without(SPOKE_ROLE),
      /may not assume .+-dev-us-east-1 of account 444455556666/,
    ],
    [
      'does not let the operator',
      without(OPERATOR_ROLE),
      /Expected to assume the role .+OperatorRole/,
    ],
  ])('is muted by its ARN alone where the stack %s', async (_, roles, why) => {
    const { run, scheduleInSpoke } = await start(roles);
    const arn = await scheduleInSpoke('prod/db');
    const { code, stdout } = await run('mute', '--secret', arn, '--reason', 'we know');
    expect(code).toBe(0);
    expect(stdout).toMatch(/^Muted: prod\/db, account 444455556666, Region us-east-1\n/);
    expect(stdout).toMatch(/\nWhether it is scheduled for deletion now could not be checked\. /);
    expect(stdout).toMatch(why);
    const { mutes } = JSON.parse((await run('mute', '--list', '--json')).stdout);
    expect(mutes).toEqual([
      expect.objectContaining({ accountId: '444455556666', isInForce: true }),
    ]);
  });

  test('is not muted if it is not scheduled for deletion', async () => {
    const { run, scheduleInSpoke } = await start(ROLES);
    const arn = await scheduleInSpoke('prod/db');
    const other = await run('mute', '--secret', arn.replace('prod', 'test'), '--reason', 'x');
    expect(other).toMatchObject({ code: 2, stdout: '' });
    expect(other.stderr).toMatch(
      /^error: Expected a secret arn:.+ in account 444455556666, .+ got none/,
    );
  });
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
