import { DRILL_PREFIX } from '../../../../lib/drill.ts';
import { renderOverview } from '../../../../lib/notice/chat/overview.ts';
import { addDays } from '../../../../lib/time.ts';
import { NOW } from '../../../testing/attempts.ts';
import { digested, STACK, shown } from '../../../testing/chat.ts';
import { known, named, pending, role } from '../../../testing/digests.ts';

const overview = (secrets: Parameters<typeof digested>[1]) =>
  renderOverview(digested('digest', secrets), { stack: STACK });

test('the message of many has a line for each, and a thread of its own', () => {
  const secrets = [
    known([role('app', { count: 12 }), role('batch', { count: 3 }), role('cron')], {
      secret: named('prod/old'),
    }),
    known([role('app')], { secret: named('prod/older'), isLeast: true }),
    known([], { secret: named('prod/oldest'), ignored: 4, state: { state: 'restored' } }),
  ];
  const message = overview(secrets);
  expect(shown(message)).toMatchInlineSnapshot(`
"🟠 3 more secrets, a line each

There was no room for a message on each of these:
- digest: prod/old, account 111122223333, eu-west-1, 6 days 21 hours left: 16 attempts, role app, role batch and 1 other
- digest: prod/older, account 111122223333, eu-west-1, 6 days 21 hours left: at least 1 attempt, role app
- digest: prod/oldest, account 111122223333, eu-west-1, restored since: 4 attempts

> More of them, in a checkout of deleted-secret-notifier: \`npm run -s status -- --stage prod --region eu-west-1\`

[warning] [overview] [digest]
buttons: none"
`);
  expect(overview(secrets).metadata.threadId).toBe(message.metadata.threadId);
  expect(overview(secrets.slice(1)).metadata.threadId).not.toBe(message.metadata.threadId);
});

test('what has no room in it is counted, and a command names it', () => {
  const secrets = Array.from({ length: 200 }, (_, i) =>
    known([role('app')], { secret: named(`prod/secret-${i}`) }),
  );
  const { content } = overview(secrets);
  const lines = content.description.split('\n');
  expect(lines.at(-1)).toBe(`- and ${200 - (lines.length - 2)} more secrets`);
  expect(content.description.length).toBeGreaterThan(7800);
  expect(content.title).toBe('🟠 200 more secrets, a line each');
  expect(content.nextSteps?.[0]).toContain(
    '`npm run -s status -- --stage prod --region eu-west-1`',
  );
});

test('a drill among them is marked, and makes the message no more urgent', () => {
  const soon = pending({ kind: 'exact', date: addDays(NOW, 1) });
  const late = pending({ kind: 'exact', date: addDays(NOW, 25) });
  const { title, description } = overview([
    known([role('app')], { secret: named(`${DRILL_PREFIX}1`), state: soon }),
    known([role('app')], { secret: named('prod/old'), state: late }),
  ]).content;
  expect(title).toMatch(/^🔵 /);
  expect(description).toContain(`- DRILL, digest: ${DRILL_PREFIX}1, `);
});
