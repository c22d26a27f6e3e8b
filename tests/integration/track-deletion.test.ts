import { ACCOUNT, REGION } from '../../emulators/client.ts';
import { pairPartition } from '../../lib/attempt/item.ts';
import { getItems } from '../../lib/aws/table.ts';
import { identifySecret } from '../../lib/cloudtrail/secret-id.ts';
import { type Page, partitionKey, readPage } from '../../lib/deletion/ledger.ts';
import { asEvent, deleteSecret, getSecretValue } from '../testing/records.ts';
import { NAME } from '../testing/secrets-manager.ts';
import { useWorld, type World } from '../testing/world.ts';

const start = useWorld();

/** What the ledger knows of the secret. */
async function page({ aws }: World): Promise<Page> {
  const secret = identifySecret(NAME, { accountId: ACCOUNT, region: REGION });
  return readPage(await getItems(aws.dynamoDb.table, partitionKey(secret) ?? ''), secret);
}

test('a deletion is kept with its date and the person', async () => {
  const world = await start();
  await world.admin.create();
  const { DeletionDate = new Date() } = await world.admin.delete(7);
  expect(await world.trackDeletion.invoke(world.lastEvent())).toEqual({ result: null });
  DeletionDate.setMilliseconds(0); // a record's times are whole seconds
  expect((await page(world)).change).toMatchObject({
    kind: 'deletion',
    date: DeletionDate,
    dateFrom: 'record',
    windowDays: 7,
    requestedBy: { shortName: 'platform-admin' },
  });
});

test('a new deletion ends the quiet windows of the secret', async () => {
  let time = new Date(Date.now() - 60_000);
  const world = await start({}, { now: () => time });
  await world.admin.create();
  await world.admin.delete(7);
  await world.app.get().catch(() => undefined);
  await world.deliver();
  expect((await world.aws.nextMail())?.subject).toContain(NAME);
  const pairs = async () => {
    const secret = identifySecret(NAME, { accountId: ACCOUNT, region: REGION });
    return getItems(world.aws.dynamoDb.table, pairPartition(secret));
  };
  const renewAt = [expect.objectContaining({ renewAt: expect.anything() })];
  expect(await pairs()).toHaveLength(1);
  time = new Date(Date.now() + 1000); // after the alert, in whole seconds
  await world.admin.restore();
  await world.deliver();
  expect(await pairs()).not.toEqual(renewAt);
  await world.admin.delete(30);
  await world.deliver();
  expect(await pairs()).toEqual(renewAt);
});

test('a deletion that failed reaches no function, and would change nothing', async () => {
  const world = await start();
  await world.admin.delete(7).catch(() => undefined);
  expect(world.lastRecord()).toMatchObject({ errorCode: 'ResourceNotFoundException' });
  expect(world.notifier.targets(world.lastRecord())).toEqual([]);
  expect(await world.trackDeletion.invoke(world.lastEvent())).toEqual({ result: null });
  expect(await page(world)).toEqual({});
});

test('a date that cannot be read is counted from the window, with a warning', async () => {
  const world = await start();
  const responseElements = { ...deleteSecret().responseElements, deletionDate: 'in a week' };
  await world.notifier.handle(deleteSecret({ responseElements }));
  expect((await page(world)).change).toMatchObject({
    date: new Date('2026-11-29T14:03:00Z'),
    dateFrom: 'window',
  });
  expect(await world.notifier.log()).toMatch(/"level":"WARN".+"secret":"[^"]+db-password/);
});

test.each([
  ['names no secret', asEvent(deleteSecret({ requestParameters: null, responseElements: null }))],
  ['is of another call', asEvent(getSecretValue())],
  ['is none', {}],
])('a record that %s is tried three times, then kept', async (_, event) => {
  const world = await start();
  expect(await world.trackDeletion.invokeAsync(event)).toHaveProperty('error.errorMessage');
  expect(await world.aws.nextDeadLetter()).toMatchObject({
    requestContext: { approximateInvokeCount: 3 },
    requestPayload: event,
  });
});

test('a deletion that cannot be kept in the ledger is tried three times, then kept', async () => {
  const world = await start();
  const event = asEvent(deleteSecret());
  await world.aws.dynamoDb.stop();
  expect(await world.trackDeletion.invokeAsync(event)).toHaveProperty('error.errorMessage');
  expect(await world.aws.nextDeadLetter()).toMatchObject({ requestPayload: event });
});

describe('a deletion and its cancellation', () => {
  const ANNOUNCED = { ANNOUNCE_DELETIONS: 'true' };
  let time: Date;
  beforeEach(() => {
    time = new Date(Date.now() - 60_000);
  });

  /** Schedules a secret for deletion, which has been read before or not. @returns the world and the mail. */
  async function schedule(environment: Record<string, string>, isUsed = true) {
    const world = await start(environment, { now: () => time });
    await world.admin.create();
    if (isUsed) await world.app.get();
    await world.admin.delete(7);
    await world.deliver();
    return { world, mail: await world.aws.nextMail() };
  }

  test('are not announced unless told so', async () => {
    const { world, mail } = await schedule({});
    await world.admin.restore();
    await world.deliver();
    expect([mail, await world.aws.nextMail(), ...world.calls()]).toEqual([undefined, undefined]);
  });

  test('are announced each by one mail', async () => {
    const { world, mail } = await schedule(ANNOUNCED);
    expect(mail?.subject).toContain('scheduled for deletion by platform-admin');
    await world.deliver();
    expect(await world.aws.nextMail()).toBeUndefined();
    time = new Date();
    await world.admin.restore();
    await world.deliver();
    expect((await world.aws.nextMail())?.subject).toContain('restored by platform-admin');
    expect(await world.aws.nextMail()).toBeUndefined();
  });

  test.each([
    ['the day on which it was last used', true, () => time.toISOString().slice(0, 10)],
    ['that it was never used', false, () => 'never'],
  ])('are announced with %s', async (_, isUsed, expected) => {
    const { mail } = await schedule(ANNOUNCED, isUsed);
    expect(mail?.body).toMatch(new RegExp(`^Last used: +(on )?${expected()}`, 'm'));
  });
});
