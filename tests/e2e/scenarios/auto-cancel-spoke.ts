import { attemptOn } from '../auto-cancel.ts';
import { useMailbox } from '../mailbox.ts';
import { usersAt, VALUE } from '../secrets.ts';
import { deploySpoke, SPOKE } from '../spokes.ts';
import { deployed, TAGGED } from '../world.ts';

describe('Auto-cancel in a spoke', () => {
  const users = usersAt(SPOKE);
  const mailbox = useMailbox(async () => (await deployed(TAGGED)).AlertTopicArn);

  test('that is off is refused, with the reason', async () => {
    await deploySpoke(SPOKE, await deployed(TAGGED), 'off');
    const { body, attributes } = await attemptOn('prod/spoke-off', mailbox(), undefined, users);
    expect(attributes.action).toBe('restore-failed');
    expect(body).toContain('not authorized to perform: secretsmanager:RestoreSecret');
    await expect(users.app.read('prod/spoke-off')).rejects.toThrow(/marked for deletion/);
  });

  test.each(['tagged', 'all'] as const)('that is %s restores a secret', async (mode) => {
    await deploySpoke(SPOKE, await deployed(TAGGED), mode);
    const { attributes } = await attemptOn(`prod/spoke-${mode}`, mailbox(), undefined, users);
    expect(attributes.action).toBe('restored');
    expect(await users.app.read(`prod/spoke-${mode}`)).toBe(VALUE);
  });
});
