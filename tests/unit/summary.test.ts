import type { RecordedAttempt } from '../../lib/attempt-item.ts';
import { identifySecret } from '../../lib/secret-id.ts';
import { addAttempt, type Digest, emptyDigest } from '../../lib/summary/digest.ts';
import type { Fate } from '../../lib/summary/fate.ts';
import { composeSummary } from '../../lib/summary/message.ts';
import { addDays } from '../../lib/time.ts';
import { NOW, SECRET_ARN } from '../testing/attempts.ts';

function recorded(overrides: Partial<RecordedAttempt> = {}): RecordedAttempt {
  return {
    key: { pk: 'attempt', sk: '1' },
    secret: identifySecret(SECRET_ARN, {}),
    callerKey: 'arn:aws:iam::111122223333:role/app-server',
    callerName: 'role app-server',
    sourceAddress: '10.0.3.7',
    time: NOW,
    heldBack: 'quiet-window',
    ...overrides,
  };
}

function digestOf(attempts: RecordedAttempt[]): Digest {
  const digest = emptyDigest();
  for (const attempt of attempts) addAttempt(digest, attempt);
  return digest;
}

const EXACT: Fate = { kind: 'exact', date: new Date('2026-11-29T14:03:00Z') };

/** The summary of a digest; each secret's fate by its name. */
function summaryOf(digest: Digest, fates: Record<string, Fate> = {}) {
  const secrets = [...digest.secrets.values()].map((secret) => {
    return { ...secret, fate: fates[secret.secret.name ?? ''] ?? EXACT };
  });
  return composeSummary(digest, secrets, NOW);
}

const named = (name: string) =>
  identifySecret(name, { accountId: '111122223333', region: 'eu-west-1' });

test('a summary of one application', () => {
  const attempts = Array.from({ length: 499 }, (_, i) =>
    recorded({
      time: new Date(NOW.getTime() + i * 1000),
      sourceAddress: `10.0.3.${i % 5}`,
      heldBack: i < 450 ? 'quiet-window' : 'budget',
    }),
  );
  const { subject, body } = summaryOf(digestOf(attempts));
  expect(`Subject: ${subject}\n\n${body}`).toMatchInlineSnapshot(`
"Subject: WARNING: 499 more attempts on deleted secret prod/db/password

499 attempts to read 1 secret scheduled for deletion went without an alert:

prod/db/password, account 111122223333, Region eu-west-1
  Deletion: 2026-11-29 14:03 UTC, 6 days 20 hours left (exact)
  Restore: aws secretsmanager restore-secret --secret-id arn:aws:secretsmanager:eu-west-1:111122223333:secret:prod/db/password-AbC123 --region eu-west-1
  - 499 x role app-server, 2026-11-22 17:05 UTC to 2026-11-22 17:13 UTC,
    from 10.0.3.0, 10.0.3.1, 10.0.3.2 and others, 450 in the quiet window
    and 49 over the budget

Total: 499 attempts by 1 pair of secret and caller; 450 in the quiet window
and 49 over the budget."
`);
});

test('a summary of several secrets, what nothing has named first, then the soonest deletion', () => {
  const digest = digestOf([
    recorded({ secret: named('later') }),
    recorded({ secret: named('restored') }),
    recorded({ secret: named('gone'), heldBack: 'failed' }),
    recorded({
      secret: named('soon'),
      callerKey: 'b',
      callerName: 'user bob',
      sourceAddress: undefined,
    }),
    recorded({ secret: named('soon'), heldBack: 'budget' }),
    recorded({ secret: identifySecret(undefined, {}) }),
  ]);
  digest.ignored = { count: 2, isLeast: false };
  const { subject, body, attributes } = summaryOf(digest, {
    later: { kind: 'estimated', earliest: addDays(NOW, 3), latest: addDays(NOW, 26), reason: '' },
    restored: { kind: 'restored' },
    gone: { kind: 'gone' },
    soon: { kind: 'exact', date: addDays(NOW, 1) },
    '': { kind: 'unknown', latest: addDays(NOW, 30), reason: '' },
  });
  expect(`Subject: ${subject}\n\n${body}`).toMatchInlineSnapshot(`
"Subject: CRITICAL: 6 more attempts on deleted secrets: 5 secrets

6 attempts to read 5 secrets scheduled for deletion went without an alert:

soon, account 111122223333, Region eu-west-1
  Deletion: 2026-11-23 17:05 UTC, 1 day left (exact)
  Restore: aws secretsmanager restore-secret --secret-id arn:aws:secretsmanager:eu-west-1:111122223333:secret:soon --region eu-west-1
  - 1 x role app-server, at 2026-11-22 17:05 UTC, from 10.0.3.7, 1 over the
    budget
  - 1 x user bob, at 2026-11-22 17:05 UTC, 1 in the quiet window

gone, account 111122223333, Region eu-west-1
  Deletion: done, without a recovery window
  - 1 x role app-server, at 2026-11-22 17:05 UTC, from 10.0.3.7, 1 whose
    alert failed

later, account 111122223333, Region eu-west-1
  Deletion: between 2026-11-25 17:05 UTC and 2026-12-18 17:05 UTC, 3 to 26
            days left
  Restore: aws secretsmanager restore-secret --secret-id arn:aws:secretsmanager:eu-west-1:111122223333:secret:later --region eu-west-1
  - 1 x role app-server, at 2026-11-22 17:05 UTC, from 10.0.3.7, 1 in the
    quiet window

A secret that the records do not name
  Deletion: date unknown, at the latest 2026-12-22 17:05 UTC
  Restore: aws secretsmanager list-secrets --include-planned-deletion
  - 1 x role app-server, at 2026-11-22 17:05 UTC, from 10.0.3.7, 1 in the
    quiet window

restored, account 111122223333, Region eu-west-1
  Deletion: cancelled since
  - 1 x role app-server, at 2026-11-22 17:05 UTC, from 10.0.3.7, 1 in the
    quiet window

Total: 6 attempts by 6 pairs of secret and caller; 4 in the quiet window, 1
over the budget and 1 whose alert failed.
Ignored callers made 2 attempts besides."
`);
  expect(attributes).toEqual({ severity: 'critical', action: 'summary' });
});

test('a secret known in several forms is one, in the form that says most', () => {
  const digest = digestOf([
    recorded({ secret: named('prod/db/password') }),
    recorded({ callerKey: 'other', callerName: 'user bob' }),
  ]);
  expect([...digest.secrets.values()].map(({ secret }) => secret.arn)).toEqual([SECRET_ARN]);
});

describe('a summary too long for SNS', () => {
  // 256 KiB, attributes and all: https://docs.aws.amazon.com/sns/latest/api/API_Publish.html
  const MOST_BYTES = 255 * 1024;
  const callers = Array.from({ length: 5000 }, (_, i) => {
    const heldBack: RecordedAttempt['heldBack'] = i % 2 === 0 ? 'quiet-window' : 'budget';
    return recorded({ callerKey: `c${i}`, callerName: `role ${'x'.repeat(60)}-${i}`, heldBack });
  });

  test('is cut, and tells how much it leaves out: the totals add up', () => {
    const { body } = summaryOf(digestOf(callers));
    expect(Buffer.byteLength(body)).toBeLessThanOrEqual(MOST_BYTES);
    const shown = body.match(/^ {2}- 1 x role/gm)?.length ?? 0;
    const [, more, attempts] = /and (\d+) more callers, (\d+) attempts\./.exec(body) ?? [];
    expect(shown).toBeGreaterThan(1000);
    expect(shown + Number(more)).toBe(5000);
    expect(attempts).toBe(more);
    expect(body).toMatch(/Total: 5000 attempts by 5000 pairs of secret and caller;/);
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
  expect(body.match(/^Total:/gm)).toHaveLength(1);
});
