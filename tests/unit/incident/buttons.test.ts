import fc from 'fast-check';
import type { RecordedAttempt } from '../../../lib/attempt/item.ts';
import { identifySecret } from '../../../lib/cloudtrail/secret-id.ts';
import { press } from '../../../lib/incident/buttons.ts';
import type { Mute } from '../../../lib/incident/incident.ts';
import { addDays } from '../../../lib/time.ts';
import { ACCOUNT, cancellation, deletion, found, NOW, SECRET_ARN } from '../../testing/attempts.ts';
import { buttonPorts, type Found } from '../../testing/buttons.ts';
import { readMarkup } from '../../testing/slack.ts';

const MUTE = { action: 'mute', secret: SECRET_ARN };
const STATUS = { action: 'status', secret: SECRET_ARN };

const answerOf = (payload: unknown, given: Found = {}) => press(payload, buttonPorts(given).ports);

const mute = (overrides: Partial<Mute> = {}): Mute => ({
  id: 'earlier',
  by: 'bob',
  reason: 'for now',
  from: new Date('2026-11-22T15:00:00Z'),
  until: new Date('2026-11-25T00:00:00Z'),
  ...overrides,
});

const recorded = (overrides: Partial<RecordedAttempt> = {}): RecordedAttempt => ({
  key: { pk: 'attempt', sk: '1' },
  secret: identifySecret(SECRET_ARN, {}),
  callerKey: `arn:aws:iam::${ACCOUNT}:role/batch`,
  callerName: 'role batch',
  time: new Date('2026-11-22T16:00:00Z'),
  recordedAt: new Date('2026-11-22T16:00:05Z'),
  isIgnored: false,
  alert: 'none',
  ...overrides,
});

describe('a secret is muted', () => {
  test('for a week', async () => {
    const { ports, mutes } = buttonPorts({ change: deletion({ date: addDays(NOW, 20) }) });
    expect(await press(MUTE, ports)).toMatchInlineSnapshot(`
"Muted: \`prod/db/password\`
For 7 days, until 2026-11-29 17:05 UTC
Attempts are still counted.
To end its mutes, in a checkout of deleted-secret-notifier: \`npm run mute -- --secret prod/db/password --remove --stage prod --region eu-west-1\`"
`);
    expect(mutes()).toEqual([
      {
        id: 'new',
        by: 'Slack channel C012ABCDEFG',
        reason: 'Mute button',
        from: NOW,
        until: addDays(NOW, 7),
      },
    ]);
  });

  test('at most until its deletion ends', async () => {
    const { ports, mutes } = buttonPorts();
    expect(await press(MUTE, ports)).toMatchInlineSnapshot(`
"Muted: \`prod/db/password\`
Until its deletion ends, 2026-11-29 14:03 UTC at the latest
Attempts are still counted.
To end its mutes, in a checkout of deleted-secret-notifier: \`npm run mute -- --secret prod/db/password --remove --stage prod --region eu-west-1\`"
`);
    expect(mutes()).toMatchObject([{ until: undefined }]);
  });

  test.each<[string, number, string]>([
    ['for a week', 0, 'For 7 days, until 2026-11-29 17:05 UTC'],
    ['until that is forgotten', 55, 'Until its deletion is forgotten, 2026-11-27 17:05 UTC'],
  ])('if it is gone, %s', async (_, days, line) => {
    const gone = addDays(NOW, -days);
    const change = deletion({ requestedAt: gone, date: gone, forced: true, windowDays: 0 });
    const { ports, mutes } = buttonPorts({ change, lookup: { kind: 'not-found' } });
    expect(await press(MUTE, ports)).toContain(`\n${line}\n`);
    expect(mutes()).toMatchObject([{ until: addDays(NOW, Math.min(7, 60 - days)) }]);
  });

  test('in place of a mute of all callers, beside those of some', async () => {
    const { ports, mutes } = buttonPorts({
      mutes: [mute(), mute({ id: 'of one', caller: 'arn:aws:iam::*:role/batch' })],
    });
    expect(await press(MUTE, ports)).toContain(
      '\nIn place of the mute by `bob` until 2026-11-25 00:00 UTC: `for now`\n',
    );
    expect(mutes().map(({ id, endedAt }) => [id, endedAt])).toEqual([
      ['earlier', NOW],
      ['of one', undefined],
      ['new', undefined],
    ]);
  });

  test.each<[string, Partial<Mute>, string]>([
    ['to the end', { until: undefined }, 'to the end of its deletion'],
    ['until later', { until: addDays(NOW, 8) }, 'until 2026-11-30 17:05 UTC'],
    ['for as long', { until: addDays(NOW, 7) }, 'until 2026-11-29 17:05 UTC'],
  ])('by nobody anew where a mute of all callers lasts %s', async (_, lasts, until) => {
    const earlier = mute(lasts);
    const { ports, mutes } = buttonPorts({
      change: deletion({ date: addDays(NOW, 20) }),
      mutes: [mute({ id: 'shorter' }), earlier],
    });
    expect(await press(MUTE, ports)).toBe(
      `Muted already: \`prod/db/password\`
Nothing was changed: a mute that lasts as long or longer is in force, by \`bob\` ${until}: \`for now\`
To end its mutes, in a checkout of deleted-secret-notifier: \`npm run mute -- --secret prod/db/password --remove --stage prod --region eu-west-1\``,
    );
    expect(mutes()).toEqual([mute({ id: 'shorter' }), earlier]);
  });

  test('to the end of its deletion, which is sooner, in place of a mute with a date', async () => {
    const { ports, mutes } = buttonPorts({ mutes: [mute()] });
    expect(await press(MUTE, ports)).toMatch(/^Muted: /);
    expect(mutes()).toMatchObject([{ endedAt: NOW }, { until: undefined }]);
  });

  test('by the button, although some callers are muted for longer', async () => {
    const ofOne = mute({ caller: 'arn:aws:iam::*:role/batch', until: undefined });
    const { ports, mutes } = buttonPorts({ mutes: [ofOne] });
    expect(await press(MUTE, ports)).toMatch(/^Muted: /);
    expect(mutes()).toHaveLength(2);
  });

  test('elsewhere too, with what nobody could check', async () => {
    const secret = SECRET_ARN.replace(ACCOUNT, '444455556666');
    expect(
      await answerOf(
        { ...MUTE, secret },
        { change: deletion({ secret: identifySecret(secret, {}) }) },
      ),
    ).toMatchInlineSnapshot(`
"Muted: \`prod/db/password\` in account 444455556666, eu-west-1
Until its deletion ends, 2026-11-29 14:03 UTC at the latest
Whether it is scheduled for deletion now could not be checked. It is in account 444455556666, eu-west-1, which was not looked into. Nor has an attempt to read it come: is it the right ARN?
Attempts are still counted.
To end its mutes, in a checkout of deleted-secret-notifier: \`npm run mute -- --secret arn:aws:secretsmanager:eu-west-1:444455556666:secret:prod/db/password-AbC123 --remove --stage prod --region eu-west-1\`"
`);
  });
});

test('a secret elsewhere of which no record has come is not muted', async () => {
  const { ports, mutes } = buttonPorts();
  const secret = 'arn:aws:secretsmanager:eu-west-1:444455556666:secret:x-AbCdEf';
  expect(await press({ ...MUTE, secret }, ports)).toBe(
    'Not muted: `x` in account 444455556666, eu-west-1\nNothing has been recorded of it.',
  );
  expect(mutes()).toEqual([]);
});

test.each<[string, Found, string]>([
  [
    'not scheduled for deletion',
    { lookup: found({ deletedDate: undefined }) },
    'It is neither scheduled',
  ],
  [
    'beyond its window',
    { change: deletion({ requestedAt: addDays(NOW, -8), date: addDays(NOW, -1) }) },
    'Its time is up',
  ],
  [
    'of no known deletion',
    { lookup: { kind: 'not-found' }, change: cancellation() },
    'It is neither scheduled',
  ],
  ['beyond reach', { lookup: { kind: 'unavailable', reason: 'No.' } }, 'AWS did not say'],
])('a secret that is %s is not muted, in words', async (_, given, why) => {
  const { ports, mutes } = buttonPorts(given);
  expect(await press(MUTE, ports)).toMatch(new RegExp(`^Not muted: \`prod/db/password\`\\n${why}`));
  expect(mutes()).toEqual([]);
});

describe('the status', () => {
  test('says how the secret stands, who tried to read it, and which mutes are in force', async () => {
    const other = { callerKey: `arn:aws:iam::${ACCOUNT}:role/web`, callerName: 'role web' };
    const pages = [
      [recorded(), recorded({ time: new Date('2026-11-22T16:30:00Z') }), recorded(other)],
      [recorded(other), recorded(other), recorded({ isIgnored: true })],
    ];
    const mutes = [
      mute({ caller: 'arn:aws:iam::*:role/x' }),
      mute({ endedAt: new Date('2026-11-22T15:30:00Z') }),
    ];
    expect(await answerOf(STATUS, { pages, mutes })).toMatchInlineSnapshot(`
"\`prod/db/password\`
Deletion: 2026-11-29 14:03 UTC, 6 days 21 hours left (exact)
By \`user alice\`, 2026-11-22 14:03 UTC
5 attempts in 7 days
- \`role web\`: 3, last 2026-11-22 16:00 UTC
- \`role batch\`: 2, last 2026-11-22 16:30 UTC
Mute by \`bob\` until 2026-11-25 00:00 UTC: \`for now\`, of \`arn∶aws∶iam::∗:role/x\`"
`);
  });

  test('counts what is muted apart, and names the busiest callers alone', async () => {
    const callers = Array.from({ length: 8 }, (_, i) =>
      Array.from({ length: i + 1 }, () =>
        recorded({ callerKey: `role-${i}`, callerName: `role ${i}` }),
      ),
    );
    const pages = [callers.flat()];
    expect(await answerOf(STATUS, { pages })).toContain(
      '\n36 attempts in 7 days\n- `role 7`: 8, last 2026-11-22 16:00 UTC\n',
    );
    expect(await answerOf(STATUS, { pages })).toMatch(/\n- and 3 more callers$/);
    expect(await answerOf(STATUS, { pages, mutes: [mute()] })).toContain(
      '\nNo attempt in 7 days\nMuted besides: 36 attempts\n',
    );
  });

  test('stops counting in time', async () => {
    const pages = [[recorded()], [recorded()]];
    expect(await answerOf(STATUS, { pages, timeLeft: 3000 })).toContain(
      '\nAt least 1 attempt in 7 days\n',
    );
  });

  test.each<[string, Found, string]>([
    ['restored', { lookup: found({ deletedDate: undefined }) }, 'Not scheduled for deletion'],
    ['gone', { lookup: { kind: 'not-found' } }, 'Deletion: done, as far as AWS tells'],
    [
      'beyond reach',
      { lookup: { kind: 'unavailable', reason: 'DescribeSecret was refused (Denied).' } },
      'Whether it is scheduled for deletion now could not be checked. DescribeSecret was refused (Denied).',
    ],
  ])('of a secret that is %s', async (_, given, line) => {
    expect((await answerOf(STATUS, given)).split('\n').join(' ')).toContain(line);
  });
});

test.each([
  undefined,
  null,
  'mute',
  [],
  {},
  { action: 'mute' },
  { action: 'restore', secret: SECRET_ARN },
  { action: 'mute', secret: 'prod/db' },
  { action: 'mute', secret: [SECRET_ARN] },
  { action: 'mute', secret: SECRET_ARN, reason: 'mine' },
  { action: 'mute', secret: `${SECRET_ARN}\n<!channel>` },
  { action: 'mute', secret: 'arn:aws:secretsmanager:eu-west-1:111122223333:secret:prod/db' },
])('what no button sends does nothing: %j', async (payload) => {
  const { ports, mutes } = buttonPorts();
  expect(await press(payload, ports)).toMatch(/^Expected what a button sends: /);
  expect(mutes()).toEqual([]);
});

test('what strangers wrote neither pings nor links, and formats nothing', async () => {
  const wild = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 300 }),
    fc.constantFrom(
      '<!here>',
      '@channel',
      '<https://evil.example|ok>',
      '`x` *y*',
      '[a](http://b.example)',
      'a\nb',
    ),
  );
  await fc.assert(
    fc.asyncProperty(wild, wild, async (callerName, reason) => {
      const answer = await answerOf(STATUS, {
        pages: [[recorded({ callerName })]],
        mutes: [mute({ caller: 'arn:aws:iam::*:role/x', by: callerName, reason })],
      });
      expect(readMarkup(answer)).toMatchObject({ bold: [], findings: [] });
      const lines = answer.split('\n');
      expect(lines).toHaveLength(6);
      for (const line of lines) {
        // All of a line but ours stands in pairs of backticks.
        expect(line.split('`').length % 2).toBe(1);
        expect(line.replace(/`[^`]*`/g, '')).toMatch(/^[\w :,.()-]*$/);
        expect(line.length).toBeLessThan(300);
      }
    }),
  );
});

test('a table that does not answer is a failure', async () => {
  const { ports } = buttonPorts();
  const incidents = { ...ports.incidents, find: () => Promise.reject(new Error('no table')) };
  await expect(press(STATUS, { ...ports, incidents })).rejects.toThrow('no table');
  await expect(press(MUTE, { ...ports, incidents })).rejects.toThrow('no table');
});
