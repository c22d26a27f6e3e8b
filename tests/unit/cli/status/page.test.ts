import { renderPage } from '../../../../cli/status/page.ts';
import { EXAMPLES, incidentOn, statusOf } from '../../../page/example.ts';
import { NOW } from '../../../testing/attempts.ts';

const page = async (...args: Parameters<typeof statusOf>) => renderPage(await statusOf(...args));

test('nothing in it is loaded from anywhere, and nothing runs', async () => {
  const markup = await page(EXAMPLES);
  expect(markup).toContain(
    `content="default-src &#39;none&#39;; style-src &#39;unsafe-inline&#39;;`,
  );
  expect(markup).not.toMatch(/<script|<link|<img|<iframe|\ssrc=|\shref=|url\(|@import|\son\w+=/i);
});

describe('what comes from a record stays text:', () => {
  const hostile = [
    '<script>alert(1)</script>',
    '"><img src=x onerror=alert(1)>',
    "' onmouseover='alert(1)",
    '</style><svg onload=alert(1)>',
    '&lt;b&gt;',
    '\u202egnirts\u0000\n',
  ];
  test.each(hostile)('%j', async (text) => {
    const attempts = { [text]: [1] };
    const markup = await page([{ name: text, daysLeft: 1, windowDays: 7, owner: text, attempts }]);
    const tags = markup.match(/<[a-z!/][^>]*>/gi)?.join('') ?? '';
    expect(tags).not.toMatch(/<(script|img|svg|b)\b|\son(error|load|mouseover)/i);
    expect(markup).not.toContain('\u202e');
    expect(markup).not.toContain('\u0000');
  });
});

test('an empty page says that nothing is scheduled', async () => {
  expect(await page([])).toMatch(/No secret is scheduled for deletion here\./);
});

test('all secrets, callers and counts are there', async () => {
  const markup = await page(EXAMPLES, 2);
  for (const { name, attempts = {} } of EXAMPLES) {
    expect(markup).toContain(`>${name}</span>`);
    for (const [role, hours] of Object.entries(attempts)) {
      const count = `${hours.length} attempt${hours.length === 1 ? '' : 's'}`;
      const [, account, name] = /^(?:(\d+):)?(.+)$/.exec(role) ?? [];
      const caller = `role ${name}${account ? ` of account ${account}` : ''}`;
      expect(markup).toContain(`${caller} <span class="fine">${count}</span>`);
    }
  }
  expect(markup).toContain('Left out: 2 secrets of drills.');
});

test('more callers than have room are counted', async () => {
  const attempts = Object.fromEntries(Array.from({ length: 20 }, (_, i) => [`app-${i}`, [1, 2]]));
  const markup = await page([{ name: 'a', daysLeft: 9, windowDays: 10, attempts }]);
  expect(markup.match(/class="lane"/g)).toHaveLength(8);
  expect(markup).toContain('and 12 more callers, 24 attempts');
});

test.each([7, 30])('in a window of %d days the newest attempt has its whole mark', async (days) => {
  const attempts = { app: [0.05] };
  const markup = await page([{ name: 'a', daysLeft: 0.98, windowDays: days, attempts }]);
  const marks = [...markup.matchAll(/class="tick" style="left:([\d.]+)%;width:([\d.]+)%/g)];
  expect(marks).toHaveLength(1);
  for (const [, left, width] of marks) expect(Number(left) + Number(width)).toBeLessThan(100.02);
});

test('in the first minutes an attempt is a small mark at its time', async () => {
  const scheduled = 3 / 60 / 24;
  const attempts = { app: [2 / 60, 1 / 60], late: [0.5 / 60] };
  const markup = await page([{ name: 'a', daysLeft: 7 - scheduled, windowDays: 7, attempts }]);
  const marks = [
    ...markup.matchAll(/class="tick" style="left:([\d.]+)%;width:([\d.]+)%;height:(\d+)%/g),
  ];
  const [first, second, third] = marks.map((mark) => mark.slice(1).map(Number));
  expect(marks).toHaveLength(3);
  // Within the two seconds of a mark, of three minutes.
  for (const [mark, share] of [
    [first, 1 / 3],
    [second, 2 / 3],
    [third, 5 / 6],
  ] as const) {
    expect(Math.abs((mark?.[0] ?? Number.NaN) - share * 100)).toBeLessThan(1.2);
  }
  for (const [, width, height] of marks.map((mark) => mark.slice(1).map(Number))) {
    expect(width).toBeLessThan(2);
    expect(height).toBeLessThan(35);
  }
});

test('all lanes of a secret have one scale, which is said', async () => {
  const attempts = { busy: Array.from({ length: 521 }, () => 24), rare: [20] };
  const markup = await page([{ name: 'a', daysLeft: 5, windowDays: 10, attempts }]);
  const heights = [...markup.matchAll(/class="tick" [^>]*height:(\d+)%/g)].map((mark) =>
    Number(mark[1]),
  );
  expect(heights).toEqual([100, 11]);
  expect(markup).toContain('Full height: 521 attempts in 1 hour, on a logarithmic scale.');
});

test('no urgency stands beside a secret that nobody reads', async () => {
  const markup = await page([{ name: 'a', daysLeft: 1, windowDays: 10 }]);
  expect(markup).toMatch(/class="secret calm"/);
  expect(markup).not.toContain('class="severity"');
});

test('the time of which nothing is known is hatched, even without an attempt', async () => {
  const markup = await page([{ name: 'a', daysLeft: 6, windowDays: 30 }]);
  expect(markup).toContain('no attempts known');
  expect(markup).toMatch(
    /class="unknown" style="width:50\.\d+%" title="Before 2026-11-10 17:05 UTC: unknown"/,
  );
});

test('names can be copied; what else looks like a link is defanged, and a note says so', async () => {
  const note = '<p>What looks like a link is written with [.] or [:], so that it is none.</p>';
  const named = { name: 'prod/www.example.com/tls', daysLeft: 9 };
  expect(await page([named])).toContain('>prod/www.example.com/tls</span>');
  expect(await page([named])).not.toContain(note);
  expect(await page([{ ...named, owner: 'https://evil.example' }])).toContain(note);
});

test('what is known of its incident stands beside a secret', async () => {
  const markup = await page(EXAMPLES, 0, [incidentOn('b', { openedAt: NOW })]);
  expect(markup).toMatch(
    /<dt>Incident<\/dt><dd>opened <span class="date">[^<]+<\/span>, 9 notices/,
  );
  expect(markup).toMatch(/<dt>Muted<\/dt><dd>arn:aws:iam::\d+:role\/nightly-report by alice until/);
  expect(markup).toMatch(/<dt>Next<\/dt><dd>digest on .+; last call on .+, 2 days before the end</);
  expect(markup).toContain(
    '<p>1 incident of secrets that AWS does not list as pending here: b.</p>',
  );
});
