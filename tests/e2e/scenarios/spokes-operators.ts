import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ACCOUNT } from '../../../emulators/client.ts';
import { ended } from '../../testing/cli.ts';
import { putOnBus } from '../bus.ts';
import { operate, startOperator } from '../commands.ts';
import { drills, pendingDrill } from '../drills.ts';
import { useMailbox } from '../mailbox.ts';
import { attempt, createPending, usersAt } from '../secrets.ts';
import { deploySpoke, SPOKE } from '../spokes.ts';
import { deployed } from '../world.ts';

const { accountId, region } = SPOKE;
const there = usersAt(SPOKE);

/** The variables of who has a profile for each account: that of the stack in the environment. */
async function profiles(): Promise<Record<string, string>> {
  const file = join(process.env.TMPDIR ?? '', 'credentials');
  const keys = { hub: ACCOUNT, there: accountId };
  const lines = Object.entries(keys).flatMap(([profile, key]) => [
    `[${profile}]`,
    `aws_access_key_id = ${key}`,
    'aws_secret_access_key = local',
  ]);
  await writeFile(file, lines.join('\n'));
  return {
    AWS_SHARED_CREDENTIALS_FILE: file,
    AWS_PROFILE: 'hub',
    AWS_ACCESS_KEY_ID: '',
    AWS_SECRET_ACCESS_KEY: '',
  };
}

describe('Operators of a hub', () => {
  const mailbox = useMailbox(async () => (await deployed()).AlertTopicArn);
  beforeAll(async () => deploySpoke(SPOKE, await deployed()));

  test('read the status of all accounts, and where they may not', async () => {
    await createPending('prod/spoke-status', [], there.admin);
    await putOnBus(await attempt('prod/spoke-status', there.app));
    await mailbox().next(); // recorded in full
    const { code, stdout, stderr } = await operate('status', ['--all-accounts']);
    expect([code, stderr]).toEqual([0, '']);
    const [, ofSpoke = ''] = stdout.split(`\nAccount ${accountId}, Region ${region} (payments)\n`);
    expect(ofSpoke).toMatch(
      /^7 days +still in use +prod\/spoke-status\n +Deletion: +\S+ \S+ UTC \(exact\)\n/m,
    );
    const [, notRead = ''] = stdout.split(/^Not read, /m);
    expect(notRead).toMatch(/^because the lookup role is missing/);
    expect(notRead).toMatch(/^ +123456789012 \(sandbox\)/m);
  });

  test('are told by the doctor from where events come', async () => {
    const { stdout } = await operate('doctor');
    expect(stdout).toMatch(/^ok +hub: bus +lets o-a1b2c3d4e5 forward events of/m);
    expect(stdout).toMatch(/^ok +hub: roles +/m);
    const [, heard = ''] = stdout.split(/^A spoke, and heard of by its rules:\n/m);
    expect(heard).toMatch(
      new RegExp(`^ +${accountId}: (.+, )?${region} \\(last .+ \\[payments\\]$`, 'm'),
    );
  });

  test('are told by the doctor in a spoke what it would forward', async () => {
    const keys = { AWS_ACCESS_KEY_ID: accountId, AWS_REGION: region };
    const { stdout, stderr } = await operate('doctor', ['--spoke', '--json'], keys);
    expect(stderr).toBe('');
    const { results } = JSON.parse(stdout) as { results: { check: string; verdict: string }[] };
    const bad = results.filter(({ verdict }) => verdict !== 'ok').map(({ check }) => check);
    // Nobody has made a trail there, or named a topic.
    expect(bad).toEqual(['trail: reads', 'trail: logging', 'alarm']);
  });

  test('mute a secret in a spoke by its ARN, as the role lets it be looked up', async () => {
    const { ARN = '' } = await there.admin.create('prod/spoke-muted');
    const mute = () => operate('mute', ['--secret', ARN, '--reason', 'known']);
    expect(await mute()).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/not .*deletion/),
    });
    await there.admin.scheduleDeletion(ARN);
    const { code, stdout, stderr } = await mute();
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(/^Muted: prod\/spoke-muted, account 444455556666, Region us-east-1$/m);
  });

  test('drill in a spoke', async () => {
    const given = ['--account', accountId, '--region', region, '--profile', 'there'];
    const options = [...given, '--path', 'event', '--json', '--timeout', '1'];
    const result = ended(startOperator('drill', options, await profiles()));
    const name = await pendingDrill(SPOKE);
    await putOnBus(await attempt(name, there.app));
    const { code, stdout, stderr } = await result;
    expect([code, stderr]).toEqual([0, '']);
    expect(JSON.parse(stdout)).toMatchObject({
      secret: name,
      account: accountId,
      region,
      passed: true,
      paths: [{ path: 'event', answered: true }],
    });
    expect(await drills(SPOKE)).toEqual([]);
  });
});
