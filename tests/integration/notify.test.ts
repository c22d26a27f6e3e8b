import { NAME } from '../testing/secrets-manager.ts';
import { useService } from '../testing/service.ts';
import { type Users, useWorld } from '../testing/world.ts';

/** Lets the application ask for a secret that is to be deleted in a week; returns the event of it and the date. */
async function attempt({ admin, app, lastEvent }: Users) {
  await admin.create();
  const { DeletionDate: date } = await admin.delete(7);
  await app.get().catch(() => undefined);
  return { event: lastEvent(), date: `${date?.toISOString().slice(0, 16).replace('T', ' ')} UTC` };
}

describe('the packaged function', () => {
  const start = useWorld();

  test('alerts of an attempt with the secret, the caller, the date and the way out', async () => {
    const world = await start();
    const { event, date } = await attempt(world);
    expect(await world.notify.invoke(event)).toEqual({ result: null });
    const mail = await world.aws.nextMail();
    expect(mail?.subject).toContain(NAME);
    expect(mail?.subject).toContain('app-server');
    expect(mail?.body).toContain(date);
    expect(mail?.body).toMatch(/^aws secretsmanager restore-secret .*prod\/db-password/m);
    expect(mail?.body).toContain('payments');
    expect(await world.aws.nextMail()).toBeUndefined();
    expect(world.calls()).toEqual(['DescribeSecret']);
  });

  test('tries three times to publish an alert, which is then kept', async () => {
    const world = await start({ ALERT_TOPIC_ARN: 'arn:aws:sns:eu-west-1:111122223333:missing' });
    const { event } = await attempt(world);
    const error = { errorType: 'NotFoundException', errorMessage: 'Topic does not exist' };
    expect(await world.notify.invokeAsync(event)).toMatchObject({ error });
    expect(world.calls()).toEqual(['DescribeSecret', 'DescribeSecret', 'DescribeSecret']);
    expect(await world.aws.nextDeadLetter()).toMatchObject({
      requestContext: { condition: 'RetriesExhausted', approximateInvokeCount: 3 },
      requestPayload: event,
      responsePayload: error,
    });
  });
});

describe('an attempt is alerted', () => {
  const start = useService();

  test.each([
    ['restored', ({ admin }: Users) => admin.restore(), /^aws secretsmanager delete-secret /m],
    ['gone', ({ admin }: Users) => admin.delete(undefined, true), /Make a new secret/],
  ])('that was before the secret was %s, and nothing is restored', async (_, end, advice) => {
    const service = await start({ AUTO_CANCEL_DELETION: 'all' });
    const { event } = await attempt(service);
    await end(service);
    await service.notify(event);
    const mail = await service.aws.nextMail();
    expect(mail?.subject).toContain(NAME);
    expect(mail?.body).toMatch(advice);
    expect(service.calls()).not.toContain('RestoreSecret');
  });

  test.each([
    ['denied', { code: 'AccessDeniedException', message: 'User: x is not authorized' }],
    ['throttled', { code: 'ThrottlingException', message: 'Rate exceeded' }],
  ])('even if looking its secret up is %s', async (_, error) => {
    const service = await start({ AUTO_CANCEL_DELETION: 'all' });
    const { event } = await attempt(service);
    service.aws.secretsManager.failNext('DescribeSecret', error, Number.POSITIVE_INFINITY);
    await service.notify(event);
    const mail = await service.aws.nextMail();
    expect(mail?.subject).toContain(NAME);
    expect(mail?.body).toContain('aws secretsmanager restore-secret');
    expect(service.calls()).not.toContain('RestoreSecret');
  });
});
