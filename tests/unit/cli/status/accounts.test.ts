import { stripVTControlCharacters } from 'node:util';
import fc from 'fast-check';
import { renderPage } from '../../../../cli/status/page.ts';
import { statusJson, statusText } from '../../../../cli/status/report.ts';
import type { Survey } from '../../../../cli/status/survey.ts';
import { type Example, incidentOn, SPREAD, SURVEY, statusOf } from '../../../page/example.ts';
import { NOW } from '../../../testing/attempts.ts';
import { links } from '../../../testing/links.ts';

const text = async (examples: readonly Example[], survey = SURVEY, isShort = false) =>
  stripVTControlCharacters(statusText(await statusOf(examples, 0, [], survey), 80, isShort));

test('the secrets of several accounts stand under their account and Region, the soonest deletion first', async () => {
  expect(await text(SPREAD)).toMatchInlineSnapshot(`
"4 secrets scheduled for deletion in 2 of 3 accounts that answered, Regions
eu-west-1, us-east-1:

TIME LEFT      VERDICT            SECRET

Account 444455556666, Region eu-west-1 (payments-prod)
1 day 5 hours  still in use       prod/db/password
  Deletion:   2026-11-23 21:53 UTC (exact)
  Scheduled:  by role platform-admin, session cleanup, account 111122223333,
              from 198.51.100.7, on 2026-11-16 21:53 UTC, with a window of 7
              days
  Last used:  never, as far as AWS tells
  Owner:      payments (tag owner)
  Since:      3 attempts, the last on 2026-11-22 16:05 UTC
              2 x role invoice-worker, last on 2026-11-22 16:05 UTC
              1 x role importer of account 111122223333, last on
              2026-11-22 16:05 UTC

Account 444455556666, Region us-east-1 (payments-prod)
2 days         no attempts since  prod/db/password
  Deletion:   2026-11-24 17:05 UTC (exact)
  Scheduled:  by role platform-admin, session cleanup, account 111122223333,
              from 198.51.100.7, on 2026-11-17 17:05 UTC, with a window of 7
              days
  Last used:  never, as far as AWS tells
  Since:      no attempts

12 days        no attempts since  old/token
  Deletion:   2026-12-04 17:05 UTC (exact)
  Scheduled:  by role platform-admin, session cleanup, account 111122223333,
              from 198.51.100.7, on 2026-11-20 17:05 UTC, with a window of 14
              days
  Last used:  never, as far as AWS tells
  Since:      no attempts

Account 111122223333, Region eu-west-1 (security)
5 days         still in use       prod/db/password
  Deletion:   2026-11-27 17:05 UTC (exact)
  Scheduled:  by role platform-admin, session cleanup, account 111122223333,
              from 198.51.100.7, on 2026-11-20 17:05 UTC, with a window of 7
              days
  Last used:  never, as far as AWS tells
  Since:      2 attempts, the last on 2026-11-22 15:05 UTC
              2 x role app-server, last on 2026-11-22 15:05 UTC

Not read, because the lookup role is missing:
  777788889999 in us-east-1
  123456789012 (sandbox)"
`);
});

test('the short form is one line for each secret, and one for each account and Region', async () => {
  expect(await text(SPREAD, SURVEY, true)).toMatchInlineSnapshot(`
"4 secrets scheduled for deletion in 2 of 3 accounts that answered, Regions
eu-west-1, us-east-1:

TIME LEFT      VERDICT            SECRET

Account 444455556666, Region eu-west-1 (payments-prod)
1 day 5 hours  still in use       prod/db/password

Account 444455556666, Region us-east-1 (payments-prod)
2 days         no attempts since  prod/db/password
12 days        no attempts since  old/token

Account 111122223333, Region eu-west-1 (security)
5 days         still in use       prod/db/password

Not read, because the lookup role is missing:
  777788889999 in us-east-1
  123456789012 (sandbox)"
`);
});

test('where none is pending, it is said of how many accounts that is known', async () => {
  expect(await text([])).toMatchInlineSnapshot(`
"No secret is scheduled for deletion in 3 accounts that answered, Regions
eu-west-1, us-east-1.

Not read, because the lookup role is missing:
  777788889999 in us-east-1
  123456789012 (sandbox)"
`);
});

test.each([
  ['accounts', 'areAllAccounts', 'AWS Organizations did not list its accounts'],
  ['Regions', 'areAllRegions', 'The StackSet of the spokes did not list its Regions'],
] as const)(
  'that there may be more %s is said where nobody lists them, and no all-clear given',
  async (_, areAll, what) => {
    const note = `${what} here: there may be more, of which nothing was heard.`;
    const some = { ...SURVEY, unread: [], [areAll]: false };
    const status = await statusOf(SPREAD, 0, [], some);
    expect(statusText(status, 200)).toContain(`\n\n${note}`);
    expect(renderPage(status)).toContain(`<p>${note}</p>`);
    expect(statusJson(status)[areAll]).toBe(false);
    expect(renderPage(await statusOf([], 0, [], some))).not.toContain('Nothing to lose.');
    expect(await text(SPREAD)).not.toContain('there may be more');
  },
);

test('the Regions that were read are named', async () => {
  const one = { ...SURVEY, read: [{ accountId: '111122223333', region: 'eu-west-1' }], unread: [] };
  const status = await statusOf([], 0, [], one);
  const all = 'No secret is scheduled for deletion in 1 account that answered, Region eu-west-1.';
  expect(statusText(status, 200)).toBe(all);
  expect(renderPage(status)).toContain(all);
  expect(renderPage(status)).toContain('1 AWS account · Region eu-west-1');
  expect(statusJson(status).regions).toEqual(['eu-west-1']);
  expect(statusJson(await statusOf(SPREAD, 0, [], SURVEY)).regions).toEqual([
    'eu-west-1',
    'us-east-1',
  ]);
});

test('the JSON has the secrets of each account by Region, and what was not read', async () => {
  const { accounts, secrets } = statusJson(await statusOf(SPREAD, 0, [], SURVEY));
  expect(secrets).toBeUndefined();
  const short = accounts?.map(({ regions, ...account }) => ({
    ...account,
    regions: regions.map(({ region, secrets }) => [region, ...secrets.map(({ name }) => name)]),
  }));
  expect(short).toEqual([
    {
      accountId: '444455556666',
      name: 'payments-prod',
      regions: [
        ['eu-west-1', 'prod/db/password'],
        ['us-east-1', 'prod/db/password', 'old/token'],
      ],
      notRead: [],
    },
    {
      accountId: '111122223333',
      name: 'security',
      regions: [['eu-west-1', 'prod/db/password'], ['us-east-1']],
      notRead: [],
    },
    {
      accountId: '777788889999',
      name: undefined,
      regions: [['eu-west-1']],
      notRead: [{ reason: 'the lookup role is missing', regions: ['us-east-1'] }],
    },
    {
      accountId: '123456789012',
      name: 'sandbox',
      regions: [],
      notRead: [{ reason: 'the lookup role is missing', regions: ['eu-west-1', 'us-east-1'] }],
    },
  ]);
});

test('incidents that are left are of secrets that are restored, or of where nobody could look', async () => {
  const status = await statusOf(SPREAD, 0, [incidentOn('b', { openedAt: NOW })], SURVEY);
  expect(stripVTControlCharacters(statusText(status, 200))).toContain(
    '1 incident of secrets that AWS does not list as pending, or that are where nobody could look: b.',
  );
});

describe('the page of several accounts', () => {
  const page = async (examples = SPREAD, survey = SURVEY) =>
    renderPage(await statusOf(examples, 0, [], survey));

  test('begins with those that have pending secrets, and leads to each', async () => {
    const markup = await page();
    const [, list = ''] = /<ul class="accounts">(.+?)<\/ul>/s.exec(markup) ?? [];
    const targets = [...list.matchAll(/href="#([^"]+)"/g)].map(([, id]) => id);
    expect(targets).toEqual(['account-444455556666', 'account-111122223333']);
    for (const id of targets) expect(markup.split(` id="${id}"`)).toHaveLength(2);
    expect(list.replace(/<[^>]+>/g, '').trim()).toMatchInlineSnapshot(`
"444455556666 payments-prod
3 secrets, 1 still in use, first: 1 day 5 hours left111122223333 security
1 secret, 1 still in use, first: 5 days left"
`);
  });

  test('loads and runs nothing, and leads nowhere else', async () => {
    const markup = await page();
    expect(markup).not.toMatch(/<script|<link|<img|<iframe|\ssrc=|url\(|@import|\son\w+=/i);
    expect(markup).not.toMatch(/\shref="(?!#account-\d{12}")/);
  });

  test('names the account by whose credentials a secret is restored, if it is not that of the hub', async () => {
    const commands = [...(await page()).matchAll(/<pre>(.+?)<\/pre>/g)].map(
      ([, command]) => command,
    );
    const arn = (place: string) => `arn:aws:secretsmanager:${place}:secret:prod/db/password-AbC123`;
    expect(commands).toContain(
      `aws secretsmanager restore-secret --secret-id ${arn('us-east-1:444455556666')} --region us-east-1 --profile PROFILE-OF-444455556666`,
    );
    expect(commands).toContain(
      `aws secretsmanager restore-secret --secret-id ${arn('eu-west-1:111122223333')} --region eu-west-1`,
    );
  });

  test('ends with what could not be read', async () => {
    const [, unread = ''] = /<section class="unread">(.+?)<\/section>/s.exec(await page()) ?? [];
    expect(unread.match(/<li>.+?<\/li>/g)).toEqual([
      '<li>777788889999 in us-east-1</li>',
      '<li>123456789012 (sandbox)</li>',
    ]);
    expect(await page(SPREAD, { ...SURVEY, unread: [] })).not.toContain('class="unread"');
  });

  test('without secrets says so of how many accounts', async () => {
    const markup = await page([]);
    expect(markup).toContain(
      'No secret is scheduled for deletion in 3 accounts that answered, Regions eu-west-1, us-east-1.',
    );
    expect(markup).toContain('<h2>Not read</h2>');
    expect(markup).not.toContain('Nothing to lose.');
    expect(await page([], { ...SURVEY, unread: [] })).toContain('Nothing to lose.');
  });
});

/** What drives a terminal, forges a line, makes a link, or is markup. */
const hostile = fc.oneof(
  fc.string({ unit: 'grapheme' }),
  fc
    .array(
      fc.constantFrom(
        '\n',
        '\r',
        '\u001b[31m',
        '\u202e',
        '\u200b',
        '\u2028',
        '\u0000',
        '<b>',
        '"',
        "'",
        '&',
        ' onload=',
        'https://evil.example',
        'www.evil.example',
        'Account 111122223333',
        ', Region eu-west-1',
        '(',
        ')',
        '</section>',
        '</style>',
        'No secret is scheduled for deletion.',
      ),
      { maxLength: 8 },
    )
    .map((parts) => parts.join('')),
);

test('hostile names of accounts and secrets change nothing but how these are called', async () => {
  await fc.assert(
    fc.asyncProperty(hostile, hostile, async (account, secret) => {
      const survey: Survey = {
        ...SURVEY,
        names: new Map([...SURVEY.names.keys()].map((id) => [id, `x${account}`])),
      };
      const examples = SPREAD.map((example) => ({ ...example, name: `${secret}${example.name}` }));
      const status = await statusOf(examples, 0, [], survey);
      const table = stripVTControlCharacters(statusText(status, Number.POSITIVE_INFINITY));
      const plain = await statusOf(SPREAD, 0, [], SURVEY);
      const lines = (of: string) => of.split('\n').filter((line) => !/^What looks|^$/.test(line));
      const expected = lines(stripVTControlCharacters(statusText(plain, Number.POSITIVE_INFINITY)));
      expect(lines(table).map(beginning)).toEqual(expected.map(beginning));
      // A host alone may stand in a secret's name, which is to be copied.
      expect(links(table.replace(/^\d.{33}.+$/gm, ''))).toEqual([]);
      expect(table).not.toMatch(/:\/\/|(?<![a-z\d])www\./i);
      expect(table).not.toMatch(/[[\p{C}\p{Zl}\p{Zp}]--\n]/v);
      const tags = (page: string) => page.replace(/<footer[\s\S]+/, '').match(/<[a-z!/][^>]*>/gi);
      expect(tags(renderPage(status))?.map(named)).toEqual(tags(renderPage(plain))?.map(named));
    }),
    { numRuns: 100 },
  );
});

/** A line up to where names may stand, and a tag by its name. */
const beginning = (line: string) => /^(Account \d+|\s+\S+|.{1,34})/.exec(line)?.[0];
const named = (tag: string) => /^<\/?[a-z!]\w*( id="[^"]*")?/.exec(tag)?.[0];
