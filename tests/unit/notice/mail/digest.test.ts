import fc from 'fast-check';
import { identifySecret } from '../../../../lib/cloudtrail/secret-id.ts';
import {
  type CallerAttempts,
  type DigestNotice,
  digestNotice,
  type KnownAttempts,
} from '../../../../lib/notice/digest.ts';
import { renderDigest } from '../../../../lib/notice/mail/digest.ts';
import { attributesSize, type Mail } from '../../../../lib/notice/mail/mail.ts';
import { taggedBy } from '../../../../lib/notice/tags.ts';
import { addDays } from '../../../../lib/time.ts';
import { cancellation, deletion, NOW, SECRET_ARN } from '../../../testing/attempts.ts';
import { calls, EXACT, known, named, pending, role } from '../../../testing/digests.ts';
import { links } from '../../../testing/links.ts';

type Kind = DigestNotice['kind'];

/** All mails of a notice. */
function mailsOf(kind: Kind, secrets: readonly KnownAttempts[]): Mail[] {
  const mails: Mail[] = [];
  let rest: DigestNotice | undefined = digestNotice(kind, secrets, NOW);
  while (rest) {
    const rendered = renderDigest(rest, { region: 'eu-west-1' });
    mails.push(rendered.mail);
    rest = rendered.rest;
  }
  return mails;
}

/** The only mail of a notice. */
function mailOf(kind: Kind, ...secrets: KnownAttempts[]): Mail {
  const [mail, ...others] = mailsOf(kind, secrets);
  if (!mail || others.length > 0) throw new Error(`${others.length + 1} mails`);
  return mail;
}

const textOf = ({ subject, body }: Mail) => `Subject: ${subject}\n\n${body}`;
const unwrapped = (body: string) => body.replace(/\n {4,}/g, ' ');

const addresses = (count: number) =>
  new Set(Array.from({ length: count }, (_, i) => `10.0.3.${count - i}`));

const APP = calls({
  count: 487,
  last: new Date('2026-11-22T17:13:00Z'),
  addresses: new Set(['10.0.3.9', '10.0.3.10', '10.0.3.8', '10.0.3.7', '10.0.3.6']),
  sessions: new Set(['i-0def', 'i-0abc']),
});
const BATCH = role('batch', {
  count: 12,
  isNew: true,
  addresses: new Set(['10.0.3.6']),
  sessions: new Set(['b-1']),
});
const MUTED = {
  by: 'alice',
  reason: 'we know, replaced next week',
  until: new Date('2026-11-29T14:03:00Z'),
  count: 480,
  news: 480,
};

/** As in a notice that lists all attempts since the first: few of them are news. */
const since = (caller: CallerAttempts, news: number) => ({ ...caller, news, isNew: false });

/** The stack that mails. */
const OWN = { stage: 'prod', region: 'eu-west-1' };

describe('a digest', () => {
  test('of one secret', () => {
    const secret = known([APP, BATCH], { muted: [MUTED], ignored: 12 });
    expect(textOf(mailOf('digest', secret))).toMatchInlineSnapshot(`
"Subject: WARNING: 499 attempts on deleted secret prod/db/password, 6 days 21 hours left

499 attempts to read 1 secret scheduled for deletion that no other notice
has reported:

prod/db/password, account 111122223333, Region eu-west-1
  Deletion: 2026-11-29 14:03 UTC, 6 days 21 hours left (exact)
  Restore: aws secretsmanager restore-secret --secret-id arn:aws:secretsmanager:eu-west-1:111122223333:secret:prod/db/password-AbC123 --region eu-west-1
  Console: https://eu-west-1.console.aws.amazon.com/secretsmanager/secret?name=prod%2Fdb%2Fpassword&region=eu-west-1
  - new: 12 x role batch, session b-1, at 2026-11-22 17:05 UTC, from
    10.0.3.6
  - 487 x role app-server, sessions i-0abc and i-0def, 2026-11-22 17:05 UTC
    to 2026-11-22 17:13 UTC, from 10.0.3.6, 10.0.3.7, 10.0.3.8 and 2 others
  - 480 muted by alice until 2026-11-29 14:03 UTC: we know, replaced next
    week
  - 12 by ignored callers

Total: 499 attempts on 1 secret by 2 callers; muted: 480; of ignored
callers: 12.

Known already, and to be changed in time? Mute the caller, such as the one
with the most attempts, in a checkout of deleted-secret-notifier:

npm run mute -- --secret prod/db/password --caller arn:aws:iam::111122223333:role/app-server --reason "why" --region eu-west-1"
`);
  });

  test('of a single attempt', () => {
    expect(textOf(mailOf('digest', known([calls()])))).toMatchInlineSnapshot(`
"Subject: WARNING: 1 attempt on deleted secret prod/db/password, 6 days 21 hours left

1 attempt to read 1 secret scheduled for deletion that no other notice has
reported:

prod/db/password, account 111122223333, Region eu-west-1
  Deletion: 2026-11-29 14:03 UTC, 6 days 21 hours left (exact)
  Restore: aws secretsmanager restore-secret --secret-id arn:aws:secretsmanager:eu-west-1:111122223333:secret:prod/db/password-AbC123 --region eu-west-1
  Console: https://eu-west-1.console.aws.amazon.com/secretsmanager/secret?name=prod%2Fdb%2Fpassword&region=eu-west-1
  - 1 x role app-server, at 2026-11-22 17:05 UTC, from 10.0.3.7

Known already, and to be changed in time? Mute the caller, in a checkout of
deleted-secret-notifier:

npm run mute -- --secret prod/db/password --caller arn:aws:iam::111122223333:role/app-server --reason "why" --region eu-west-1"
`);
  });

  test('of several secrets', () => {
    const mail = mailOf(
      'digest',
      known([calls()], {
        secret: named('later'),
        state: pending({
          kind: 'estimated',
          earliest: addDays(NOW, 3),
          latest: addDays(NOW, 26),
          reason: '',
        }),
      }),
      known([calls()], { secret: named('restored'), state: { state: 'restored' } }),
      known([calls()], {
        secret: named('gone'),
        state: { state: 'gone', deletion: deletion({ forced: true, windowDays: 0 }) },
        isNew: true,
      }),
      known([calls(), role('bob', { count: 2, addresses: new Set() })], {
        secret: named('soon'),
        state: pending({ kind: 'exact', date: addDays(NOW, 1) }),
      }),
      known([calls()], {
        secret: identifySecret(undefined, {}),
        state: pending({ kind: 'unknown', latest: addDays(NOW, 30), reason: '' }),
      }),
      known([calls()], { secret: named('late'), state: { state: 'not-looked-up' }, isLeast: true }),
    );
    expect(textOf(mail)).toMatchInlineSnapshot(`
"Subject: CRITICAL: at least 8 attempts on 6 deleted secrets

At least 8 attempts to read 6 secrets deleted or scheduled for deletion that
no other notice has reported:

gone, account 111122223333, Region eu-west-1
  Deletion: done, without a recovery window
  Deleted: by user alice, account 111122223333, from 198.51.100.7, on
           2026-11-22 14:03 UTC, without a recovery window
  Make anew: aws secretsmanager create-secret --name gone --secret-string file://VALUE-FILE --region eu-west-1
  - 1 x role app-server, at 2026-11-22 17:05 UTC, from 10.0.3.7

soon, account 111122223333, Region eu-west-1
  Deletion: 2026-11-23 17:05 UTC, 1 day left (exact)
  Restore: aws secretsmanager restore-secret --secret-id arn:aws:secretsmanager:eu-west-1:111122223333:secret:soon --region eu-west-1
  Console: https://eu-west-1.console.aws.amazon.com/secretsmanager/secret?name=soon&region=eu-west-1
  - 2 x role bob, at 2026-11-22 17:05 UTC
  - 1 x role app-server, at 2026-11-22 17:05 UTC, from 10.0.3.7

later, account 111122223333, Region eu-west-1
  Deletion: between 2026-11-25 17:05 UTC and 2026-12-18 17:05 UTC, 3 to 26
            days left (a range)
  Restore: aws secretsmanager restore-secret --secret-id arn:aws:secretsmanager:eu-west-1:111122223333:secret:later --region eu-west-1
  Console: https://eu-west-1.console.aws.amazon.com/secretsmanager/secret?name=later&region=eu-west-1
  - 1 x role app-server, at 2026-11-22 17:05 UTC, from 10.0.3.7

A secret that the records do not name
  Deletion: date unknown, at the latest 2026-12-22 17:05 UTC
  Restore: aws secretsmanager list-secrets --include-planned-deletion
  - 1 x role app-server, at 2026-11-22 17:05 UTC, from 10.0.3.7

late, account 111122223333, Region eu-west-1
  Deletion: not looked up: there was no time
  Restore: aws secretsmanager restore-secret --secret-id arn:aws:secretsmanager:eu-west-1:111122223333:secret:late --region eu-west-1
  Console: https://eu-west-1.console.aws.amazon.com/secretsmanager/secret?name=late&region=eu-west-1
  - 1 x role app-server, at 2026-11-22 17:05 UTC, from 10.0.3.7
  - and perhaps more: there was no time to count all

restored, account 111122223333, Region eu-west-1
  Deletion: cancelled since; by whom is not known
  - 1 x role app-server, at 2026-11-22 17:05 UTC, from 10.0.3.7

Total: 8 attempts on 6 secrets by 2 callers.

Known already, and to be changed in time? Mute the caller, such as the one
with the most attempts, in a checkout of deleted-secret-notifier:

npm run mute -- --secret soon --caller arn:aws:iam::111122223333:role/bob --reason "why" --region eu-west-1"
`);
    expect(mail.attributes).toEqual({
      secret: ['gone', 'soon', 'later', 'late', 'restored'],
      caller: ['arn:aws:iam::111122223333:role/app-server', 'arn:aws:iam::111122223333:role/bob'],
      account: '111122223333',
      region: 'eu-west-1',
      owner: '*',
      severity: 'critical',
      action: 'digest',
    });
  });

  test.each([
    [
      'the owners of its secrets, each once',
      [['payments'], ['core'], ['payments']],
      ['payments', 'core'],
    ],
    ['none of secrets that name none', [[], []], undefined],
    ['* besides for those whose tags are not known', [['payments'], undefined], ['payments', '*']],
  ])('has as its attribute owner %s', (_, ownersOf, owner) => {
    const many = ownersOf.map((_, i) => known([calls()], { secret: named(`prod/db/s${i}`) }));
    const notice = digestNotice('digest', many, NOW);
    const secrets = notice.secrets.map((news, i) => ({
      ...news,
      tagged: ownersOf[i] && {
        owners: ownersOf[i].map((value) => ({ key: 'owner', value })),
        replacements: [],
      },
    }));
    expect(renderDigest({ ...notice, secrets }, OWN).mail.attributes.owner).toEqual(owner);
  });

  test('of 14 secrets: a dozen in detail, a line for each other', () => {
    const many = Array.from({ length: 14 }, (_, i) =>
      known([calls({ count: 200 }), role('b', { count: 15 }), BATCH], {
        secret: named(`prod/db/s${i}`),
        state: pending({ kind: 'exact', date: addDays(NOW, 3 + i) }),
        ...(i === 13 && { muted: [MUTED], ignored: 3, isLeast: true }),
      }),
    );
    const { subject, body } = mailOf('digest', ...many);
    expect(subject).toBe('WARNING: at least 3178 attempts on 14 deleted secrets');
    expect(body.match(/^ {2}Deletion: /gm)).toHaveLength(12);
    expect(body.slice(body.indexOf('prod/db/s12'))).toMatchInlineSnapshot(`
"prod/db/s12, 15 days left: 227 attempts; new: 12 x role batch; 215 by 2
    known callers
prod/db/s13, 16 days left: 227 attempts; new: 12 x role batch; 215 by 2
    known callers; 480 muted by alice; 3 by ignored callers; and perhaps
    more: there was no time to count all

Total: 3178 attempts on 14 secrets by 3 callers; muted: 480; of ignored
callers: 3.

Who is only counted here is named by this command, in a checkout of
deleted-secret-notifier:

npm run -s status -- --region eu-west-1

Known already, and to be changed in time? Mute the caller, such as the one
with the most attempts, in a checkout of deleted-secret-notifier:

npm run mute -- --secret prod/db/s0 --caller arn:aws:iam::111122223333:role/app-server --reason "why" --region eu-west-1"
`);
  });

  test.each([
    [
      'account',
      named('a'),
      identifySecret('b', { accountId: '444455556666', region: 'eu-west-1' }),
    ],
    ['Region', named('a'), identifySecret('b', { accountId: '111122223333', region: 'eu-west-3' })],
  ])('tells the %s on a line where the secrets differ in it', (what, one, other) => {
    const many = Array.from({ length: 13 }, () => known([calls()], { secret: one }));
    const { body } = mailOf('digest', ...many, known([calls()], { secret: other }));
    const [line = ''] = /^b, .*/m.exec(body) ?? [];
    expect(line).toContain(`b, ${what} `);
    expect(line.match(/account|Region/g)).toHaveLength(1);
  });

  test('names on a line a secret of which all attempts are muted', () => {
    const muted = known([], { secret: named('prod/old'), muted: [MUTED] });
    const { subject, body, attributes } = mailOf('digest', known([calls()]), muted);
    expect(subject).toMatch(/^WARNING: 1 attempt on deleted secret prod\/db\/password, /);
    expect(body).toContain(
      '\n\nMuted, and so in no mail of their own:\n\nprod/old, 6 days 21 hours left: muted by alice: 480 attempts\n\n',
    );
    expect(attributes.secret).toBe('prod/db/password');
  });

  test('says where a secret elsewhere is, and mutes it by its ARN', () => {
    const secret = identifySecret('prod/far', { accountId: '444455556666', region: 'us-east-1' });
    const elsewhere = { accountId: '444455556666', region: 'us-east-1' };
    const far = known([calls()], { secret, elsewhere });
    const { body } = renderDigest(digestNotice('digest', [far], NOW), OWN).mail;
    expect(body).toMatch(
      /\nnpm run mute -- --secret arn:aws:secretsmanager:us-east-1:444455556666:secret:prod\/far .+ --stage prod --region eu-west-1$/,
    );
    const muted = known([], { secret, elsewhere, muted: [MUTED] });
    expect(unwrapped(mailOf('digest', far, muted).body)).toContain(
      '\nprod/far, account 444455556666, Region us-east-1, 6 days 21 hours left: muted by alice: ',
    );
  });

  test.each([
    [{}, []],
    [{ notLookedUp: 'The role refuses.' }, ['  Looked up: no. The role refuses.']],
  ])('of a secret elsewhere tells its owner, and with %j why nobody could look', (why, rows) => {
    const place = { accountId: '444455556666', region: 'us-east-1' };
    const secret = identifySecret(
      `arn:aws:secretsmanager:us-east-1:444455556666:secret:far-AbC123`,
      {},
    );
    const far = known([calls()], { secret, elsewhere: { ...place, ...why } });
    const notice = digestNotice('digest', [far], NOW);
    const tagged = { owners: [{ key: 'owner', value: 'payments' }], replacements: [] };
    const secrets = notice.secrets.map((news) => ({ ...news, tagged }));
    const lines = renderDigest({ ...notice, secrets }, {}).mail.body.split('\n');
    expect(lines.slice(3, -6)).toEqual([
      'far, account 444455556666, Region us-east-1',
      '  Deletion: 2026-11-29 14:03 UTC, 6 days 21 hours left (exact)',
      '  Owner: payments (tag owner)',
      ...rows,
      `  Restore, with credentials of account 444455556666: aws secretsmanager restore-secret --secret-id ${secret.arn} --region us-east-1 --profile PROFILE-OF-444455556666`,
      '  Console, signed in to account 444455556666: https://us-east-1.console.aws.amazon.com/secretsmanager/secret?name=far&region=us-east-1',
    ]);
  });

  test('has commands that name the stage, where their default would be another', () => {
    const callers = Array.from({ length: 130 }, (_, i) => role(`r${i}`));
    const { body } = renderDigest(digestNotice('digest', [known(callers)], NOW), OWN).mail;
    expect(body).toContain('\nnpm run -s status -- --stage prod --region eu-west-1\n');
    expect(body).toMatch(/\nnpm run mute -- .+ --stage prod --region eu-west-1$/);
  });

  test.each([
    ['a secret at home', undefined, true, ''],
    ['a secret elsewhere, of a hub', { region: 'us-east-1' }, true, ' --all-accounts'],
    ['a secret elsewhere, of any other stack', { region: 'us-east-1' }, false, ''],
  ])('has the command that names the counted callers of %s', (_, elsewhere, hasSpokes, scope) => {
    const callers = Array.from({ length: 130 }, (_, i) => role(`r${i}`));
    const notice = digestNotice('digest', [known(callers, { elsewhere })], NOW);
    expect(renderDigest(notice, { ...OWN, hasSpokes }).mail.body).toContain(
      `\nnpm run -s status --${scope} --stage prod --region eu-west-1\n`,
    );
  });

  test('names a dozen secrets of which all attempts are muted, and counts those of the others', () => {
    const muted = Array.from({ length: 15 }, (_, i) =>
      known([], { secret: named(`old-${i}`), muted: [{ ...MUTED, count: 10 }] }),
    );
    const { body } = mailOf('digest', known([calls()]), ...muted);
    expect(body.match(/^old-/gm)).toHaveLength(12);
    expect(body).toContain('\nand 3 more muted secrets: 30 attempts\n');
  });

  test('names the owner and what took the place of a secret whose tags are known', () => {
    const notice = digestNotice('digest', [known([calls()])], NOW);
    const tagged = taggedBy(
      { Owner: 'payments', 'replaced-by': 'prod/db/password-v2' },
      { owner: ['owner'], replacement: ['replaced-by'] },
    );
    const secrets = notice.secrets.map((news) => ({ ...news, tagged }));
    expect(renderDigest({ ...notice, secrets }, {}).mail.body).toContain(
      '\n  Owner: payments (tag Owner)\n  Replaced by: prod/db/password-v2 (tag replaced-by)\n  Restore: ',
    );
  });

  test('names some mutes, and counts the attempts of all', () => {
    const muted = Array.from({ length: 8 }, (_, i) => ({ ...MUTED, by: `u${i}`, count: 10 }));
    const { body } = mailOf('digest', known([calls()], { muted }));
    expect(body).toContain('  - 30 muted by 3 other mutes\n');
    expect(body).toContain('\n\nnpm run -s status -- --region eu-west-1\n');
  });

  test('names 100 new callers of a secret, on a line 20, and counts the others', () => {
    const invented = Array.from({ length: 1000 }, (_, i) =>
      calls({
        callerKey: `arn:aws:sts::111122223333:assumed-role/AWSReservedSSO_Admin_01/x${i}`,
        callerName: `IAM Identity Center user x${i}`,
        count: 2,
        isNew: true,
      }),
    );
    const secret = known([...invented, role('batch', { isNew: true }), APP]);
    const others = Array.from({ length: 12 }, (_, i) =>
      known([calls()], { isNew: true, secret: named(`s${i}`) }),
    );
    const [block, line] = [mailOf('digest', secret), mailOf('digest', ...others, secret)];
    expect(block.body.match(/^ {2}- new: /gm)).toHaveLength(100);
    expect(block.body).toContain('  - new: 1 x role batch,');
    expect(block.body).toContain('\n  - and 901 more new callers (1802 attempts)\n  - 487 x role');
    expect(unwrapped(line.body)).toContain(
      ', 1 x role batch and 981 more new callers (1962 attempts); 487 by 1 known caller\n',
    );
    for (const { body, attributes } of [block, line]) {
      expect(body).toContain('\n\nnpm run -s status -- --region eu-west-1\n');
      expect(attributes.caller).toContain('arn:aws:iam::111122223333:role/batch');
    }
  });

  test('names known callers where new ones leave room, and counts the others', () => {
    const callers = Array.from({ length: 130 }, (_, i) => role(`r${i}`, { count: 200 - i }));
    const { body } = mailOf('digest', known(callers));
    expect(body.match(/^ {2}- \d+ x role/gm)).toHaveLength(100);
    expect(body).toMatch(/^ {2}- 2565 by 30 known callers$/m);
    expect(body).toContain('\n\nnpm run -s status -- --region eu-west-1\n');
  });
});

describe('a last call', () => {
  const muted = [{ ...MUTED, count: 9 }];
  test('for one secret', () => {
    const state = { ...EXACT, deletion: deletion() } as const;
    const secret = known([since(APP, 12), since(BATCH, 0)], { state, muted });
    expect(textOf(mailOf('last-call', secret))).toMatchInlineSnapshot(`
"Subject: LAST CALL: deleted secret prod/db/password was read, 6 days 21 hours left

LAST CALL: the end of 1 secret scheduled for deletion is near, after 499
attempts to read it.

At the end of its window AWS deletes a secret for good, and its value with
it. It cannot be restored then, and all who still read it fail for good.
Restore it before, or have those who read it changed. Some callers are
muted, as said below.

prod/db/password, account 111122223333, Region eu-west-1
  Deletion: 2026-11-29 14:03 UTC, 6 days 21 hours left (exact)
  Scheduled: by user alice, account 111122223333, from 198.51.100.7, on
             2026-11-22 14:03 UTC, with a window of 7 days
  Restore: aws secretsmanager restore-secret --secret-id arn:aws:secretsmanager:eu-west-1:111122223333:secret:prod/db/password-AbC123 --region eu-west-1
  Console: https://eu-west-1.console.aws.amazon.com/secretsmanager/secret?name=prod%2Fdb%2Fpassword&region=eu-west-1
  - 487 x role app-server (12 since the last notice), sessions i-0abc and
    i-0def, 2026-11-22 17:05 UTC to 2026-11-22 17:13 UTC, from 10.0.3.6,
    10.0.3.7, 10.0.3.8 and 2 others
  - 12 x role batch, session b-1, at 2026-11-22 17:05 UTC, from 10.0.3.6
  - 9 muted by alice until 2026-11-29 14:03 UTC: we know, replaced next week

Total: 499 attempts on 1 secret by 2 callers; muted: 9."
`);
  });

  test('for many secrets', () => {
    const many = Array.from({ length: 13 }, (_, i) =>
      known([since(APP, i), since(BATCH, 0), role('c', { isNew: true })], {
        secret: named(`s${i}`),
        muted: i === 12 ? muted : [],
        state: pending({ kind: 'exact', date: addDays(NOW, 2) }),
      }),
    );
    const { subject, body, attributes } = mailOf('last-call', ...many);
    expect(subject).toBe('LAST CALL: 13 deleted secrets were read');
    expect(body.slice(body.indexOf('s12,'))).toMatchInlineSnapshot(`
"s12, 2 days left: 500 attempts (13 since the last notice); new: 1 x role
    c; 499 by 2 known callers: role app-server and role batch; last at
    2026-11-22 17:13 UTC; 9 muted by alice

A secret on a line is restored by the same command, with its own name and
Region.

Total: 6500 attempts on 13 secrets by 3 callers; muted: 9."
`);
    expect(attributes).toMatchObject({ action: 'last-call', severity: 'critical' });
  });
});

describe('the notice that a secret is restored', () => {
  const state = { state: 'restored', cancellation: cancellation() } as const;
  test('of one', () => {
    const mail = mailOf('resolved', known([since(APP, 3)], { state }));
    expect(textOf(mail)).toMatchInlineSnapshot(`
"Subject: Resolved: secret prod/db/password is restored

1 secret scheduled for deletion has been restored, after 487 attempts to
read it. It can be read again: there is nothing left to search for.

prod/db/password, account 111122223333, Region eu-west-1
  Deletion: cancelled by user alice, account 111122223333, from
            198.51.100.7, on 2026-11-22 17:04 UTC
  - 487 x role app-server (3 since the last notice), sessions i-0abc and
    i-0def, 2026-11-22 17:05 UTC to 2026-11-22 17:13 UTC, from 10.0.3.6,
    10.0.3.7, 10.0.3.8 and 2 others"
`);
    expect(mail.attributes).toMatchObject({ action: 'resolved', severity: 'notice' });
  });

  test('of many', () => {
    const many = Array.from({ length: 14 }, (_, i) =>
      known([since(APP, 0)], {
        secret: named(`s${i}`),
        state: i === 13 ? { state: 'restored' } : state,
      }),
    );
    const { subject, body } = mailOf('resolved', ...many);
    expect(subject).toBe('Resolved: 14 secrets are restored');
    expect(body.slice(body.indexOf('s12,') - 1)).toMatchInlineSnapshot(`
"
s12, restored by user alice on 2026-11-22 17:04 UTC: 487 attempts; 487
    by 1 known caller: role app-server; last at 2026-11-22 17:13 UTC
s13, restored since: 487 attempts; 487 by 1 known caller: role
    app-server; last at 2026-11-22 17:13 UTC

Total: 6818 attempts on 14 secrets by 1 caller."
`);
  });
});

describe('a digest of what is gone', () => {
  const forced = { forced: true, windowDays: 0 } as const;
  const gone = (parts: Parameters<typeof deletion>[0] = {}) =>
    ({ state: 'gone', deletion: deletion({ ...forced, ...parts }) }) as const;

  test('says who deleted it, and when', () => {
    const { body } = mailOf('digest', known([since(APP, 3)], { state: gone() }));
    expect(body).toContain(`
  Deletion: done, without a recovery window
  Deleted: by user alice, account 111122223333, from 198.51.100.7, on
           2026-11-22 14:03 UTC, without a recovery window
`);
    const pending = mailOf('digest', known([since(APP, 3)], {}));
    expect(pending.body).not.toMatch(/ (Scheduled|Deleted): by/);
  });

  test('says of a replica that it was removed, and where its primary is', () => {
    const replica = known([since(APP, 3)], { state: gone({ replicaOf: 'us-east-1' }) });
    const { subject, body } = mailOf('digest', replica);
    expect(subject).toMatch(/ on deleted secret prod\/db\/password, replica removed/);
    expect(body).toMatch(/^\d+ attempts to read 1 removed replica that no other/);
    expect(body).toContain(`
  Deletion: done, as the removal of a replica
  Removed: by user alice, account 111122223333, from 198.51.100.7, on
           2026-11-22 14:03 UTC
  Replica of: the secret in us-east-1
`);
    const other = known([since(APP, 3)], { secret: named('s'), state: gone() });
    expect(mailOf('digest', replica, other).body.replaceAll('\n', ' ')).toMatch(
      /read 2 secrets deleted for good, or removed as replicas, that no other/,
    );
  });
});

describe('the notice that a secret is gone', () => {
  const state = { state: 'gone', deletion: deletion() } as const;
  test('of one', () => {
    const mail = mailOf('gone', known([since(APP, 3), since(BATCH, 0)], { state }));
    expect(textOf(mail)).toMatchInlineSnapshot(`
"Subject: GONE: secret prod/db/password was read

GONE: 1 secret is deleted for good, after 499 attempts to read it. Whoever
still reads it fails from now on.

Still needed? Make a new secret of the same name, with a value from its
source. Not needed? Have those who still read it changed.

prod/db/password, account 111122223333, Region eu-west-1
  Deletion: done, as far as AWS tells
  Deleted: by user alice, account 111122223333, from 198.51.100.7, on
           2026-11-22 14:03 UTC, with a window of 7 days
  Make anew: aws secretsmanager create-secret --name prod/db/password --secret-string file://VALUE-FILE --region eu-west-1
  - 487 x role app-server (3 since the last notice), sessions i-0abc and
    i-0def, 2026-11-22 17:05 UTC to 2026-11-22 17:13 UTC, from 10.0.3.6,
    10.0.3.7, 10.0.3.8 and 2 others
  - 12 x role batch, session b-1, at 2026-11-22 17:05 UTC, from 10.0.3.6

Total: 499 attempts on 1 secret by 2 callers."
`);
    expect(mail.attributes).toMatchObject({ action: 'gone', severity: 'critical' });
  });

  test('of many', () => {
    const many = Array.from({ length: 13 }, (_, i) =>
      known([since(APP, 0)], { secret: named(`s${i}`), state }),
    );
    const { subject, body } = mailOf('gone', ...many);
    expect(subject).toBe('GONE: 13 secrets were read');
    expect(body.slice(body.indexOf('s12,'))).toMatchInlineSnapshot(`
"s12, already gone: 487 attempts; 487 by 1 known caller: role app-server;
    last at 2026-11-22 17:13 UTC

Total: 6331 attempts on 13 secrets by 1 caller."
`);
  });
});

describe('a caller', () => {
  test.each([
    [3, 'from 10.0.3.1, 10.0.3.2 and 10.0.3.3'],
    [4, 'from 10.0.3.1, 10.0.3.2, 10.0.3.3 and 1 other'],
    [99, 'from 10.0.3.1, 10.0.3.2, 10.0.3.3 and 96 others'],
    [100, 'from 10.0.3.1, 10.0.3.2, 10.0.3.3 and at least 97 others'],
  ])('of %i addresses: the lowest are named and the others counted', (count, text) => {
    const { body } = mailOf('digest', known([calls({ addresses: addresses(count) })]));
    expect(`${unwrapped(body)}\n`).toContain(`${text}\n`);
  });

  test('is named with those who share it', () => {
    const sessions = new Set(['fn-orders', 'x (alice@example.com)', 'fn-billing', 'z', 'y']);
    const { body } = mailOf('digest', known([calls({ sessions })]));
    expect(unwrapped(body)).toContain(
      'role app-server, sessions fn-billing, fn-orders, x (alice@example[.]com) and 2 others, at',
    );
  });

  test('who read within one minute did so at one time', () => {
    const last = new Date(NOW.getTime() + 59_000);
    const { body } = mailOf('digest', known([calls({ count: 2, last })]));
    expect(body).toContain('  - 2 x role app-server, at 2026-11-22 17:05 UTC, from 10.0.3.7');
  });
});

test('a deletion whose time is up is not called exact', () => {
  const state = pending({ kind: 'exact', date: addDays(NOW, -1) });
  const { subject, body } = mailOf('digest', known([calls()], { state }));
  expect(subject).toMatch(/, time is up$/);
  expect(body).toContain('  Deletion: 2026-11-21 17:05 UTC, AWS may purge it any time\n');
});

test.each(['digest', 'last-call', 'over', 'resolved', 'gone'] as const)(
  'the subject of %s is short, however long the name of its secret',
  (kind) => {
    const { subject } = mailOf(kind, known([calls()], { secret: named('n'.repeat(512)) }));
    expect(subject.length).toBeLessThanOrEqual(99);
  },
);

describe('beyond what SNS takes', () => {
  // 256 KiB, attributes and all: https://docs.aws.amazon.com/sns/latest/api/API_Publish.html
  const MOST_BYTES = 256 * 1024;
  const sizeOf = ({ subject, body, attributes }: Mail) =>
    Buffer.byteLength(subject) + Buffer.byteLength(body) + attributesSize(attributes);

  test.each([
    ['250 secrets of 20 known callers', false],
    ['250 secrets with 20 new callers each, 5,000 in all,', true],
  ])('%s are one mail', (_, isNew) => {
    const secrets = Array.from({ length: 250 }, (__, i) =>
      known(
        Array.from({ length: 20 }, (___, n) => role(`worker-${i}-${n}`, { isNew, count: 12 })),
        { secret: named(`prod/team-${i}/password`) },
      ),
    );
    const mail = mailOf('digest', ...secrets);
    expect(sizeOf(mail)).toBeLessThan(MOST_BYTES);
    const names = unwrapped(mail.body).match(/12 x role worker-\d+-\d+/g) ?? [];
    expect(new Set(names).size).toBe(isNew ? 5000 : 240);
    expect(mail.body).toMatch(/^Total: 60000 attempts on 250 secrets by 5000 callers\.$/m);
  });

  test('the worst secret alone is one mail', () => {
    const hostile = (i: number) => `${i}${'。ab'.repeat(2000)}`;
    const set = new Set([1, 2, 3, 4].map(hostile));
    const callers = Array.from({ length: 400 }, (_, i) =>
      calls({
        callerKey: hostile(i),
        callerName: hostile(i),
        isNew: i % 2 === 0,
        sessions: set,
        addresses: set,
      }),
    );
    const muted = Array.from({ length: 9 }, (_, i) => ({
      by: hostile(i),
      reason: hostile(i),
      count: 1,
      news: 1,
    }));
    const secret = known(callers, { secret: named('a.b'.repeat(170)), muted });
    for (const mail of mailsOf('digest', [secret, secret])) {
      expect(sizeOf(mail)).toBeLessThan(MOST_BYTES);
    }
  });

  test('says how much is in a further mail', () => {
    const callers = Array.from({ length: 90 }, (_, i) =>
      role(`${'x'.repeat(60)}-${i}`, { isNew: true }),
    );
    const secrets = Array.from({ length: 200 }, (_, i) =>
      known(callers, { secret: named(`s${i}`) }),
    );
    const [first, second, ...others] = mailsOf('digest', secrets);
    expect(others).toEqual([]);
    const [, left] = /^A further mail names (\d+) more secrets\.$/m.exec(first?.body ?? '') ?? [];
    expect(second?.subject).toContain(`on ${left} deleted secrets`);
    expect(second?.body).not.toContain('A further mail');
  });

  test('400 secrets with 100 made-up names each are a few mails', () => {
    const callers = Array.from({ length: 100 }, (_, i) =>
      role(`${'x'.repeat(60)}-${i}`, { isNew: true }),
    );
    const secrets = Array.from({ length: 400 }, (_, i) =>
      known(callers, { secret: named(`s${i}`) }),
    );
    const mails = mailsOf('digest', secrets);
    expect(mails).toHaveLength(4);
    for (const { body } of mails) expect(body).toContain('npm run -s status');
  });

  test('has blocks in the first mail alone, so that further ones hold more', () => {
    const callers = Array.from({ length: 90 }, (_, i) =>
      role(`${'x'.repeat(60)}-${i}`, { isNew: true }),
    );
    const secrets = Array.from({ length: 200 }, (_, i) =>
      known(callers, { secret: named(`s${i}`) }),
    );
    const [first, ...further] = mailsOf('digest', secrets);
    expect(first?.body).toContain('\n  Restore: ');
    expect(further.length).toBeGreaterThan(0);
    for (const { body } of further) expect(body).not.toContain('\n  Restore: ');
  });

  test('nothing is lost: what the mails count is what the notice has', () => {
    const caller = fc.record({
      name: fc.stringMatching(/^[a-z]{1,60}$/),
      count: fc.integer({ min: 1, max: 5000 }),
      isNew: fc.boolean(),
      sessions: fc.integer({ min: 0, max: 3 }),
    });
    const secretOf = fc.record({
      callers: fc.array(caller, { minLength: 1, maxLength: 150 }),
      muted: fc.array(fc.integer({ min: 1, max: 99 }), { maxLength: 7 }),
      ignored: fc.nat(9),
      isNew: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(secretOf, { minLength: 1, maxLength: 120 }), (given) => {
        const secrets = given.map(({ callers, muted, ignored, isNew }, i) =>
          known(
            callers.map(({ name, sessions, ...one }, n) =>
              role(`${name}-${n}`, {
                ...one,
                news: one.count,
                sessions: new Set(['s', 't', 'u'].slice(0, sessions)),
              }),
            ),
            {
              secret: named(`secret-${i}`),
              isNew,
              ignored,
              muted: muted.map((count) => ({
                by: 'alice',
                reason: 'known',
                count,
                news: count,
                until: NOW,
              })),
            },
          ),
        );
        const counted = new Map<string, number>();
        for (const mail of mailsOf('digest', secrets)) {
          expect(sizeOf(mail)).toBeLessThan(MOST_BYTES);
          for (const [name, count] of countsOf(mail.body)) {
            expect(counted.has(name)).toBe(false);
            counted.set(name, count);
          }
        }
        expect(counted).toEqual(new Map(secrets.map((one) => [one.secret.name, totalOf(one)])));
      }),
      { numRuns: 25 },
    );
  });

  const sum = (counts: number[]) => counts.reduce((total, count) => total + count, 0);
  const totalOf = ({ callers, muted, ignored }: KnownAttempts) =>
    sum([...callers.values(), ...muted].map(({ count }) => count)) + ignored;

  /** What a mail counts of each secret: on its line, or in its block. */
  function countsOf(body: string): Map<string, number> {
    const counts = new Map<string, number>();
    const COUNT =
      /(\d+) (?:x role|by \d+ known|muted by|by ignored)|more new callers? \((\d+) attempt/g;
    for (const text of unwrapped(body).split(/\n(?=secret-)|\n\n/)) {
      const name = /^secret-\d+/.exec(text)?.[0];
      if (!name) continue;
      counts.set(name, sum([...text.matchAll(COUNT)].map(([, one, more]) => Number(one ?? more))));
      const attempts = /^[^:\n]*: (\d+) attempts?;/.exec(text)?.[1];
      if (attempts === undefined) continue;
      const others = [...text.matchAll(/(\d+) (?:muted by|by ignored)/g)].map(([, n]) => Number(n));
      expect(Number(attempts) + sum(others)).toBe(counts.get(name));
    }
    return counts;
  }
});

test('what strangers wrote makes no link in it', () => {
  const secret = named('api.example.com/db');
  const evil = calls({
    callerName: 'user www.evil.example',
    addresses: new Set(['https://evil.io/']),
  });
  const { subject, body } = mailOf('digest', known([evil], { secret }));
  const others = body.replace(/^ {2}Console: .*$/m, '');
  expect(links(`${subject}\n${others}`)).toEqual([]);
  expect(body).toContain(
    "--secret-id arn:aws:secretsmanager:eu-west-1:111122223333:secret:api'.'example'.'com/db ",
  );
});

test('a restore is named by the complete ARN', () => {
  expect(mailOf('digest', known([calls()])).body).toContain(`--secret-id ${SECRET_ARN} `);
});
