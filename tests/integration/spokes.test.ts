import { eventBridgeEvent } from '../../emulators/cloudtrail.ts';
import type { Place } from '../../lib/aws/spokes.ts';
import { AUTO_CANCEL_TAG } from '../../lib/deletion/auto-cancel.ts';
import { lookupRoleArn } from '../../stack/names.ts';
import { APP_SERVER } from '../testing/records.ts';
import { NAME, OWNER, secretOf } from '../testing/secrets-manager.ts';
import { useService } from '../testing/service.ts';
import { type Users, useWorld } from '../testing/world.ts';

/** Secrets of other accounts and Regions, looked up by the roles of their spokes. */

const THERE: Place = { accountId: '444455556666', region: 'us-east-1' };
const OTHER_REGION: Place = { accountId: APP_SERVER.account, region: 'us-east-1' };
const ROLE = 'deleted-secret-notifier-dev-us-east-1';
const roleArnIn = ({ accountId, region }: Place) =>
  lookupRoleArn('dev', { partition: 'aws', accountId, region });
const LOOKUP_ROLE_ARN = roleArnIn({ accountId: 'ACCOUNT', region: 'REGION' });
const LOOKS = ['DescribeSecret', 'LookupEvents'];

/** The callers of {@link useService}, and those of another account. */
const ada = { ...APP_SERVER, role: 'platform-admin', session: 'ada' };
const callers = {
  admin: ada,
  app: APP_SERVER,
  notifier: { ...APP_SERVER, role: 'notifier', session: 'notify' },
  adminThere: { ...ada, account: THERE.accountId },
  appThere: { ...APP_SERVER, account: THERE.accountId },
};

/** A local AWS with a spoke whose role may do this; without a spoke if nothing is given. */
const withSpoke = (operations?: readonly string[], { accountId, region } = THERE) => ({
  callers,
  roles: new Map(operations && [[roleArnIn({ accountId, region }), { region, operations }]]),
});

/** A secret, as its admin and an application of its account see it. */
function secretAt({ aws }: Users & { aws: StartedAws }, place: Place = THERE, name = NAME) {
  const isThere = place.accountId === THERE.accountId;
  const [admin, app] = isThere ? ['adminThere', 'appThere'] : ['admin', 'app'];
  return {
    admin: secretOf(aws.clientOf(admin as string, place.region), name),
    app: secretOf(aws.clientOf(app as string, place.region), name),
  };
}
type StartedAws = Awaited<ReturnType<ReturnType<typeof useService>>>['aws'];

/** An application reads a secret that is to be deleted in a week. @returns the event of it, and that date. */
async function attempt(
  users: Users & { aws: StartedAws },
  place?: Place,
  { name, tags = [OWNER] }: { name?: string; tags?: (typeof OWNER)[] } = {},
) {
  const { admin, app } = secretAt(users, place, name);
  await admin.create(tags);
  const { DeletionDate: date } = await admin.delete(7);
  await app.get().catch(() => undefined);
  return {
    event: eventBridgeEvent(users.lastRecord()),
    date: `${date?.toISOString().slice(0, 16).replace('T', ' ')} UTC`,
  };
}

const unwrapped = (body: string) => body.replace(/\s+/g, ' ');

/** The calls to Secrets Manager of a role's sessions, with where they went. */
const callsBy = (users: Users & { aws: StartedAws }, role: string) =>
  users.aws.records
    .filter(({ userIdentity }) => userIdentity.arn.includes(`:assumed-role/${role}/`))
    .map(({ eventName, recipientAccountId, awsRegion, userIdentity }) =>
      [eventName, recipientAccountId, awsRegion, userIdentity.arn.replace(/^.*\//, '')].join(' '),
    );

describe('the packaged function', () => {
  const start = useWorld();

  test('tells of an attempt elsewhere as of one at home, through the role of the spoke', async () => {
    const world = await start({ LOOKUP_ROLE_ARN }, withSpoke(LOOKS));
    const { event, date } = await attempt(world);
    expect(await world.notify.invoke(event)).toEqual({ result: null });
    const { subject = '', body = '' } = (await world.aws.nextMail()) ?? {};
    expect(subject).toContain('in 444455556666');
    expect(body).toContain(`Deletion:    ${date}`);
    expect(body).toMatch(
      /^Scheduled: {3}by role platform-admin, session ada, account 444455556666/m,
    );
    expect(body).toMatch(/^Owner: {7}payments/m);
    expect(body).toMatch(
      /^aws secretsmanager restore-secret --secret-id arn:aws:secretsmanager:us-east-1:444455556666:secret:prod\/db-password-\w{6} --region us-east-1/m,
    );
    expect(body).not.toContain('Looked up:');
    expect(world.calls()).toEqual([]);
    expect(callsBy(world, ROLE)).toEqual(['DescribeSecret 444455556666 us-east-1 notify']);
    expect(world.aws.sts.assumptions).toMatchObject([
      { roleArn: roleArnIn(THERE), session: 'notify', isRefused: false },
    ]);
  });
});

describe('an attempt elsewhere', () => {
  const start = useService();
  const metric = (log: string, name: string) =>
    [...log.matchAll(new RegExp(`"${name}":\\[?(\\d+)`, 'g'))].reduce(
      (sum, [, n]) => sum + Number(n),
      0,
    );

  test.each<[string, Record<string, string>, string]>([
    ['its role is missing', { LOOKUP_ROLE_ARN }, `the role ${ROLE}`],
    ['there is no hub', {}, 'which was not'],
  ])('is told without details where %s, which is no failure', async (_, environment, why) => {
    const service = await start(environment, withSpoke());
    const { event } = await attempt(service);
    await service.notify(event);
    const { subject = '', body = '' } = (await service.aws.nextMail()) ?? {};
    expect(subject).toContain(NAME);
    expect(body).toMatch(/^Looked up: {3}no\. /m);
    expect(unwrapped(body)).toContain(why);
    expect(service.log()).toMatch(new RegExp(`"notLookedUp":"[^"]*${why}`));
    expect(body).toContain('restore-secret');
    expect(body).not.toMatch(/^Owner:/m);
    expect(service.aws.records.map(({ eventName }) => eventName)).not.toContain('DescribeSecret');
    expect(metric(service.log(), 'Alerts')).toBe(1);
    expect(metric(service.log(), 'EnrichmentFailures')).toBe(0);
  });

  test.each<[string, 'sts' | 'secretsManager', string]>([
    ['AWS STS does not answer', 'sts', 'AssumeRole'],
    ['its spoke does not answer', 'secretsManager', 'DescribeSecret'],
  ])('is told where %s, which is a failure', async (_, service, operation) => {
    const started = await start({ LOOKUP_ROLE_ARN }, withSpoke(LOOKS));
    const { event } = await attempt(started);
    const error = { code: 'ThrottlingException', message: 'Rate exceeded' };
    started.aws[service].failNext(operation, error, Number.POSITIVE_INFINITY);
    await started.notify(event);
    const { body = '' } = (await started.aws.nextMail()) ?? {};
    expect(body).toContain('restore-secret');
    expect(body).not.toMatch(/^Owner:/m);
    expect(metric(started.log(), 'EnrichmentFailures')).toBe(1);
  });

  test('of another Region of the own account is looked up by the role there', async () => {
    const service = await start({ LOOKUP_ROLE_ARN }, withSpoke(LOOKS, OTHER_REGION));
    const { event, date } = await attempt(service, OTHER_REGION);
    await service.notify(event);
    const { body = '' } = (await service.aws.nextMail()) ?? {};
    expect(body).toContain(`Deletion:    ${date}`);
    expect(body).toMatch(/^Owner: {7}payments/m);
    expect(callsBy(service, ROLE)).toEqual(['DescribeSecret 111122223333 us-east-1 notify']);
  });

  test('assumes the role once for all secrets of its place', async () => {
    const service = await start({ LOOKUP_ROLE_ARN }, withSpoke(LOOKS));
    for (const name of ['a', 'b', 'c']) {
      const { event } = await attempt(service, THERE, { name });
      await service.notify(event);
    }
    expect(callsBy(service, ROLE)).toHaveLength(3);
    expect(service.aws.sts.assumptions).toHaveLength(1);
  });

  test('asks a role that is missing once', async () => {
    const service = await start({ LOOKUP_ROLE_ARN }, withSpoke());
    for (const name of ['a', 'b', 'c']) {
      const { event } = await attempt(service, THERE, { name });
      await service.notify(event);
    }
    expect(service.aws.sts.assumptions).toMatchObject([{ isRefused: true }]);
  });

  test('of which the name is one at home too leaves that alone', async () => {
    const service = await start(
      { LOOKUP_ROLE_ARN, AUTO_CANCEL_DELETION: 'all' },
      withSpoke([...LOOKS, 'RestoreSecret']),
    );
    const home = { accountId: APP_SERVER.account, region: 'eu-west-1' };
    await attempt(service, home);
    const { event } = await attempt(service);
    await service.notify(event);
    expect(service.calls()).toEqual([]);
    expect((await secretAt(service, home).admin.describe()).DeletedDate).toBeDefined();
    expect((await secretAt(service).admin.describe()).DeletedDate).toBeUndefined();
  });
});

describe('auto-cancel elsewhere', () => {
  const start = useService();
  const tags = [OWNER, { Key: AUTO_CANCEL_TAG, Value: 'true' }];

  test('restores a secret by the role of its spoke', async () => {
    const service = await start(
      { LOOKUP_ROLE_ARN, AUTO_CANCEL_DELETION: 'tagged' },
      withSpoke([...LOOKS, 'RestoreSecret']),
    );
    const { event } = await attempt(service, THERE, { tags });
    await service.notify(event);
    expect((await service.aws.nextMail())?.subject).toMatch(/^Restored: /);
    expect(callsBy(service, ROLE)).toEqual(
      ['DescribeSecret', 'DescribeSecret', 'RestoreSecret'].map(
        (call) => `${call} 444455556666 us-east-1 notify`,
      ),
    );
    expect((await secretAt(service).admin.describe()).DeletedDate).toBeUndefined();
  });

  test('is told as refused where the spoke does not let it', async () => {
    const service = await start({ LOOKUP_ROLE_ARN, AUTO_CANCEL_DELETION: 'all' }, withSpoke(LOOKS));
    const { event } = await attempt(service);
    await service.notify(event);
    const { body = '' } = (await service.aws.nextMail()) ?? {};
    expect(unwrapped(body)).toContain(
      "! This notifier tried to cancel the deletion and could not: RestoreSecret was refused, as it is if the spoke's RestoreMode does not allow it (AccessDeniedException: ",
    );
    expect((await secretAt(service).admin.describe()).DeletedDate).toBeDefined();
  });

  test('leaves alone what is not tagged', async () => {
    const service = await start(
      { LOOKUP_ROLE_ARN, AUTO_CANCEL_DELETION: 'tagged' },
      withSpoke([...LOOKS, 'RestoreSecret']),
    );
    const { event } = await attempt(service);
    await service.notify(event);
    expect(callsBy(service, ROLE)).toEqual(['DescribeSecret 444455556666 us-east-1 notify']);
  });
});
