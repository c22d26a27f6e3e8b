import { formatUtc, HOUR_MS, MINUTE_MS } from '../../lib/time.ts';
import { rowsOf } from '../testing/mails.ts';
import { NAME } from '../testing/secrets-manager.ts';
import { type Service, useService } from '../testing/service.ts';

const ADA = 'by role platform-admin, session ada, account 111122223333, from 203.0.113.24, on ';
const THROTTLED = { code: 'ThrottlingException', message: 'Rate exceeded' };

const start = useService();

/** What {@link alert} returns if the ledger knows of a deletion that was scheduled just now. */
function exactly(date: string) {
  return {
    Deletion: expect.stringMatching(`^${date}, .+ left \\(exact\\)$`),
    Scheduled: expect.stringMatching(`^${ADA}.+, with a window of 7 days$`),
  };
}

/** Schedules a secret for deletion in a week. @returns the date. */
async function schedule({ admin }: Service): Promise<string> {
  await admin.create();
  const { DeletionDate = new Date(0) } = await admin.delete(7);
  return formatUtc(DeletionDate);
}

/** Lets somebody ask for the secret, and the service handle that. @returns the mail's rows. */
async function alert({ app, deliver, aws }: Service, caller = app) {
  await caller.get().catch(() => undefined);
  await deliver();
  return rowsOf(await aws.nextMail());
}

const hoursAgo = (hours: number) => new Date(Date.now() - hours * HOUR_MS);

describe('AWS tells only when a deletion was asked for, and the alert', () => {
  test('names the exact date and the person, which the ledger knows', async () => {
    const service = await start();
    const date = await schedule(service);
    await service.deliver();
    expect(await alert(service)).toMatchObject(exactly(date));
    expect(service.aws.eventHistory.calls()).toBe(0);
  });

  test.each([
    ["the secret's name", 'name', 1],
    ["the secret's ARN", 'arn', 2],
    ['the name of the call', 'none', 3],
  ] as const)('names them out of the history, asked by %s, once', async (_, resource, calls) => {
    const service = await start({}, { resource });
    const date = await schedule(service);
    expect(await alert(service)).toMatchObject(exactly(date));
    expect(service.aws.eventHistory.calls()).toBe(calls);
    expect(await alert(service, service.admin)).toMatchObject(exactly(date));
    expect(service.aws.eventHistory.calls()).toBe(calls);
  });

  test('names a range, and that the history does not know, and does not ask again', async () => {
    const service = await start({}, { historyDelay: 15 * MINUTE_MS });
    await schedule(service);
    for (const caller of [service.app, service.admin]) {
      const rows = await alert(service, caller);
      expect(rows.Deletion).toMatch(/^between .+ \(a range\)\. .+ the event history of CloudTrail/);
      expect(rows).not.toHaveProperty('Scheduled');
      expect(service.aws.eventHistory.calls()).toBe(3);
    }
  });

  test('names a range, and that the history could not be asked', async () => {
    const service = await start();
    await schedule(service);
    service.aws.eventHistory.failNext('LookupEvents', THROTTLED, Number.POSITIVE_INFINITY);
    const { Deletion } = await alert(service);
    expect(Deletion).toMatch(/^between .+ \(a range\)\. .+CloudTrail could not be asked \(Thrott/);
    expect(service.aws.eventHistory.calls()).toBe(3);
  });
});

test('without its table an attempt is not alerted, and fails', async () => {
  const service = await start();
  await schedule(service);
  await service.aws.dynamoDb.stop();
  await expect(alert(service)).rejects.toThrow('ECONNREFUSED');
  expect(await service.aws.nextMail()).toBeUndefined();
});

describe('the ledger', () => {
  test('knows of a cancellation, which clears the deletion', async () => {
    let time = hoursAgo(3);
    const service = await start({}, { now: () => time });
    await schedule(service);
    await service.deliver();
    await service.app.get().catch(() => undefined);
    const attempt = service.lastRecord();
    time = hoursAgo(1);
    await service.admin.restore();
    await service.deliver();
    const denied = { code: 'AccessDeniedException', message: 'no' };
    service.aws.secretsManager.failNext('DescribeSecret', denied);
    await service.deliver(attempt);
    const rows = rowsOf(await service.aws.nextMail());
    expect(rows).toMatchObject({
      Deletion: 'not scheduled any more',
      Restored: `${ADA}${formatUtc(time)}`,
    });
    expect(rows).not.toHaveProperty('Scheduled');
  });

  test('knows of the last deletion, in whatever order and how often the changes arrive', async () => {
    let time = hoursAgo(3);
    const service = await start({}, { now: () => time });
    await schedule(service);
    const deletion = service.lastRecord();
    time = hoursAgo(2);
    await service.admin.restore();
    const cancellation = service.lastRecord();
    time = hoursAgo(1);
    const { DeletionDate = time } = await service.admin.delete(7);
    for (const record of [service.lastRecord(), cancellation, deletion, cancellation]) {
      await service.deliver(record);
    }
    expect(await alert(service)).toMatchObject(exactly(formatUtc(DeletionDate)));
    expect(service.aws.eventHistory.calls()).toBe(0);
  });

  test('knows nothing of a secret that took the name of another', async () => {
    const service = await start({}, { historyDelay: 15 * MINUTE_MS });
    await schedule(service);
    await service.deliver();
    await service.admin.delete(undefined, true);
    await schedule(service);
    expect(await alert(service)).not.toHaveProperty('Scheduled');
    // The first is the last look at the one that was deleted, the other that of the alert.
    expect(service.calls()).toEqual(['DescribeSecret', 'DescribeSecret']);
    expect(await service.admin.list(true)).toEqual([NAME]);
  });
});
