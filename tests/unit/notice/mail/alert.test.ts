import { type Attempt, readAttempt } from '../../../../lib/attempt/attempt.ts';
import { parseRecord } from '../../../../lib/cloudtrail/record.ts';
import { identifySecret } from '../../../../lib/cloudtrail/secret-id.ts';
import type { Action } from '../../../../lib/deletion/auto-cancel.ts';
import type { Lookup } from '../../../../lib/deletion/describe.ts';
import { assess, type DeletionHistory } from '../../../../lib/deletion/secret-state.ts';
import type { OwnStack } from '../../../../lib/notice/commands.ts';
import { renderAlert } from '../../../../lib/notice/mail/alert.ts';
import { alertNotice } from '../../../../lib/notice/notice.ts';
import {
  ACCOUNT,
  attempt,
  cancellation,
  deletion,
  found,
  NOW,
  SECRET_ARN,
} from '../../../testing/attempts.ts';
import { links } from '../../../testing/links.ts';
import { rowsOf } from '../../../testing/mails.ts';
import { failedGetSecretValue } from '../../../testing/records.ts';

const TAG_KEYS = { owner: ['owner', 'team'], replacement: ['replaced-by'] };

interface Case {
  attempt?: Partial<Attempt>;
  lookup?: Lookup;
  history?: DeletionHistory;
  action?: Action;
}

function alertOf(
  { attempt: overrides, lookup = found(), history, action }: Case = {},
  stack: OwnStack = {},
) {
  const told = attempt(overrides);
  const state = assess(told, lookup, NOW, history);
  const input = { attempt: told, state, action: action ?? { kind: 'none' }, now: NOW } as const;
  return renderAlert(alertNotice({ ...input, perhapsByUs: false }, lookup, TAG_KEYS), stack);
}

function mail(facts: Case): string {
  const { subject, body } = alertOf(facts);
  return `Subject: ${subject}\n\n${body}`;
}

test.each(['\u3164', '\u115f', '\u1160', '\uffa0', '\u2800'])(
  'blanks %j in a tag, which push what follows to a line of its own on a phone, stand as one mark',
  (blank) => {
    const tags = { owner: `payments${blank.repeat(24)}Deletion: cancelled` };
    expect(mail({ lookup: found({ tags }) })).toContain('payments?Deletion: cancelled');
  },
);

test('a mail with all that can be known', () => {
  const tags = { owner: 'payments', 'replaced-by': 'prod/db/password-v2' };
  const text = mail({
    lookup: found({ tags }),
    history: { change: deletion() },
    attempt: { vpcEndpointId: 'vpce-0abc', invokedBy: 'ecs.amazonaws.com' },
  });
  expect(text).toMatchInlineSnapshot(`
"Subject: WARNING: Deleted secret prod/db/password wanted by app-server, 6 days 21 hours left

Role app-server asks for the secret prod/db/password, which is scheduled for
deletion. Every request for its value fails until it is restored.

Secret:      prod/db/password
Account:     111122223333
Region:      eu-west-1
Deletion:    2026-11-29 14:03 UTC, 6 days 21 hours left (exact)
Scheduled:   by user alice, account 111122223333, from 198.51.100.7, on
             2026-11-22 14:03 UTC, with a window of 7 days
Asked by:    role app-server, session i-0abc, account 111122223333
Caller ARN:  arn:aws:iam::111122223333:role/app-server
From:        10.0.3.7, VPC endpoint vpce-0abc, invoked by
             ecs[.]amazonaws[.]com
With:        aws-sdk-java/2.25.1
At:          2026-11-22 17:03:00 UTC
Event:       76c4a1f2-0000-4000-8000-000000000001
Owner:       payments (tag owner)
Replaced by: prod/db/password-v2 (tag replaced-by)

WHAT TO DO

1. Still needed? Restore it:

aws secretsmanager restore-secret --secret-id arn:aws:secretsmanager:eu-west-1:111122223333:secret:prod/db/password-AbC123 --region eu-west-1

https://eu-west-1.console.aws.amazon.com/secretsmanager/secret?name=prod%2Fdb%2Fpassword&region=eu-west-1

2. Replaced? Tell the owner of role app-server to ask for
   prod/db/password-v2 instead.

3. Truly unused? Do nothing. AWS deletes it at the end of the window.

4. Known already, and to be changed in time? Mute this caller, in a checkout
   of deleted-secret-notifier:

npm run mute -- --secret prod/db/password --caller arn:aws:iam::111122223333:role/app-server --reason "why" --region eu-west-1

What looks like a link is written with [.] or [:], so that it is none."
`);
});

test('a mail with a range for a date', () => {
  const missing = 'Neither the ledger nor the event history of CloudTrail knows who scheduled it.';
  const lookup = found({ deletedDate: new Date('2026-11-20T09:00:00Z') });
  const text = mail({ lookup, history: { missing } });
  expect(text).toMatchInlineSnapshot(`
"Subject: WARNING: Deleted secret prod/db/password wanted by app-server, 4 to 27 days left

Role app-server asks for the secret prod/db/password, which is scheduled for
deletion. Every request for its value fails until it is restored.

Secret:      prod/db/password
Account:     111122223333
Region:      eu-west-1
Deletion:    between 2026-11-27 09:00 UTC and 2026-12-20 09:00 UTC, 4 to 27
             days left (a range). AWS told when the deletion was asked for
             (2026-11-20 09:00 UTC), not the recovery window, which is 7 to
             30 days. Neither the ledger nor the event history of CloudTrail
             knows who scheduled it.
Asked by:    role app-server, session i-0abc, account 111122223333
Caller ARN:  arn:aws:iam::111122223333:role/app-server
From:        10.0.3.7
With:        aws-sdk-java/2.25.1
At:          2026-11-22 17:03:00 UTC
Event:       76c4a1f2-0000-4000-8000-000000000001

WHAT TO DO

1. Still needed? Restore it:

aws secretsmanager restore-secret --secret-id arn:aws:secretsmanager:eu-west-1:111122223333:secret:prod/db/password-AbC123 --region eu-west-1

https://eu-west-1.console.aws.amazon.com/secretsmanager/secret?name=prod%2Fdb%2Fpassword&region=eu-west-1

2. Replaced? Tell the owner of role app-server to ask for the new secret
   instead.

3. Truly unused? Do nothing. AWS deletes it at the end of the window.

4. Known already, and to be changed in time? Mute this caller, in a checkout
   of deleted-secret-notifier:

npm run mute -- --secret prod/db/password --caller arn:aws:iam::111122223333:role/app-server --reason "why" --region eu-west-1"
`);
});

test('a mail about a secret of another account that cannot be described', () => {
  const reason = 'DescribeSecret was refused (AccessDeniedException).';
  const text = mail({
    lookup: { kind: 'unavailable', reason },
    attempt: { caller: { ...attempt().caller, accountId: '444455556666' } },
  });
  expect(text).toMatchInlineSnapshot(`
"Subject: WARNING: Deleted secret prod/db/password wanted by app-server of account 444455556666, date unknown

Role app-server asks for the secret prod/db/password, which is scheduled for
deletion. Every request for its value fails until it is restored.

Secret:      prod/db/password
Account:     111122223333, the caller's is 444455556666
Region:      eu-west-1
Deletion:    date unknown, at the latest 2026-12-22 17:03 UTC.
             DescribeSecret was refused (AccessDeniedException).
Asked by:    role app-server, session i-0abc, account 111122223333
Caller ARN:  arn:aws:iam::111122223333:role/app-server
From:        10.0.3.7
With:        aws-sdk-java/2.25.1
At:          2026-11-22 17:03:00 UTC
Event:       76c4a1f2-0000-4000-8000-000000000001

WHAT TO DO

1. Still needed? Restore it:

aws secretsmanager restore-secret --secret-id arn:aws:secretsmanager:eu-west-1:111122223333:secret:prod/db/password-AbC123 --region eu-west-1

https://eu-west-1.console.aws.amazon.com/secretsmanager/secret?name=prod%2Fdb%2Fpassword&region=eu-west-1

2. Replaced? Tell the owner of role app-server to ask for the new secret
   instead.

3. Truly unused? Do nothing. AWS deletes it at the end of the window.

4. Known already, and to be changed in time? Mute this caller, in a checkout
   of deleted-secret-notifier:

npm run mute -- --secret prod/db/password --caller arn:aws:iam::111122223333:role/app-server --reason "why" --region eu-west-1"
`);
});

describe('a secret of another account', () => {
  const ARN = 'arn:aws:secretsmanager:us-east-1:444455556666:secret:prod/db/password-AbC123';
  const place = { accountId: '444455556666', region: 'us-east-1' };
  const secret = identifySecret(ARN, {});

  test('is told as one at home where its spoke let the stack look', () => {
    const tags = { owner: 'payments', 'replaced-by': 'prod/db/password-v2' };
    const text = mail({
      attempt: { secret },
      lookup: { ...found({ arn: ARN, tags, owningService: 'rds' }), place },
      history: { change: deletion({ secret }) },
    });
    expect(text).toMatchInlineSnapshot(`
"Subject: WARNING: Deleted secret prod/db/password wanted by app-server, 6 days 21 hours left

Role app-server asks for the secret prod/db/password, which is scheduled for
deletion. Every request for its value fails until it is restored.

Secret:      prod/db/password
Account:     444455556666, the caller's is 111122223333
Region:      us-east-1
Deletion:    2026-11-29 14:03 UTC, 6 days 21 hours left (exact)
Scheduled:   by user alice, account 111122223333, from 198.51.100.7, on
             2026-11-22 14:03 UTC, with a window of 7 days
Asked by:    role app-server, session i-0abc, account 111122223333
Caller ARN:  arn:aws:iam::111122223333:role/app-server
From:        10.0.3.7
With:        aws-sdk-java/2.25.1
At:          2026-11-22 17:03:00 UTC
Event:       76c4a1f2-0000-4000-8000-000000000001
Owner:       payments (tag owner)
Replaced by: prod/db/password-v2 (tag replaced-by)
Managed by:  rds, which may refuse a restore

WHAT TO DO

1. Still needed? Restore it, with credentials of account 444455556666:

aws secretsmanager restore-secret --secret-id arn:aws:secretsmanager:us-east-1:444455556666:secret:prod/db/password-AbC123 --region us-east-1 --profile PROFILE-OF-444455556666

Or in the console, signed in to account 444455556666:

https://us-east-1.console.aws.amazon.com/secretsmanager/secret?name=prod%2Fdb%2Fpassword&region=us-east-1

2. Replaced? Tell the owner of role app-server to ask for
   prod/db/password-v2 instead.

3. Truly unused? Do nothing. AWS deletes it at the end of the window.

4. Known already, and to be changed in time? Mute this caller, in a checkout
   of deleted-secret-notifier:

npm run mute -- --secret arn:aws:secretsmanager:us-east-1:444455556666:secret:prod/db/password-AbC123 --caller arn:aws:iam::111122223333:role/app-server --reason "why""
`);
  });

  test.each([
    ['This stack may not assume the role.', 'This stack may not assume the role.'],
    ['x\nOwner:       me', 'x Owner: me'],
  ])('has a row that says why nobody could look: %j', (notLookedUp, shown) => {
    const lookup: Lookup = { kind: 'elsewhere', place: { ...place, notLookedUp } };
    const text = mail({ attempt: { secret }, lookup });
    expect(text).toContain(`\nLooked up:   no. ${shown}\nAsked by:    `);
  });

  test('has the command that mutes it by its ARN, in the Region of the stack', () => {
    const lookup: Lookup = { ...found({ arn: ARN }), place };
    const { body } = alertOf({ attempt: { secret }, lookup }, { region: 'eu-west-1' });
    expect(body).toContain(`\n\nnpm run mute -- --secret ${ARN} --caller `);
    expect(body).toMatch(/ --reason "why" --region eu-west-1$/);
  });
});

const GONE: Lookup = { kind: 'not-found' };

test('a mail about a read of a secret that is gone', () => {
  const tags = { owner: 'payments', 'replaced-by': 'prod/db/credentials' };
  const change = deletion({ forced: true, windowDays: 0, date: deletion().requestedAt, tags });
  const text = mail({ lookup: GONE, history: { change }, attempt: { isNotFound: true } });
  expect(text).toMatchInlineSnapshot(`
"Subject: CRITICAL: GONE: secret prod/db/password wanted by app-server, deleted for good

Role app-server asks for the secret prod/db/password, which is deleted for
good. It cannot be restored, and every request for its value fails.

Secret:      prod/db/password
Account:     111122223333
Region:      eu-west-1
Deletion:    done, without a recovery window
Deleted:     by user alice, account 111122223333, from 198.51.100.7, on
             2026-11-22 14:03 UTC, without a recovery window
Asked by:    role app-server, session i-0abc, account 111122223333
Caller ARN:  arn:aws:iam::111122223333:role/app-server
From:        10.0.3.7
With:        aws-sdk-java/2.25.1
At:          2026-11-22 17:03:00 UTC
Event:       76c4a1f2-0000-4000-8000-000000000001
Owner:       payments (tag owner)
Replaced by: prod/db/credentials (tag replaced-by)

WHAT TO DO

1. Still needed? Take its value from its source, a copy of yours, or what
   was a replica in another Region. Who asks by the old ARN needs the new
   one. Make a new secret of this name:

aws secretsmanager create-secret --name prod/db/password --secret-string file://VALUE-FILE --region eu-west-1

2. Replaced? Tell the owner of role app-server to ask for
   prod/db/credentials instead.

3. Not needed? Tell the owner of role app-server to stop asking.

4. Known already, and to be changed in time? Mute this caller, in a checkout
   of deleted-secret-notifier:

npm run mute -- --secret prod/db/password --caller arn:aws:iam::111122223333:role/app-server --reason "why" --region eu-west-1"
`);
});

test('of a window that has ended it says when, and of one that was cut short that it is over', () => {
  const attempt = { isNotFound: true } as const;
  const deletionRow = (date: string) => {
    const change = deletion({ date: new Date(date) });
    return rowsOf({ body: alertOf({ lookup: GONE, history: { change }, attempt }).body } as never)
      .Deletion;
  };
  expect(deletionRow('2026-11-21T14:03:00Z')).toBe(
    'done, its window ended on 2026-11-21 14:03 UTC',
  );
  expect(deletionRow('2026-11-29T14:03:00Z')).toBe('done, as far as AWS tells');
});

test('a replica that is gone is replicated again from its primary', () => {
  const change = deletion({ forced: true, windowDays: 0, replicaOf: 'us-east-1' });
  const text = mail({ lookup: GONE, history: { change }, attempt: { isNotFound: true } });
  expect(text).toMatch(
    /^Subject: CRITICAL: GONE: replica prod\/db\/password wanted by app-server, removed in eu-west-1\n/,
  );
  expect(text).toContain(`
Role app-server asks for the secret prod/db/password in eu-west-1, where its
replica was removed. Its primary is in us-east-1. Every request for its
value in eu-west-1 fails.
`);
  expect(text).toContain(`
Deletion:    done, as the removal of a replica
Removed:     by user alice, account 111122223333, from 198.51.100.7, on
             2026-11-22 14:03 UTC
`);
  expect(text).toContain('\nReplica of:  the secret in us-east-1\n');
  expect(text).not.toMatch(/for good|restored/);
  expect(text).toContain(
    `1. Still needed? Replicate it again, if us-east-1 has it still:

aws secretsmanager replicate-secret-to-regions --secret-id prod/db/password --add-replica-regions Region=eu-west-1 --region us-east-1

https://us-east-1.console.aws.amazon.com/secretsmanager/secret?name=prod%2Fdb%2Fpassword&region=us-east-1`,
  );
});

test('a replica that was made again is none that is deleted for good', () => {
  const change = deletion({ forced: true, windowDays: 0, replicaOf: 'us-east-1' });
  const lookup = { kind: 'not-found', anew: new Date('2026-11-22T17:04:00Z') } as const;
  const text = mail({ lookup, history: { change }, attempt: { isNotFound: true } });
  expect(text.replaceAll('\n', ' ')).toContain(
    'when its replica in eu-west-1 was removed. A new secret was made under its name on 2026-11-22 17:04 UTC.',
  );
});

test('what took the place of a secret that is gone is spoken of only where a tag tells', () => {
  const read = (tags: Readonly<Record<string, string>>) =>
    mail({ lookup: GONE, history: { change: deletion({ tags }) }, attempt: { isNotFound: true } });
  expect(read({ 'replaced-by': 'prod/new' })).toContain('\n2. Replaced? Tell the owner');
  expect(read({ owner: 'payments' })).not.toContain('Replaced?');
  expect(mail({})).toContain('Replaced? Tell the owner');
});

test('a secret that was made anew is no emergency, and is not to be made again', () => {
  const lookup = { kind: 'not-found', anew: new Date('2026-11-22T17:04:00Z') } as const;
  const change = deletion({ forced: true, windowDays: 0 });
  const text = mail({ lookup, history: { change }, attempt: { isNotFound: true } });
  expect(text).toMatch(
    /^Subject: Secret prod\/db\/password wanted by app-server, made anew since\n\nRole app-server asked/,
  );
  expect(text).toContain('Who asks by the old ARN needs the new one.');
  expect(text).not.toContain('create-secret');
});

test('what an AWS service has made, that service alone can make anew', () => {
  const sent = `arn:aws:secretsmanager:eu-west-1:${ACCOUNT}:secret:rds!db-0abc-AbC123`;
  const text = mail({
    lookup: GONE,
    attempt: { secret: identifySecret(sent, {}), isNotFound: true },
  });
  expect(text).toContain('Make a new secret of this name.\n');
  expect(text).not.toContain('create-secret');
});

test('the Regions that hold a replica are named', () => {
  const lookup = found({ replicas: ['eu-central-1', 'us-east-1'] });
  expect(mail({ lookup })).toContain('\nReplicas:    in eu-central-1, us-east-1\n');
  expect(mail({})).not.toContain('Replicas:');
});

test('a mail about a secret that is gone', () => {
  expect(mail({ lookup: { kind: 'not-found' } })).toMatchInlineSnapshot(`
"Subject: CRITICAL: Deleted secret prod/db/password wanted by app-server, already gone

Role app-server asks for the secret prod/db/password, which was scheduled
for deletion and which AWS does not find any more. It can probably not be
restored.

Secret:      prod/db/password
Account:     111122223333
Region:      eu-west-1
Deletion:    done, as far as AWS tells
Asked by:    role app-server, session i-0abc, account 111122223333
Caller ARN:  arn:aws:iam::111122223333:role/app-server
From:        10.0.3.7
With:        aws-sdk-java/2.25.1
At:          2026-11-22 17:03:00 UTC
Event:       76c4a1f2-0000-4000-8000-000000000001

WHAT TO DO

1. Still needed? Make a new secret of this name, with a value from its
   source.

2. Not needed? Tell the owner of role app-server to stop asking.

3. It exists all the same? Restore it:

aws secretsmanager restore-secret --secret-id arn:aws:secretsmanager:eu-west-1:111122223333:secret:prod/db/password-AbC123 --region eu-west-1

https://eu-west-1.console.aws.amazon.com/secretsmanager/secret?name=prod%2Fdb%2Fpassword&region=eu-west-1

4. Known already, and to be changed in time? Mute this caller, in a checkout
   of deleted-secret-notifier:

npm run mute -- --secret prod/db/password --caller arn:aws:iam::111122223333:role/app-server --reason "why" --region eu-west-1"
`);
});

test('a mail about a secret that someone has restored', () => {
  const lookup = found({ deletedDate: undefined });
  const history = { change: cancellation() };
  expect(mail({ lookup, history })).toMatchInlineSnapshot(`
"Subject: Secret prod/db/password wanted by app-server, restored since

Role app-server asked for the secret prod/db/password while it was scheduled
for deletion. It has been restored since and can be read again.

Secret:      prod/db/password
Account:     111122223333
Region:      eu-west-1
Deletion:    not scheduled any more
Restored:    by user alice, account 111122223333, from 198.51.100.7, on
             2026-11-22 17:04 UTC
Asked by:    role app-server, session i-0abc, account 111122223333
Caller ARN:  arn:aws:iam::111122223333:role/app-server
From:        10.0.3.7
With:        aws-sdk-java/2.25.1
At:          2026-11-22 17:03:00 UTC
Event:       76c4a1f2-0000-4000-8000-000000000001

WHAT TO DO

1. Still needed? Nothing. Tell its owner that it is in use.

2. To be deleted all the same? Fix the caller first. Schedule it again:

aws secretsmanager delete-secret --secret-id arn:aws:secretsmanager:eu-west-1:111122223333:secret:prod/db/password-AbC123 --recovery-window-in-days 30 --region eu-west-1

https://eu-west-1.console.aws.amazon.com/secretsmanager/secret?name=prod%2Fdb%2Fpassword&region=eu-west-1"
`);
});

test('a mail about a secret that the function has restored', () => {
  expect(mail({ action: { kind: 'restored' } })).toMatchInlineSnapshot(`
"Subject: Restored: secret prod/db/password wanted by app-server, its deletion is cancelled

The deletion of the secret prod/db/password is CANCELLED: role app-server
still asks for it. It can be read again.

Secret:      prod/db/password
Account:     111122223333
Region:      eu-west-1
Deletion:    cancelled by this notifier
Asked by:    role app-server, session i-0abc, account 111122223333
Caller ARN:  arn:aws:iam::111122223333:role/app-server
From:        10.0.3.7
With:        aws-sdk-java/2.25.1
At:          2026-11-22 17:03:00 UTC
Event:       76c4a1f2-0000-4000-8000-000000000001

WHAT TO DO

1. Still needed? Nothing. Tell its owner that it is in use.

2. To be deleted all the same? Fix the caller first. Schedule it again:

aws secretsmanager delete-secret --secret-id arn:aws:secretsmanager:eu-west-1:111122223333:secret:prod/db/password-AbC123 --recovery-window-in-days 30 --region eu-west-1

https://eu-west-1.console.aws.amazon.com/secretsmanager/secret?name=prod%2Fdb%2Fpassword&region=eu-west-1"
`);
});

test('only the links that we make are links; the mail says so, and the attributes stay', () => {
  const tags = { owner: 'https://evil.example/confirm-owner', 'replaced-by': 'www.evil.example' };
  const secret = identifySecret(SECRET_ARN.replace('prod/db/password', 'api.example.com/db'), {});
  const facts: Case = {
    lookup: found({ arn: secret.arn, name: secret.name, tags }),
    attempt: { secret, userAgent: 'mailto:me@evil.example' },
  };
  const text = mail(facts);
  expect(text).toMatchInlineSnapshot(`
"Subject: WARNING: Deleted secret api[.]example[.]com/db wanted by app-server, 6 days 21 hours left

Role app-server asks for the secret api[.]example[.]com/db, which is
scheduled for deletion. Every request for its value fails until it is
restored.

Secret:      api[.]example[.]com/db
Account:     111122223333
Region:      eu-west-1
Deletion:    2026-11-29 14:03 UTC, 6 days 21 hours left (exact)
Asked by:    role app-server, session i-0abc, account 111122223333
Caller ARN:  arn:aws:iam::111122223333:role/app-server
From:        10.0.3.7
With:        mailto[:]me@evil[.]example
At:          2026-11-22 17:03:00 UTC
Event:       76c4a1f2-0000-4000-8000-000000000001
Owner:       https[:]//evil[.]example/confirm-owner (tag owner)
Replaced by: www[.]evil[.]example (tag replaced-by)

WHAT TO DO

1. Still needed? Restore it:

aws secretsmanager restore-secret --secret-id arn:aws:secretsmanager:eu-west-1:111122223333:secret:api'.'example'.'com/db-AbC123 --region eu-west-1

https://eu-west-1.console.aws.amazon.com/secretsmanager/secret?name=api.example.com%2Fdb&region=eu-west-1

2. Replaced? Tell the owner of role app-server to ask for
   www[.]evil[.]example instead.

3. Truly unused? Do nothing. AWS deletes it at the end of the window.

4. Known already, and to be changed in time? Mute this caller, in a checkout
   of deleted-secret-notifier:

npm run mute -- --secret api'.'example'.'com/db --caller arn:aws:iam::111122223333:role/app-server --reason "why" --region eu-west-1

What looks like a link is written with [.] or [:], so that it is none."
`);
  expect(links(text)).toEqual([
    'https://eu-west-1.console.aws.amazon.com/secretsmanager/secret?name=api.example.com%2Fdb&region=eu-west-1',
  ]);
  expect(alertOf(facts).attributes).toMatchObject({
    secret: 'api.example.com/db',
    owner: 'https://evil.example/confirm-owner',
  });
});

test('a mail about a managed secret that the function could not restore', () => {
  const reason = 'RestoreSecret was refused (InvalidRequestException: managed by rds)';
  const text = mail({
    lookup: found({ owningService: 'rds' }),
    action: { kind: 'restore-failed', reason },
  });
  expect(text).toMatchInlineSnapshot(`
"Subject: WARNING: Deleted secret prod/db/password wanted by app-server, 6 days 21 hours left

Role app-server asks for the secret prod/db/password, which is scheduled for
deletion. Every request for its value fails until it is restored.

Secret:      prod/db/password
Account:     111122223333
Region:      eu-west-1
Deletion:    2026-11-29 14:03 UTC, 6 days 21 hours left (exact)
Asked by:    role app-server, session i-0abc, account 111122223333
Caller ARN:  arn:aws:iam::111122223333:role/app-server
From:        10.0.3.7
With:        aws-sdk-java/2.25.1
At:          2026-11-22 17:03:00 UTC
Event:       76c4a1f2-0000-4000-8000-000000000001
Managed by:  rds, which may refuse a restore

! This notifier tried to cancel the deletion and could not: RestoreSecret
  was refused (InvalidRequestException: managed by rds)

WHAT TO DO

1. Still needed? Restore it:

aws secretsmanager restore-secret --secret-id arn:aws:secretsmanager:eu-west-1:111122223333:secret:prod/db/password-AbC123 --region eu-west-1

https://eu-west-1.console.aws.amazon.com/secretsmanager/secret?name=prod%2Fdb%2Fpassword&region=eu-west-1

2. Replaced? Tell the owner of role app-server to ask for the new secret
   instead.

3. Truly unused? Do nothing. AWS deletes it at the end of the window.

4. Known already, and to be changed in time? Mute this caller, in a checkout
   of deleted-secret-notifier:

npm run mute -- --secret prod/db/password --caller arn:aws:iam::111122223333:role/app-server --reason "why" --region eu-west-1"
`);
});

test('the command that mutes names the stage, where its default would be another', () => {
  expect(alertOf({}, { stage: 'prod' }).body).toMatch(
    /\nnpm run mute -- .+ --stage prod --region eu-west-1\n?/,
  );
  expect(alertOf({}).body).not.toContain('--stage');
});

test('the attributes serve filter policies', () => {
  expect(alertOf({ lookup: found({ tags: { team: 'core' } }) }).attributes).toMatchInlineSnapshot(`
{
  "account": "111122223333",
  "action": "none",
  "caller": "arn:aws:iam::111122223333:role/app-server",
  "owner": "core",
  "region": "eu-west-1",
  "secret": "prod/db/password",
  "severity": "warning",
}
`);
});

describe('a mail tells', () => {
  const ofRecord = (overrides: object) => {
    const { attempt: read } = readAttempt(
      parseRecord({ ...failedGetSecretValue(), ...overrides }),
      NOW,
    );
    if (!read) throw new Error('the attempt was lost');
    const lookup = { kind: 'unavailable', reason: '' } as const;
    return mail({ attempt: read, lookup });
  };

  test.each([
    ['eusc-de-east-1', 'aws-eusc', /^https:\/\/eusc-de-east-1\.console\.amazonaws-eusc\.eu\//m],
    ['us-iso-east-1', 'aws-iso', undefined],
    ['us-isob-east-1', 'aws-iso-b', undefined],
  ])(
    'the ARN of %s for a service that has none, and no wrong link',
    (awsRegion, partition, link) => {
      const userIdentity = { type: 'AWSService', invokedBy: 'ecs-tasks.amazonaws.com' };
      const text = ofRecord({
        awsRegion,
        userIdentity,
        requestParameters: { secretId: 'prod/db' },
      });
      expect(text).toContain(
        `--secret-id arn:${partition}:secretsmanager:${awsRegion}:111122223333:secret:prod/db --region ${awsRegion}`,
      );
      expect(text).not.toContain('console.aws.amazon.com');
      if (link) expect(text).toMatch(link);
      else expect(text).not.toContain('https://');
    },
  );

  test('a service of AWS that is not named as CloudTrail does', () => {
    const text = ofRecord({
      userIdentity: { type: 'AWSService', invokedBy: 'AWS Internal' },
      sourceIPAddress: 'AWS Internal',
    });
    expect(text).toContain('wanted by AWS Internal, date unknown');
    expect(text).toMatch(/^AWS service AWS Internal asks for/m);
    expect(text).toMatch(/^Asked by: {4}AWS service AWS Internal$/m);
    expect(text).not.toContain('Caller ARN');
  });

  test('the source identity behind a chain of roles, the caller, the event and the second', () => {
    const text = ofRecord({
      userIdentity: {
        type: 'AssumedRole',
        arn: 'arn:aws:sts::111122223333:assumed-role/ReadOnly/gntd-2d1LCv2d',
        sessionContext: {
          sessionIssuer: { type: 'Role', arn: 'arn:aws:iam::111122223333:role/ReadOnly' },
          sourceIdentity: 'alice@example.com',
        },
      },
      eventTime: '2026-11-22T17:03:07Z',
      sharedEventID: 'shared',
      eventID: '0a6b1b57-9c0e-4f0d-9a35-2f1f6f0c7e21',
    });
    expect(text).toContain(`
Asked by:    role ReadOnly, session gntd-2d1LCv2d, source identity
             alice@example[.]com, account 111122223333
Caller ARN:  arn:aws:iam::111122223333:role/ReadOnly
`);
    expect(text).toContain(`
At:          2026-11-22 17:03:07 UTC
Event:       0a6b1b57-9c0e-4f0d-9a35-2f1f6f0c7e21
`);
  });

  test('the account of a principal of another one', () => {
    const text = ofRecord({
      userIdentity: { type: 'AWSAccount', accountId: '444455556666', principalId: 'AROAX:s' },
    });
    expect(text).toMatch(/^Subject: .*wanted by account 444455556666, date unknown$/m);
    expect(text).toMatch(/^Account 444455556666, principal AROAX asks for/m);
  });

  test.each([
    [
      'the runtime near its end',
      `Boto3/1.34.42 md/Botocore#1.34.42 ${'md/x#y '.repeat(20)}exec-env/AWS_Lambda_python3.12 cfg/retry-mode#legacy Botocore/1.34.42`,
      /^Boto3\/1\.34\.42 .{1,90}\.\.\. exec-env\/AWS_Lambda_python3\.12 cfg.{0,40}$/,
    ],
    ['both its ends', `${'a'.repeat(200)}${'b'.repeat(200)}`, /^a{74}\.\.\.b{73}$/],
    ['all of a short one', 'exec-env/x curl/8', /^exec-env\/x curl\/8$/],
  ])('of a user agent %s', (_, userAgent, expected) => {
    const [, row = ''] = /^With: +([\s\S]*?)\nAt: /m.exec(mail({ attempt: { userAgent } })) ?? [];
    const joined = userAgent.includes(' ') ? ' ' : '';
    expect(row.replace(/\n +/g, joined)).toMatch(expected);
  });

  test('the complete ARN where only the ledger knows it', () => {
    const secret = identifySecret('prod/db/password', { accountId: ACCOUNT, region: 'eu-west-1' });
    const lookup = { kind: 'unavailable', reason: '' } as const;
    const history = { change: deletion() };
    expect(mail({ attempt: { secret }, lookup, history })).toContain(`--secret-id ${SECRET_ARN} `);
  });
});
