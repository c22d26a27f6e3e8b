import { type Kind, mailsOf, noticeOf, type Outcome } from '../../../../cli/preview/mails.ts';
import type { View } from '../../../../cli/preview/play.ts';
import { deletionsIn } from '../../../../cli/preview/readings.ts';
import { readRecords } from '../../../../cli/preview/records.ts';
import {
  noticeJson,
  noticeText,
  previewJson,
  previewText,
} from '../../../../cli/preview/report.ts';
import { found, NOW } from '../../../testing/attempts.ts';
import { rowsOf } from '../../../testing/mails.ts';
import { attempt, VIEW } from '../../../testing/preview.ts';
import {
  deleteSecret,
  failedCreateSecret,
  failedGetSecretValue,
  getSecretValue,
  notFoundGetSecretValue,
  restoreSecret,
} from '../../../testing/records.ts';
import { ARN_PREFIX } from '../../../testing/secrets-manager.ts';

const FORCED = { secretId: 'prod/db-password', forceDeleteWithoutRecovery: true };

const outcomes = (records: readonly unknown[], view: Partial<View> = {}) =>
  mailsOf(readRecords(Buffer.from(JSON.stringify(records))), { ...VIEW, ...view }, NOW);

/** What came of each record, in a word. */
const kinds = (records: readonly unknown[], view: Partial<View> = {}) =>
  outcomes(records, view).records.map((outcome) => {
    if ('reason' in outcome) return outcome.reason;
    return 'alert' in outcome ? 'alert' : 'announcement';
  });

/** The text of an alert. */
const alertBody = (outcome: Outcome | undefined) =>
  outcome && 'alert' in outcome ? outcome.alert?.body : undefined;

const FURTHER = expect.stringMatching(/^a further attempt of a caller that an alert has named/);
const UNNAMED = expect.stringMatching(/^a further caller, after 4 alerts of its incident/);

/** Who reads, in place of the application. */
const by = (user: string) => ({
  userIdentity: { type: 'IAMUser', arn: `arn:aws:iam::111122223333:user/${user}` },
});

test('the first attempt of a caller on a secret is alerted, in whatever order they come', () => {
  const other = { requestParameters: { secretId: 'other' } };
  expect(kinds([attempt(60), attempt(59), attempt(30, other), attempt(0)])).toEqual([
    FURTHER,
    FURTHER,
    'alert',
    'alert',
  ]);
});

test('of one secret four callers are alerted at once, all others are in the digest', () => {
  const records = ['a', 'b', 'c', 'd', 'e', 'e', 'a'].map((user, i) => attempt(i, by(user)));
  const other = attempt(9, { ...by('e'), requestParameters: { secretId: 'other' } });
  expect(kinds([...records, other])).toEqual([
    ...['alert', 'alert', 'alert', 'alert'],
    ...[UNNAMED, UNNAMED, FURTHER],
    'alert',
  ]);
  const [mail] = outcomes([...records, other]).digest;
  expect(mail?.subject).toContain('3 attempts on deleted secret prod/db-password');
  expect(mail?.body).toMatch(/ - new: 2 x user e,[\s\S]+ - 1 x user a,/);
});

describe('a read of a secret that AWS does not find', () => {
  const notFound = (time: string) =>
    notFoundGetSecretValue({ eventTime: time, eventID: `not-found-${time}` });
  const forced = deleteSecret({ responseElements: undefined, requestParameters: FORCED });

  test('is told as one of what is gone, if its deletion is among the records before it', () => {
    const [, outcome] = outcomes([forced, notFound('2026-11-22T17:00:00Z')]).records;
    expect(outcome).toMatchObject({
      alert: {
        subject: 'CRITICAL: GONE: secret prod/db-password wanted by app-server, deleted for good',
        body: expect.stringMatching(/^Deletion: {4}done, without a recovery window$/m),
      },
    });
  });

  test('is none of ours without a deletion, before it, or after a restore', () => {
    const restored = restoreSecret({ eventTime: '2026-11-23T09:00:00Z' });
    const never = expect.stringMatching(/^AWS does not find the secret, and no deletion of it/);
    expect(kinds([notFound('2026-11-22T17:00:00Z')])).toEqual([never]);
    expect(kinds([forced, notFound('2026-11-22T13:00:00Z')])).toEqual(['announcement', never]);
    expect(kinds([forced, restored, notFound('2026-11-23T17:00:00Z')])).toEqual([
      'announcement',
      'announcement',
      never,
    ]);
  });

  test('is none of ours once the ledger has forgotten the deletion, 60 days after its end', () => {
    const month = deleteSecret({
      requestParameters: { secretId: 'prod/db-password', recoveryWindowInDays: 30 },
      responseElements: undefined,
    });
    const reads = [notFound('2027-02-20T14:02:59Z'), notFound('2027-02-28T17:00:00Z')];
    expect(kinds([month, ...reads])).toEqual([
      'announcement',
      'alert',
      'AWS does not find the secret, and of its deletion, which ended on 2026-12-22 14:03 UTC, the service knows until 2027-02-20 14:03 UTC alone',
    ]);
    const [again] = [notFound('2027-02-20T14:03:00Z')];
    expect(kinds([month, again])[1]).toMatch(/^AWS does not find the secret, and of its deletion/);
  });

  test('of callers that are known is in the digest, which says that it is gone', () => {
    const reads = ['17:00', '17:01', '17:02'].map((time) => notFound(`2026-11-22T${time}:00Z`));
    const [mail] = outcomes([forced, ...reads]).digest;
    expect(mail?.body).toMatch(/^2 attempts to read 1 secret deleted for good that no other/);
    expect(mail?.body).toContain(
      '  Make anew: aws secretsmanager create-secret --name prod/db-password ',
    );
  });
});

test('the removal of replicas is announced for each Region that held one', () => {
  const removal = deleteSecret({
    eventName: 'RemoveRegionsFromReplication',
    requestParameters: {
      secretId: 'prod/db-password',
      removeReplicaRegions: ['us-east-1', 'us-west-2'],
    },
  });
  const texts = outcomes([removal]).records.map((outcome) =>
    'announcement' in outcome ? rowsOf({ body: outcome.announcement.body } as never) : undefined,
  );
  const replica = {
    'Replica of': 'the secret in eu-west-1',
    Removed: expect.stringMatching(/^by role /),
  };
  expect(texts).toMatchObject([
    { ...replica, Region: 'us-east-1' },
    { ...replica, Region: 'us-west-2' },
  ]);
  const [first] = outcomes([removal]).records;
  expect(first).toMatchObject({
    announcement: {
      subject: expect.stringMatching(
        /^Replica prod\/db-password removed in us-east-1 by .+, its primary is kept$/,
      ),
      body: expect.stringMatching(
        /^The replica prod\/db-password was removed in us-east-1 by [\s\S]+\sIts\s+primary\s+is\s+in\s+eu-west-1\./,
      ),
    },
  });
});

describe('creations whose name is taken', () => {
  const creation = (minute: number, overrides: Readonly<Record<string, unknown>> = {}) =>
    failedCreateSecret({
      eventTime: `2026-11-22T17:0${minute}:00Z`,
      eventID: `creation-${minute}`,
      ...overrides,
    });
  const notice = (records: readonly unknown[], view: Partial<View> = {}) =>
    noticeOf(readRecords(Buffer.from(JSON.stringify(records))), 'clash', { ...VIEW, ...view }, NOW);

  test('are in one mail, with who deleted the secret and who reads it', () => {
    const records = [deleteSecret(), attempt(0), creation(1), creation(2), creation(2)];
    const { clashes } = outcomes(records);
    expect(clashes).toEqual(notice(records).mails);
    expect(clashes).toHaveLength(1);
    expect(clashes[0]?.subject).toMatch(/^WARNING: Deleted secret prod\/db-password blocks a new/);
    expect(rowsOf({ body: clashes[0]?.body ?? '' } as never)).toMatchObject({
      Scheduled: expect.stringMatching(/^by role .+ with a window of 7 days$/),
      'Read by': '1 attempt since its deletion, by role app-server',
      Tried: '2 times, 2026-11-22 17:01 UTC to 2026-11-22 17:02 UTC',
    });
  });

  test('alone are shown as that mail', () => {
    const { clashes, ...others } = outcomes([creation(1)]);
    expect(previewText({ clashes, ...others })).toMatch(/^Subject: WARNING: Deleted secret /);
    expect(previewJson({ clashes, ...others })).toEqual({ clash: clashes[0] });
  });

  test('of several callers and names stand in it apart', () => {
    const other = { requestParameters: { name: 'prod/other' } };
    const [mail] = notice([creation(1), creation(2, by('bob')), creation(3, other)]).mails;
    expect(mail?.body.match(/^NAME \d OF 3$/gm)).toHaveLength(3);
  });

  test('are not told once the secret is restored', () => {
    const restored = restoreSecret({ eventTime: '2026-11-22T17:30:00Z' });
    const now = new Date('2026-11-22T17:32:00Z');
    const outcome = notice([deleteSecret(), creation(1), restored], { now });
    expect(noticeText('clash', outcome)).toMatch(/^No notice: prod\/db-password was restored on /);
    expect(noticeText('clash', notice([attempt(0)]))).toBe(
      'No notice: the records hold no creation that failed because of its name.',
    );
  });

  test('are none if they succeed', () => {
    const made = creation(1, { errorCode: undefined, errorMessage: undefined });
    expect(kinds([made])).toEqual([
      expect.stringMatching(/^the CreateSecret succeeded, or failed/),
    ]);
  });
});

test('an attempt that is delivered again is said to be the same', () => {
  expect(kinds([attempt(0), attempt(0)])).toEqual(['alert', 'the same attempt, delivered again']);
});

test('the digest reports deferred attempts, and counts those of ignored callers', () => {
  const scanner = attempt(2, by('scanner'));
  const { records, digest } = outcomes([attempt(0), attempt(1), scanner, attempt(3)], {
    ignoredCallers: ['arn:aws:iam::*:user/scan*'],
  });
  expect(records[0]).toMatchObject({ alert: {}, ignoredBy: null });
  expect(records[2]).toMatchObject({ alert: null, ignoredBy: 'arn:aws:iam::*:user/scan*' });
  expect(digest).toHaveLength(1);
  expect(digest[0]?.body).toMatch(/ - 2 x role app-server,[\s\S]+ - 1 by ignored callers/);
});

test('without further attempts there is no digest', () => {
  expect(outcomes([attempt(0), getSecretValue()]).digest).toEqual([]);
});

test('a deletion among the records dates the alert and the digest', () => {
  const { records, digest } = outcomes([attempt(1), deleteSecret(), attempt(0)]);
  expect(records[2]).toMatchObject({
    alert: { subject: expect.stringContaining('6 days 21 hours left') },
  });
  expect(digest[0]?.body).toContain('Deletion: 2026-11-29 14:03 UTC');
});

test('a deletion among the records completes the ARN in each restore command', () => {
  const { records, digest } = outcomes([attempt(1), deleteSecret(), attempt(0)]);
  for (const body of [alertBody(records[2]), digest[0]?.body]) {
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

test('each mail is shown as of the time at which it would be sent, or as of a given one', () => {
  const subjects = (view: Partial<View> = {}) => {
    const { records, digest } = outcomes([deleteSecret(), attempt(0), attempt(300)], view);
    const alert = records.flatMap((outcome) => ('alert' in outcome && outcome.alert) || []);
    return [...alert, ...digest].map(({ subject }) => subject.replace(/.*, /, ''));
  };
  expect(subjects()).toEqual(['6 days 21 hours left', '6 days 15 hours left']);
  expect(subjects({ now: new Date('2026-11-27T14:03:00Z') })).toEqual([
    '2 days left',
    '2 days left',
  ]);
});

test('more alerts than an hour has room for are noted', () => {
  const reads = (count: number) =>
    Array.from({ length: count }, (_, i) =>
      attempt(i, { requestParameters: { secretId: `secret-${i}` } }),
    );
  expect(outcomes(reads(9)).crowded).toBeUndefined();
  expect(outcomes(reads(10)).crowded).toContain(
    ': 10 alerts in one hour, of which maxMailsPerHour=20 lets 9 out at once',
  );
  expect(outcomes(reads(10), { action: { kind: 'restored' } }).crowded).toBeUndefined();
  // The hour of the clock ends.
  expect(outcomes(reads(66).slice(54)).crowded).toBeUndefined();
});

test('records in a row that make no mail for one reason share a line', () => {
  const hostile = failedGetSecretValue({ errorMessage: 'a\n=== 9 of 9' });
  const text = previewText(
    outcomes([getSecretValue(), getSecretValue(), hostile, getSecretValue()]),
  );
  expect(text).toMatchInlineSnapshot(`
"=== 1 to 2 of 4: No alert: the call succeeded.

=== 3 of 4: No alert: the call failed for another reason than "marked for deletion" or "can't find the specified secret" (InvalidRequestException: a === 9 of 9).

=== 4 of 4: No alert: the call succeeded."
`);
});

describe('several records are taken for what happened:', () => {
  const at = (eventTime: string, eventID: string) => ({ eventTime, eventID });
  const subject = (outcome: Outcome | undefined) =>
    outcome && 'alert' in outcome ? outcome.alert?.subject : undefined;

  test('a new deletion of a secret begins a new incident', () => {
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

  test('after a restore the digest says so, and not how to restore', () => {
    const { records, digest } = outcomes([
      deleteSecret(),
      attempt(0),
      attempt(1),
      restoreSecret(at('2026-11-22T17:02:00Z', 'r')),
    ]);
    expect(subject(records[1])).toContain('6 days 21 hours left');
    expect(digest[0]?.body).toMatch(/Deletion: cancelled/);
    expect(digest[0]?.body).not.toMatch(/restore-secret|\(exact\)/);
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
    const user = attempt(1, by('bob'));
    const again = deleteSecret(at('2026-11-22T17:03:00Z', 'again'));
    const action = { kind: 'restored' } as const;
    const first = [deleteSecret(), attempt(0), user, attempt(2)];
    const { records } = outcomes([...first, again, attempt(4)], { action });
    const cancelled = records.map((outcome) => subject(outcome)?.startsWith('Restored: '));
    expect(cancelled).toEqual([undefined, true, false, undefined, undefined, true]);
    expect(subject(records[2])).toContain('restored since');
    expect(outcomes(first, { action }).digest[0]?.body).toMatch(/Deletion: cancelled/);
  });

  test('partial ARNs that look like complete ones of one name are of the secrets that were deleted', () => {
    const arnOf = (name: string) => `arn:aws:secretsmanager:eu-west-1:111122223333:secret:${name}`;
    const read = (minute: number, name: string) =>
      attempt(minute, { requestParameters: { secretId: arnOf(name) } });
    const deletionOf = (name: string) =>
      deleteSecret({
        ...at('2026-11-22T12:00:00Z', name),
        requestParameters: { secretId: name, recoveryWindowInDays: 7 },
        responseElements: {
          arn: arnOf(`${name}-AbCdEf`),
          deletionDate: 'Nov 29, 2026, 12:00:00 PM',
        },
      });
    const reads = [
      read(0, 'app-config'),
      read(1, 'app-tokens'),
      read(2, 'app-config'),
      read(3, 'app-tokens'),
    ];
    const deletions = [deletionOf('app-config'), deletionOf('app-tokens')];
    expect(kinds([...deletions, ...reads]).slice(2)).toEqual(['alert', 'alert', FURTHER, FURTHER]);
    // Where nobody knows which secret is meant, the digest tells them apart.
    expect(kinds(reads)).toEqual(['alert', FURTHER, FURTHER, FURTHER]);
  });

  test('a new deletion begins no incident of a secret that its partial ARN looks like', () => {
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
    expect(subject(outcomes([deletion, drill]).records[1])).toContain('6 days 21 hours left');
  });
});

describe('with another home', () => {
  const home = { accountId: '444455556666', region: 'us-east-1' };
  const arn = `${ARN_PREFIX}prod/db-password-AbCdEf`;
  const described = found({ arn, name: 'prod/db-password', tags: { owner: 'payments' } });
  const notLookedUp =
    /\n {0,2}Looked up: +no\. It is in account 111122223333, eu-west-1, which was not/;
  const ofElsewhere = [
    / --profile PROFILE-OF-111122223333\n/,
    /signed in to account 111122223333:\s+https:\/\/eu-west-1\./,
    new RegExp(`\nnpm run mute -- --secret ${arn} .+ --region us-east-1(\n|$)`),
  ];
  const bodies = (view: Partial<View>) => {
    const { records, digest } = outcomes([deleteSecret(), attempt(0), attempt(1)], view);
    return [alertBody(records[1]), digest[0]?.body];
  };

  test('a secret is elsewhere, and nobody could look there', () => {
    for (const body of bodies({ home })) {
      for (const text of [notLookedUp, ...ofElsewhere]) expect(body).toMatch(text);
    }
  });

  test('a secret is elsewhere, and was looked up there, if DescribeSecret has answered', () => {
    for (const body of bodies({ home, described })) {
      for (const text of [/\n {0,2}Owner: +payments /, ...ofElsewhere]) expect(body).toMatch(text);
      expect(body).not.toContain('Looked up');
    }
  });

  test('an announcement knows nothing more, because its function looks nowhere else', () => {
    const [announced] = outcomes([deleteSecret()], { home, described }).records;
    const { body } = (announced as Extract<Outcome, { announcement: object }>).announcement;
    for (const text of [notLookedUp, ...ofElsewhere.slice(0, 2)]) expect(body).toMatch(text);
    expect(body).not.toContain('payments');
  });

  test('where the secret is, all is as without', () => {
    const here = { accountId: '111122223333', region: 'eu-west-1' };
    expect(bodies({ home: here, described })).toEqual(bodies({ described }));
  });

  test.each<[what: string, view: Partial<View>, mails: number]>([
    ['could not be looked up', { home }, 1],
    ['was looked up', { home, described }, 0],
    ['is at home', { home: { accountId: '111122223333', region: 'eu-west-1' } }, 0],
  ])('the time is up of a secret elsewhere alone: of one that %s', (_, view, mails) => {
    const records = readRecords(Buffer.from(JSON.stringify([deleteSecret(), attempt(0)])));
    const outcome = noticeOf(records, 'over', { ...VIEW, ...view }, NOW);
    expect(outcome.mails).toHaveLength(mails);
    expect(outcome.reasons).toEqual(
      mails > 0 ? [] : ['prod/db-password can be looked up, so that AWS tells whether it is gone'],
    );
  });
});

describe('a notice of a kind is shown of all attempts:', () => {
  const outcome = (kind: Kind, records: readonly unknown[], view: Partial<View> = {}) =>
    noticeOf(readRecords(Buffer.from(JSON.stringify(records))), kind, { ...VIEW, ...view }, NOW);
  const noticed = (...args: Parameters<typeof outcome>) => outcome(...args).mails;
  const records = [deleteSecret(), attempt(0), attempt(1), attempt(2, by('bob'))];

  test('the opening alerts, one of each secret', () => {
    const other = attempt(3, { requestParameters: { secretId: 'other' } });
    const mails = noticed('opened', [...records, other]);
    expect(mails.map(({ subject }) => subject)).toEqual([
      expect.stringContaining('prod/db-password wanted by app-server'),
      expect.stringContaining('other wanted by app-server'),
    ]);
  });

  test('a digest, of those that no alert has reported', () => {
    const [mail] = noticed('digest', [...records, attempt(3)]);
    expect(mail?.subject).toContain('2 attempts on deleted secret prod/db-password');
    expect(mail?.body).toMatch(/ - 2 x role app-server,/);
    expect(mail?.body).not.toContain('bob');
    expect(noticed('digest', [deleteSecret(), attempt(0)])).toEqual([]);
  });

  test('a digest, which knows a secret that an alert has named', () => {
    const callers = ['a', 'b', 'c', 'd', 'e'].map((name, i) => attempt(i, by(name)));
    const [mail] = noticed('digest', callers);
    expect(mail?.body).toMatch(/ - new: 1 x user e,/);
    expect(mail?.subject).toContain('1 attempt on deleted secret');
  });

  test('with the owner, where DescribeSecret names it', () => {
    const described = found({
      arn: `${ARN_PREFIX}prod/db-password-AbCdEf`,
      name: 'prod/db-password',
      tags: { owner: 'payments' },
    });
    const [mail] = noticed('last-call', records, { described });
    expect(mail?.body).toContain('\n  Owner: payments (tag owner)\n');
  });

  test('a last call, two days before the end unless it is shown at another time', () => {
    const [mail] = noticed('last-call', records);
    expect(mail?.subject).toMatch(/^LAST CALL: .*prod\/db-password was read, 2 days left$/);
    expect(mail?.body).toMatch(/ - 2 x role app-server,/);
    const now = new Date('2026-11-22T18:03:00Z');
    expect(noticed('last-call', records, { now })[0]?.subject).toContain('6 days 20 hours left');
  });

  test('a last call of what has no date, before the latest possible end', () => {
    expect(noticed('last-call', [attempt(0)])[0]?.subject).toMatch(
      /^LAST CALL: .*prod\/db-password/,
    );
  });

  test('that the time is up, as of a secret that the stack cannot look up', () => {
    const described = found({ tags: { owner: 'payments' } });
    const [mail] = noticed('over', records, { described });
    expect(mail?.subject).toMatch(
      /^TIME IS UP: deleted secret prod\/db-password was read, in \d{12}/,
    );
    expect(mail?.body).toMatch(/AWS may purge it any time[\s\S]+which was not\s+looked into/);
    expect(mail?.body).not.toContain('payments');
    expect(mail?.attributes).toMatchObject({ action: 'over', severity: 'critical' });
  });

  test('that it is resolved, and by whom', () => {
    const restored = restoreSecret({ eventTime: '2026-11-22T17:03:00Z', eventID: 'r' });
    const [mail] = noticed('resolved', [...records, restored]);
    expect(mail?.subject).toBe('Resolved: secret prod/db-password is restored');
    expect(mail?.body).toMatch(/by\s+role\s+app-server[\s\S]+ - 2 x role app-server/);
  });

  test('that it is gone', () => {
    const [mail] = noticed('gone', records);
    expect(mail?.subject).toBe('GONE: secret prod/db-password was read');
    expect(mail?.attributes).toMatchObject({ severity: 'critical' });
  });

  test('none, if there is no attempt but of ignored callers and drills', () => {
    const drill = attempt(0, {
      requestParameters: { secretId: 'deleted-secret-notifier-drill-1' },
    });
    const ignoredCallers = ['arn:aws:iam::*:user/bob'];
    const none = outcome('digest', [drill, attempt(1, by('bob'))], { ignoredCallers });
    expect(none.mails).toEqual([]);
    expect(noticeText('digest', none)).toBe(
      'No notice: the records hold no attempt that one would report.',
    );
    expect(noticeJson('digest', none)).toEqual([]);
  });

  describe('of what was deleted by force:', () => {
    const forced = deleteSecret({ responseElements: undefined, requestParameters: FORCED });
    const read = notFoundGetSecretValue({ eventTime: '2026-11-23T02:00:07Z', eventID: 'gone' });
    const again = { ...read, ...by('bob'), eventID: 'again', eventTime: '2026-11-23T03:00:00Z' };
    const ofKind = (kind: Kind, all: readonly unknown[], view: Partial<View> = {}) =>
      noticeText(kind, outcome(kind, all, view));

    test('that it is gone, as the alert of the first read does, once', () => {
      const [, { alert } = {}] = outcomes([forced, read, again]).records as { alert?: object }[];
      const mails = noticed('gone', [forced, read, again]);
      expect(mails).toHaveLength(1);
      expect(alert).toMatchObject(mails[0] ?? {});
      expect(mails[0]?.subject).toMatch(/^CRITICAL: GONE: secret prod\/db-password wanted by/);
    });

    test.each(['last-call', 'over', 'resolved'] as const)('no %s, and why', (kind) => {
      expect(ofKind(kind, [forced, read])).toBe(
        'No notice: prod/db-password was deleted for good on 2026-11-22 14:03 UTC, without a recovery window.',
      );
    });

    test.each(['opened', 'digest', 'last-call', 'over', 'resolved', 'gone'] as const)(
      'no %s before it is read',
      (kind) => {
        const view = { now: new Date('2026-11-22T15:00:00Z') };
        expect(ofKind(kind, [forced, read, again], view)).toBe(
          'No notice: the first read of prod/db-password was later, on 2026-11-23 02:00 UTC.',
        );
      },
    );
  });

  describe('of what is read after its end:', () => {
    const late = (eventTime: string, overrides = {}) =>
      notFoundGetSecretValue({ eventTime, eventID: eventTime, ...overrides });

    test('that it is gone, by the alert of whoever reads it first only then', () => {
      const [mail, ...more] = noticed('gone', [deleteSecret(), late('2026-12-03T09:00:00Z')]);
      expect(mail?.subject).toMatch(/^CRITICAL: GONE: .+ wanted by app-server/);
      expect(more).toEqual([]);
    });

    test('that it is gone, by the alert of a further caller within the hour after the end', () => {
      const [mail] = noticed('gone', [...records, late('2026-11-29T14:30:00Z', by('carol'))]);
      expect(mail?.subject).toMatch(/^CRITICAL: GONE: .+ wanted by carol/);
    });

    test('that it is gone, with what was read before, an hour after the end', () => {
      const [mail] = noticed('gone', [...records, late('2026-12-03T09:00:00Z', by('carol'))]);
      expect(mail?.subject).toBe('GONE: secret prod/db-password was read');
      expect(mail?.body).not.toContain('carol');
    });

    test('a last call of what was read before it, none of what was not', () => {
      const read = late('2026-12-03T09:00:00Z');
      expect(noticed('last-call', [...records, read])[0]?.subject).toMatch(/^LAST CALL: /);
      expect(outcome('last-call', [deleteSecret(), read]).reasons).toEqual([
        'prod/db-password was first read on 2026-12-03 09:00 UTC, after the last call',
      ]);
      const now = new Date('2026-12-04T00:00:00Z');
      expect(outcome('last-call', [deleteSecret(), read], { now }).reasons).toEqual([
        'prod/db-password is deleted for good, as the alert of 2026-12-03 09:00 UTC says',
      ]);
    });
  });

  test('none of what happens after the time that is shown', () => {
    const now = new Date('2026-11-22T17:01:00Z');
    const [mail] = noticed('last-call', records, { now });
    expect(mail?.body).toContain(' - 2 x role app-server,');
    expect(mail?.body).not.toContain('bob');
    const creation = failedCreateSecret({ eventTime: '2026-11-22T17:10:00Z' });
    expect(outcome('clash', [deleteSecret(), creation], { now }).reasons).toEqual([
      'the first creation of prod/db-password was later, on 2026-11-22 17:10 UTC',
    ]);
    expect(kinds(records, { now }).at(-1)).toBe('it happened after the time given by --now');
  });

  describe('none that would contradict itself:', () => {
    const text = (kind: Kind, all: readonly unknown[], view: Partial<View> = {}) =>
      noticeText(kind, outcome(kind, all, view));
    const restored = restoreSecret({ eventTime: '2026-11-28T09:30:00Z', eventID: 'r' });
    const RESTORED = 'No notice: prod/db-password was restored on 2026-11-28 09:30 UTC.';

    test.each(['last-call', 'over', 'gone'] as const)(
      'no %s of what was restored before',
      (kind) => {
        const now = new Date('2026-12-01T00:00:00Z');
        expect(text(kind, [...records, restored], { now })).toBe(RESTORED);
      },
    );

    test('by default at the time of the notice, when a later restore has not happened', () => {
      expect(text('last-call', [...records, restored])).toMatch(
        /^Subject: LAST CALL: .+, 2 days left/,
      );
      expect(text('over', [...records, restored])).toBe(RESTORED);
      expect(text('gone', [...records, restored])).toBe(RESTORED);
      const early = { ...restored, eventTime: '2026-11-23T09:30:00Z' };
      expect(text('last-call', [...records, early])).toContain('was restored on 2026-11-23');
    });

    test('of several secrets the others', () => {
      const other = attempt(3, { requestParameters: { secretId: 'other' } });
      const early = { ...restored, eventTime: '2026-11-23T09:30:00Z' };
      const [mail, ...more] = noticed('last-call', [...records, other, early]);
      expect(mail?.subject).toMatch(/^LAST CALL: deleted secret other was read/);
      expect(more).toEqual([]);
    });

    test('no last call after the end', () => {
      const now = new Date('2026-12-01T00:00:00Z');
      expect(text('last-call', records, { now })).toBe(
        'No notice: the time of prod/db-password was up on 2026-11-29 14:03 UTC.',
      );
    });

    test('no last call of what was first read after it', () => {
      const late = attempt(0, { eventTime: '2026-11-28T10:00:00Z' });
      expect(text('last-call', [deleteSecret(), late])).toBe(
        'No notice: prod/db-password was first read on 2026-11-28 10:00 UTC, after the last call.',
      );
    });

    test('no end before it', () => {
      const now = new Date('2026-11-28T09:00:00Z');
      expect(text('resolved', [...records, restored], { now })).toBe(
        'No notice: prod/db-password was restored later, on 2026-11-28 09:30 UTC.',
      );
    });

    test.each(['last-call', 'over', 'resolved', 'gone'] as const)(
      'no %s of what auto-cancel has restored, as the alert says',
      (kind) => {
        expect(text(kind, records, { action: { kind: 'restored' } })).toBe(
          'No notice: prod/db-password was restored by auto-cancel, as its alert says.',
        );
      },
    );
  });

  test('of one mail that alone, of several each under a heading', () => {
    const mail = { subject: 'A', body: 'a', attributes: {} };
    const of = (...mails: (typeof mail)[]) => ({ mails, reasons: [] });
    expect(noticeText('gone', of(mail))).toBe('Subject: A\n\na');
    expect(noticeJson('gone', of(mail))).toEqual({ gone: mail });
    expect(noticeText('gone', of(mail, mail))).toMatch(
      /^=== gone 1 of 2\n\nSubject: A[^=]+=== gone 2/,
    );
    expect(noticeJson('gone', of(mail, mail))).toEqual([{ gone: mail }, { gone: mail }]);
    const parts = { records: [], digest: [mail, mail], clashes: [mail] };
    expect(previewText(parts)).toMatch(/^=== Digest 1 of 2\n[\s\S]+=== Names taken\n/);
    expect(previewJson(parts)).toEqual([{ digest: mail }, { digest: mail }, { clash: mail }]);
  });

  test('in as many mails as it takes', () => {
    const many = Array.from({ length: 400 }, (_, i) =>
      attempt(0, {
        eventID: `many-${i}`,
        requestParameters: { secretId: `${i}/${'s'.repeat(500)}` },
        userIdentity: { type: 'IAMUser', arn: `arn:aws:iam::111122223333:user/${'u'.repeat(60)}` },
      }),
    );
    const again = many.map((record) => ({ ...record, eventID: `${record.eventID}-again` }));
    const mails = noticed('digest', [...many, ...again]);
    expect(mails.length).toBeGreaterThan(1);
    for (const { body } of mails) expect(Buffer.byteLength(body)).toBeLessThan(256 * 1024);
  });
});
