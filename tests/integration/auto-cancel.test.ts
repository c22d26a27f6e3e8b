import { NAME } from '../testing/secrets-manager.ts';
import { useWorld } from '../testing/world.ts';

const TAG = { Key: 'deleted-secret-notifier:auto-cancel', Value: 'true' };

const start = useWorld();

/** Lets the application ask for a secret that is marked for deletion. */
async function attempt(AUTO_CANCEL_DELETION: string, tags?: (typeof TAG)[]) {
  const world = await start({ AUTO_CANCEL_DELETION });
  await world.admin.create(NAME, tags);
  await world.admin.delete(7);
  await world.app.get().catch(() => undefined);
  return world;
}

test.each([
  ['off', [TAG], true],
  ['tagged', [], true],
  ['tagged', [{ ...TAG, Value: 'false' }], true],
  ['tagged', [TAG], false],
  ['all', [], false],
])('"%s" for a secret with the tags %j leaves it pending: %s', async (mode, tags, pending) => {
  const world = await attempt(mode, tags);
  await world.notify.invoke(world.lastEvent());
  expect((await world.aws.nextMail())?.subject).toContain(NAME);
  expect('DeletedDate' in (await world.admin.describe())).toBe(pending);
  expect(world.calls().includes('RestoreSecret')).toBe(!pending);
});

test('a saved secret can be read again', async () => {
  const world = await attempt('all');
  await world.notify.invoke(world.lastEvent());
  expect(await world.app.get()).toMatchObject({ SecretString: 'hunter2' });
});

test('a refusal is alerted with the way to do it by hand', async () => {
  const world = await attempt('all');
  const error = { code: 'AccessDeniedException', message: 'User: x is not authorized' };
  world.aws.secretsManager.failNext('RestoreSecret', error);
  await world.notify.invoke(world.lastEvent());
  expect((await world.aws.nextMail())?.body).toContain('aws secretsmanager restore-secret');
  expect(await world.admin.describe()).toHaveProperty('DeletedDate');
});
