import { identifySecret } from '../../../../lib/cloudtrail/secret-id.ts';
import type { Elsewhere } from '../../../../lib/deletion/describe.ts';
import { DRILL_PREFIX } from '../../../../lib/drill.ts';
import { NOTE } from '../../../../lib/notice/chat/message.ts';
import { renderOverview } from '../../../../lib/notice/chat/overview.ts';
import { renderChat } from '../../../../lib/notice/chat/render.ts';
import { remedyOf } from '../../../../lib/notice/commands.ts';
import type { SecretNews } from '../../../../lib/notice/digest.ts';
import type { IncidentNotice } from '../../../../lib/notice/incident-notice.ts';
import { addDays } from '../../../../lib/time.ts';
import { ACCOUNT, attempt, cancellation, deletion, found, NOW } from '../../../testing/attempts.ts';
import { announced, digested, opened, STACK, shown } from '../../../testing/chat.ts';
import { known, named, role } from '../../../testing/digests.ts';
import { NOTICES } from '../../../testing/incident-notices.ts';

const render = (notice: IncidentNotice | undefined, chatButtons = true, now = notice?.now) => {
  if (!notice || !now) throw new Error('no notice');
  return renderChat(notice, { stack: STACK, chatButtons, now });
};

const ELSEWHERE: Elsewhere = {
  accountId: '444455556666',
  region: 'us-east-1',
  notLookedUp: 'It is in account 444455556666, us-east-1, which was not looked into.',
};

const DELETED = { state: 'pending', schedule: { kind: 'exact', date: deletion().date } } as const;

test('an opened incident', () => {
  expect(shown(render(opened()))).toMatchInlineSnapshot(`
"🟠 WARNING: Deleted secret prod/db/password wanted by app-server, 6 days 21 hours left

Role app-server asks for the secret prod/db/password, which is scheduled for deletion. Every request for its value fails until it is restored.
- *Deletion:* 2026-11-29 14:03 UTC, 6 days 21 hours left (exact)
- *Asked by:* role app-server, session i-0abc, account 111122223333
- *From:* 10.0.3.7
- *At:* 2026-11-22 17:03 UTC
- *Scheduled:* by user alice, account 111122223333, from 198.51.100.7, on 2026-11-22 14:03 UTC, with a window of 7 days
- *Secret:* \`prod/db/password\`
- *Where:* account 111122223333, eu-west-1
- *Owner:* payments (tag owner)

> Still needed? Restore it: \`aws secretsmanager restore-secret --secret-id arn:aws:secretsmanager:eu-west-1:111122223333:secret:prod/db/password-AbC123 --region eu-west-1\`
> Or in the console: https://eu-west-1.console.aws.amazon.com/secretsmanager/secret?name=prod%2Fdb%2Fpassword&amp;region=eu-west-1
> Replaced? Tell the owner of role app-server to ask for the new secret instead.
> Truly unused? Do nothing. AWS deletes it at the end of the window.
> Known already, and to be changed in time? Mute this caller, in a checkout of deleted-secret-notifier: \`npm run mute -- --secret prod/db/password --caller arn:aws:iam::111122223333:role/app-server --reason "why" --stage prod --region eu-west-1\`

[warning] [opened] [account 111122223333] [Region eu-west-1] [secret prod/db/password] [owner payments]
buttons: secret, region, buttons, home, canMute, canRestore"
`);
});

test('a further caller, whose message stands in the thread of the first', () => {
  const first = render(opened());
  const further = render(
    opened(
      {
        attempt: attempt({
          id: 'other',
          caller: { ...attempt().caller, shortName: 'batch', name: 'role batch' },
        }),
      },
      undefined,
      'caller',
    ),
  );
  expect(further.content.title).toMatchInlineSnapshot(
    `"🟠 WARNING: Deleted secret prod/db/password wanted by batch, 6 days 21 hours left"`,
  );
  expect(further.content.keywords).toContain('caller');
  expect(further.metadata.threadId).toBe(first.metadata.threadId);
  expect(further.metadata.threadId).toMatch(/^[\da-f]{32}$/);
});

test('an incident of a secret elsewhere that was not looked into', () => {
  const id = 'arn:aws:secretsmanager:us-east-1:444455556666:secret:prod/db';
  const notice = opened(
    {
      attempt: attempt({ secret: identifySecret(id, {}) }),
      state: {
        state: 'pending',
        schedule: { kind: 'unknown', latest: addDays(NOW, 30), reason: 'Nothing better is known.' },
      },
    },
    { kind: 'elsewhere', place: ELSEWHERE },
  );
  expect(shown(render(notice))).toMatchInlineSnapshot(`
"🟠 WARNING: Deleted secret prod/db wanted by app-server of account 111122223333, date unknown, in 444455556666 us-east-1

Role app-server asks for the secret prod/db, which is scheduled for deletion. Every request for its value fails until it is restored.
- *Deletion:* date unknown, at the latest 2026-12-22 17:05 UTC. Nothing better is known.
- *Asked by:* role app-server, session i-0abc, account 111122223333
- *From:* 10.0.3.7
- *At:* 2026-11-22 17:03 UTC
- *Secret:* \`prod/db\`
- *Where:* account 444455556666, us-east-1; the caller's account is 111122223333
- *Looked up:* no. It is in account 444455556666, us-east-1, which was not looked into.

> Still needed? Restore it, with credentials of account 444455556666: \`aws secretsmanager restore-secret --secret-id arn:aws:secretsmanager:us-east-1:444455556666:secret:prod/db --region us-east-1 --profile PROFILE-OF-444455556666\`
> Or in the console, signed in to account 444455556666: https://us-east-1.console.aws.amazon.com/secretsmanager/secret?name=prod%2Fdb&amp;region=us-east-1
> Replaced? Tell the owner of role app-server to ask for the new secret instead.
> Truly unused? Do nothing. AWS deletes it at the end of the window.
> Known already, and to be changed in time? Mute this caller, in a checkout of deleted-secret-notifier: \`npm run mute -- --secret arn:aws:secretsmanager:us-east-1:444455556666:secret:prod/db --caller arn:aws:iam::111122223333:role/app-server --reason "why" --stage prod --region eu-west-1\`

[warning] [opened] [account 444455556666] [Region us-east-1] [secret prod/db]
buttons: none"
`);
});

describe('of a secret elsewhere the title says where, as a push shows no more', () => {
  const at = (name: string, overrides: Parameters<typeof opened>[0] = {}) => {
    const id = `arn:aws:secretsmanager:us-east-1:444455556666:secret:${name}-AbC123`;
    const read = attempt({ secret: identifySecret(id, {}) });
    return opened({ attempt: read, ...overrides }, { kind: 'elsewhere', place: ELSEWHERE });
  };

  test.each<[string, IncidentNotice | undefined, string]>([
    [
      'an alert',
      at('prod/db'),
      '🟠 WARNING: Deleted secret prod/db wanted by app-server of account 111122223333, 6 days 21 hours left, in 444455556666 us-east-1',
    ],
    [
      'a last call',
      digested('last-call', [known([role('app')], { elsewhere: { region: 'us-east-1' } })])[0],
      '🟠 LAST CALL: deleted secret prod/db/password was read, 6 days 21 hours left, in us-east-1',
    ],
    [
      'the end',
      digested('resolved', [
        known([role('app')], { elsewhere: ELSEWHERE, state: { state: 'restored' } }),
      ])[0],
      '✅ Resolved: secret prod/db/password is restored, in 444455556666 us-east-1',
    ],
    [
      'an announcement',
      announced(deletion(), { kind: 'elsewhere', place: ELSEWHERE }),
      '🔵 Secret prod/db/password scheduled for deletion by alice, 6 days 21 hours left, in 444455556666 us-east-1',
    ],
    [
      'a place of which nobody knows more than that it is another',
      digested('gone', [known([role('app')], { elsewhere: {}, state: { state: 'gone' } })])[0],
      '🔴 GONE: secret prod/db/password was read',
    ],
  ])('%s', (_, notice, title) => {
    const { content, metadata } = render(notice);
    expect(content.title).toBe(title);
    expect(metadata.summary).toBe(title);
  });

  test('beside the longest names at least the account', () => {
    const notice = at('n'.repeat(400), {
      state: {
        state: 'pending',
        schedule: {
          kind: 'estimated',
          earliest: addDays(NOW, 1),
          latest: addDays(NOW, 24),
          reason: 'AWS tells no window.',
        },
      },
    });
    const caller = { ...attempt().caller, shortName: 'c'.repeat(64) };
    const read = attempt({ ...notice.attempt, caller });
    const { title } = render({ ...notice, attempt: read }).content;
    expect(title).toMatch(/^🔴 CRITICAL: .*, 24 hours to 24 days left, in 444455556666$/);
    expect(title.length).toBeLessThanOrEqual(250);
  });
});

describe('what is written otherwise than it is', () => {
  const nameOf = (name: string) => {
    const { description } = render(opened({}, found({ name }))).content;
    return description.split('\n').filter((line) => /^- (?:\*Secret|Char)/.test(line));
  };

  test.each([
    ['prod/db', ['- *Secret:* `prod/db`']],
    ['prod/_internal_', ['- *Secret:* `prod/_internal_`', NOTE]],
    ['team@db', ['- *Secret:* `team@db`', NOTE]],
    ['www.evil.example', ['- *Secret:* www[.]evil[.]example', NOTE]],
  ])(
    'the secret %j, which can be copied wherever it can be code, and a last line',
    (name, lines) => {
      expect(nameOf(name)).toEqual(lines);
    },
  );

  test.each([
    ['in a tag', found({ tags: { owner: 'alice@example.com' } })],
    ['in a tag with brackets', found({ tags: { owner: '[payments]' } })],
  ])('%s', (_, lookup) => {
    expect(render(opened({}, lookup)).content.description).toMatch(
      /\n- Characters that could ping, link or format are replaced, as in \[\.\]; only code is exact\.$/,
    );
  });

  test('in a name of an overview', () => {
    const secret = named('prod/_internal_');
    const { description } = renderOverview(digested('digest', [known([role('app')], { secret })]), {
      stack: STACK,
      now: NOW,
    }).content;
    expect(description.split('\n').at(-1)).toBe(NOTE);
  });
});

test('a deletion that was cancelled', () => {
  expect(shown(render(opened({ action: { kind: 'restored' } })))).toMatchInlineSnapshot(`
"✅ Restored: secret prod/db/password wanted by app-server, its deletion is cancelled

The deletion of the secret prod/db/password is CANCELLED: role app-server still asks for it. It can be read again.
- *Deletion:* cancelled by this notifier
- *Asked by:* role app-server, session i-0abc, account 111122223333
- *From:* 10.0.3.7
- *At:* 2026-11-22 17:03 UTC
- *Scheduled:* by user alice, account 111122223333, from 198.51.100.7, on 2026-11-22 14:03 UTC, with a window of 7 days
- *Secret:* \`prod/db/password\`
- *Where:* account 111122223333, eu-west-1
- *Owner:* payments (tag owner)

> Still needed? Nothing. Tell its owner that it is in use.
> To be deleted all the same? Fix the caller first. Schedule it again: \`aws secretsmanager delete-secret --secret-id arn:aws:secretsmanager:eu-west-1:111122223333:secret:prod/db/password-AbC123 --recovery-window-in-days 30 --region eu-west-1\`
> Or in the console: https://eu-west-1.console.aws.amazon.com/secretsmanager/secret?name=prod%2Fdb%2Fpassword&amp;region=eu-west-1

[notice] [opened] [account 111122223333] [Region eu-west-1] [secret prod/db/password] [owner payments]
buttons: secret, region, buttons, home"
`);
});

test('a deletion that could not be cancelled, and of which a range is known', () => {
  const notice = opened({
    state: {
      state: 'pending',
      schedule: {
        kind: 'estimated',
        earliest: addDays(NOW, 1),
        latest: addDays(NOW, 24),
        reason: 'AWS tells no window.',
      },
    },
    action: {
      kind: 'restore-failed',
      reason: 'RestoreSecret was refused (AccessDeniedException).',
    },
  });
  expect(shown(render(notice))).toMatchInlineSnapshot(`
"🔴 CRITICAL: Deleted secret prod/db/password wanted by app-server, 24 hours to 24 days left

Role app-server asks for the secret prod/db/password, which is scheduled for deletion. Every request for its value fails until it is restored.
This notifier tried to cancel the deletion and could not: RestoreSecret was refused (AccessDeniedException).
- *Deletion:* between 2026-11-23 17:05 UTC and 2026-12-16 17:05 UTC, 24 hours to 24 days left (a range). AWS tells no window.
- *Asked by:* role app-server, session i-0abc, account 111122223333
- *From:* 10.0.3.7
- *At:* 2026-11-22 17:03 UTC
- *Secret:* \`prod/db/password\`
- *Where:* account 111122223333, eu-west-1
- *Owner:* payments (tag owner)

> Still needed? Restore it: \`aws secretsmanager restore-secret --secret-id arn:aws:secretsmanager:eu-west-1:111122223333:secret:prod/db/password-AbC123 --region eu-west-1\`
> Or in the console: https://eu-west-1.console.aws.amazon.com/secretsmanager/secret?name=prod%2Fdb%2Fpassword&amp;region=eu-west-1
> Replaced? Tell the owner of role app-server to ask for the new secret instead.
> Truly unused? Do nothing. AWS deletes it at the end of the window.
> Known already, and to be changed in time? Mute this caller, in a checkout of deleted-secret-notifier: \`npm run mute -- --secret prod/db/password --caller arn:aws:iam::111122223333:role/app-server --reason "why" --stage prod --region eu-west-1\`

[critical] [opened] [account 111122223333] [Region eu-west-1] [secret prod/db/password] [owner payments]
buttons: secret, region, buttons, home, canMute, canRestore"
`);
});

test('a secret that was restored since, perhaps by this notifier, and one that is gone', () => {
  const restored = opened({
    state: { state: 'restored', cancellation: cancellation() },
    perhapsByUs: true,
  });
  expect(shown(render(restored))).toMatchInlineSnapshot(`
"✅ Secret prod/db/password wanted by app-server, restored since

Role app-server asked for the secret prod/db/password while it was scheduled for deletion. It has been restored since, perhaps by an earlier try of this notifier, and can be read again.
- *Deletion:* not scheduled any more
- *Asked by:* role app-server, session i-0abc, account 111122223333
- *From:* 10.0.3.7
- *At:* 2026-11-22 17:03 UTC
- *Restored:* by user alice, account 111122223333, from 198.51.100.7, on 2026-11-22 17:04 UTC
- *Secret:* \`prod/db/password\`
- *Where:* account 111122223333, eu-west-1
- *Owner:* payments (tag owner)

> Still needed? Nothing. Tell its owner that it is in use.
> To be deleted all the same? Fix the caller first. Schedule it again: \`aws secretsmanager delete-secret --secret-id arn:aws:secretsmanager:eu-west-1:111122223333:secret:prod/db/password-AbC123 --recovery-window-in-days 30 --region eu-west-1\`
> Or in the console: https://eu-west-1.console.aws.amazon.com/secretsmanager/secret?name=prod%2Fdb%2Fpassword&amp;region=eu-west-1

[notice] [opened] [account 111122223333] [Region eu-west-1] [secret prod/db/password] [owner payments]
buttons: secret, region, buttons, home"
`);
  const gone = opened({ state: { state: 'gone', deletion: deletion() } }, { kind: 'not-found' });
  expect(shown(render(gone))).toMatchInlineSnapshot(`
"🔴 CRITICAL: Deleted secret prod/db/password wanted by app-server, already gone

Role app-server asks for the secret prod/db/password, which was scheduled for deletion and which AWS does not find any more. It can probably not be restored.
- *Deletion:* done, as far as AWS tells
- *Asked by:* role app-server, session i-0abc, account 111122223333
- *From:* 10.0.3.7
- *At:* 2026-11-22 17:03 UTC
- *Deleted:* by user alice, account 111122223333, from 198.51.100.7, on 2026-11-22 14:03 UTC, with a window of 7 days
- *Secret:* \`prod/db/password\`
- *Where:* account 111122223333, eu-west-1

> Still needed? Make a new secret of this name, with a value from its source.
> Not needed? Tell the owner of role app-server to stop asking.
> It exists all the same? Restore it: \`aws secretsmanager restore-secret --secret-id arn:aws:secretsmanager:eu-west-1:111122223333:secret:prod/db/password-AbC123 --region eu-west-1\`
> Or in the console: https://eu-west-1.console.aws.amazon.com/secretsmanager/secret?name=prod%2Fdb%2Fpassword&amp;region=eu-west-1
> Known already, and to be changed in time? Mute this caller, in a checkout of deleted-secret-notifier: \`npm run mute -- --secret prod/db/password --caller arn:aws:iam::111122223333:role/app-server --reason "why" --stage prod --region eu-west-1\`

[critical] [opened] [account 111122223333] [Region eu-west-1] [secret prod/db/password]
buttons: secret, region, buttons, home, canMute"
`);
});

test('a drill is marked as one, and does not frighten', () => {
  const name = `${DRILL_PREFIX}20261122`;
  const secret = identifySecret(
    `arn:aws:secretsmanager:eu-west-1:${ACCOUNT}:secret:${name}-AbC123`,
    {},
  );
  const notice = opened({ attempt: attempt({ secret }) }, found({ arn: secret.arn, name }));
  expect(shown(render(notice))).toMatchInlineSnapshot(`
"🧪 DRILL: Deleted secret deleted-secret-notifier-drill-20261122 wanted by app-server, 6 days 21 hours left

This is a drill, by the name of its secret: \`npm run drill\` makes a secret, deletes it, and asks for it. There is nothing to do. Nobody runs a drill now? Then take what follows for real.
Role app-server asks for the secret deleted-secret-notifier-drill-20261122, which is scheduled for deletion. Every request for its value fails until it is restored.
- *Deletion:* 2026-11-29 14:03 UTC, 6 days 21 hours left (exact)
- *Asked by:* role app-server, session i-0abc, account 111122223333
- *From:* 10.0.3.7
- *At:* 2026-11-22 17:03 UTC
- *Scheduled:* by user alice, account 111122223333, from 198.51.100.7, on 2026-11-22 14:03 UTC, with a window of 7 days
- *Secret:* \`deleted-secret-notifier-drill-20261122\`
- *Where:* account 111122223333, eu-west-1

> Still needed? Restore it: \`aws secretsmanager restore-secret --secret-id arn:aws:secretsmanager:eu-west-1:111122223333:secret:deleted-secret-notifier-drill-20261122-AbC123 --region eu-west-1\`
> Or in the console: https://eu-west-1.console.aws.amazon.com/secretsmanager/secret?name=deleted-secret-notifier-drill-20261122&amp;region=eu-west-1
> Replaced? Tell the owner of role app-server to ask for the new secret instead.
> Truly unused? Do nothing. AWS deletes it at the end of the window.
> Known already, and to be changed in time? Mute this caller, in a checkout of deleted-secret-notifier: \`npm run mute -- --secret deleted-secret-notifier-drill-20261122 --caller arn:aws:iam::111122223333:role/app-server --reason "why" --stage prod --region eu-west-1\`

[drill] [opened] [account 111122223333] [Region eu-west-1] [secret deleted-secret-notifier-drill-20261122]
buttons: secret, region, buttons, home, canMute, canRestore"
`);
});

const CALLERS = [
  role('batch', { isNew: true, count: 480, sessions: new Set(['i-0abc', 'i-0def']) }),
  role('app-server', {
    count: 12,
    addresses: new Set(['10.0.3.7', '10.0.3.8', '2001:db8::1', '10.0.3.9']),
  }),
];
const MUTED = [
  { by: 'alice', reason: 'we know, replaced next week', until: addDays(NOW, 3), count: 7, news: 7 },
];

test('a digest', () => {
  const [notice] = digested('digest', [known(CALLERS, { muted: MUTED, ignored: 3 })]);
  expect(shown(render(notice))).toMatchInlineSnapshot(`
"🟠 WARNING: 492 attempts on deleted secret prod/db/password, 6 days 21 hours left

492 attempts to read 1 secret scheduled for deletion that no other mail has reported:
- *Deletion:* 2026-11-29 14:03 UTC, 6 days 21 hours left (exact)
- *Secret:* \`prod/db/password\`
- *Where:* account 111122223333, eu-west-1
- new to the mail: 480 x role batch, sessions i-0abc and i-0def, at 2026-11-22 17:05 UTC, from 10.0.3.7
- 12 x role app-server, at 2026-11-22 17:05 UTC, from 10.0.3.7, 10.0.3.8, 10.0.3.9 and 1 other
- 7 muted by alice until 2026-11-25 17:05 UTC: we know, replaced next week
- 3 by ignored callers

> Still needed? Restore it: \`aws secretsmanager restore-secret --secret-id arn:aws:secretsmanager:eu-west-1:111122223333:secret:prod/db/password-AbC123 --region eu-west-1\`
> Or in the console: https://eu-west-1.console.aws.amazon.com/secretsmanager/secret?name=prod%2Fdb%2Fpassword&amp;region=eu-west-1
> Known already, and to be changed in time? Mute the caller, such as the one with the most attempts, in a checkout of deleted-secret-notifier: \`npm run mute -- --secret prod/db/password --caller arn:aws:iam::111122223333:role/batch --reason "why" --stage prod --region eu-west-1\`

[warning] [digest] [account 111122223333] [Region eu-west-1] [secret prod/db/password]
buttons: secret, region, buttons, home, canMute, canRestore"
`);
});

test('a digest of more callers than have room, counted in part, of a secret that was not looked up', () => {
  const callers = Array.from({ length: 30 }, (_, i) => role(`fn-${i}`, { count: 100 - i }));
  const [notice] = digested('digest', [
    known(callers, { isLeast: true, state: { state: 'not-looked-up' } }),
  ]);
  expect(shown(render(notice))).toMatchInlineSnapshot(`
"🟠 WARNING: at least 2565 attempts on deleted secret prod/db/password, date not looked up

At least 2565 attempts to read 1 secret scheduled for deletion that no other mail has reported:
- *Deletion:* not looked up: there was no time
- *Secret:* \`prod/db/password\`
- *Where:* account 111122223333, eu-west-1
- 100 x role fn-0, at 2026-11-22 17:05 UTC, from 10.0.3.7
- 99 x role fn-1, at 2026-11-22 17:05 UTC, from 10.0.3.7
- 98 x role fn-2, at 2026-11-22 17:05 UTC, from 10.0.3.7
- 97 x role fn-3, at 2026-11-22 17:05 UTC, from 10.0.3.7
- 96 x role fn-4, at 2026-11-22 17:05 UTC, from 10.0.3.7
- 95 x role fn-5, at 2026-11-22 17:05 UTC, from 10.0.3.7
- 94 x role fn-6, at 2026-11-22 17:05 UTC, from 10.0.3.7
- 93 x role fn-7, at 2026-11-22 17:05 UTC, from 10.0.3.7
- and 22 more callers (1793 attempts)
- and perhaps more: there was no time to count all

> Still needed? Restore it: \`aws secretsmanager restore-secret --secret-id arn:aws:secretsmanager:eu-west-1:111122223333:secret:prod/db/password-AbC123 --region eu-west-1\`
> Or in the console: https://eu-west-1.console.aws.amazon.com/secretsmanager/secret?name=prod%2Fdb%2Fpassword&amp;region=eu-west-1
> Known already, and to be changed in time? Mute the caller, such as the one with the most attempts, in a checkout of deleted-secret-notifier: \`npm run mute -- --secret prod/db/password --caller arn:aws:iam::111122223333:role/fn-0 --reason "why" --stage prod --region eu-west-1\`
> Who is only counted here is named by this command, in a checkout of deleted-secret-notifier: \`npm run -s status -- --stage prod --region eu-west-1\`

[warning] [digest] [account 111122223333] [Region eu-west-1] [secret prod/db/password]
buttons: secret, region, buttons, home"
`);
});

test('a last call', () => {
  const state = { ...DELETED, deletion: deletion() };
  const [notice] = digested('last-call', [known(CALLERS, { state })]);
  expect(shown(render(notice))).toMatchInlineSnapshot(`
"🟠 LAST CALL: deleted secret prod/db/password was read, 6 days 21 hours left

LAST CALL: the end of 1 secret scheduled for deletion is near, after 492 attempts to read it.
At the end of its window AWS deletes a secret for good, and its value with it. It cannot be restored then, and all who still read it fail for good. Restore it before, or have those who read it changed.
- *Deletion:* 2026-11-29 14:03 UTC, 6 days 21 hours left (exact)
- *Scheduled:* by user alice, account 111122223333, from 198.51.100.7, on 2026-11-22 14:03 UTC, with a window of 7 days
- *Secret:* \`prod/db/password\`
- *Where:* account 111122223333, eu-west-1
- new to the mail: 480 x role batch, sessions i-0abc and i-0def, at 2026-11-22 17:05 UTC, from 10.0.3.7
- 12 x role app-server, at 2026-11-22 17:05 UTC, from 10.0.3.7, 10.0.3.8, 10.0.3.9 and 1 other

> Still needed? Restore it: \`aws secretsmanager restore-secret --secret-id arn:aws:secretsmanager:eu-west-1:111122223333:secret:prod/db/password-AbC123 --region eu-west-1\`
> Or in the console: https://eu-west-1.console.aws.amazon.com/secretsmanager/secret?name=prod%2Fdb%2Fpassword&amp;region=eu-west-1

[warning] [last-call] [account 111122223333] [Region eu-west-1] [secret prod/db/password]
buttons: secret, region, buttons, home, canMute, canRestore"
`);
});

const endOf = (kind: 'over' | 'resolved' | 'gone', state: SecretNews['state']) =>
  shown(render(digested(kind, [known(CALLERS, { state })])[0]));

test('the end of an incident: its time is up, it is restored, or gone', () => {
  expect(endOf('over', DELETED)).toMatchInlineSnapshot(`
"🟠 TIME IS UP: deleted secret prod/db/password was read

TIME IS UP: the recovery window of 1 secret has ended, after 492 attempts to read it. No restore was recorded. AWS deletes a secret for good some time after the end; whether it has, this stack cannot look.
Still needed? Try to restore at once. If AWS does not find it any more, make a new secret of the same name, with a value from its source. Not needed? Have those who still read it changed.
- *Deletion:* 2026-11-29 14:03 UTC, 6 days 21 hours left (exact)
- *Secret:* \`prod/db/password\`
- *Where:* account 111122223333, eu-west-1
- new to the mail: 480 x role batch, sessions i-0abc and i-0def, at 2026-11-22 17:05 UTC, from 10.0.3.7
- 12 x role app-server, at 2026-11-22 17:05 UTC, from 10.0.3.7, 10.0.3.8, 10.0.3.9 and 1 other

> Still needed? Restore it: \`aws secretsmanager restore-secret --secret-id arn:aws:secretsmanager:eu-west-1:111122223333:secret:prod/db/password-AbC123 --region eu-west-1\`
> Or in the console: https://eu-west-1.console.aws.amazon.com/secretsmanager/secret?name=prod%2Fdb%2Fpassword&amp;region=eu-west-1

[warning] [over] [account 111122223333] [Region eu-west-1] [secret prod/db/password]
buttons: secret, region, buttons, home, canRestore"
`);
  const restored = { state: 'restored', cancellation: cancellation() } as const;
  expect(endOf('resolved', restored)).toMatchInlineSnapshot(`
"✅ Resolved: secret prod/db/password is restored

1 secret scheduled for deletion has been restored, after 492 attempts to read it. It can be read again: there is nothing left to search for.
- *Deletion:* cancelled by user alice, account 111122223333, from 198.51.100.7, on 2026-11-22 17:04 UTC
- *Secret:* \`prod/db/password\`
- *Where:* account 111122223333, eu-west-1
- new to the mail: 480 x role batch, sessions i-0abc and i-0def, at 2026-11-22 17:05 UTC, from 10.0.3.7
- 12 x role app-server, at 2026-11-22 17:05 UTC, from 10.0.3.7, 10.0.3.8, 10.0.3.9 and 1 other

[notice] [resolved] [account 111122223333] [Region eu-west-1] [secret prod/db/password]
buttons: secret, region, buttons, home"
`);
  expect(endOf('gone', { state: 'gone', deletion: deletion() })).toMatchInlineSnapshot(`
"🔴 GONE: secret prod/db/password was read

GONE: 1 secret is deleted for good, after 492 attempts to read it. Whoever still reads it fails from now on.
Still needed? Make a new secret of the same name, with a value from its source. Not needed? Have those who still read it changed.
- *Deletion:* done, as far as AWS tells
- *Deleted:* by user alice, account 111122223333, from 198.51.100.7, on 2026-11-22 14:03 UTC, with a window of 7 days
- *Secret:* \`prod/db/password\`
- *Where:* account 111122223333, eu-west-1
- new to the mail: 480 x role batch, sessions i-0abc and i-0def, at 2026-11-22 17:05 UTC, from 10.0.3.7
- 12 x role app-server, at 2026-11-22 17:05 UTC, from 10.0.3.7, 10.0.3.8, 10.0.3.9 and 1 other

> Still needed? Make a new secret of this name: \`aws secretsmanager create-secret --name prod/db/password --secret-string file://VALUE-FILE --region eu-west-1\`

[critical] [gone] [account 111122223333] [Region eu-west-1] [secret prod/db/password]
buttons: secret, region, buttons, home, canMute"
`);
});

test('a digest says of a replica that it was removed, and by whom', () => {
  const state = {
    state: 'gone',
    deletion: deletion({ forced: true, windowDays: 0, replicaOf: 'us-east-1' }),
  } as const;
  const text = shown(render({ ...NOTICES.digest, state, remedy: undefined }));
  expect(text).toMatch(/attempts to read 1 removed replica that no other mail has reported:/);
  expect(text).toMatch(/^- \*Removed:\* by user alice, .+ 14:03 UTC$/m);
  expect(text).toMatch(/^- \*Replica of:\* the secret in us-east-1$/m);
});

test('a read of a secret that is gone, at once', () => {
  const { secret, state, callers, counts } = NOTICES.gone;
  const gone = {
    ...NOTICES.opened,
    ...({ kind: 'gone', severity: 'critical', state, callers, counts } as const),
    attempt: attempt({ isNotFound: true }),
    remedy: remedyOf('create', secret),
  };
  expect(shown(render(gone))).toMatchInlineSnapshot(`
"🔴 CRITICAL: GONE: secret prod/db/password wanted by app-server, deleted for good

Role app-server asks for the secret prod/db/password, which is deleted for good. It cannot be restored, and every request for its value fails.
- *Deletion:* done, as far as AWS tells
- *Asked by:* role app-server, session i-0abc, account 111122223333
- *From:* 10.0.3.7
- *At:* 2026-11-22 17:03 UTC
- *Deleted:* by user alice, account 111122223333, from 198.51.100.7, on 2026-11-22 14:03 UTC, with a window of 7 days
- *Secret:* \`prod/db/password\`
- *Where:* account 111122223333, eu-west-1
- *Owner:* payments (tag owner)
- *Replaced by:* prod/db/credentials (tag replaced-by)

> Still needed? Take its value from its source, a copy of yours, or what was a replica in another Region. Who asks by the old ARN needs the new one. Make a new secret of this name: \`aws secretsmanager create-secret --name prod/db/password --secret-string file://VALUE-FILE --region eu-west-1\`
> Replaced? Tell the owner of role app-server to ask for prod/db/credentials instead.
> Not needed? Tell the owner of role app-server to stop asking.
> Known already, and to be changed in time? Mute this caller, in a checkout of deleted-secret-notifier: \`npm run mute -- --secret prod/db/password --caller arn:aws:iam::111122223333:role/app-server --reason "why" --stage prod --region eu-west-1\`

[critical] [gone] [account 111122223333] [Region eu-west-1] [secret prod/db/password] [owner payments]
buttons: secret, region, buttons, home, canMute"
`);
});

test('a name that is taken', () => {
  expect(shown(render(NOTICES.clash))).toMatchInlineSnapshot(`
"🟠 WARNING: Deleted secret prod/db/password blocks a new one of alice, 6 days 21 hours left

User alice tried 2 times to create a secret of the name prod/db/password, and could not: the secret of that name is scheduled for deletion, and keeps the name until AWS has deleted it, at some time after the end of its window.
- *Deletion:* 2026-11-29 14:03 UTC, 6 days 21 hours left (exact)
- *Scheduled:* by user alice, account 111122223333, from 198.51.100.7, on 2026-11-22 14:03 UTC, with a window of 7 days
- *Read by:* 3 attempts since its deletion, by role app-server
- *Created by:* user alice, account 111122223333
- *Tool:* Terraform or OpenTofu
- *From:* 198.51.100.9
- *Tried:* 2 times, 2026-11-22 16:55 UTC to 2026-11-22 16:59 UTC
- *Secret:* \`prod/db/password\`
- *Where:* account 111122223333, eu-west-1
- *Owner:* payments (tag owner)
- *Replaced by:* prod/db/credentials (tag replaced-by)

> Is it the old secret that is wanted? Restore it: \`aws secretsmanager restore-secret --secret-id arn:aws:secretsmanager:eu-west-1:111122223333:secret:prod/db/password-AbC123 --region eu-west-1\`
> Or in the console: https://eu-west-1.console.aws.amazon.com/secretsmanager/secret?name=prod%2Fdb%2Fpassword&amp;region=eu-west-1
> To go on with it, import it, at the address that it has in your code; with OpenTofu by tofu: \`terraform import aws_secretsmanager_secret.RESOURCE arn:aws:secretsmanager:eu-west-1:111122223333:secret:prod/db/password-AbC123\`
> Or free the name by deleting the old secret at once, but NOT YET: it is still read, as said above, and its value would be lost for good. Have those who read it changed first.
> Or give the new one another name: name_prefix in the place of name makes one that is never taken.
> Known already, and to be changed in time? Mute this caller, in a checkout of deleted-secret-notifier: \`npm run mute -- --secret prod/db/password --caller arn:aws:iam::111122223333:user/alice --reason "why" --stage prod --region eu-west-1\`

[warning] [clash] [account 111122223333] [Region eu-west-1] [secret prod/db/password] [owner payments]
buttons: secret, region, buttons, home, canMute, canRestore"
`);
});

test('announcements of a deletion, of one by force, and of a cancellation', () => {
  const lookup = found({ lastAccessedDate: new Date('2026-11-20T00:00:00Z') });
  expect(shown(render(announced(deletion(), lookup)))).toMatchInlineSnapshot(`
"🔵 Secret prod/db/password scheduled for deletion by alice, 6 days 21 hours left

The secret prod/db/password was scheduled for deletion by user alice. Every request for its value fails from now on.
- *Deletion:* 2026-11-29 14:03 UTC, 6 days 21 hours left (exact)
- *Scheduled:* by user alice, account 111122223333, from 198.51.100.7, on 2026-11-22 14:03 UTC, with a window of 7 days
- *Last used:* on 2026-11-20 (UTC)
- *Secret:* \`prod/db/password\`
- *Where:* account 111122223333, eu-west-1

> Still needed? Restore it: \`aws secretsmanager restore-secret --secret-id arn:aws:secretsmanager:eu-west-1:111122223333:secret:prod/db/password-AbC123 --region eu-west-1\`
> Or in the console: https://eu-west-1.console.aws.amazon.com/secretsmanager/secret?name=prod%2Fdb%2Fpassword&amp;region=eu-west-1

[notice] [announced] [account 111122223333] [Region eu-west-1] [secret prod/db/password]
buttons: secret, region, buttons, home, canMute, canRestore"
`);
  const forced = deletion({ forced: true, windowDays: 0 });
  expect(shown(render(announced(forced, { kind: 'not-found' })))).toMatchInlineSnapshot(`
"🔵 Secret prod/db/password deleted for good by alice, without a recovery window

The secret prod/db/password was deleted for good by user alice. It cannot be restored.
- *Deletion:* done, without a recovery window
- *Deleted:* by user alice, account 111122223333, from 198.51.100.7, on 2026-11-22 14:03 UTC, without a recovery window
- *Secret:* \`prod/db/password\`
- *Where:* account 111122223333, eu-west-1

[notice] [announced] [account 111122223333] [Region eu-west-1] [secret prod/db/password]
buttons: secret, region, buttons, home, canMute"
`);
  const removed = shown(
    render(announced(deletion({ ...forced, replicaOf: 'us-east-1' }), { kind: 'not-found' })),
  );
  expect(removed).toContain(
    'Replica prod/db/password removed in eu-west-1 by alice, its primary is kept',
  );
  expect(removed).toMatch(/^- \*Removed:\* by user alice, .+ 14:03 UTC$/m);
  expect(removed).toMatch(/^- \*Replica of:\* the secret in us-east-1$/m);
  expect(shown(render(announced(cancellation())))).toMatchInlineSnapshot(`
"✅ Secret prod/db/password restored by alice, its deletion is cancelled

The secret prod/db/password was restored by user alice. It can be read again.
- *Deletion:* not scheduled any more
- *Restored:* by user alice, account 111122223333, from 198.51.100.7, on 2026-11-22 17:04 UTC
- *Secret:* \`prod/db/password\`
- *Where:* account 111122223333, eu-west-1

[notice] [announced] [account 111122223333] [Region eu-west-1] [secret prod/db/password]
buttons: secret, region, buttons, home"
`);
});

test.each(['\u3164', '\u115f', '\u1160', '\uffa0', '\u2800'])(
  'blanks %j in a tag, which push what follows to a line of its own on a phone, stand as one mark',
  (blank) => {
    const tags = { owner: `payments${blank.repeat(24)}Deletion: cancelled` };
    const text = shown(render(opened({}, found({ tags }))));
    expect(text).toContain('payments?Deletion: cancelled');
  },
);

test('without the setting no message has buttons', () => {
  expect(render(opened(), false).metadata).toEqual({
    threadId: expect.any(String),
    summary: expect.any(String),
    enableCustomActions: false,
  });
});

test('a command that is too long for a step stands whole in the description', () => {
  const name = 'n'.repeat(400);
  const secret = identifySecret(
    `arn:aws:secretsmanager:eu-west-1:${ACCOUNT}:secret:${name}-AbC123`,
    {},
  );
  const { content } = render(
    opened({ attempt: attempt({ secret }) }, found({ arn: secret.arn, name })),
  );
  const block = /^```\n(aws secretsmanager restore-secret .*)\n```$/m.exec(content.description);
  expect(block?.[1]).toContain(`:secret:${name}-AbC123`);
  expect(content.nextSteps).toContain('Still needed? Restore it. The command stands above.');
});

describe('sent late', () => {
  const lastCall = (secret?: Partial<SecretNews['secret']>) =>
    digested('last-call', [
      known([role('app')], { secret: { ...named('prod/old'), ...secret } }),
    ])[0];
  const AS_OF = ', as of 2026-11-22 17:05 UTC';

  test('a message says as of when it is', () => {
    const { title, description } = render(lastCall(), true, addDays(NOW, 9)).content;
    expect(title).toMatch(/ left, as of 2026-11-22 17:05 UTC$/);
    expect(description.split('\n')[0]).toBe(
      'Sent late: all that follows is as of 2026-11-22 17:05 UTC, and may have changed since.',
    );
  });

  test('it says nothing else than in time', () => {
    const late = render(lastCall(), true, addDays(NOW, 9));
    const inTime = render(lastCall());
    expect(late.content.title).toBe(`${inTime.content.title}${AS_OF}`);
    expect(late.content.description.split('\n').slice(1).join('\n')).toBe(
      inTime.content.description,
    );
    expect(late.metadata).toEqual({ ...inTime.metadata, summary: late.content.title });
  });

  test.each([
    ['ten minutes later', 600_000, false],
    ['more than ten minutes later', 600_001, true],
    ['before, by another clock', -86_400_000, false],
  ])('%s: %#', (_, ms, isLate) => {
    const { title } = render(lastCall(), true, new Date(NOW.getTime() + ms)).content;
    expect(title.endsWith(AS_OF)).toBe(isLate);
  });

  test.each([0, 14])('the longest title has room, with the account, %i days later', (days) => {
    const long = { shortName: 'c'.repeat(100), name: `role ${'c'.repeat(100)}` };
    const requestedBy = { ...attempt().caller, ...long };
    const notice = announced(deletion({ requestedBy }), found({ tags: {} }));
    const secret = { ...notice.secret, name: 'n'.repeat(512), elsewhere: ELSEWHERE };
    const longest = { ...notice, severity: 'critical', secret } as const;
    const { title } = render(longest, true, addDays(notice.now, days)).content;
    expect(title).toContain(', in 444455556666');
    expect(title.length).toBeGreaterThan(235);
    expect(title.length).toBeLessThanOrEqual(250);
  });

  test('of a drill too, before all else', () => {
    const drill = lastCall(named(`${DRILL_PREFIX}1`));
    expect(render(drill, true, addDays(NOW, 9)).content.description).toMatch(
      /^Sent late: .*\n.*drill/i,
    );
  });
});
