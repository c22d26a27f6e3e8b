import type { Page } from 'playwright-core';
import { renderPage } from '../../cli/status/page.ts';
import type { Survey } from '../../cli/status/survey.ts';
import { type Look, withPage } from './browser.ts';
import { EXAMPLES, type Example, SPREAD, SURVEY, statusOf } from './example.ts';
import { contrasts, wide } from './measure.ts';

/** Looks at the page of these secrets. */
async function look<Result>(
  how: Look,
  use: (page: Page, requests: readonly string[]) => Promise<Result>,
  examples: readonly Example[] = EXAMPLES,
  survey?: Survey,
): Promise<Result> {
  return withPage(renderPage(await statusOf(examples, 0, [], survey)), how, use);
}

const DESKTOP: Look = { width: 1100 };
const PHONE: Look = { width: 375 };

/** Names of secrets, roles and tags as long as AWS allows them, without a space to break at. */
const LONG: Example = {
  name: `prod/${'x'.repeat(507)}`,
  daysLeft: 3,
  windowDays: 7,
  owner: 'o'.repeat(256),
  attempts: { ['r'.repeat(64)]: [1, 30], 'app-server': [2] },
};

/** Names of accounts as long as AWS allows them. */
const LONG_SURVEY: Survey = {
  ...SURVEY,
  names: new Map([...SURVEY.names.keys()].map((id) => [id, 'n'.repeat(50)])),
};

test('no request is made, and the browser complains of nothing', async () => {
  const complaints: string[] = [];
  const requests = await look(DESKTOP, async (page, requests) => {
    page.on('console', (message) => complaints.push(message.text()));
    page.on('pageerror', (error) => complaints.push(String(error)));
    await page.waitForLoadState('load');
    await page.getByText('Restore it').first().click();
    return requests;
  });
  expect(requests).toEqual([]);
  expect(complaints).toEqual([]);
});

test('what the page would load from elsewhere is refused by its own policy', async () => {
  const outcome = await look(DESKTOP, (page) =>
    page.evaluate(
      () =>
        new Promise((resolve) => {
          document.addEventListener('securitypolicyviolation', (event) =>
            resolve(event.effectiveDirective),
          );
          document.body.append(Object.assign(new Image(), { src: 'http://127.0.0.1:9/x.png' }));
        }),
    ),
  );
  expect(outcome).toBe('img-src');
});

describe.each([
  ['a phone', PHONE],
  ['a desktop', DESKTOP],
])('on %s', (_, how) => {
  test.each([
    ['the names', [LONG, ...EXAMPLES], undefined],
    ['the names of accounts', [LONG, ...SPREAD], LONG_SURVEY],
  ])('nothing is wider than the screen, however long %s', async (_, examples, survey) => {
    expect(await look(how, wide, examples, survey)).toEqual({ scroll: how.width, elements: [] });
  });

  test('each account can be reached from the overview, with its secrets below its name', async () => {
    const reached = await look(
      how,
      async (page, requests) => {
        await page.locator('.accounts a').nth(1).click();
        const heading = page.locator('h2', { hasText: '111122223333' });
        const secrets = await page
          .locator('.account')
          .evaluateAll((accounts) =>
            accounts.map((account) => [
              account.querySelector('h2')?.textContent,
              ...Array.from(
                account.querySelectorAll('h3, .name'),
                ({ textContent }) => textContent,
              ),
            ]),
          );
        const box = await heading.boundingBox();
        return { requests, secrets, isInSight: box !== null && box.y >= 0 && box.y < 800 };
      },
      SPREAD,
      SURVEY,
    );
    expect(reached).toEqual({
      requests: [],
      isInSight: true,
      secrets: [
        [
          'Account 444455556666 payments-prod',
          'Region eu-west-1',
          'prod/db/password',
          'Region us-east-1',
          'prod/db/password',
          'old/token',
        ],
        ['Account 111122223333 security', 'Region eu-west-1', 'prod/db/password'],
      ],
    });
  });

  test('the secrets stand in the order of their deletion, one below the other', async () => {
    const secrets = await look(how, (page) =>
      page.locator('.secret').evaluateAll((rows) =>
        rows.map((row) => ({
          name: row.querySelector('.name')?.textContent,
          top: row.getBoundingClientRect().top,
        })),
      ),
    );
    const sorted = EXAMPLES.toSorted((a, b) => a.daysLeft - b.daysLeft).map(({ name }) => name);
    expect(secrets.map(({ name }) => name)).toEqual(sorted);
    const tops = secrets.map(({ top }) => top);
    expect(tops).toEqual(tops.toSorted((a, b) => a - b));
  });

  test('the bars are as wide as the days left, of thirty', async () => {
    const bars = await look(how, (page) =>
      page.locator('.secret').evaluateAll((rows) =>
        rows.map((row) => {
          const width = (selector: string) =>
            row.querySelector(selector)?.getBoundingClientRect().width ?? Number.NaN;
          const name = row.querySelector('.name')?.textContent ?? '';
          const scale = [...row.querySelectorAll('.scale span')].map((days) => days.textContent);
          return {
            name,
            sure: width('.sure'),
            unsure: width('.unsure'),
            all: width('.bar'),
            scale,
          };
        }),
      ),
    );
    for (const { name, sure, unsure, all, scale } of bars) {
      const { daysLeft = Number.NaN, windowDays } = EXAMPLES.find((e) => e.name === name) ?? {};
      expect(all).toBeGreaterThan(200);
      expect(scale).toEqual(['0', '10', '20', '30 days']);
      expect((sure / all) * 30).toBeCloseTo(daysLeft, 1);
      expect((unsure / all) * 30).toBeCloseTo(windowDays ? 0 : 23, 1);
    }
    expect(bars).toHaveLength(EXAMPLES.length);
  });

  test('an attempt stands where it belongs between the scheduling and now', async () => {
    const windowDays = 10;
    const example = { name: 'a', daysLeft: 5, windowDays, attempts: { app: [24, 60, 96] } };
    const shares = await look(
      how,
      (page) =>
        page.locator('.lane').evaluate((lane) => {
          const { left, width } = lane.getBoundingClientRect();
          return [...lane.querySelectorAll('.tick')].map(
            (tick) => (tick.getBoundingClientRect().left - left) / width,
          );
        }),
      [example],
    );
    // Five days since the scheduling; within the two hours of a mark.
    const expected = [24, 60, 96].map((hours) => 1 - hours / (5 * 24));
    shares.forEach((share, i) => {
      expect(Math.abs(share - (expected[i] ?? Number.NaN))).toBeLessThan(2 / (5 * 24));
    });
    expect(shares).toHaveLength(3);
  });
});

test.each([
  ['light', 'one account', EXAMPLES, undefined],
  ['dark', 'one account', EXAMPLES, undefined],
  ['light', 'several accounts', SPREAD, SURVEY],
  ['dark', 'several accounts', SPREAD, SURVEY],
] as const)('in %s colours every text of %s can be read', async (scheme, _, examples, survey) => {
  const how = { ...DESKTOP, colorScheme: scheme };
  const use = async (page: Page) => ({
    texts: await contrasts(page),
    background: await page.evaluate(() => getComputedStyle(document.body).backgroundColor),
  });
  const { texts, background } = await look(how, use, examples, survey);
  expect(texts.length).toBeGreaterThan(50);
  expect(texts.filter(({ ratio }) => ratio < 4.5)).toEqual([]);
  expect(background).toBe(scheme === 'light' ? 'rgb(244, 245, 247)' : 'rgb(14, 19, 24)');
});

test('each verdict has a word and a mark of its own shape, besides its colour', async () => {
  const badges = await look(DESKTOP, (page) =>
    page.locator('.badge').evaluateAll((all) =>
      all.map((badge) => {
        const mark = getComputedStyle(badge.querySelector('.mark') as Element);
        const half = mark.backgroundImage !== 'none';
        const empty = mark.backgroundColor === 'rgba(0, 0, 0, 0)' && !half;
        const shape = empty ? 'empty' : half ? 'half' : 'full';
        return `${badge.textContent}: ${shape} ${mark.borderTopStyle}`;
      }),
    ),
  );
  expect(new Set(badges)).toEqual(
    new Set([
      'still in use: full solid',
      'quiet for 8 days: half solid',
      'no attempts since: empty solid',
      'too soon to tell: empty dotted',
    ]),
  );
});

test('without secrets the page says so, in the middle', async () => {
  const { text, middle } = await look(
    PHONE,
    async (page) => {
      const empty = page.locator('.empty');
      const box = await empty.boundingBox();
      return {
        text: await empty.textContent(),
        middle: box && box.x + box.width / 2,
      };
    },
    [],
  );
  expect(text).toContain('No secret is scheduled for deletion here.');
  expect(middle).toBeCloseTo(375 / 2, 0);
});

test('on paper it is black on white, without what can only be clicked', async () => {
  const { ink, details } = await look({ ...DESKTOP, colorScheme: 'dark' }, async (page) => {
    await page.emulateMedia({ media: 'print' });
    const ink = await page.evaluate(() => getComputedStyle(document.body).color);
    return { ink, details: await page.locator('details').first().isVisible() };
  });
  expect({ ink, details }).toEqual({ ink: 'rgb(0, 0, 0)', details: false });
});
