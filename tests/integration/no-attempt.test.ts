import { asEvent, failedGetSecretValue } from '../testing/records.ts';
import { useWorld, type World } from '../testing/world.ts';

const start = useWorld();

test.each<[string, (world: World) => Promise<unknown>]>([
  [
    'an ordinary read',
    async ({ admin, app }) => {
      await admin.create();
      await app.get();
    },
  ],
  [
    'a read of another version',
    async ({ admin, app }) => {
      const { VersionId } = await admin.create();
      await app.get({ VersionId, VersionStage: 'AWSPENDING' }).catch(() => undefined);
    },
  ],
  ['a read of a secret that never was', ({ app }) => app.get().catch(() => undefined)],
  [
    'another call to a secret that is marked for deletion',
    async ({ admin }) => {
      await admin.create();
      await admin.delete(7);
      await admin.tag({ Key: 'owner', Value: 'x' }).catch(() => undefined);
    },
  ],
])('%s raises nothing, and the log says why', async (_, happen) => {
  const world = await start();
  await happen(world);
  expect(await world.notify.invoke(world.lastEvent())).toEqual({ result: null });
  expect(await world.aws.nextMail()).toBeUndefined();
  expect(world.calls()).toEqual([]);
  expect(await world.notify.log()).toMatch(/"level":"DEBUG".*"reason":"[^"]/);
});

test.each([
  ['an event of another service', { source: 'aws.ec2', 'detail-type': 'x', detail: {} }],
  ['a bare record', failedGetSecretValue()],
  ['an event without a record', { ...asEvent(failedGetSecretValue()), detail: null }],
  ['an empty event', {}],
  ['null', null],
])('%s is refused and kept', async (_, event) => {
  const world = await start();
  expect(await world.notify.invokeAsync(event)).toHaveProperty('error.errorMessage');
  expect(await world.aws.nextMail()).toBeUndefined();
  expect(await world.aws.nextDeadLetter()).toMatchObject({ requestPayload: event });
});
