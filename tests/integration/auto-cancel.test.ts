import type { Limit } from '../../lib/incident/budget.ts';
import { createBudgetStore } from '../../lib/incident/budget.ts';
import { notify, type Ports } from '../../lib/incident/notify.ts';
import { renderMail } from '../../lib/notice/mail/render.ts';
import { addDays, HOUR_MS, MINUTE_MS } from '../../lib/time.ts';
import { found, HOME, attempt as oneAttempt } from '../testing/attempts.ts';
import { NOTIFY_POLICY } from '../testing/gate.ts';
import { NAME } from '../testing/secrets-manager.ts';
import { useService } from '../testing/service.ts';
import { startState, wrapCalls } from '../testing/state.ts';

const TAG = { Key: 'deleted-secret-notifier:auto-cancel', Value: 'true' };

const start = useService();

/** Lets the application ask for a secret that is marked for deletion. */
async function attempt(AUTO_CANCEL_DELETION: string, tags?: (typeof TAG)[]) {
  const service = await start({ AUTO_CANCEL_DELETION });
  await service.admin.create(NAME, tags);
  await service.admin.delete(7);
  await service.app.get().catch(() => undefined);
  return service;
}

test.each([
  ['off', [TAG], true],
  ['tagged', [], true],
  ['tagged', [{ ...TAG, Value: 'false' }], true],
  ['tagged', [TAG], false],
  ['all', [], false],
])('"%s" for a secret with the tags %j leaves it pending: %s', async (mode, tags, pending) => {
  const service = await attempt(mode, tags);
  await service.notify(service.lastEvent());
  expect((await service.aws.nextMail())?.subject).toContain(NAME);
  expect('DeletedDate' in (await service.admin.describe())).toBe(pending);
  expect(service.calls().includes('RestoreSecret')).toBe(!pending);
});

test('a saved secret can be read again', async () => {
  const service = await attempt('all');
  await service.notify(service.lastEvent());
  expect(await service.app.get()).toMatchObject({ SecretString: 'hunter2' });
});

test('a refusal is alerted with the way to do it by hand', async () => {
  const service = await attempt('all');
  const error = { code: 'AccessDeniedException', message: 'User: x is not authorized' };
  service.aws.secretsManager.failNext('RestoreSecret', error);
  await service.notify(service.lastEvent());
  expect((await service.aws.nextMail())?.body).toContain('aws secretsmanager restore-secret');
  expect(await service.admin.describe()).toHaveProperty('DeletedDate');
});

test('an attempt on an earlier deletion, such as a replayed one, does not cancel the present one', async () => {
  let time = addDays(new Date(), -12);
  const service = await start({ AUTO_CANCEL_DELETION: 'all' }, { now: () => time });
  await service.admin.create(NAME);
  await service.admin.delete(30);
  await service.app.get().catch(() => undefined);
  const replayed = service.lastEvent();
  await service.admin.restore();
  time = new Date();
  await service.admin.delete(7);
  await service.notify(replayed);
  const mail = await service.aws.nextMail();
  expect(mail?.body).toContain('! This notifier did not cancel the deletion: this attempt is from');
  expect(await service.admin.describe()).toHaveProperty('DeletedDate');
});

test('attempts that come hours after it was saved restore nothing, and are alerted as what they are', async () => {
  let time = new Date(Date.now() - 5 * HOUR_MS);
  const service = await start({ AUTO_CANCEL_DELETION: 'all' }, { now: () => time });
  await service.admin.create(NAME);
  await service.admin.delete(7);
  await service.app.get().catch(() => undefined);
  const first = { ...service.lastEvent(), path: 'trail' };
  await service.admin.get().catch(() => undefined);
  const lost = { ...service.lastEvent(), path: 'trail' };
  time = new Date();
  await service.notify(first);
  expect((await service.aws.nextMail())?.subject).toMatch(/^Restored: /);
  const calls = service.calls().length;
  await service.notify(first);
  expect(service.calls()).toHaveLength(calls);
  await service.notify(lost);
  expect((await service.aws.nextMail())?.subject).toMatch(
    /wanted by platform-admin, restored since$/,
  );
  expect(await service.aws.nextMail()).toBeUndefined();
  expect(service.calls().filter((call) => call === 'RestoreSecret')).toHaveLength(1);
});

test('what was done is logged, counted and mailed where the budget is used up', async () => {
  const service = await attempt('all');
  const budget = createBudgetStore(service.aws.dynamoDb.table);
  const hour = Math.floor(Date.now() / HOUR_MS) * HOUR_MS;
  for (let mail = 0; mail < 20; mail++) await budget.takeTurn(new Date(hour + mail * 1000), 20);
  await service.notify(service.lastEvent());
  expect((await service.aws.nextMail())?.subject).toMatch(/^Restored: /);
  const log = service.log();
  expect(log).toMatch(/"message":"Deletion cancelled"/);
  expect(log).toMatch(/"Restores":1/);
});

describe('a run that dies after any of its calls, while the budget is used up', () => {
  /** What outlives the runs: a secret that is pending, and all that was asked for in order. */
  async function stage() {
    const state = await startState();
    const secret = { deletedDate: attempted.time as Date | undefined };
    const calls: string[] = [];
    /** The ports of a run that dies after so many calls: it then never hears an answer. */
    function portsOf(deathAfter = Number.POSITIVE_INFINITY) {
      let made = 0;
      let dies = () => {};
      const death = new Promise<void>((resolve) => {
        dies = resolve;
      });
      const mortal = <Args extends unknown[], Answer>(
        name: string,
        call: (...args: Args) => Promise<Answer>,
      ) => {
        return async (...args: Args): Promise<Answer> => {
          if (made++ >= deathAfter) return new Promise(() => {});
          calls.push(name);
          const answer = await call(...args);
          if (made < deathAfter) return answer;
          dies();
          return new Promise(() => {});
        };
      };
      // Nothing is left in any hour, but every second has room.
      const takeTurn = async (_: Date, max: Limit) => (max === 'whatever' ? 'taken' : 'hour');
      const gate = wrapCalls(state.gate({ budget: { takeTurn } }), mortal);
      const { ledger } = state.stores;
      const ports: Ports = {
        now: state.now,
        home: HOME,
        gate,
        describeSecret: mortal('describeSecret', async () => found(secret)),
        restoreSecret: mortal('restoreSecret', async () => {
          secret.deletedDate = undefined;
        }),
        noteRestoring: mortal('noteRestoring', (id, attemptId) =>
          ledger.noteRestoring(id, attemptId, state.now()),
        ),
        noteRefused: ledger.noteRefused,
        acted: () => undefined,
        getItems: mortal('getItems', ledger.getItems),
        publish: mortal('publish', async (notice) => state.published.push(renderMail(notice))),
      };
      return { ports, death };
    }
    return { state, secret, calls, portsOf };
  }

  const attempted = oneAttempt();
  const policy = { ...NOTIFY_POLICY, autoCancel: 'all' as const };

  test('is made up for by its retry, which says what was done', async () => {
    const calm = await stage();
    await notify(attempted, policy, calm.portsOf().ports);
    await calm.state[Symbol.asyncDispose]();

    const told: [string, unknown[]][] = [];
    for (const [i, name] of calm.calls.entries()) {
      const { state, portsOf, secret } = await stage();
      const { ports, death } = portsOf(i + 1);
      void notify(attempted, policy, ports);
      await death;
      state.pass(MINUTE_MS + 1);
      await notify(attempted, policy, portsOf().ports);
      expect(secret.deletedDate).toBeUndefined();
      told.push([name, state.published.map(({ attributes }) => attributes.action)]);
      await state[Symbol.asyncDispose]();
    }
    const published = calm.calls.indexOf('publish');
    expect(told.slice(0, published)).toEqual([
      ['claim', ['restored']],
      ['mark', ['restored']],
      ['recordAlerting', ['restored']],
      ['describeSecret', ['restored']],
      ['describeSecret', ['restored']],
      ['noteRestoring', ['restored']],
      ['restoreSecret', ['already-restored']],
      // The ledger is empty, and read under both of the names that the ARN may have.
      ['getItems', ['already-restored']],
      ['getItems', ['already-restored']],
      ['takeTurn', ['already-restored']],
    ]);
    // A death between sending and noting tells twice.
    const after = told.slice(published).map(([, actions]) => actions);
    expect(after[0]).toEqual(['restored', 'already-restored']);
    for (const [first] of after) expect(first).toBe('restored');
  });
});
