import type { LocalAws } from '../../emulators/aws.ts';
import { ACCOUNT, REGION } from '../../emulators/client.ts';
import { getItems } from '../../lib/aws/table.ts';
import { identifySecret } from '../../lib/cloudtrail/secret-id.ts';
import { type Page, partitionKey, readPage } from '../../lib/deletion/ledger.ts';
import { pairPartition } from '../../lib/incident/pairs.ts';
import { asEvent, deleteSecret, getSecretValue } from '../testing/records.ts';
import { NAME } from '../testing/secrets-manager.ts';
import { useService } from '../testing/service.ts';
import { useWorld } from '../testing/world.ts';

const startPackaged = useWorld();
const start = useService();

/** What the ledger knows of the secret. */
async function page({ aws }: { aws: LocalAws }): Promise<Page> {
  const secret = identifySecret(NAME, { accountId: ACCOUNT, region: REGION });
  return readPage(await getItems(aws.dynamoDb.table, partitionKey(secret) ?? ''), secret);
}

describe('the packaged function', () => {
  test('keeps a deletion with its date and the person', async () => {
    const world = await startPackaged();
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

  test('tries three times to keep one in the ledger, whose event is then kept', async () => {
    const world = await startPackaged();
    const event = asEvent(deleteSecret());
    await world.aws.dynamoDb.stop();
    expect(await world.trackDeletion.invokeAsync(event)).toHaveProperty('error.errorMessage');
    expect(await world.aws.nextDeadLetter()).toMatchObject({
      requestContext: { approximateInvokeCount: 3 },
      requestPayload: event,
    });
  });
});

test('a new deletion makes the callers of the secret news again', async () => {
  let time = new Date(Date.now() - 60_000);
  const service = await start({}, { now: () => time });
  await service.admin.create();
  await service.admin.delete(7);
  await service.app.get().catch(() => undefined);
  await service.deliver();
  expect((await service.aws.nextMail())?.subject).toContain(NAME);
  const pairs = async () => {
    const secret = identifySecret(NAME, { accountId: ACCOUNT, region: REGION });
    return getItems(service.aws.dynamoDb.table, pairPartition(secret));
  };
  const renewAt = [expect.objectContaining({ renewAt: expect.anything() })];
  expect(await pairs()).toHaveLength(1);
  time = new Date(Date.now() + 1000); // after the alert, in whole seconds
  await service.admin.restore();
  await service.deliver();
  expect(await pairs()).not.toEqual(renewAt);
  await service.admin.delete(30);
  await service.deliver();
  expect(await pairs()).toEqual(renewAt);
});

test('a deletion that failed reaches no function, and would change nothing', async () => {
  const service = await start();
  await service.admin.delete(7).catch(() => undefined);
  expect(service.lastRecord()).toMatchObject({ errorCode: 'ResourceNotFoundException' });
  expect(service.targets(service.lastRecord())).toEqual([]);
  await service.trackDeletion(service.lastEvent());
  expect(await page(service)).toEqual({});
});

test('a date that cannot be read is counted from the window, with a warning', async () => {
  const service = await start();
  const responseElements = { ...deleteSecret().responseElements, deletionDate: 'in a week' };
  await service.deliver(deleteSecret({ responseElements }));
  expect((await page(service)).change).toMatchObject({
    date: new Date('2026-11-29T14:03:00Z'),
    dateFrom: 'window',
  });
  expect(service.log()).toMatch(/"level":"WARN".+"secret":"[^"]+db-password/);
});

test.each([
  ['names no secret', asEvent(deleteSecret({ requestParameters: null, responseElements: null }))],
  ['is of another call', asEvent(getSecretValue())],
  ['is none', {}],
])('a record that %s is refused', async (_, event) => {
  const { trackDeletion } = await start();
  await expect(trackDeletion(event)).rejects.toThrow(/^Expected /);
});

describe('a deletion and its cancellation', () => {
  const ANNOUNCED = { ANNOUNCE_DELETIONS: 'true' };
  let time: Date;
  beforeEach(() => {
    time = new Date(Date.now() - 60_000);
  });

  /** Schedules a secret for deletion, which has been read before or not. @returns the service and the mail. */
  async function schedule(environment: Record<string, string>, isUsed = true) {
    const service = await start(environment, { now: () => time });
    await service.admin.create();
    if (isUsed) await service.app.get();
    await service.admin.delete(7);
    await service.deliver();
    return { service, mail: await service.aws.nextMail() };
  }

  test('are not announced unless told so', async () => {
    const { service, mail } = await schedule({});
    await service.admin.restore();
    await service.deliver();
    expect([mail, await service.aws.nextMail(), ...service.calls()]).toEqual([
      undefined,
      undefined,
      'DescribeSecret',
    ]);
  });

  test('are announced each by one mail', async () => {
    const { service, mail } = await schedule(ANNOUNCED);
    expect(mail?.subject).toContain('scheduled for deletion by platform-admin');
    await service.deliver();
    expect(await service.aws.nextMail()).toBeUndefined();
    time = new Date();
    await service.admin.restore();
    await service.deliver();
    expect((await service.aws.nextMail())?.subject).toContain('restored by platform-admin');
    expect(await service.aws.nextMail()).toBeUndefined();
  });

  test('are mailed although the topic of the notices does not take them, which is counted', async () => {
    const { service, mail } = await schedule({
      ...ANNOUNCED,
      NOTICE_TOPIC_ARN: `arn:aws:sns:${REGION}:${ACCOUNT}:none`,
    });
    expect(mail?.subject).toContain('scheduled for deletion');
    expect(service.log()).toContain('"NoticesNotTaken":1');
    expect(await getItems(service.aws.dynamoDb.table, 'handed-on')).toHaveLength(1);
  });

  test.each([
    ['the day on which it was last used', true, () => time.toISOString().slice(0, 10)],
    ['that it was never used', false, () => 'never'],
  ])('are announced with %s', async (_, isUsed, expected) => {
    const { mail } = await schedule(ANNOUNCED, isUsed);
    expect(mail?.body).toMatch(new RegExp(`^Last used: +(on )?${expected()}`, 'm'));
  });
});
