import { stripVTControlCharacters } from 'node:util';
import { statusText } from '../../../cli/status/text.ts';
import { statusJson } from '../../../lib/status/json.ts';
import { withoutDrills } from '../../../lib/status/status.ts';
import { EXAMPLES, statusOf } from '../../page/example.ts';
import { links } from '../../testing/links.ts';

const text = async (...args: Parameters<typeof statusOf>) =>
  stripVTControlCharacters(statusText(await statusOf(...args)));

test('the table tells of each secret, the soonest deletion first, in 80 columns', async () => {
  const table = await text(EXAMPLES, 1);
  expect(table).toMatchInlineSnapshot(`
"5 secrets scheduled for deletion in account 111122223333, Region eu-west-1:

TIME LEFT     VERDICT                SECRET
1 day         still in use           prod/billing/api-key
                                     Deletion: 2026-11-23 21:53 UTC (exact)
                                     Scheduled: by role platform-admin, session
                                     cleanup, account 111122223333, from
                                     198.51.100.7, on 2026-11-16 21:53 UTC, with
                                     a window of 7 days
                                     Last used: on 2026-11-16 (UTC)
                                     Owner: payments (tag owner)
                                     Since: 9 attempts, the last on 2026-11-22
                                     16:53 UTC
                                     - 9 x role invoice-worker, last on
                                     2026-11-22 16:53 UTC

5 to 28 days  never asked for since  rotation-test
                                     Deletion: between 2026-11-27 17:05 UTC and
                                     2026-12-20 17:05 UTC (a range)
                                     Scheduled: not known by whom
                                     Last used: on 2026-05-06 (UTC)
                                     Since: no attempts

5 days        still in use           prod/db/password
                                     Deletion: 2026-11-28 07:29 UTC (exact)
                                     Scheduled: by role platform-admin, session
                                     cleanup, account 111122223333, from
                                     198.51.100.7, on 2026-11-18 07:29 UTC, with
                                     a window of 10 days
                                     Last used: on 2026-11-18 (UTC)
                                     Owner: payments (tag owner)
                                     Since: 526 attempts, the last on 2026-11-22
                                     16:59 UTC
                                     - 521 x role app-server, last on 2026-11-22
                                     16:59 UTC
                                     - 4 x role nightly-report, last on
                                     2026-11-22 03:05 UTC
                                     - 1 x role migration-job, last on
                                     2026-11-19 19:05 UTC

11 days       never asked for since  staging/search/admin
                                     Deletion: 2026-12-04 02:41 UTC (exact)
                                     Scheduled: by role platform-admin, session
                                     cleanup, account 111122223333, from
                                     198.51.100.7, on 2026-11-20 02:41 UTC, with
                                     a window of 14 days
                                     Last used: on 2026-10-13 (UTC)
                                     Owner: search (tag owner)
                                     Since: no attempts

17 days       quiet for 8 days       legacy/ftp/credentials
                                     Deletion: 2026-12-10 00:17 UTC (exact)
                                     Scheduled: by role platform-admin, session
                                     cleanup, account 111122223333, from
                                     198.51.100.7, on 2026-11-10 00:17 UTC, with
                                     a window of 30 days
                                     Last used: on 2026-11-10 (UTC)
                                     Since: 5 attempts, the last on 2026-11-14
                                     15:05 UTC
                                     - 5 x role partner-sync, last on 2026-11-14
                                     15:05 UTC
                                     Before 2026-11-10 17:05 UTC: unknown

What is unknown is perhaps in the event history of CloudTrail: add --backfill.

Left out: 1 secret of drills."
`);
  expect(Math.max(...table.split('\n').map((line) => line.length))).toBeLessThanOrEqual(80);
});

test('names five callers, and counts the others', async () => {
  const attempts = Object.fromEntries(
    Array.from({ length: 8 }, (_, i) => [`app-${i}`, Array.from({ length: 8 - i }, () => 1)]),
  );
  const table = await text([{ name: 'a', daysLeft: 9, windowDays: 10, attempts }]);
  expect(table).toMatch(
    /- 8 x role app-0, last on[\s\S]+- 4 x role app-4[\s\S]+- 6 x 3 other callers/,
  );
});

test('what strangers wrote makes no link in the table, and is in the JSON as it is', async () => {
  const example = { name: 'api.example.com/db', owner: 'https://evil.example', daysLeft: 9 };
  const status = await statusOf([{ ...example, attempts: { 'www.evil.example': [1] } }]);
  expect(links(stripVTControlCharacters(statusText(status)))).toEqual([]);
  expect(statusJson(status).secrets[0]).toMatchObject({
    name: 'api.example.com/db',
    owner: 'https://evil.example',
  });
});

test('no secrets are one sentence', async () => {
  expect(await text([])).toBe(
    'No secret is scheduled for deletion in account 111122223333, Region eu-west-1.',
  );
});

test('the JSON has every fact, with times in ISO 8601', async () => {
  const [, , third] = JSON.parse(JSON.stringify(statusJson(await statusOf(EXAMPLES)))).secrets;
  expect(third).toMatchInlineSnapshot(`
{
  "arn": "arn:aws:secretsmanager:eu-west-1:111122223333:secret:prod/db/password-AbC123",
  "attempts": {
    "callers": [
      {
        "caller": "arn:aws:iam::111122223333:role/app-server",
        "count": 521,
        "first": "2026-11-20T01:05:00.000Z",
        "last": "2026-11-22T16:59:00.000Z",
        "name": "role app-server",
      },
      {
        "caller": "arn:aws:iam::111122223333:role/nightly-report",
        "count": 4,
        "first": "2026-11-19T03:05:00.000Z",
        "last": "2026-11-22T03:05:00.000Z",
        "name": "role nightly-report",
      },
      {
        "caller": "arn:aws:iam::111122223333:role/migration-job",
        "count": 1,
        "first": "2026-11-19T19:05:00.000Z",
        "last": "2026-11-19T19:05:00.000Z",
        "name": "role migration-job",
      },
    ],
    "count": 526,
    "isComplete": true,
    "last": "2026-11-22T16:59:00.000Z",
  },
  "daysLeft": {
    "least": 5.6,
    "most": 5.6,
  },
  "deletion": {
    "date": "2026-11-28T07:29:00.000Z",
    "kind": "exact",
  },
  "lastAccessedDate": "2026-11-18",
  "name": "prod/db/password",
  "owner": "payments",
  "scheduled": {
    "at": "2026-11-18T07:29:00.000Z",
    "by": "arn:aws:iam::111122223333:role/platform-admin",
    "from": "198.51.100.7",
    "windowDays": 10,
  },
  "verdict": {
    "kind": "in-use",
  },
}
`);
});

test('the JSON of a range has both ends', async () => {
  const range = EXAMPLES.filter(({ windowDays }) => windowDays === undefined);
  expect(statusJson(await statusOf(range))).toMatchObject({
    secrets: [{ daysLeft: { least: 5, most: 28 }, verdict: { kind: 'never' } }],
  });
});

test('the secrets of drills are left out, and counted', () => {
  const secret = { arn: '', tags: {}, deletedDate: new Date(0) };
  const real = { ...secret, name: 'prod/db' };
  const drill = { ...secret, name: 'deleted-secret-notifier-drill-1' };
  expect(withoutDrills([drill, real])).toEqual({ secrets: [real], drills: 1 });
});
