import { createClients } from '../../../cli/doctor/context.ts';
import { type Diagnosis, diagnose } from '../../../cli/doctor/diagnose.ts';

import { runDoctor } from '../doctor/command.ts';
import { completeAccount } from '../doctor/complete.ts';
import { FAULTS } from '../doctor/faults.ts';
import { showPending } from '../doctor/subscription.ts';
import { aws, deployed, STAGE } from '../world.ts';

const clients = createClients(aws);
showPending(clients.sns);

const examine = (): Promise<Diagnosis> =>
  diagnose(clients, STAGE, new Date(), (_title, _total, run) => run(() => undefined));

/** The checks that are not ok. */
async function complaints(): Promise<Record<string, string>> {
  const { results } = await examine();
  const bad = results.filter(({ verdict }) => verdict !== 'ok');
  return Object.fromEntries(bad.map(({ check, verdict }) => [check, verdict]));
}

describe('The doctor', () => {
  let restore: () => Promise<void>;
  beforeAll(async () => {
    restore = await completeAccount(await deployed());
  });
  afterAll(() => restore?.());

  test('is content with the service as it is deployed', async () => {
    expect(await complaints()).toEqual({});
    const { code, stdout } = await runDoctor('--stage', STAGE);
    expect(stdout).toMatch(/^ok +stack +UPDATE_COMPLETE, \d+ resources$/m);
    expect(stdout).toMatch(/ ok, 0 warn, 0 fail, 0 unknown\n$/);
    expect(code).toBe(0);
  });

  test.each(FAULTS)('finds that %s, and is content once that is mended', async (_, fault) => {
    const outputs = await deployed();
    const fix = await fault.put(outputs);
    try {
      expect(await complaints()).toEqual(fault.complaints);
    } finally {
      await fix();
    }
    expect(await complaints()).toEqual({});
  });

  test('ends with exit code 1 where something is wrong, and shows the fix', async () => {
    const [[, fault] = []] = FAULTS;
    const fix = await fault?.put(await deployed());
    try {
      const { code, stdout } = await runDoctor('--stage', STAGE, '--json');
      expect(code).toBe(1);
      expect(JSON.parse(stdout)).toMatchObject({
        healthy: false,
        results: expect.arrayContaining([
          expect.objectContaining({
            check: 'notify: rule',
            verdict: 'fail',
            remedy: expect.stringMatching(/^aws events put-rule --name /),
          }),
        ]),
      });
    } finally {
      await fix?.();
    }
  });

  test('ends with exit code 1 where the stage is not deployed', async () => {
    const { code, stdout } = await runDoctor('--stage', 'nowhere');
    expect([code, stdout]).toEqual([
      1,
      expect.stringMatching(
        /^fail {2}stack {2}There is no stack deleted-secret-notifier-nowhere in /m,
      ),
    ]);
  });
});
