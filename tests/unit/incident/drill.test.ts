import { identifySecret } from '../../../lib/cloudtrail/secret-id.ts';
import { isAllowed } from '../../../lib/deletion/auto-cancel.ts';
import type { Secret } from '../../../lib/deletion/describe.ts';
import { DRILL_PREFIX, isDrill } from '../../../lib/drill.ts';
import { admit } from '../../../lib/incident/gate.ts';
import { type Notification, notify } from '../../../lib/incident/notify.ts';
import { track } from '../../../lib/incident/track.ts';
import { renderMail } from '../../../lib/notice/mail/render.ts';
import { ACCOUNT, attempt, deletion, found, HOME, NOW } from '../../testing/attempts.ts';
import { GATE_POLICY, NOTIFY_POLICY, notifyPorts, openGate } from '../../testing/gate.ts';
import { memoryTable } from '../../testing/memory-table.ts';

const NAME = `${DRILL_PREFIX}1f3a9c0e`;
const ARN = `arn:aws:secretsmanager:eu-west-1:${ACCOUNT}:secret:${NAME}-AbC123`;
const secret = identifySecret(ARN, {});
const { tagKeys } = NOTIFY_POLICY;

test.each([
  [NAME, true],
  ['prod/db/password', false],
  [`prod/${NAME}`, false],
  [NAME.toUpperCase(), false],
  [undefined, false],
])('that %s is of a drill: %s', (name, expected) => {
  expect(isDrill(name)).toBe(expected);
});

async function alertOf(overrides: Partial<Secret> = {}) {
  const published: unknown[] = [];
  const outcome = await notify(
    attempt({ secret }),
    { ...NOTIFY_POLICY, autoCancel: 'all' },
    notifyPorts({
      describeSecret: async () => found({ arn: ARN, name: NAME, ...overrides }),
      restoreSecret: () => Promise.reject(new Error('restored a drill')),
      publish: async (alert) => published.push(alert),
    }),
  );
  expect(published).toHaveLength(1);
  return outcome as Notification;
}

test('an attempt on it is alerted, marked as a drill, and its deletion is not cancelled', async () => {
  const { alert: notice, action } = await alertOf();
  const alert = renderMail(notice);
  expect(action).toEqual({ kind: 'none' });
  expect(alert.subject).toMatch(
    /^DRILL: Deleted secret deleted-secret-n\S+ wanted by app-server, 6 days 21 hours left$/,
  );
  expect(alert.body).toMatch(
    /^This is a drill, [\s\S]+ take what\s+follows for real\.\n\nRole app-/,
  );
});

test('an alert that comes after the drill has restored it is marked too', async () => {
  const alert = renderMail((await alertOf({ deletedDate: undefined })).alert);
  expect(alert.subject).toBe(`DRILL: Secret ${NAME} wanted by app-server, restored since`);
});

test('an attempt on it by an ignored caller is alerted all the same', async () => {
  const policy = { ...GATE_POLICY, ignoredCallers: ['*'] };
  expect((await admit(attempt(), policy, openGate())).deferred).toBe('ignored');
  expect((await admit(attempt({ secret }), policy, openGate())).claim).toBeDefined();
});

test.each(['tagged', 'all'] as const)(
  'the mode %s of auto-cancel does not allow to restore it',
  (mode) => {
    const tags = { 'deleted-secret-notifier:auto-cancel': 'true' };
    expect(isAllowed(mode, { arn: ARN, name: NAME, tags })).toBe(false);
    expect(isAllowed(mode, { arn: '', name: 'prod/db', tags })).toBe(true);
  },
);

test('an attempt on it opens no incident, so that no digest counts it', async () => {
  const notes: string[] = [];
  const open = openGate(notes);
  const mark = () => Promise.reject(new Error('opened an incident'));
  const gate = { ...open, incidents: { ...open.incidents, mark } };
  const ports = notifyPorts({ gate, describeSecret: async () => found({ arn: ARN, name: NAME }) });
  expect(await notify(attempt({ secret }), NOTIFY_POLICY, ports)).not.toHaveProperty('deferred');
  expect(notes).toEqual(['alerted', 'confirmed']);
});

test('its deletion is kept in the ledger, and not announced', async () => {
  const table = memoryTable();
  const policy = { tagKeys, maxMailsPerHour: 20 };
  const tracking = await track(deletion({ secret }), policy, {
    ledger: table,
    pairs: { renew: async () => {} },
    clashes: { tellAnew: async () => {} },
    incidents: {
      end: async () => false,
      endMutes: async () => {},
      find: async () => undefined,
      lookAgain: async () => {},
      reopen: async () => false,
    },
    home: HOME,
    now: () => NOW,
    sleep: async () => {},
    leaseUntil: 0,
    budget: { takeTurn: async () => 'taken' },
    describeSecret: async () => found(),
    publish: () => Promise.reject(new Error('announced a drill')),
  });
  expect(tracking).toBe('recorded');
  expect(table.items.size).toBe(1);
});
