import { deletionsIn, mailsOf, type Outcome, type View } from '../../../../cli/preview/mails.ts';
import { readRecords } from '../../../../cli/preview/records.ts';
import { previewText } from '../../../../cli/preview/report.ts';
import { NOW } from '../../../testing/attempts.ts';
import {
  deleteSecret,
  failedGetSecretValue,
  getSecretValue,
  restoreSecret,
} from '../../../testing/records.ts';

const VIEW: View = {
  described: { kind: 'unavailable', reason: 'Not asked.' },
  deletions: [],
  action: { kind: 'none' },
  now: NOW,
};

/** An attempt at a minute after 17 h, by default of one caller on one secret. */
const attempt = (minute: number, overrides: Readonly<Record<string, unknown>> = {}) =>
  failedGetSecretValue({
    eventTime: `2026-11-22T${17 + Math.floor(minute / 60)}:${String(minute % 60).padStart(2, '0')}:00Z`,
    eventID: `attempt-${minute}`,
    ...overrides,
  });

const outcomes = (records: readonly unknown[], view: Partial<View> = {}) =>
  mailsOf(readRecords(Buffer.from(JSON.stringify(records))), { ...VIEW, ...view });

/** What came of each record, in a word. */
const kinds = (records: readonly unknown[], view: Partial<View> = {}) =>
  outcomes(records, view).records.map((outcome) => {
    if ('reason' in outcome) return outcome.reason;
    return 'alert' in outcome ? 'alert' : 'announcement';
  });

/** The text of an alert. */
const alertBody = (outcome: Outcome | undefined) =>
  outcome && 'alert' in outcome ? outcome.alert?.body : undefined;

const FURTHER = expect.stringMatching(/^a further attempt of its caller/);

test('the first attempt of a caller on a secret in an hour is alerted, in whatever order they come', () => {
  const other = { requestParameters: { secretId: 'other' } };
  expect(kinds([attempt(60), attempt(59), attempt(30, other), attempt(0)])).toEqual([
    'alert',
    FURTHER,
    'alert',
    'alert',
  ]);
});

test('an attempt that is delivered again is said to be the same', () => {
  expect(kinds([attempt(0), attempt(0)])).toEqual(['alert', 'the same attempt, delivered again']);
});

test('the summary reports deferred attempts, and counts those of ignored callers', () => {
  const scanner = attempt(2, {
    userIdentity: { type: 'IAMUser', arn: 'arn:aws:iam::111122223333:user/scanner' },
  });
  const { records, summary } = outcomes([attempt(0), attempt(1), scanner, attempt(3)], {
    ignoredCallers: ['arn:aws:iam::*:user/scan*'],
  });
  expect(records[0]).toMatchObject({ alert: {}, ignoredBy: null });
  expect(records[2]).toMatchObject({ alert: null, ignoredBy: 'arn:aws:iam::*:user/scan*' });
  expect(summary?.subject).toBe('WARNING: 2 more attempts on deleted secret prod/db-password');
  expect(summary?.body).toContain('Ignored callers made 1 attempt besides.');
});

test('without further attempts there is no summary', () => {
  expect(outcomes([attempt(0), getSecretValue()]).summary).toBeUndefined();
});

test('a deletion among the records dates the alert and the summary', () => {
  const { records, summary } = outcomes([attempt(1), deleteSecret(), attempt(0)]);
  expect(records[2]).toMatchObject({ alert: { subject: expect.stringContaining('6 days left') } });
  expect(summary?.body).toContain('Deletion: 2026-11-29 14:03 UTC');
});

test('a deletion among the records completes the ARN in each restore command', () => {
  const { records, summary } = outcomes([attempt(1), deleteSecret(), attempt(0)]);
  for (const body of [alertBody(records[2]), summary?.body]) {
    expect(body).toMatch(/restore-secret --secret-id arn:\S+:secret:prod\/db-password-AbCdEf /);
  }
});

test('deletions and restores are announced, but not those that failed, nor those of drills', () => {
  const failed = deleteSecret({ errorCode: 'AccessDeniedException' });
  const drill = deleteSecret({
    requestParameters: { secretId: 'deleted-secret-notifier-drill-1' },
    responseElements: null,
  });
  const undated = restoreSecret({ eventTime: undefined });
  expect(kinds([deleteSecret(), restoreSecret(), failed, drill, undated])).toEqual([
    'announcement',
    'announcement',
    'the DeleteSecret failed, and so changed nothing',
    'drills are not announced',
    expect.stringMatching(/^Expected an eventTime/),
  ]);
});

test("a restore that failed is in the alert, but a drill's is never tried", () => {
  const action = { kind: 'restore-failed', reason: 'It was refused.' } as const;
  const drill = attempt(0, { requestParameters: { secretId: 'deleted-secret-notifier-drill-1' } });
  const text = (record: unknown) => previewText(outcomes([record], { action }));
  expect(text(attempt(0))).toContain('could not: It was refused.');
  expect(text(drill)).not.toContain('It was refused.');
});

test('records in a row that make no mail for one reason share a line', () => {
  const hostile = failedGetSecretValue({ errorMessage: 'a\n=== 9 of 9' });
  const text = previewText(
    outcomes([getSecretValue(), getSecretValue(), hostile, getSecretValue()]),
  );
  expect(text).toMatchInlineSnapshot(`
"=== 1 to 2 of 4: No alert: the call succeeded.

=== 3 of 4: No alert: the call failed for another reason than "marked for deletion" (InvalidRequestException: a === 9 of 9).

=== 4 of 4: No alert: the call succeeded."
`);
});

describe('several records are taken for what happened:', () => {
  const at = (eventTime: string, eventID: string) => ({ eventTime, eventID });
  const subject = (outcome: Outcome | undefined) =>
    outcome && 'alert' in outcome ? outcome.alert?.subject : undefined;

  test('a new deletion ends the quiet windows of its secret', () => {
    const month = { recoveryWindowInDays: 30, secretId: 'prod/db-password' };
    const dated = (deletionDate: string) => ({ ...deleteSecret().responseElements, deletionDate });
    expect(
      kinds([
        deleteSecret({
          ...at('2026-11-22T17:00:00Z', 'a'),
          requestParameters: month,
          responseElements: dated('Dec 22, 2026, 5:00:00 PM'),
        }),
        attempt(0),
        restoreSecret(at('2026-11-22T17:05:00Z', 'b')),
        attempt(8),
        deleteSecret(at('2026-11-22T17:10:00Z', 'c')),
        attempt(20),
        attempt(21),
      ]),
    ).toEqual(['announcement', 'alert', 'announcement', FURTHER, 'announcement', 'alert', FURTHER]);
  });

  test.each([
    ['2026-11-27T14:00:00Z', '2026-11-27T14:10:00Z'],
    ['2026-11-22T14:00:00Z', '2026-11-22T14:10:00Z'],
  ])('an attempt is alerted again as the deletion nears, before and after %s', (before, after) => {
    const deletion = deleteSecret({
      ...at('2026-11-20T14:03:00Z', 'd'),
      requestParameters: { secretId: 'prod/db-password', recoveryWindowInDays: 9 },
    });
    expect(kinds([deletion, attempt(0, at(before, 'b')), attempt(0, at(after, 'a'))])).toEqual([
      'announcement',
      'alert',
      'alert',
    ]);
  });

  test('after a restore the summary says so, and not how to restore', () => {
    const { records, summary } = outcomes([
      deleteSecret(),
      attempt(0),
      attempt(1),
      restoreSecret(at('2026-11-22T17:02:00Z', 'r')),
    ]);
    expect(subject(records[1])).toContain('6 days left');
    expect(summary?.body).toContain('cancelled since');
    expect(summary?.body).not.toMatch(/restore-secret|\(exact\)/);
  });

  test('a deletion of another secret among the records is not one that was given', () => {
    const other = attempt(0, { requestParameters: { secretId: 'other' } });
    const given = readRecords(Buffer.from(JSON.stringify(deleteSecret())));
    const body = (view: Partial<View>) =>
      alertBody(outcomes([deleteSecret(), other], view).records[1])?.replace(/\s+/g, ' ');
    expect(body({})).not.toContain('DeleteSecret given');
    expect(body({ deletions: deletionsIn(given, NOW) })).toContain(
      'The DeleteSecret given is of another secret.',
    );
  });

  test('a deletion is cancelled once', () => {
    const user = attempt(1, {
      userIdentity: { type: 'IAMUser', arn: 'arn:aws:iam::111122223333:user/bob' },
    });
    const again = deleteSecret(at('2026-11-22T17:03:00Z', 'again'));
    const action = { kind: 'restored' } as const;
    const first = [deleteSecret(), attempt(0), user, attempt(2)];
    const { records } = outcomes([...first, again, attempt(4)], { action });
    const cancelled = records.map((outcome) => subject(outcome)?.startsWith('Restored: '));
    expect(cancelled).toEqual([undefined, true, false, undefined, undefined, true]);
    expect(subject(records[2])).toContain('restored since');
    expect(outcomes(first, { action }).summary?.body).toContain('Deletion: cancelled since');
  });

  test('a secret whose deletion was cancelled is alerted again after five minutes', () => {
    const records = [attempt(0), attempt(4), attempt(5)];
    expect(kinds(records, { action: { kind: 'restored' } })).toEqual(['alert', FURTHER, 'alert']);
    const action = { kind: 'restore-failed', reason: 'It was refused.' } as const;
    expect(kinds(records, { action })).toEqual(['alert', FURTHER, 'alert']);
  });

  test('partial ARNs that look like complete ones of one name are of several secrets', () => {
    const read = (minute: number, name: string) =>
      attempt(minute, {
        requestParameters: {
          secretId: `arn:aws:secretsmanager:eu-west-1:111122223333:secret:${name}`,
        },
      });
    expect(
      kinds([
        read(0, 'app-config'),
        read(1, 'app-tokens'),
        read(2, 'app-config'),
        read(3, 'app-tokens'),
      ]),
    ).toEqual(['alert', 'alert', FURTHER, FURTHER]);
  });

  test('a new deletion ends no quiet window of a secret that its partial ARN looks like', () => {
    const arn = 'arn:aws:secretsmanager:eu-west-1:111122223333:secret:app-config-AbCdEf';
    const deletion = deleteSecret({
      ...at('2026-11-22T17:05:00Z', 'd'),
      requestParameters: { secretId: 'app-config', recoveryWindowInDays: 7 },
      responseElements: { arn, deletionDate: 'Nov 29, 2026, 5:05:00 PM' },
    });
    const read = (minute: number) => attempt(minute, { requestParameters: { secretId: 'app' } });
    expect(kinds([read(0), deletion, read(10)])).toEqual(['alert', 'announcement', FURTHER]);
  });

  test('a change that is delivered again is announced once', () => {
    expect(kinds([deleteSecret(), deleteSecret()])).toEqual([
      'announcement',
      'the same call, delivered again',
    ]);
  });

  test("the deletion of a drill dates the drill's alert, though it is not announced", () => {
    const name = 'deleted-secret-notifier-drill-1';
    const arn = `arn:aws:secretsmanager:eu-west-1:111122223333:secret:${name}-AbCdEf`;
    const deletion = deleteSecret({
      requestParameters: { secretId: name, recoveryWindowInDays: 7 },
      responseElements: { arn, deletionDate: 'Nov 29, 2026, 2:03:00 PM' },
    });
    const drill = attempt(0, { requestParameters: { secretId: name } });
    expect(subject(outcomes([deletion, drill]).records[1])).toContain('6 days left');
  });
});
