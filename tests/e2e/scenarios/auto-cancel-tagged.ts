import { attemptOn } from '../auto-cancel.ts';
import { useMailbox } from '../mailbox.ts';
import { policiesOf } from '../roles.ts';
import { app, VALUE } from '../secrets.ts';
import { deployed, TAGGED } from '../world.ts';

describe('Auto-cancel tagged restores a secret with the tag', () => {
  const mailbox = useMailbox(async () => (await deployed(TAGGED)).AlertTopicArn);

  test('and no other', async () => {
    const untagged = await attemptOn('prod/untagged', mailbox(), []);
    expect(untagged.attributes.action).toBe('none');
    await expect(app.read('prod/untagged')).rejects.toThrow(/marked for deletion/);

    const tagged = await attemptOn('prod/tagged', mailbox());
    expect(tagged.attributes.action).toBe('restored');
    expect(await app.read('prod/tagged')).toBe(VALUE);
  });

  test('by a permission that requires the tag', async () => {
    const policies = String(await policiesOf((await deployed(TAGGED)).NotifyFunctionName));
    expect(policies).toContain('secretsmanager:RestoreSecret');
    expect(policies).toContain('aws:ResourceTag/deleted-secret-notifier:auto-cancel');
  });
});
