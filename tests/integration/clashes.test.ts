import { ACCOUNT, REGION } from '../../emulators/client.ts';
import { getItems, type Item, putItem } from '../../lib/aws/table.ts';
import { identifySecret } from '../../lib/cloudtrail/secret-id.ts';
import { createClashStore } from '../../lib/deletion/clashes.ts';
import { partitionKey, readPage } from '../../lib/deletion/ledger.ts';
import { HOUR_MS } from '../../lib/time.ts';
import { asEvent } from '../testing/records.ts';
import { NAME } from '../testing/secrets-manager.ts';
import { useWorld, type World } from '../testing/world.ts';

const start = useWorld();
const SECRET = identifySecret(NAME, { accountId: ACCOUNT, region: REGION });

/** Somebody deletes the secret, and then cannot create another one of its name. */
async function clash(world: World, isHeard: boolean): Promise<void> {
  await world.admin.create();
  await world.admin.delete(7);
  if (isHeard) await world.deliver();
  await expect(world.app.create()).rejects.toThrow('already scheduled for deletion');
}

const summarize = ({ notifier }: World) =>
  notifier.lambda('SummarizeLambdaFunction').invoke({ 'detail-type': 'Scheduled Event' });

test('a name that is taken is mailed once, however often and by whichever path that comes', async () => {
  const world = await start();
  await clash(world, true);
  await world.deliver();
  expect(await world.trackDeletion.invoke(asEvent(world.lastRecord(), { path: 'trail' }))).toEqual({
    result: null,
  });
  expect(await summarize(world)).toEqual({ result: null });
  const mail = await world.aws.nextMail();
  expect(mail?.subject).toContain(NAME);
  expect(mail?.body.replace(/\s+/g, ' ')).toMatch(
    /^Role app-server tried once to create .+ Scheduled: by role platform-admin, /,
  );
  await world.deliver();
  await summarize(world);
  expect(await createClashStore(world.aws.dynamoDb.table).of(SECRET)).toMatchObject([
    { calls: [], toldUntil: expect.any(Date) },
  ]);
});

test('a name that is taken again, by another deletion, is mailed within minutes', async () => {
  let agoMs = 2 * HOUR_MS;
  const world = await start({}, { now: () => new Date(Date.now() - agoMs) });
  await clash(world, true);
  await world.deliver();
  await summarize(world);
  expect((await world.aws.nextMail())?.subject).toContain(NAME);
  agoMs = 0;
  const hourAgo = new Date(Date.now() - HOUR_MS).toISOString();
  const { table } = world.aws.dynamoDb;
  for (const item of (await getItems(table, 'clashes')) as Item[]) {
    await putItem(table, { ...item, toldUntil: hourAgo, toldAt: hourAgo });
  }
  await world.admin.restore();
  await world.deliver();
  await world.admin.delete(9);
  await world.deliver();
  await expect(world.app.create()).rejects.toThrow('already scheduled for deletion');
  await world.deliver();
  await summarize(world);
  const mail = await world.aws.nextMail();
  expect(mail?.body.replace(/\s+/g, ' ')).toMatch(
    /^Role app-server tried once .+ a window of 9 days/,
  );
});

test('who reads the secret is said, also where that is an ignored caller, whom no incident knows', async () => {
  const world = await start({ IGNORED_CALLERS: '*/app-server' });
  await world.admin.create();
  await world.admin.delete(7);
  await world.deliver();
  await expect(world.app.get()).rejects.toThrow('marked for deletion');
  await world.deliver();
  await expect(world.admin.create()).rejects.toThrow('already scheduled for deletion');
  await world.deliver();
  await summarize(world);
  const mail = await world.aws.nextMail();
  expect(mail?.body).toMatch(/^Read by: +1 by ignored callers$/m);
  expect(mail?.body).not.toContain('--force-delete-without-recovery');
});

test('who scheduled a deletion that nobody heard of is found in the event history', async () => {
  const world = await start();
  await clash(world, false);
  await world.deliver();
  const { change } = readPage(
    await getItems(world.aws.dynamoDb.table, partitionKey(SECRET) ?? ''),
    SECRET,
  );
  expect(change).toMatchObject({
    kind: 'deletion',
    windowDays: 7,
    requestedBy: { shortName: 'platform-admin' },
  });
});

test('the clash of an ignored caller is not even recorded', async () => {
  const world = await start({ IGNORED_CALLERS: '*/app-server' });
  await clash(world, true);
  await world.deliver();
  expect(await createClashStore(world.aws.dynamoDb.table).list()).toEqual([]);
});

test('a creation that fails for another reason reaches no function', async () => {
  const world = await start();
  await world.admin.create();
  await world.app.create().catch(() => undefined);
  expect(world.lastRecord()).toMatchObject({ errorCode: 'ResourceExistsException' });
  expect(world.notifier.targets(world.lastRecord())).toEqual([]);
  expect(await world.trackDeletion.invoke(world.lastEvent())).toEqual({ result: null });
  expect(await createClashStore(world.aws.dynamoDb.table).list()).toEqual([]);
});
