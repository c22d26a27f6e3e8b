import type { RecordedAttempt } from '../../../../lib/attempt/item.ts';
import { identifySecret } from '../../../../lib/cloudtrail/secret-id.ts';
import type { DeletionSchedule } from '../../../../lib/deletion/schedule.ts';
import { addAttempt, type Digest, emptyDigest } from '../../../../lib/incident/digest.ts';
import { attributesSize } from '../../../../lib/notice/mail/mail.ts';
import { renderSummary } from '../../../../lib/notice/mail/summary.ts';
import { type SummarizedSecret, summaryNotice } from '../../../../lib/notice/summary.ts';
import { addDays } from '../../../../lib/time.ts';
import { NOW, SECRET_ARN } from '../../../testing/attempts.ts';
import { links } from '../../../testing/links.ts';

function recorded(overrides: Partial<RecordedAttempt> = {}): RecordedAttempt {
  return {
    key: { pk: 'attempt', sk: '1' },
    secret: identifySecret(SECRET_ARN, {}),
    callerKey: 'arn:aws:iam::111122223333:role/app-server',
    callerName: 'role app-server',
    sourceAddress: '10.0.3.7',
    time: NOW,
    deferred: 'quiet-window',
    ...overrides,
  };
}

function digestOf(attempts: RecordedAttempt[]): Digest {
  const digest = emptyDigest();
  for (const attempt of attempts) addAttempt(digest, attempt);
  return digest;
}

type Known = { state: SummarizedSecret['state']; arn?: string };

const pending = (schedule: DeletionSchedule): Known => ({ state: { state: 'pending', schedule } });
const EXACT = pending({ kind: 'exact', date: new Date('2026-11-29T14:03:00Z') });

/** The summary of a digest; how each secret stands by its name. */
function summaryOf(digest: Digest, states: Record<string, Known> = {}) {
  const secrets = [...digest.secrets.values()].map((secret) => {
    return { ...secret, ...(states[secret.secret.name ?? ''] ?? EXACT) };
  });
  return renderSummary(summaryNotice(digest, secrets, NOW));
}

const named = (name: string) =>
  identifySecret(name, { accountId: '111122223333', region: 'eu-west-1' });

test('a summary of one application', () => {
  const attempts = Array.from({ length: 499 }, (_, i) =>
    recorded({
      time: new Date(NOW.getTime() + i * 1000),
      sourceAddress: `10.0.3.${12 - (i % 7)}`,
      session: 'i-0abc',
      deferred: i < 450 ? 'quiet-window' : 'budget',
    }),
  );
  const { subject, body } = summaryOf(digestOf(attempts));
  expect(`Subject: ${subject}\n\n${body}`).toMatchInlineSnapshot(`
"Subject: WARNING: 499 more attempts on deleted secret prod/db/password

499 attempts to read 1 secret scheduled for deletion went without an alert:

prod/db/password, account 111122223333, Region eu-west-1
  Deletion: 2026-11-29 14:03 UTC, 6 days 20 hours left (exact)
  Restore: aws secretsmanager restore-secret --secret-id arn:aws:secretsmanager:eu-west-1:111122223333:secret:prod/db/password-AbC123 --region eu-west-1
  - 499 x role app-server, session i-0abc, 2026-11-22 17:05 UTC to
    2026-11-22 17:13 UTC, from 10.0.3.6, 10.0.3.7, 10.0.3.8 and 4 others,
    450 in the quiet window and 49 over the budget"
`);
});

test('a summary names those who share a role', () => {
  const shared = ['fn-orders', 'fn-billing', 'x (alice@example.com)', 'fn-billing', 'z', 'y'];
  const { body } = summaryOf(
    digestOf([
      ...shared.map((session) => recorded({ session })),
      ...[1, 2].map((n) =>
        recorded({ callerKey: 'two', callerName: 'role two', session: `s${n}` }),
      ),
      recorded({ callerKey: 'none', callerName: 'user bob' }),
    ]),
  );
  expect(body.match(/ {2}- [\s\S]*?window/g)).toMatchInlineSnapshot(`
[
  "  - 6 x role app-server, sessions fn-billing, fn-orders, x
    (alice@example[.]com) and 2 others, at 2026-11-22 17:05 UTC, from
    10.0.3.7, in the quiet window",
  "  - 2 x role two, sessions s1, s2, at 2026-11-22 17:05 UTC, from 10.0.3.7,
    in the quiet window",
  "  - 1 x user bob, at 2026-11-22 17:05 UTC, from 10.0.3.7, in the quiet
    window",
]
`);
});

test('a summary counts no more sessions of a role than it can hold', () => {
  const many = Array.from({ length: 500 }, (_, i) => recorded({ session: `task-${i}` }));
  expect(summaryOf(digestOf(many)).body.replace(/\s+/g, ' ')).toContain(
    '500 x role app-server, sessions task-0, task-1, task-2 and at least 97 others, at 2026-11-22',
  );
});

test('one role is summed up as one, whether or not a record tells its path', () => {
  const role = (path: string) => `arn:aws:iam::111122223333:role/${path}app-server`;
  const keys = [role(''), role('team/'), 'arn:aws:sts::111122223333:assumed-role/app-server'];
  const digest = digestOf(keys.map((callerKey) => recorded({ callerKey })));
  expect([...digest.secrets.values()].map(({ callers }) => callers.size)).toEqual([1]);
});

test('a summary of several secrets, what nothing has named first, then the soonest deletion', () => {
  const digest = digestOf([
    recorded({ secret: named('later') }),
    recorded({ secret: named('restored') }),
    recorded({ secret: named('gone'), deferred: 'failed' }),
    recorded({
      secret: named('soon'),
      callerKey: 'b',
      callerName: 'user bob',
      sourceAddress: undefined,
    }),
    recorded({ secret: named('soon'), deferred: 'budget' }),
    recorded({ secret: identifySecret(undefined, {}) }),
  ]);
  digest.ignored = { count: 2, isLeast: false };
  const { subject, body, attributes } = summaryOf(digest, {
    later: pending({
      kind: 'estimated',
      earliest: addDays(NOW, 3),
      latest: addDays(NOW, 26),
      reason: '',
    }),
    restored: { state: { state: 'restored' } },
    gone: { state: { state: 'gone' } },
    soon: pending({ kind: 'exact', date: addDays(NOW, 1) }),
    '': pending({ kind: 'unknown', latest: addDays(NOW, 30), reason: '' }),
  });
  expect(`Subject: ${subject}\n\n${body}`).toMatchInlineSnapshot(`
"Subject: CRITICAL: 6 more attempts on 5 deleted secrets

6 attempts to read 5 secrets scheduled for deletion went without an alert:

soon, account 111122223333, Region eu-west-1
  Deletion: 2026-11-23 17:05 UTC, 1 day left (exact)
  Restore: aws secretsmanager restore-secret --secret-id arn:aws:secretsmanager:eu-west-1:111122223333:secret:soon --region eu-west-1
  - 1 x role app-server, at 2026-11-22 17:05 UTC, from 10.0.3.7, over the
    budget
  - 1 x user bob, at 2026-11-22 17:05 UTC, in the quiet window

gone, account 111122223333, Region eu-west-1
  Deletion: done, as far as AWS tells
  - 1 x role app-server, at 2026-11-22 17:05 UTC, from 10.0.3.7, whose alert
    failed

later, account 111122223333, Region eu-west-1
  Deletion: between 2026-11-25 17:05 UTC and 2026-12-18 17:05 UTC, 3 to 26
            days left (a range)
  Restore: aws secretsmanager restore-secret --secret-id arn:aws:secretsmanager:eu-west-1:111122223333:secret:later --region eu-west-1
  - 1 x role app-server, at 2026-11-22 17:05 UTC, from 10.0.3.7, in the
    quiet window

A secret that the records do not name
  Deletion: date unknown, at the latest 2026-12-22 17:05 UTC
  Restore: aws secretsmanager list-secrets --include-planned-deletion
  - 1 x role app-server, at 2026-11-22 17:05 UTC, from 10.0.3.7, in the
    quiet window

restored, account 111122223333, Region eu-west-1
  Deletion: cancelled since
  - 1 x role app-server, at 2026-11-22 17:05 UTC, from 10.0.3.7, in the
    quiet window

Total: 6 attempts on 5 secrets by 2 callers, 4 in the quiet window, 1 over
the budget and 1 whose alert failed.
Ignored callers made 2 attempts besides."
`);
  expect(attributes).toEqual({
    secret: ['soon', 'gone', 'later', 'restored'],
    caller: ['b', 'arn:aws:iam::111122223333:role/app-server'],
    account: '111122223333',
    region: 'eu-west-1',
    severity: 'critical',
    action: 'summary',
  });
});

test('a summary of a single attempt', () => {
  expect(summaryOf(digestOf([recorded()])).body).toMatchInlineSnapshot(`
"1 attempt to read 1 secret scheduled for deletion went without an alert:

prod/db/password, account 111122223333, Region eu-west-1
  Deletion: 2026-11-29 14:03 UTC, 6 days 20 hours left (exact)
  Restore: aws secretsmanager restore-secret --secret-id arn:aws:secretsmanager:eu-west-1:111122223333:secret:prod/db/password-AbC123 --region eu-west-1
  - 1 x role app-server, at 2026-11-22 17:05 UTC, from 10.0.3.7, in the
    quiet window"
`);
});

test('times within one minute are one', () => {
  const later = new Date(NOW.getTime() + 59_000);
  const { body } = summaryOf(digestOf([recorded(), recorded({ time: later })]));
  expect(body).toContain('  - 2 x role app-server, at 2026-11-22 17:05 UTC, from 10.0.3.7,');
});

test.each([
  [3, 'from 10.0.3.1, 10.0.3.2, 10.0.3.3,'],
  [4, 'from 10.0.3.1, 10.0.3.2, 10.0.3.3 and 1 other,'],
  [99, 'from 10.0.3.1, 10.0.3.2, 10.0.3.3 and 96 others,'],
  [250, 'and at least 97 others,'],
])('of %i addresses the lowest are named and the others counted', (count, line) => {
  const attempts = Array.from({ length: count }, (_, i) =>
    recorded({ sourceAddress: `10.0.3.${count - i}` }),
  );
  const { body } = summaryOf(digestOf([...attempts, ...attempts]));
  expect(body.replace(/\n +/g, ' ')).toContain(line);
});

test('a deletion whose time is up is not called exact', () => {
  const { body } = summaryOf(digestOf([recorded()]), {
    'prod/db/password': pending({ kind: 'exact', date: addDays(NOW, -1) }),
  });
  expect(body).toContain('  Deletion: 2026-11-21 17:05 UTC, AWS may purge it any time\n');
});

test('a secret known in several forms is one, in the form that says most', () => {
  const digest = digestOf([
    recorded({ secret: named('prod/db/password'), time: addDays(NOW, -1) }),
    recorded(),
    recorded({ callerKey: 'other', callerName: 'user bob' }),
  ]);
  const { body } = summaryOf(digest, { 'prod/db/password': { ...EXACT, arn: SECRET_ARN } });
  expect(body).toMatch(/^3 attempts to read 1 secret scheduled/);
  expect(body.match(/Restore: .*/g)).toEqual([expect.stringContaining(SECRET_ARN)]);
  expect(body).toContain('2 x role app-server, 2026-11-21 17:05 UTC to 2026-11-22 17:05 UTC,');
});

test('a secret known in several forms stands as it was found to after the last read', () => {
  const digest = digestOf([
    recorded({ secret: named('prod/db/password'), time: addDays(NOW, -1) }),
    recorded(),
  ]);
  const known = [...digest.secrets.values()].map(({ secret, ...one }) => {
    const restored: Known = { state: { state: 'restored' } };
    return { ...one, secret, ...(secret.arn ? EXACT : restored), arn: SECRET_ARN };
  });
  expect(renderSummary(summaryNotice(digest, known, NOW)).body).toContain('(exact)');
});

test('the attribute caller is as an alert has it, with the path of a role if any record tells it', () => {
  const path = 'arn:aws:iam::111122223333:role/team/app-server';
  const { attributes } = summaryOf(digestOf([recorded(), recorded({ callerKey: path })]));
  expect(attributes.caller).toBe(path);
});

test('secrets whose partial ARNs look like complete ones of one name are not one', () => {
  const partial = (name: string) =>
    recorded({ secret: named(`arn:aws:secretsmanager:eu-west-1:111122223333:secret:${name}`) });
  const digest = digestOf([partial('app-config'), partial('app-tokens'), partial('app')]);
  expect(summaryOf(digest).body).toMatch(/^3 attempts to read 3 secrets scheduled/);
});

describe('a summary too long for SNS', () => {
  // 256 KiB, attributes and all: https://docs.aws.amazon.com/sns/latest/api/API_Publish.html
  const MOST_BYTES = 256 * 1024;
  const callers = Array.from({ length: 5000 }, (_, i) => {
    const deferred: RecordedAttempt['deferred'] = i % 2 === 0 ? 'quiet-window' : 'budget';
    return recorded({ callerKey: `c${i}`, callerName: `role ${'x'.repeat(60)}-${i}`, deferred });
  });

  test('is cut, and tells how much it leaves out: the totals add up', () => {
    const { body, attributes } = summaryOf(digestOf(callers));
    const size = Buffer.byteLength(body) + attributesSize(attributes);
    expect(size).toBeLessThanOrEqual(MOST_BYTES);
    expect(size).toBeGreaterThan(MOST_BYTES - 2048);
    const shown = body.match(/^ {2}- 1 x role/gm)?.length ?? 0;
    const [, more, attempts] = /and (\d+) more callers, (\d+) attempts\./.exec(body) ?? [];
    expect(shown).toBeGreaterThan(1000);
    expect(shown + Number(more)).toBe(5000);
    expect(attempts).toBe(more);
    expect(body).toMatch(/^Total: 5000 attempts on 1 secret by 5000 callers, 2500 in the quiet/m);
  });

  test('with a name of 512 characters has a short subject', () => {
    const { subject } = summaryOf(digestOf([recorded({ secret: named('n'.repeat(512)) })]));
    expect(subject.length).toBeLessThanOrEqual(99);
  });
});

test('what a record says can forge no line', () => {
  const hostile = 'x\nTotal: 0 attempts Total: 0 attempts Total: 0 attempts Total: 0 attempts';
  const secret = identifySecret(hostile, { accountId: hostile, region: hostile });
  const { body } = summaryOf(
    digestOf([recorded({ secret, callerName: hostile, sourceAddress: hostile })]),
  );
  expect(body).not.toMatch(/^Total:/m);
});

test('what strangers wrote makes no link in it', () => {
  const secret = identifySecret('api.example.com/db', {
    accountId: '111122223333',
    region: 'eu-west-1',
  });
  const { subject, body } = summaryOf(
    digestOf([
      recorded({ secret, callerName: 'user www.evil.example', sourceAddress: 'https://evil.io/' }),
    ]),
  );
  expect(links(`${subject}\n${body}`)).toEqual([]);
  expect(body).toContain(
    "--secret-id arn:aws:secretsmanager:eu-west-1:111122223333:secret:api'.'example'.'com/db ",
  );
});
