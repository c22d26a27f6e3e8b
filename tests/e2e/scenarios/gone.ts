import { subscriptionEvent } from '../../../emulators/cloudtrail.ts';
import { putOnBus } from '../bus.ts';
import { eventually } from '../eventually.ts';
import { countRuns, handOver } from '../functions.ts';
import { useMailbox } from '../mailbox.ts';
import { admin, readInVain } from '../secrets.ts';
import { changeOf } from '../table.ts';
import { deployed } from '../world.ts';

const NAMES = ['prod/gone', 'prod/gone-trail'] as const;

describe('A read of a secret that is gone is mailed', () => {
  const mailbox = useMailbox(async () => (await deployed()).AlertTopicArn);

  test('by the rule and by the trail, and one of a name that never was is dropped', async () => {
    const { ReadTrailFunctionName, NotifyFunctionName } = await deployed();
    const before = await countRuns(NotifyFunctionName);
    for (const name of NAMES) {
      await admin.create(name);
      await admin.purge(name);
      await putOnBus(admin.lastRecord());
      await eventually(
        () => changeOf(name),
        (found) => found?.kind === 'deletion',
      );
    }
    // What comes last shows that those before it have been looked at.
    await putOnBus(await readInVain('prod/never-was'), await readInVain('prod/gone'));
    const { subject, body } = await mailbox().next();
    expect(subject).toContain('prod/gone');
    expect(body).toMatch(/^Secret: +prod\/gone$/m);
    expect(body).toMatch(/platform-admin/);
    expect(body).toContain('aws secretsmanager create-secret');

    const logged = [await readInVain('prod/never-was'), await readInVain('prod/gone-trail')];
    await handOver(ReadTrailFunctionName, subscriptionEvent(logged));
    expect((await mailbox().next()).subject).toContain('prod/gone-trail');
    await eventually(
      () => countRuns(NotifyFunctionName),
      (runs) => runs === before + 2,
    );
    expect(await mailbox().rest()).toEqual([]);
  });
});
