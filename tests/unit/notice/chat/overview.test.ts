import { DRILL_PREFIX } from '../../../../lib/drill.ts';
import { overviewsOf, renderOverview } from '../../../../lib/notice/chat/overview.ts';
import { addDays } from '../../../../lib/time.ts';
import { NOW } from '../../../testing/attempts.ts';
import { digested, STACK, shown } from '../../../testing/chat.ts';
import { known, named, pending, role } from '../../../testing/digests.ts';
import { NOTICES } from '../../../testing/incident-notices.ts';

const overview = (secrets: Parameters<typeof digested>[1], now = NOW) =>
  renderOverview(digested('digest', secrets), { stack: STACK, now });

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
- digest: prod/old, 16 attempts by 3 callers, 6 days 21 hours left
- digest: prod/older, at least 1 attempt by 1 caller, 6 days 21 hours left
- digest: prod/oldest, 4 attempts, restored since

> More of them, in a checkout of deleted-secret-notifier: \`npm run -s status -- --stage prod --region eu-west-1\`

[warning] [overview] [digest]
buttons: none"
`);
  expect(overview(secrets).metadata.threadId).toBe(message.metadata.threadId);
  expect(overview(secrets.slice(1)).metadata.threadId).not.toBe(message.metadata.threadId);
});

test('of a secret elsewhere the line says where it is', () => {
  const elsewhere = { accountId: '444455556666', region: 'us-east-1' };
  const secret = { ...named('prod/old'), ...elsewhere };
  const { description } = overview([known([role('app')], { secret, elsewhere })]).content;
  expect(description.split('\n').at(-1)).toBe(
    '- digest: prod/old, 1 attempt by 1 caller, 6 days 21 hours left, account 444455556666, us-east-1',
  );
});

test('of a name that is taken the line says who wants it, not who reads the secret', () => {
  const { description } = renderOverview([NOTICES.clash], { stack: STACK, now: NOW }).content;
  expect(description.split('\n').at(-1)).toBe(
    '- clash: prod/db/password, user alice, 2 times, 6 days 21 hours left',
  );
});

test('all are named, in as many messages as it takes, each as full as can be', () => {
  const secrets = Array.from({ length: 300 }, (_, i) =>
    known([role('app')], { secret: named(`prod/secret-${i}`) }),
  );
  const notices = digested('digest', secrets);
  const parts = overviewsOf(notices);
  expect(parts.flat()).toEqual(notices);
  expect(parts.length).toBe(3);
  const texts = parts.map((part) => renderOverview(part, { stack: STACK, now: NOW }).content);
  for (const [i, { title, description }] of texts.entries()) {
    expect(title).toBe(`🟠 ${parts[i]?.length} more secrets, a line each`);
    expect(description.length).toBeLessThanOrEqual(8000);
    if (i < 2) expect(description.length).toBeGreaterThan(7650);
  }
  const all = texts.map(({ description }) => description).join('\n');
  for (const { secret } of notices) expect(all).toContain(`- digest: ${secret.name}, 1 attempt`);
});

test('of none there is no message', () => {
  expect(overviewsOf([])).toEqual([]);
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

test('one that is sent late says as of when its oldest line is', () => {
  const secrets = [known([role('app')], { secret: named('prod/old') })];
  const notices = [
    ...digested('digest', secrets),
    ...digested('digest', secrets, addDays(NOW, -1)),
    ...digested('digest', secrets, addDays(NOW, -0.5)),
  ];
  const { title, description } = renderOverview(notices, { stack: STACK, now: NOW }).content;
  expect(title).toBe('🟠 3 more secrets, a line each, as of 2026-11-21 17:05 UTC');
  expect(description.split('\n').slice(0, 2)).toEqual([
    'Sent late: all that follows is as of 2026-11-21 17:05 UTC, and may have changed since.',
    'There was no room for a message on each of these:',
  ]);
});
