import { createIncidentStore, incidentKey } from '../../../lib/incident/incidents.ts';
import { countAttempts } from '../../../simulation/cloud.ts';
import { putOnBus } from '../bus.ts';
import { operate } from '../commands.ts';
import { eventually } from '../eventually.ts';
import { runFunction } from '../functions.ts';
import { letHoursPass } from '../hours.ts';
import { useMailbox } from '../mailbox.ts';
import { attempt, createPending } from '../secrets.ts';
import { deployedTable, secretOf } from '../table.ts';
import { deployed } from '../world.ts';

const NAME = 'prod/muted';

describe('A muted secret', () => {
  const mailbox = useMailbox(async () => (await deployed()).AlertTopicArn);
  const summarize = async () => runFunction((await deployed()).SummarizeFunctionName);

  /** The application tries to read the secret, and this is recorded. */
  async function attempted(): Promise<void> {
    const table = await deployedTable();
    const before = await countAttempts(table);
    await putOnBus(await attempt(NAME));
    await eventually(
      () => countAttempts(table),
      (count) => count === before + 1,
    );
  }

  test('causes no mail', async () => {
    await createPending(NAME);
    const args = ['--secret', NAME, '--for', '3d', '--reason', 'replaced next week'];
    expect(await operate('mute', args)).toMatchObject({ code: 0, stderr: '' });
    await attempted();
    await letHoursPass(await deployedTable(), NAME);
    await summarize();
    expect(await mailbox().rest()).toEqual([]);
    const { stdout } = await operate('mute', ['--list']);
    expect(stdout).toMatch(/prod\/muted[\s\S]+replaced next week/);
  });

  test('is named, with what was muted, once the mute is removed', async () => {
    const removed = await operate('mute', ['--secret', NAME, '--remove']);
    expect(removed).toMatchObject({ code: 0, stderr: '' });
    await attempted();
    const incidents = createIncidentStore(await deployedTable());
    expect(await incidents.find(incidentKey(secretOf(NAME)))).toHaveProperty('unnamedSince');
    await letHoursPass(await deployedTable(), NAME);
    await summarize();
    const { subject, body } = await mailbox().next();
    expect(subject).toContain(NAME);
    expect(body).toMatch(/^ {2}- new: 1 x role app-server, /m);
    expect(body).toMatch(/^ {2}- 1 muted by /m);
    expect(await mailbox().rest()).toEqual([]);
  });
});
