import { CreateSecretCommand, DeleteSecretCommand } from '@aws-sdk/client-secrets-manager';
import { startLocalAws } from '../../emulators/aws.ts';
import type { Roles } from '../../emulators/sts.ts';
import type { Resource } from '../../emulators/template.ts';
import { attemptItem } from '../../lib/attempt/item.ts';
import { createAttemptStore } from '../../lib/attempt/store.ts';
import { getItems } from '../../lib/aws/table.ts';
import { identifySecret } from '../../lib/cloudtrail/secret-id.ts';
import { createIncidentStore } from '../../lib/incident/incidents.ts';
import { DAY_MS } from '../../lib/time.ts';
import { NOTIFY } from '../../stack/names.ts';
import { TABLE, table as tableResource } from '../../stack/table.ts';
import { nth } from '../testing/attempts.ts';
import { OPERATOR, runCli } from '../testing/cli.ts';
import { startControlPlane } from '../testing/control-plane.ts';
import { APP_SERVER } from '../testing/records.ts';
import { secretsAt } from '../testing/secrets-manager.ts';
import { environmentOf } from '../unit/stack/complete-settings.ts';

const { env } = process;
let started = new AsyncDisposableStack();
afterEach(async () => {
  process.env = env;
  await started.disposeAsync();
  started = new AsyncDisposableStack();
});

/** An incident of which there is but a mute. */
interface Item {
  readonly sk: string;
  readonly secretId: string;
  readonly expiresAt: number;
  readonly mutes: readonly Record<string, string>[];
}

/** What is the same in all mutes of a week with this reason; the rest is there, and text. */
function withoutOwn({ sk, secretId, expiresAt, mutes, ...others }: Item) {
  expect([sk, secretId, expiresAt]).toEqual([
    expect.any(String),
    expect.any(String),
    expect.any(Number),
  ]);
  const same = mutes.map(({ id, by, byArn: _, from = '', until = '', ...mute }) => {
    expect([id, by]).toEqual([expect.any(String), expect.any(String)]);
    return { ...mute, lasts: Date.parse(until) - Date.parse(from) };
  });
  return { ...others, mutes: same };
}

let modules = 0;

const LOOKUP_ROLE_ARN =
  'arn:aws:iam::ACCOUNT:role/deleted-secret-notifier/spoke/deleted-secret-notifier-dev-REGION';
const SPOKE = { account: '444455556666', region: 'us-east-1' };
/** What lets a hub look into the spoke. */
const ROLES: Roles = new Map([
  [
    LOOKUP_ROLE_ARN.replace('ACCOUNT', SPOKE.account).replace('REGION', SPOKE.region),
    { region: SPOKE.region, operations: ['DescribeSecret'] },
  ],
]);

/** A local AWS with a deployed stack, a hub: its commands, and the function that the buttons call. */
async function start() {
  const spoke = { ...APP_SERVER, account: SPOKE.account };
  const callers = { operator: APP_SERVER, buttons: APP_SERVER, spoke };
  const aws = await startLocalAws({ callers, now: () => new Date(), roles: ROLES });
  started.defer(() => aws.stop());
  await aws.dynamoDb.createTable(tableResource[TABLE] as Resource);
  const { table } = aws.dynamoDb;
  const controlPlane = await startControlPlane([], {
    outputs: { NotifyFunctionName: 'notify' },
    environment: { ...environmentOf(NOTIFY, {}), TABLE_NAME: table.name },
  });
  started.defer(() => controlPlane.stop());
  const { create } = secretsAt(aws.secretsManager.endpoint, 'operator');
  const buttons = {
    ...aws.endpoints,
    AWS_REGION: 'eu-west-1',
    AWS_ACCESS_KEY_ID: 'buttons',
    AWS_SECRET_ACCESS_KEY: 'local',
    POWERTOOLS_LOG_LEVEL: 'SILENT',
    TABLE_NAME: table.name,
    LOOKUP_ROLE_ARN,
    STAGE: 'dev',
    CHAT_NAME: 'Slack channel C012ABCDEFG',
  };
  return {
    table,
    run: (...args: string[]) =>
      runCli('mute', args, { ...aws.endpoints, ...controlPlane.endpoints, ...OPERATOR }),
    /** Schedules a new secret for deletion. @returns its ARN. */
    async schedule(SecretId: string): Promise<string> {
      await create(SecretId);
      const command = new DeleteSecretCommand({ SecretId, RecoveryWindowInDays: 30 });
      return (await aws.clientOf('operator').send(command)).ARN ?? '';
    },
    /** @returns the ARN of a new secret in the spoke, which is scheduled for deletion. */
    async scheduleInSpoke(Name: string): Promise<string> {
      const client = aws.clientOf('spoke', SPOKE.region);
      await client.send(new CreateSecretCommand({ Name, SecretString: 'x' }));
      const command = new DeleteSecretCommand({ SecretId: Name, RecoveryWindowInDays: 30 });
      return (await client.send(command)).ARN ?? '';
    },
    assumptions: aws.sts.assumptions,
    async press(action: string, secret: string): Promise<unknown> {
      process.env = { ...buttons };
      try {
        const { handler } = await import(`../../functions/buttons.ts?${++modules}`);
        return await handler(
          { action, secret },
          {
            invokedFunctionArn: 'arn:aws:lambda:eu-west-1:111122223333:function:buttons',
            getRemainingTimeInMillis: () => 15_000,
          },
        );
      } finally {
        process.env = env;
      }
    },
    /** The items of the incidents. */
    incidents: async () => (await getItems(table, 'incidents')) as Item[],
  };
}

test('a button makes the record that the command makes, which lists and removes it', async () => {
  const { press, run, schedule, incidents } = await start();
  await schedule('by-command');
  await run('--secret', 'by-command', '--for', '7d', '--reason', 'Mute button');
  const arn = await schedule('by-button');
  expect(await press('mute', arn)).toMatch(/^Muted: `by-button`\nFor 7 days, until /);
  const items = (await incidents()).map(withoutOwn);
  const made = {
    pk: 'incidents',
    accountId: '111122223333',
    region: 'eu-west-1',
    partition: 'aws',
    mutes: [{ reason: 'Mute button', lasts: expect.closeTo(7 * DAY_MS, -4) }],
  };
  expect(items).toEqual([made, made]);

  const { stdout } = await run('--list');
  expect(stdout).toContain('\n  By:      Slack channel C012ABCDEFG, on ');
  expect(await press('status', arn)).toContain('\nMute by `Slack channel C012ABCDEFG` until ');
  expect(await run('--secret', 'by-button', '--remove')).toMatchObject({ code: 0, stderr: '' });
  expect(await press('status', arn)).not.toContain('\nMute by');
});

test("an operator's mute to the end of the deletion is not shortened by a press", async () => {
  const { press, run, schedule } = await start();
  const arn = await schedule('prod/db');
  await run('--secret', 'prod/db', '--reason', 'we know');
  expect(await press('mute', arn)).toMatch(
    /^Muted already: `prod\/db`\nNothing .+ in force, by `alice` to the end of its deletion: `we know`\n/,
  );
  const { mutes } = JSON.parse((await run('--list', '--json')).stdout);
  expect(mutes).toEqual([expect.objectContaining({ by: 'alice', isInForce: true })]);
});

test('the command that an answer names ends the mute', async () => {
  const { press, run, schedule } = await start();
  const arn = await schedule('prod/db');
  const [, options = ''] =
    String(await press('mute', arn)).match(/: `npm run mute -- (.+)`$/) ?? [];
  expect(await run(...options.split(' '))).toMatchObject({ code: 0, stderr: '' });
  expect(await press('status', arn)).not.toContain('\nMute by');
});

test('a shorter mute of all callers is replaced, whoever made it', async () => {
  const { press, run, schedule } = await start();
  const arn = await schedule('prod/db');
  await run('--secret', 'prod/db', '--for', '3d', '--reason', 'we know');
  expect(await press('mute', arn)).toMatch(
    /\nIn place of the mute by `alice` until .+: `we know`\n/,
  );
  const { mutes } = JSON.parse((await run('--list', '--json')).stdout);
  expect(mutes).toEqual([
    expect.objectContaining({ by: 'alice', isInForce: false }),
    expect.objectContaining({ by: 'Slack channel C012ABCDEFG', isInForce: true }),
  ]);
});

test('the status counts the attempts of the table', async () => {
  const { press, schedule, table } = await start();
  const arn = await schedule('prod/db');
  const secret = identifySecret(arn, {});
  const store = createAttemptStore(table);
  const time = new Date();
  for (const n of [1, 2, 3]) await store.record(attemptItem(nth(n, { secret, time }), time));
  const answer = await press('status', arn);
  expect(answer).toMatch(
    /^`prod\/db`\nDeletion: between .+ and .+, 7 to \d+ days left \(a range\)\n3 attempts in 7 days\n- `role app-server`: 3, last /,
  );
});

test('a secret in a spoke is looked up there, and muted once a record of it has come', async () => {
  const { press, scheduleInSpoke, table, assumptions, run } = await start();
  const arn = await scheduleInSpoke('far/db');
  expect(await press('mute', arn)).toMatch(/\nNothing has been recorded of it\.$/);
  const secret = identifySecret(arn, {});
  await createIncidentStore(table).mark(secret, new Date(), true);
  expect(await press('status', arn)).toMatch(
    /^`far\/db` in account 444455556666, us-east-1\nDeletion: between .+\nNo attempt in 7 days$/,
  );
  expect(await press('mute', arn)).toMatch(/^Muted: `far\/db` in .+\nFor 7 days, until .+\nAtt/);
  expect((await run('--list')).stdout).toContain('far/db, account 444455556666');
  expect(assumptions).toContainEqual(expect.objectContaining({ session: 'buttons' }));
});

test('a secret that is not scheduled for deletion is refused in words', async () => {
  const { press } = await start();
  const arn = 'arn:aws:secretsmanager:eu-west-1:111122223333:secret:nothing-AbCdEf';
  expect(await press('mute', arn)).toBe(
    'Not muted: `nothing`\nIt is neither scheduled for deletion nor known as deleted.',
  );
  expect(await press('mute', 'nothing')).toMatch(/^Expected what a button sends: /);
});
