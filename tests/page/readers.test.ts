import type { Page } from 'playwright-core';
import { renderReadersPage } from '../../cli/readers/page.ts';
import { batchBy, readBy } from '../testing/history.ts';
import { hoursAgo, surveyOf } from '../testing/readers.ts';
import { type Look, withPage } from './browser.ts';
import { contrasts, wide } from './measure.ts';

const LONG = 'x'.repeat(507);
const HOSTILE = '<img src=http://127.0.0.1:9/x onerror=alert(1)>';

const SURVEY = surveyOf({
  secrets: [
    { name: 'prod/db', replicas: ['us-east-1'] },
    { name: `prod/${LONG}` },
    { name: 'never/read' },
    { name: 'quiet' },
    { name: 'doomed', deletedDate: hoursAgo(50) },
    { name: 'rds!cluster', owningService: HOSTILE },
    { name: 'new', createdDate: hoursAgo(3) },
  ],
  records: [
    ...Array.from({ length: 60 }, (_, i) => readBy('app-server', 'prod/db', hoursAgo(1 + i * 30))),
    readBy(HOSTILE, 'prod/db', hoursAgo(30)),
    readBy('r'.repeat(64), `prod/${LONG}`, hoursAgo(9)),
    readBy('batch', 'quiet', hoursAgo(900)),
    batchBy('etl', { SecretIdList: ['quiet'] }, hoursAgo(900)),
    batchBy(HOSTILE, {}, hoursAgo(900)),
  ],
});

const look = <Result>(
  how: Look,
  use: (page: Page, requests: readonly string[]) => Promise<Result>,
) => withPage(renderReadersPage(SURVEY), how, use);

test('what strangers have written loads nothing, and the browser complains of nothing', async () => {
  const complaints: string[] = [];
  const requests = await look({ width: 1100 }, async (page, made) => {
    page.on('console', (message) => complaints.push(message.text()));
    page.on('pageerror', (error) => complaints.push(String(error)));
    await page.waitForLoadState('load');
    await page.getByText('How to go on').first().click();
    return made;
  });
  expect([requests, complaints]).toEqual([[], []]);
});

test.each([375, 1100])('at %d pixels nothing is wider than the screen', async (width) => {
  expect(await look({ width }, wide)).toEqual({ scroll: width, elements: [] });
});

test.each(['light', 'dark'] as const)(
  'in %s colours every text can be read',
  async (colorScheme) => {
    const texts = await look({ width: 1100, colorScheme }, contrasts);
    expect(texts.length).toBeGreaterThan(50);
    expect(texts.filter(({ ratio }) => ratio < 4.5)).toEqual([]);
  },
);

test('a read stands where it belongs between the beginning of the window and now', async () => {
  const shares = await look({ width: 1100 }, (page) =>
    page
      .locator('.secret', { hasText: 'quiet' })
      .locator('.lane')
      .first()
      .evaluate((lane) => {
        const { left, width } = lane.getBoundingClientRect();
        return [...lane.querySelectorAll('.tick')].map(
          (tick) => (tick.getBoundingClientRect().left - left) / width,
        );
      }),
  );
  expect(shares).toHaveLength(1);
  expect(Math.abs((shares[0] ?? 0) - (1 - 900 / (90 * 24)))).toBeLessThan(0.02);
});
