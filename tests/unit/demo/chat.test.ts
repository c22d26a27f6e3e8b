import { chatText, type Threads } from '../../../demo/chat.ts';
import { renderChat } from '../../../lib/notice/chat/render.ts';
import type { IncidentNoticeKind } from '../../../lib/notice/incident-notice.ts';
import { buttons } from '../../../stack/buttons.ts';
import { checkSettings } from '../../../stack/check-settings.ts';
import { NOTICES } from '../../testing/incident-notices.ts';
import { COMPLETE, DEPLOYMENT, SLACK } from '../stack/complete-settings.ts';

const template = {
  Resources: buttons(checkSettings({ ...COMPLETE, ...SLACK }, DEPLOYMENT), 'dev'),
};
const stack = { stage: 'dev', region: 'eu-west-1', accountId: '111122223333' };

const shown = (kind: IncidentNoticeKind, threads: Threads) =>
  chatText(
    renderChat(NOTICES[kind], { stack, chatButtons: true, now: NOTICES[kind].now }),
    threads,
    template,
  );

test('a message is shown with its steps and its buttons, and what replies to it further in', () => {
  const threads: Threads = new Map();
  expect(shown('opened', threads)).toMatchInlineSnapshot(`
"In the chat, which begins thread 1:
| 🟠 WARNING: Deleted secret prod/db/password wanted by app-server, 6 days
| 21 hours left
|
| Role app-server asks for the secret prod/db/password, which is scheduled
| for deletion. Every request for its value fails until it is restored.
| - Deletion: 2026-11-29 14:03 UTC, 6 days 21 hours left (exact)
| - Asked by: role app-server, session i-0abc, account 111122223333
| - From: 10.0.3.7
| - At: 2026-11-22 17:03 UTC
| - Scheduled: by user alice, account 111122223333, from 198.51.100.7, on
|   2026-11-22 14:03 UTC, with a window of 7 days
| - Secret: \`prod/db/password\`
| - Where: account 111122223333, eu-west-1
| - Owner: payments (tag owner)
| - Replaced by: prod/db/credentials (tag replaced-by)
|
| - Still needed? Restore it:
|   \`aws secretsmanager restore-secret --secret-id arn:aws:secretsmanager:eu-west-1:111122223333:secret:prod/db/password-AbC123 --region eu-west-1\`
| - Or in the console:
|   https://eu-west-1.console.aws.amazon.com/secretsmanager/secret?name=prod%2Fdb%2Fpassword&region=eu-west-1
| - Replaced? Tell the owner of role app-server to ask for
|   prod/db/credentials instead.
| - Truly unused? Do nothing. AWS deletes it at the end of the window.
| - Known already, and to be changed in time? Mute this caller, in a
|   checkout of deleted-secret-notifier:
|   \`npm run mute -- --secret prod/db/password --caller arn:aws:iam::111122223333:role/app-server --reason "why" --region eu-west-1\`
|
| [ Restore ]  [ Mute for 7 days ]  [ Show status ]"
`);
  expect(shown('resolved', threads)).toMatchInlineSnapshot(`
"In the chat, in thread 1:
    | ✅ Resolved: secret prod/db/password is restored
    |
    | 1 secret scheduled for deletion has been restored, after 3 attempts to
    | read it. It can be read again: there is nothing left to search for.
    | - Deletion: cancelled by user alice, account 111122223333, from
    |   198.51.100.7, on 2026-11-22 17:04 UTC
    | - Secret: \`prod/db/password\`
    | - Where: account 111122223333, eu-west-1
    | - Owner: payments (tag owner)
    | - Replaced by: prod/db/credentials (tag replaced-by)
    | - 3 x role app-server, session i-0abc, 2026-11-22 17:01 UTC to
    |   2026-11-22 17:03 UTC, from 10.0.3.7 and 10.0.3.8
    |
    | [ Show status ]"
`);
});

test('each incident has a thread of its own', () => {
  const threads: Threads = new Map([['another', 1]]);
  const [first] = shown('opened', threads).split('\n');
  expect(first).toBe('In the chat, which begins thread 2:');
});

test('no line is longer than 80 characters but for commands and links, which are whole', () => {
  const lines = shown('opened', new Map()).split('\n');
  const long = lines.filter((line) => line.length > 80);
  expect(long.length).toBeGreaterThan(0);
  for (const line of long) expect(line).toMatch(/^\| {3}(?:`[^`]+`|https:\S+)$/);
});
