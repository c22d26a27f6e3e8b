import { formatUtc } from '../../../lib/time.ts';
import { putOnBus } from '../bus.ts';
import { eventually } from '../eventually.ts';
import { countRuns } from '../functions.ts';
import { useMailbox } from '../mailbox.ts';
import { admin, app, attempt, createPending, VALUE } from '../secrets.ts';
import { deployed } from '../world.ts';

describe('An attempt is mailed', () => {
  const mailbox = useMailbox(async () => (await deployed()).AlertTopicArn);

  test('with the date of the deletion and the caller, by one run', async () => {
    const { NotifyFunctionName } = await deployed();
    const runs = () => countRuns(NotifyFunctionName);
    const before = await runs();
    const date = await createPending('prod/attempt');
    await putOnBus(await attempt('prod/attempt'));
    const { subject, body, attributes } = await mailbox().next();
    expect(subject).toBe('WARNING: Deleted secret prod/attempt wanted by app-server, 7 days left');
    const deletion = `Deletion: +${formatUtc(date)}, 7 days left \\(exact\\)`;
    expect(body).toMatch(new RegExp(`^${deletion}$`, 'm'));
    expect(body).toMatch(/^Asked by: +role app-server, session i-0abc, account 111122223333$/m);
    expect(attributes).toMatchObject({ secret: 'prod/attempt', action: 'none' });
    await eventually(runs, (count) => count === before + 1); // logged when it is over
  });
});

describe('What is no attempt runs no function', () => {
  const mailbox = useMailbox(async () => (await deployed()).AlertTopicArn);

  test('a read, a read that fails otherwise, a description', async () => {
    const { NotifyFunctionName, TrackDeletionFunctionName } = await deployed();
    const runs = async () => [
      await countRuns(NotifyFunctionName),
      await countRuns(TrackDeletionFunctionName),
    ];
    const [notified = 0, tracked] = await runs();

    await admin.create('prod/in-use');
    expect(await app.read('prod/in-use')).toBe(VALUE);
    const success = app.lastRecord();
    await expect(app.read('prod/in-use', 'AWSPENDING')).rejects.toThrow(/can't find/);
    const failure = app.lastRecord();
    await app.describe('prod/in-use');
    const description = app.lastRecord();
    // What comes last shows that those before it have been looked at.
    await createPending('prod/at-last');
    await putOnBus(success, failure, description, await attempt('prod/at-last'));

    expect((await mailbox().next()).subject).toContain('prod/at-last');
    await eventually(runs, ([count = 0]) => count > notified);
    expect(await runs()).toEqual([notified + 1, tracked]);
    expect(await mailbox().rest()).toEqual([]);
  });
});
