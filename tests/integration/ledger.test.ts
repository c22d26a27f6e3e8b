import { formatUtc, HOUR_MS, MINUTE_MS } from '../../lib/time.ts';
import { rowsOf } from '../testing/mails.ts';
import { NAME } from '../testing/secrets-manager.ts';
import { useWorld, type World } from '../testing/world.ts';

const ADA = 'by role platform-admin, session ada, account 111122223333, from 203.0.113.24, on ';
const THROTTLED = { code: 'ThrottlingException', message: 'Rate exceeded' };

const start = useWorld();

/** What {@link alert} returns if the ledger knows of a deletion that was scheduled just now. */
function exactly(date: string) {
  return {
    Deletion: expect.stringMatching(`^${date}, .+ left \\(exact\\)$`),
    Scheduled: expect.stringMatching(`^${ADA}.+, with a window of 7 days$`),
  };
}

/** Schedules a secret for deletion in a week. @returns the date. */
async function schedule({ admin }: World): Promise<string> {
  await admin.create();
  const { DeletionDate = new Date(0) } = await admin.delete(7);
  return formatUtc(DeletionDate);
}

/** Lets somebody ask for the secret, and the service handle that. @returns the mail's rows. */
async function alert({ app, deliver, aws }: World, caller = app) {
  await caller.get().catch(() => undefined);
  await deliver();
  return rowsOf(await aws.nextMail());
}

const hoursAgo = (hours: number) => new Date(Date.now() - hours * HOUR_MS);

describe('AWS tells only when a deletion was asked for, and the alert', () => {
  test('names the exact date and the person, which the ledger knows', async () => {
    const world = await start();
    const date = await schedule(world);
    await world.deliver();
    expect(await alert(world)).toMatchObject(exactly(date));
    expect(world.aws.eventHistory.calls()).toBe(0);
  });

  test.each([
    ["the secret's name", 'name', 1],
    ["the secret's ARN", 'arn', 2],
    ['the name of the call', 'none', 3],
  ] as const)('names them out of the history, asked by %s, once', async (_, resource, calls) => {
    const world = await start({}, { resource });
    const date = await schedule(world);
    expect(await alert(world)).toMatchObject(exactly(date));
    expect(world.aws.eventHistory.calls()).toBe(calls);
    expect(await alert(world, world.admin)).toMatchObject(exactly(date));
    expect(world.aws.eventHistory.calls()).toBe(calls);
  });

  test('names a range, and that the history does not know, and does not ask again', async () => {
    const world = await start({}, { historyDelay: 15 * MINUTE_MS });
    await schedule(world);
    for (const caller of [world.app, world.admin]) {
      const rows = await alert(world, caller);
      expect(rows.Deletion).toMatch(/^between .+ \(a range\)\. .+ the event history of CloudTrail/);
      expect(rows).not.toHaveProperty('Scheduled');
      expect(world.aws.eventHistory.calls()).toBe(3);
    }
  });

  test('names a range, and that the history could not be asked', async () => {
    const world = await start();
    await schedule(world);
    world.aws.eventHistory.failNext('LookupEvents', THROTTLED, Number.POSITIVE_INFINITY);
    const { Deletion } = await alert(world);
    expect(Deletion).toMatch(/^between .+ \(a range\)\. .+CloudTrail could not be asked \(Thrott/);
    expect(world.aws.eventHistory.calls()).toBe(3);
  });
});

test('without its table an attempt is not alerted, but kept in the dead-letter queue', async () => {
  const world = await start();
  await schedule(world);
  await world.aws.dynamoDb.stop();
  await expect(alert(world)).rejects.toThrow('ECONNREFUSED');
  expect(await world.aws.nextMail()).toBeUndefined();
  expect(await world.aws.nextDeadLetter()).toMatchObject({
    requestPayload: { detail: { eventName: 'GetSecretValue' } },
  });
});

describe('the ledger', () => {
  test('knows of a cancellation, which clears the deletion', async () => {
    let time = hoursAgo(3);
    const world = await start({}, { now: () => time });
    await schedule(world);
    await world.deliver();
    await world.app.get().catch(() => undefined);
    const attempt = world.lastRecord();
    time = hoursAgo(1);
    await world.admin.restore();
    await world.deliver();
    const denied = { code: 'AccessDeniedException', message: 'no' };
    world.aws.secretsManager.failNext('DescribeSecret', denied);
    await world.notifier.handle(attempt);
    const rows = rowsOf(await world.aws.nextMail());
    expect(rows).toMatchObject({
      Deletion: 'not scheduled any more',
      Restored: `${ADA}${formatUtc(time)}`,
    });
    expect(rows).not.toHaveProperty('Scheduled');
  });

  test('knows of the last deletion, in whatever order and how often the changes arrive', async () => {
    let time = hoursAgo(3);
    const world = await start({}, { now: () => time });
    await schedule(world);
    const deletion = world.lastRecord();
    time = hoursAgo(2);
    await world.admin.restore();
    const cancellation = world.lastRecord();
    time = hoursAgo(1);
    const { DeletionDate = time } = await world.admin.delete(7);
    for (const record of [world.lastRecord(), cancellation, deletion, cancellation]) {
      await world.notifier.handle(record);
    }
    expect(await alert(world)).toMatchObject(exactly(formatUtc(DeletionDate)));
    expect(world.aws.eventHistory.calls()).toBe(0);
  });

  test('knows nothing of a secret that took the name of another', async () => {
    const world = await start({}, { historyDelay: 15 * MINUTE_MS });
    await schedule(world);
    await world.deliver();
    await world.admin.delete(undefined, true);
    await schedule(world);
    expect(await alert(world)).not.toHaveProperty('Scheduled');
    expect(world.calls()).toEqual(['DescribeSecret']);
    expect(await world.admin.list(true)).toEqual([NAME]);
  });
});
