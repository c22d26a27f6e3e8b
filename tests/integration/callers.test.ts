import { recordPast } from '../../cli/status/table.ts';
import { type Attempt, readAttempt } from '../../lib/attempt/attempt.ts';
import { attemptItem } from '../../lib/attempt/item.ts';
import { putItem } from '../../lib/aws/table.ts';
import { parseRecord } from '../../lib/cloudtrail/record.ts';
import { notify, type Ports } from '../../lib/incident/notify.ts';
import { renderMail } from '../../lib/notice/mail/render.ts';
import { HOUR_MS } from '../../lib/time.ts';
import { found, NOW } from '../testing/attempts.ts';
import { NOTIFY_POLICY, notifyPorts } from '../testing/gate.ts';
import { failedGetSecretValue } from '../testing/records.ts';
import { useState } from '../testing/state.ts';

const ACCOUNT = '111122223333';

const state = useState();

let events = 0;
function attemptBy(userIdentity: object, overrides: object = {}): Attempt {
  const record = { ...failedGetSecretValue(), eventID: `e${++events}`, userIdentity, ...overrides };
  const { attempt } = readAttempt(parseRecord(record), NOW);
  if (!attempt) throw new Error('the attempt was lost');
  return attempt;
}

/** Lets the attempts come one after the other; the alerts' callers, and the lines of the digest an hour later. */
async function tell(...attempts: Attempt[]) {
  const alerted: unknown[] = [];
  for (const attempt of attempts) {
    const publish: Ports['publish'] = async (notice) =>
      alerted.push(renderMail(notice).attributes.caller);
    const { now, gate } = state;
    await notify(attempt, NOTIFY_POLICY, notifyPorts({ now, gate: gate(), publish }));
  }
  state.pass(HOUR_MS);
  await state.sumUp({ describeSecret: async () => found() });
  const body = state.published.at(-1)?.body.replace(/\n {4,}/g, ' ') ?? '';
  return { alerted, digest: [...body.matchAll(/^ {2}- (.*), at /gm)].map(([, line]) => line) };
}

const BROKER = `arn:aws:iam::${ACCOUNT}:user/broker`;
const issuer = (type: string, arn: string) => ({
  sessionContext: { sessionIssuer: { type, arn, accountId: ACCOUNT } },
});
const federated = (name: string) => ({
  type: 'FederatedUser',
  principalId: `${ACCOUNT}:${name}`,
  arn: `arn:aws:sts::${ACCOUNT}:federated-user/${name}`,
  accountId: ACCOUNT,
  ...issuer('IAMUser', BROKER),
});

test('federated users and who issues their sessions are callers of their own', async () => {
  const broker = { type: 'IAMUser', arn: BROKER, accountId: ACCOUNT, userName: 'broker' };
  const { alerted, digest } = await tell(
    attemptBy(federated('bob')),
    attemptBy(federated('carol')),
    attemptBy(broker),
    attemptBy(federated('carol')),
  );
  expect(alerted).toEqual([
    `arn:aws:sts::${ACCOUNT}:federated-user/bob`,
    `arn:aws:sts::${ACCOUNT}:federated-user/carol`,
    BROKER,
  ]);
  expect(digest).toEqual(['1 x federated user carol']);
});

test('principals of other accounts are callers of their own, whatever their sessions', async () => {
  const principal = (accountId: string, principalId: string) =>
    attemptBy({ type: 'AWSAccount', accountId, principalId });
  const { alerted, digest } = await tell(
    principal('444455556666', 'AROAAAAAAAAAAAAAAAAAA:i-0abc'),
    principal('444455556666', 'AROABBBBBBBBBBBBBBBBB:nightly-job'),
    principal('777788889999', 'AROACCCCCCCCCCCCCCCCC:x'),
    principal('444455556666', 'AROAAAAAAAAAAAAAAAAAA:i-0def'),
  );
  expect(alerted).toEqual([
    '444455556666/AROAAAAAAAAAAAAAAAAAA',
    '444455556666/AROABBBBBBBBBBBBBBBBB',
    '777788889999/AROACCCCCCCCCCCCCCCCC',
  ]);
  expect(digest).toEqual([
    '1 x account 444455556666, principal AROAAAAAAAAAAAAAAAAAA, session i-0def',
  ]);
});

test('a service is one caller, whether or not its record bears a type', async () => {
  const { alerted } = await tell(
    attemptBy({ accountId: ACCOUNT, invokedBy: 'ec2.amazonaws.com' }),
    attemptBy({ accountId: ACCOUNT, invokedBy: 'rds.amazonaws.com' }),
    attemptBy({ type: 'AWSService', invokedBy: 'ec2.amazonaws.com' }),
  );
  expect(alerted).toEqual(['ec2.amazonaws.com', 'rds.amazonaws.com']);
});

const session = (role: string, path: string, name: string, more: object = {}) => ({
  type: 'AssumedRole',
  principalId: `AROAEXAMPLE:${name}`,
  arn: `arn:aws:sts::${ACCOUNT}:assumed-role/${role}/${name}`,
  accountId: ACCOUNT,
  ...issuer('Role', `arn:aws:iam::${ACCOUNT}:role/${path}${role}`),
  ...more,
});
const SSO = 'AWSReservedSSO_AdministratorAccess_9840b826e5a769a5';
const person = (name: string) => session(SSO, 'aws-reserved/sso.amazonaws.com/', name);

test('each person with a permission set is a caller', async () => {
  const { alerted, digest } = await tell(
    attemptBy(person('alice@example.com')),
    attemptBy(person('bob@example.com')),
    attemptBy(person('bob@example.com')),
  );
  expect(alerted).toEqual([
    `arn:aws:sts::${ACCOUNT}:assumed-role/${SSO}/alice@example.com`,
    `arn:aws:sts::${ACCOUNT}:assumed-role/${SSO}/bob@example.com`,
  ]);
  expect(digest).toEqual(['1 x IAM Identity Center user bob@example[.]com']);
});

test.each(['', 'x:role/aws-reserved/sso.amazonaws.com/'])(
  'a role that only bears the name of a permission set is one caller, with the path "%s"',
  async (path) => {
    const { alerted } = await tell(
      attemptBy(session('AWSReservedSSO_x', path, 'one')),
      attemptBy(session('AWSReservedSSO_x', path, 'two')),
    );
    expect(alerted).toEqual([`arn:aws:iam::${ACCOUNT}:role/${path}AWSReservedSSO_x`]);
  },
);

test('users whose path looks like a session are a caller each', async () => {
  const user = (name: string) => ({
    type: 'IAMUser',
    arn: `arn:aws:iam::${ACCOUNT}:user/x:assumed-role/AWSReservedSSO_x/${name}`,
    accountId: ACCOUNT,
  });
  const { alerted } = await tell(attemptBy(user('alice')), attemptBy(user('bob')));
  expect(alerted).toHaveLength(2);
});

test('whoever comes second behind a role is named by the digest', async () => {
  const lambda = (name: string) =>
    session('shared-lambda-role', '', name, {
      inScopeOf: { credentialsIssuedTo: `arn:aws:lambda:eu-west-1:${ACCOUNT}:function:${name}` },
    });
  const { alerted, digest } = await tell(
    attemptBy(lambda('fn-orders')),
    attemptBy(lambda('fn-billing')),
  );
  expect(alerted).toEqual([`arn:aws:iam::${ACCOUNT}:role/shared-lambda-role`]);
  expect(digest).toEqual(['1 x role shared-lambda-role, session fn-billing']);
});

test.each(['', 'team/'])(
  'an addendum that completes the identity is the same attempt by the same caller, with the path "%s"',
  async (path) => {
    const { sessionContext: _, ...known } = session('Admin', path, 'ops');
    const completed = session('Admin', path, 'ops');
    const first = attemptBy(known);
    const { alerted, digest } = await tell(
      first,
      attemptBy(completed, { addendum: { originalEventID: first.id } }),
      attemptBy(completed),
    );
    expect(alerted).toEqual([`arn:aws:iam::${ACCOUNT}:role/Admin`]);
    expect(digest).toEqual(['1 x role Admin, session ops']);
  },
);

test('the history adds no attempt that is recorded, be it under the key of the version before', async () => {
  const { table, now } = state;
  const bySession = attemptBy(session('Admin', '', 'ops'));
  const { pk, ...item } = attemptItem(bySession, now());
  const [time] = item.sk.split('#');
  await putItem(table, { ...item, pk, sk: `${time}#${bySession.caller.key}#${bySession.id}` });
  expect(await recordPast(table, attemptItem(bySession, now()))).toBe(false);
  const another = attemptItem(attemptBy(session('Admin', '', 'ops')), now());
  expect(await recordPast(table, another)).toBe(true);
  expect(await recordPast(table, another)).toBe(false);
});
