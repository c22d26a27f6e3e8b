import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  CreateAccessKeyCommand,
  CreateUserCommand,
  DeleteAccessKeyCommand,
  DeleteUserCommand,
  DeleteUserPolicyCommand,
  IAMClient,
  PutUserPolicyCommand,
} from '@aws-sdk/client-iam';
import { operate } from '../commands.ts';
import { createPending } from '../secrets.ts';
import { deploySpoke, SPOKE } from '../spokes.ts';
import { aws, deployed } from '../world.ts';

const iam = new IAMClient(aws);

/** The policies in a section of docs/permissions.md: the command's own, and what its further options take. */
async function policiesFor(section: string): Promise<string[]> {
  const text = await readFile(join(import.meta.dirname, '../../../docs/permissions.md'), 'utf8');
  const found = text.split(/^## /m).find((part) => part.startsWith(`${section}\n`)) ?? '';
  const policies = Array.from(found.matchAll(/```json\n(.+?)```/gs), ([, policy = '']) => policy);
  if (policies.length > 0) return policies;
  throw new Error(`docs/permissions.md has no policy for ${section}`);
}

/** The command's own. */
const policyFor = async (section: string) => (await policiesFor(section)).slice(0, 1);

/** Runs `use` with the keys of a user that may do what the policies allow. */
async function asUser<T>(
  policies: readonly string[],
  use: (keys: Record<string, string>) => Promise<T>,
): Promise<T> {
  const UserName = 'operator';
  await using done = new AsyncDisposableStack();
  await iam.send(new CreateUserCommand({ UserName }));
  done.defer(async () => void (await iam.send(new DeleteUserCommand({ UserName }))));
  for (const [index, PolicyDocument] of policies.entries()) {
    const policy = { UserName, PolicyName: `documented-${index}` };
    await iam.send(new PutUserPolicyCommand({ ...policy, PolicyDocument }));
    done.defer(async () => void (await iam.send(new DeleteUserPolicyCommand(policy))));
  }
  const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName }));
  const { AccessKeyId = '', SecretAccessKey = '' } = AccessKey ?? {};
  done.defer(
    async () => void (await iam.send(new DeleteAccessKeyCommand({ UserName, AccessKeyId }))),
  );
  return await use({ AWS_ACCESS_KEY_ID: AccessKeyId, AWS_SECRET_ACCESS_KEY: SecretAccessKey });
}

describe('An operator with the documented policy', () => {
  beforeAll(() => deployed());

  test('may read the status, and backfill it', async () => {
    const { code, stderr } = await asUser(await policyFor('status'), (keys) =>
      operate('status', ['--backfill'], keys),
    );
    expect([code, stderr]).toEqual([0, expect.stringMatching(/^Event history: .+\n$/)]);
  });

  test('may read that of all accounts', async () => {
    await deploySpoke(SPOKE, await deployed());
    const policies = await policiesFor('status');
    const { code, stdout, stderr } = await asUser(policies, (keys) =>
      operate('status', ['--all-accounts', '--json'], keys),
    );
    expect([code, stderr]).toEqual([0, '']);
    const { accounts } = JSON.parse(stdout);
    expect(accounts).toContainEqual(
      expect.objectContaining({ accountId: SPOKE.accountId, name: 'payments' }),
    );
  });

  test('may run a drill', async () => {
    const { code, stdout, stderr } = await asUser(await policyFor('drill'), (keys) =>
      operate('drill', ['--timeout', '0.01'], keys),
    );
    expect([code, stderr]).toEqual([1, '']);
    expect(stdout).toMatch(/^fail {2}event {2}no attempt recorded, after/m);
  });

  test('may mute a secret, and take that back', async () => {
    const SecretId = 'operators/muted';
    await createPending(SecretId);
    const given = ['--secret', SecretId];
    const [made, removed] = await asUser(await policyFor('mute'), async (keys) => [
      await operate('mute', [...given, '--reason', 'we know'], keys),
      await operate('mute', [...given, '--remove'], keys),
    ]);
    expect(made).toMatchObject({ code: 0, stderr: '' });
    expect(made?.stdout).toMatch(/^Muted: operators\/muted,[\s\S]+ By: +operator \(arn:/);
    expect(removed).toMatchObject({ code: 0, stderr: '' });
  });

  test('may replay the dead letters', async () => {
    const replayed = await asUser(await policyFor('replay'), (keys) => operate('replay', [], keys));
    expect(replayed).toMatchObject({ code: 0, stderr: '' });
  });

  test('but not without it', async () => {
    const { code, stderr } = await asUser([], (keys) => operate('status', [], keys));
    expect([code, stderr]).toEqual([2, expect.stringMatching(/^error: AccessDenied/)]);
  });
});
