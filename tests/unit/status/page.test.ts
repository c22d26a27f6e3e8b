import { renderPage } from '../../../lib/status/page.ts';
import { EXAMPLES, statusOf } from '../../page/example.ts';

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
      expect(markup).toContain(`role ${role} <span class="fine">${count}</span>`);
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
