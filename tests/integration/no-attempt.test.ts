import { asEvent, failedGetSecretValue } from '../testing/records.ts';
import { useService } from '../testing/service.ts';
import type { Users } from '../testing/world.ts';

const start = useService();

test.each<[string, (users: Users) => Promise<unknown>]>([
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
  const service = await start();
  await happen(service);
  await service.notify(service.lastEvent());
  expect(await service.aws.nextMail()).toBeUndefined();
  expect(service.calls()).toEqual([]);
  expect(service.log()).toMatch(/"level":"DEBUG".*"reason":"[^"]/);
});

test.each([
  ['an event of another service', { source: 'aws.ec2', 'detail-type': 'x', detail: {} }],
  ['a bare record', failedGetSecretValue()],
  ['an event without a record', { ...asEvent(failedGetSecretValue()), detail: null }],
  ['an empty event', {}],
  ['null', null],
])('%s is refused', async (_, event) => {
  const service = await start();
  await expect(service.notify(event)).rejects.toThrow(/^Expected an EventBridge event/);
  expect(await service.aws.nextMail()).toBeUndefined();
});
