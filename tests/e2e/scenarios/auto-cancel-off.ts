import { attemptOn } from '../auto-cancel.ts';
import { useMailbox } from '../mailbox.ts';
import { policiesOf } from '../roles.ts';
import { app } from '../secrets.ts';
import { deployed } from '../world.ts';

describe('Auto-cancel off leaves the secret pending', () => {
  const mailbox = useMailbox(async () => (await deployed()).AlertTopicArn);

  test('even if it is tagged', async () => {
    const { attributes } = await attemptOn('prod/off', mailbox());
    expect(attributes.action).toBe('none');
    await expect(app.read('prod/off')).rejects.toThrow(/marked for deletion/);
  });

  test('and its role may not restore', async () => {
    const policies = String(await policiesOf((await deployed()).NotifyFunctionName));
    expect(policies).toContain('secretsmanager:DescribeSecret');
    expect(policies).not.toContain('RestoreSecret');
  });
});
