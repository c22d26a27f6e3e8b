import { attemptOn } from '../auto-cancel.ts';
import { useMailbox } from '../mailbox.ts';
import { app, VALUE } from '../secrets.ts';
import { ALL, deployed } from '../world.ts';

describe('Auto-cancel all restores every secret', () => {
  const mailbox = useMailbox(async () => (await deployed(ALL)).AlertTopicArn);

  test('tagged or not', async () => {
    const { attributes } = await attemptOn('prod/all', mailbox(), []);
    expect(attributes.action).toBe('restored');
    expect(await app.read('prod/all')).toBe(VALUE);
  });
});
