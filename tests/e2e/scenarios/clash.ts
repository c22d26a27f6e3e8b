import { putOnBus } from '../bus.ts';
import { eventually } from '../eventually.ts';
import { runFunction } from '../functions.ts';
import { useMailbox } from '../mailbox.ts';
import { createInVain, createPending } from '../secrets.ts';
import { countClashes } from '../table.ts';
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
      () => countClashes(NAME),
      (calls) => calls === 2,
    );
    await runFunction(SummarizeFunctionName);
    const { body, attributes } = await mailbox().next();
    expect(attributes).toMatchObject({ action: 'clash' });
    expect(body).toMatch(/^Secret: +prod\/clash$/m);
    expect(body).toMatch(/^Tried: +2 times/m);

    await putOnBus(await createInVain(NAME));
    await eventually(
      () => countClashes(NAME),
      (calls) => calls >= 3,
    );
    await runFunction(SummarizeFunctionName);
    expect(await mailbox().rest()).toEqual([]);
  });
});
