import { NAME } from '../testing/secrets-manager.ts';
import { useWorld, type World } from '../testing/world.ts';

const start = useWorld();

/** Lets the application ask for a secret that is to be deleted in a week; returns the event of it and the date. */
async function attempt({ admin, app, lastEvent }: World) {
  await admin.create();
  const { DeletionDate: date } = await admin.delete(7);
  await app.get().catch(() => undefined);
  return { event: lastEvent(), date: `${date?.toISOString().slice(0, 16).replace('T', ' ')} UTC` };
}

test('an attempt is alerted with the secret, the caller, the date and the way out', async () => {
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

test('an attempt before the secret was restored is alerted, and nothing is restored', async () => {
  const world = await start({ AUTO_CANCEL_DELETION: 'all' });
  const { event } = await attempt(world);
  await world.admin.restore();
  await world.notify.invoke(event);
  const mail = await world.aws.nextMail();
  expect(mail?.subject).toContain(NAME);
  expect(mail?.body).toMatch(/^aws secretsmanager delete-secret /m);
  expect(world.calls()).not.toContain('RestoreSecret');
});

test('an attempt before the secret was gone is alerted', async () => {
  const world = await start({ AUTO_CANCEL_DELETION: 'all' });
  const { event } = await attempt(world);
  await world.admin.delete(undefined, true);
  await world.notify.invoke(event);
  expect((await world.aws.nextMail())?.subject).toContain(NAME);
  expect(world.calls()).not.toContain('RestoreSecret');
});

test.each([
  ['denied', { code: 'AccessDeniedException', message: 'User: x is not authorized' }],
  ['throttled', { code: 'ThrottlingException', message: 'Rate exceeded' }],
])('an attempt is alerted even if looking its secret up is %s', async (_, error) => {
  const world = await start({ AUTO_CANCEL_DELETION: 'all' });
  const { event } = await attempt(world);
  world.aws.secretsManager.failNext('DescribeSecret', error, Number.POSITIVE_INFINITY);
  expect(await world.notify.invoke(event)).toEqual({ result: null });
  const mail = await world.aws.nextMail();
  expect(mail?.subject).toContain(NAME);
  expect(mail?.body).toContain('aws secretsmanager restore-secret');
  expect(world.calls()).not.toContain('RestoreSecret');
});

test('an alert that cannot be published is tried three times, then kept', async () => {
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
