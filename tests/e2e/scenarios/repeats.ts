import { randomUUID } from 'node:crypto';
import { createIncidentStore, incidentKey } from '../../../lib/incident/incidents.ts';
import { countAttempts } from '../../../simulation/cloud.ts';
import { putOnBus } from '../bus.ts';
import { eventually } from '../eventually.ts';
import { runFunction } from '../functions.ts';
import { letHoursPass } from '../hours.ts';
import { useMailbox } from '../mailbox.ts';
import { admin, attempt, batch, createPending } from '../secrets.ts';
import { deployedTable, secretOf } from '../table.ts';
import { deployed } from '../world.ts';

const NAME = 'prod/repeats';

describe('An incident makes a handful of mails', () => {
  const mailbox = useMailbox(async () => (await deployed()).AlertTopicArn);
  const summarize = async () => runFunction((await deployed()).SummarizeFunctionName);

  test('two alerts of two callers, and one digest of 199 repeats', async () => {
    const table = await deployedTable();
    const recorded = () => countAttempts(table);
    await createPending(NAME);
    const record = await attempt(NAME);
    const before = await recorded();
    // Ten at a time, because each of these is a process of its own.
    for (let count = 10; count <= 200; count += 10) {
      const records = Array.from({ length: 10 }, () => ({ ...record, eventID: randomUUID() }));
      await putOnBus(...records);
      await eventually(recorded, (found) => found === before + count);
    }
    expect((await mailbox().next()).subject).toContain(`${NAME} wanted by app-server`);
    await putOnBus(await attempt(NAME, batch));
    expect((await mailbox().next()).subject).toContain(`${NAME} wanted by batch`);

    await summarize();
    expect(await mailbox().rest()).toEqual([]);
    await letHoursPass(await deployedTable(), NAME);
    await summarize();
    const { subject, body } = await mailbox().next();
    expect(subject).toBe(`WARNING: 199 attempts on deleted secret ${NAME}, 7 days left`);
    expect(body).toMatch(/^199 attempts to read 1 secret/);
    expect(body).toMatch(/^ {2}- 199 x role app-server, session i-0abc, /m);
    expect(await mailbox().rest()).toEqual([]);
  });

  test('and one when the secret is restored', async () => {
    await admin.restore(NAME);
    await putOnBus(admin.lastRecord());
    const incidents = createIncidentStore(await deployedTable());
    await eventually(
      () => incidents.find(incidentKey(secretOf(NAME))),
      (incident) => incident?.ended === 'restored',
    );
    await letHoursPass(await deployedTable(), NAME);
    await summarize();
    const { subject, body } = await mailbox().next();
    expect(subject).toBe(`Resolved: secret ${NAME} is restored`);
    expect(body).toContain('platform-admin');
    expect(body).toMatch(/^ {2}- 200 x role app-server/m);
    await letHoursPass(await deployedTable(), NAME);
    await summarize();
    expect(await mailbox().rest()).toEqual([]);
  });
});
