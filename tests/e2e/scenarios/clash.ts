import { putOnBus } from '../bus.ts';
import { eventually } from '../eventually.ts';
import { runFunction } from '../functions.ts';
import { useMailbox } from '../mailbox.ts';
import { createInVain, createPending } from '../secrets.ts';
import { countTries } from '../table.ts';
import { deployed } from '../world.ts';

const NAME = 'prod/clash';

describe('A name that is taken is mailed', () => {
  const mailbox = useMailbox(async () => (await deployed()).AlertTopicArn);

  test('once, however often the tool tries', async () => {
    const { SummarizeFunctionName } = await deployed();
    await createPending(NAME);
    const again = await createInVain(NAME);
    await putOnBus(await createInVain(NAME), again, again);
    await eventually(
      () => countTries(NAME),
      (tries) => tries === 2,
    );
    await runFunction(SummarizeFunctionName);
    const { body, attributes } = await mailbox().next();
    expect(attributes).toMatchObject({ action: 'clash' });
    expect(body).toMatch(/^Secret: +prod\/clash$/m);
    expect(body).toMatch(/^Tried: +2 times/m);

    // One in the second of the last that was mailed passes for that.
    await eventually(
      async () => {
        await putOnBus(await createInVain(NAME));
        return countTries(NAME);
      },
      (tries) => tries > 0,
    );
    await runFunction(SummarizeFunctionName);
    expect(await mailbox().rest()).toEqual([]);
  });
});
