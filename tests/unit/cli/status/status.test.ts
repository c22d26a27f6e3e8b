import { stripVTControlCharacters } from 'node:util';
import { renderPage } from '../../../../cli/status/page.ts';
import { statusJson, statusText } from '../../../../cli/status/report.ts';
import { withoutDrills } from '../../../../cli/status/status.ts';
import { identifySecret } from '../../../../lib/cloudtrail/secret-id.ts';
import type { Incident, Mute } from '../../../../lib/incident/incident.ts';
import { addDays } from '../../../../lib/time.ts';
import { EXAMPLES, type Example, incidentOn, statusOf } from '../../../page/example.ts';
import { deletion, NOW } from '../../../testing/attempts.ts';
import { links } from '../../../testing/links.ts';

const text = async (examples: readonly Example[], drills = 0, width = 80, isShort = false) =>
  stripVTControlCharacters(statusText(await statusOf(examples, drills), width, isShort));

test('each secret has a line and its details, the soonest deletion first, in 80 columns', async () => {
  const table = await text(EXAMPLES, 1);
  expect(table).toMatchInlineSnapshot(`
"6 secrets scheduled for deletion in account 111122223333, Region eu-west-1:

TIME LEFT         VERDICT            SECRET
1 day 5 hours     still in use       prod/billing/api-key
  Deletion:   2026-11-23 21:53 UTC (exact)
  Scheduled:  by role platform-admin, session cleanup, account 111122223333,
              from 198.51.100.7, on 2026-11-16 21:53 UTC, with a window of 7
              days
  Last used:  on 2026-11-16 (UTC)
  Owner:      payments (tag owner)
  Since:      9 attempts, the last on 2026-11-22 16:53 UTC
              9 x role invoice-worker, last on 2026-11-22 16:53 UTC
  Incident:   opened 2026-11-17 07:06 UTC, 7 notices, 1 alert
  Next:       digest on 2026-11-22 20:06 UTC if there is news

5 to 28 days      no attempts since  rotation-test
  Deletion:   between 2026-11-27 17:05 UTC and 2026-12-20 17:05 UTC (a range)
  Scheduled:  not known by whom
  Last used:  on 2026-05-06 (UTC)
  Since:      no attempts

5 days 14 hours   still in use       prod/db/password
  Deletion:   2026-11-28 07:29 UTC (exact)
  Scheduled:  by role platform-admin, session cleanup, account 111122223333,
              from 198.51.100.7, on 2026-11-18 07:29 UTC, with a window of 10
              days
  Last used:  on 2026-11-18 (UTC)
  Owner:      payments (tag owner)
  Since:      526 attempts, the last on 2026-11-22 16:59 UTC
              521 x role app-server, last on 2026-11-22 16:59 UTC
              4 x role nightly-report, last on 2026-11-22 03:05 UTC
              1 x role migration-job, last on 2026-11-19 19:05 UTC
  Incident:   opened 2026-11-19 03:06 UTC, 9 notices, 3 alerts
  Muted:      arn:aws:iam::111122223333:role/nightly-report by alice until
              2026-11-28 07:29 UTC: replaced next week (4 attempts)
  Next:       digest on 2026-11-22 19:06 UTC if there is news; last call on
              2026-11-26 07:29 UTC, 2 days before the end

6 days 23 hours   too soon to tell   prod/cache/token
  Deletion:   2026-11-29 15:53 UTC (exact)
  Scheduled:  by role platform-admin, session cleanup, account 111122223333,
              from 198.51.100.7, on 2026-11-22 15:53 UTC, with a window of 7
              days
  Last used:  on 2026-11-21 (UTC)
  Owner:      search (tag owner)
  Since:      no attempts

11 days 10 hours  no attempts since  staging/search/admin
  Deletion:   2026-12-04 02:41 UTC (exact)
  Scheduled:  by role platform-admin, session cleanup, account 111122223333,
              from 198.51.100.7, on 2026-11-20 02:41 UTC, with a window of 14
              days
  Last used:  on 2026-10-13 (UTC)
  Owner:      search (tag owner)
  Since:      no attempts

17 days 7 hours   quiet for 8 days   legacy/ftp/credentials
  Deletion:   2026-12-10 00:17 UTC (exact)
  Scheduled:  by role platform-admin, session cleanup, account 111122223333,
              from 198.51.100.7, on 2026-11-10 00:17 UTC, with a window of 30
              days
  Last used:  on 2026-11-10 (UTC)
  Since:      5 attempts, the last on 2026-11-14 15:05 UTC
              5 x role partner-sync of account 444455556666, last on
              2026-11-14 15:05 UTC
              before 2026-11-10 17:05 UTC: unknown
  Incident:   opened 2026-11-10 15:06 UTC, 5 notices, 1 alert
  Next:       digest with the next news; last call on 2026-12-03 00:17 UTC, 7
              days before the end

What is unknown may be in CloudTrail's event history: add --backfill.

Left out: 1 secret of drills."
`);
  expect(Math.max(...table.split('\n').map((line) => line.length))).toBeLessThanOrEqual(80);
});

test('the short form is one line for each secret', async () => {
  expect(await text(EXAMPLES, 1, 80, true)).toMatchInlineSnapshot(`
"6 secrets scheduled for deletion in account 111122223333, Region eu-west-1:

TIME LEFT         VERDICT            SECRET
1 day 5 hours     still in use       prod/billing/api-key
5 to 28 days      no attempts since  rotation-test
5 days 14 hours   still in use       prod/db/password
6 days 23 hours   too soon to tell   prod/cache/token
11 days 10 hours  no attempts since  staging/search/admin
17 days 7 hours   quiet for 8 days   legacy/ftp/credentials

What is unknown may be in CloudTrail's event history: add --backfill.

Left out: 1 secret of drills."
`);
});

test.each([40, 60, 160])('at %d columns only a name is ever longer than a line', async (width) => {
  const name = `prod/${'x'.repeat(200)}`;
  const arn = `arn:aws:iam::111122223333:role/${'r'.repeat(200)}`;
  const long = { name, daysLeft: 3, windowDays: 7, owner: arn, attempts: { app: [1, 30] } };
  const lines = (await text([long, ...EXAMPLES], 1, width)).split('\n');
  expect(lines.filter((line) => line.endsWith(` ${name}`))).toHaveLength(1);
  expect(lines.filter((line) => line.includes(arn))).toHaveLength(1);
  const muted = 'arn:aws:iam::111122223333:role/nightly-report';
  const names = [arn, name, muted, ...EXAMPLES.map((example) => example.name), 'SECRET'];
  const others = lines.filter((line) => !names.some((whole) => line.includes(whole)));
  expect(others.filter((line) => line.length > width)).toEqual([]);
  expect(Math.max(...others.map((line) => line.length))).toBeGreaterThan(width / 2);
  expect(others.filter((line) => /\s$/.test(line))).toEqual([]);
});

test('names five callers, and counts the others', async () => {
  const attempts = Object.fromEntries(
    Array.from({ length: 8 }, (_, i) => [`app-${i}`, Array.from({ length: 8 - i }, () => 1)]),
  );
  const table = await text([{ name: 'a', daysLeft: 9, windowDays: 10, attempts }]);
  expect(table).toMatch(
    / 8 x role app-0, last on[\s\S]+ 4 x role app-4[\s\S]+ and 3 more callers, 6 attempts/,
  );
});

test('what strangers wrote makes no link in the table, and is in the JSON as it is', async () => {
  const example = { name: 'www.example.com/db', owner: 'https://evil.example', daysLeft: 9 };
  const examples = [{ ...example, attempts: { 'www.evil.example': [1] } }];
  const status = await statusOf(examples);
  expect(links(await text(examples))).toEqual([]);
  expect(statusJson(status).secrets?.[0]).toMatchObject({
    name: 'www.example.com/db',
    owner: 'https://evil.example',
  });
});

const NOTE = 'What looks like a link is written with [.] or [:], so that it is none.';

test.each(['prod/app.example.com/tls', 'awww.example.com'])(
  'the name %s, which no terminal makes a link of, can be copied',
  async (name) => {
    const table = await text([{ name, daysLeft: 9 }]);
    expect(table).toContain(` ${name}\n`);
    expect(table).not.toContain(NOTE);
  },
);

test.each([
  ['prod/WWW.example.com', 'prod/WWW[.]example[.]com'],
  ['ftp2.example.com', 'ftp2[.]example[.]com'],
  ['alice@example.com', 'alice@example[.]com'],
])(
  'the name %s, which a terminal makes a link of, is defanged, and a note says so',
  async (name, defanged) => {
    const table = await text([{ name, daysLeft: 9 }]);
    expect(table).toContain(` ${defanged}\n`);
    expect(table.endsWith(`\n\n${NOTE}`)).toBe(true);
  },
);

test('no secrets are one sentence', async () => {
  expect(await text([])).toBe(
    'No secret is scheduled for deletion in account 111122223333, Region eu-west-1.',
  );
});

test('the JSON is complete, with times in ISO 8601', async () => {
  const third = JSON.parse(JSON.stringify(statusJson(await statusOf(EXAMPLES)))).secrets.find(
    ({ name }: { name: string }) => name === 'prod/db/password',
  );
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
  "blocks": [],
  "daysLeft": {
    "least": 5.6,
    "most": 5.6,
  },
  "deletion": {
    "date": "2026-11-28T07:29:00.000Z",
    "kind": "exact",
  },
  "incident": {
    "alerts": 3,
    "mutes": [
      {
        "attempts": 4,
        "by": "alice",
        "byArn": "arn:aws:sts::111122223333:assumed-role/platform-admin/alice",
        "caller": "arn:aws:iam::111122223333:role/nightly-report",
        "from": "2026-11-20T17:05:00.000Z",
        "reason": "replaced next week",
        "until": "2026-11-28T07:29:00.000Z",
      },
    ],
    "nextDigestFrom": "2026-11-22T19:06:00.000Z",
    "nextLastCallAt": "2026-11-26T07:29:00.000Z",
    "notices": 9,
    "openedAt": "2026-11-19T03:06:00.000Z",
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

test.each([
  [7 - 1 / 86_400, 6.99, '7 days'],
  [1.999, 1.99, '2 days'],
  [2.3, 2.3, '2 days 7 hours'],
])(
  '%d days left are %d in the JSON, rounded down, and %s in the table, as in mails',
  async (daysLeft, json, table) => {
    const example = { name: 'a', daysLeft, windowDays: 30 };
    const status = statusJson(await statusOf([example]));
    expect(status).toMatchObject({ secrets: [{ daysLeft: { least: json, most: json } }] });
    expect(await text([example])).toMatch(new RegExp(`^${table} `, 'm'));
  },
);

test('what has been watched for less than a day is too soon to tell, however old its deletion', async () => {
  const soon = { name: 'a', daysLeft: 29.5, windowDays: 30 };
  expect(statusJson(await statusOf([soon]))).toMatchObject({
    secrets: [{ verdict: { kind: 'too-soon' } }],
  });
});

test('a caller of another account is named with it', async () => {
  const attempts = { app: [1], '444455556666:app': [2, 3] };
  const table = await text([{ name: 'a', daysLeft: 9, windowDays: 10, attempts }]);
  expect(table).toMatch(/ 2 x role app of account 444455556666, last on/);
  expect(table).toMatch(/ 1 x role app, last on/);
});

test('the secrets of drills are left out, and counted', () => {
  const secret = { arn: '', tags: {}, deletedDate: new Date(0) };
  const real = { ...secret, name: 'prod/db' };
  const drill = { ...secret, name: 'deleted-secret-notifier-drill-1' };
  expect(withoutDrills([drill, real])).toEqual({ secrets: [real], drills: 1 });
});

describe('of an open incident it says', () => {
  const openedAt = new Date('2026-11-20T09:00:00Z');
  const endsAt = addDays(NOW, 9);
  const example = { name: 'a', daysLeft: 9, windowDays: 12, attempts: { app: [1, 2], batch: [3] } };
  const block = async (incident: Partial<Incident>) => {
    const lines = (await text([{ ...example, incident }], 0, 200)).split('\n');
    return lines.filter((line) => /^ {2}(Incident|Muted|Next):/.test(line));
  };
  const mute: Mute = {
    id: 'm',
    by: 'alice',
    reason: 'we know',
    from: addDays(NOW, -1),
    until: endsAt,
  };
  const OPENED = '  Incident:   opened 2026-11-20 09:00 UTC, 2 notices, 1 alert';
  const opened = { openedAt, notices: 2, alerts: 1 };

  test.each<[what: string, incident: Partial<Incident>, next: string]>([
    [
      'that news waits for its digest, and when its first last call is',
      { digestAt: addDays(NOW, 0.5), endsAt },
      'digest on 2026-11-23 05:05 UTC if there is news; last call on 2026-11-24 17:05 UTC, 7 days before the end',
    ],
    [
      'that news is in the next digest',
      { digestAt: addDays(NOW, -1) },
      'digest with the next news',
    ],
    [
      'when its second last call is',
      { digestAt: NOW, endsAt, lastCall: 7 },
      'digest with the next news; last call on 2026-11-29 17:05 UTC, 2 days before the end',
    ],
    [
      'nothing of a last call after the second',
      { endsAt, lastCall: 2 },
      'digest with the next news',
    ],
    [
      'that a last call is about to go out',
      { endsAt: addDays(NOW, 6.9) },
      'digest with the next news; last call within minutes',
    ],
  ])('%s', async (_, incident, next) => {
    expect(await block({ ...opened, ...incident })).toEqual([OPENED, `  Next:       ${next}`]);
  });

  test('that it is muted, by whom, until when and why, and of no last call', async () => {
    expect(await block({ ...opened, endsAt, mutes: [mute] })).toEqual([
      OPENED,
      '  Muted:      by alice until 2026-12-01 17:05 UTC: we know (3 attempts)',
    ]);
  });

  test('which last call comes after its mute', async () => {
    const short = { ...mute, until: addDays(NOW, 1) };
    expect(await block({ ...opened, endsAt, mutes: [short] })).toContain(
      '  Next:       last call on 2026-11-24 17:05 UTC, 7 days before the end',
    );
  });

  test('which of its callers are muted, and how often they came', async () => {
    const caller = 'arn:aws:iam::*:role/batch';
    const [, muted, next] = await block({ ...opened, endsAt, mutes: [{ ...mute, caller }] });
    expect(muted).toMatch(
      /^ {2}Muted: {6}arn:aws:iam::\*:role\/batch by alice until .+ \(1 attempt\)$/,
    );
    expect(next).toContain('last call on');
  });

  test('nothing of mutes that have ended', async () => {
    const ended = [
      { ...mute, endedAt: NOW },
      { ...mute, until: NOW },
    ];
    expect(await block({ ...opened, mutes: ended })).toHaveLength(2);
  });

  test('what was muted before any attempt', async () => {
    expect(await block({ mutes: [mute] })).toEqual([
      expect.stringMatching(/^ {2}Muted: {6}by alice/),
    ]);
  });

  test.each<[what: string, incident: Partial<Incident>]>([
    ['has ended', { ended: 'restored', endedAt: NOW }],
    ['was opened before the secret was deleted anew', { openedAt: addDays(NOW, -4) }],
  ])('nothing if it %s', async (_, incident) => {
    expect(await block({ ...opened, ...incident })).toEqual([]);
  });

  test('nothing that makes a link or drives the terminal', async () => {
    const hostile = {
      ...mute,
      by: 'www.evil.example',
      reason: 'https://evil.example\u001b[2J\nNext:',
    };
    const table = await text([{ ...example, incident: { ...opened, mutes: [hostile] } }]);
    expect(links(table)).toEqual([]);
    expect(table).not.toContain('\u001b');
    expect(table).toMatch(/Muted: +by www\[\.\]evil/);
  });
});

test('an incident by a partial ARN that looks like a complete one is that of its secret alone', async () => {
  const partial = 'arn:aws:secretsmanager:eu-west-1:111122223333:secret:app-config';
  const secret = identifySecret(partial, {});
  const other = { ...incidentOn('app', { openedAt: NOW, notices: 1 }), secret };
  const examples = ['app', 'app-config'].map((name) => ({ name, daysLeft: 9, windowDays: 12 }));
  const { secrets, otherIncidents } = await statusOf(examples, 0, [other]);
  expect(secrets.map((one) => [one.secret.name, one.incident?.opened?.notices])).toEqual([
    ['app', undefined],
    ['app-config', 1],
  ]);
  expect(otherIncidents).toEqual([]);
});

test('open incidents of secrets that are not pending here are counted, but not those of drills', async () => {
  const openedAt = NOW;
  const elsewhere = identifySecret(
    'arn:aws:secretsmanager:us-east-1:111122223333:secret:b-AbC123',
    {},
  );
  const others = [
    incidentOn('www.example.com', { openedAt }),
    { ...incidentOn('b', { openedAt }), secret: elsewhere },
    incidentOn('deleted-secret-notifier-drill-1', { openedAt }),
    incidentOn('muted'),
    incidentOn('ended', { openedAt, ended: 'gone' }),
  ];
  const status = await statusOf([], 0, others);
  const table = statusText(status, 200);
  expect(table).toContain(
    '2 incidents of secrets that AWS does not list as pending here: www[.]example[.]com, b (account 111122223333, Region us-east-1).',
  );
  expect(table).toContain(NOTE);
  expect(statusJson(status).otherIncidents).toMatchObject([
    { secret: 'www.example.com', region: 'eu-west-1', openedAt },
    { secret: 'b', region: 'us-east-1' },
  ]);
  const many = Array.from({ length: 7 }, (_, i) => incidentOn(`s${i}`, { openedAt }));
  expect(statusText(await statusOf([], 0, many), 200)).toContain('s0, s1, s2, s3, s4 and 2 more.');
});

describe('of who could not create a secret of the name of one is shown', () => {
  const example = { name: 'a', daysLeft: 9, windowDays: 12 };
  const caller = (name: string) => ({ ...deletion().requestedBy, name: `role ${name}` });
  const at = (hours: number) => [{ id: `${hours}`, time: addDays(NOW, -hours / 24) }];
  const userAgent = 'APN/1.0 HashiCorp/1.0 Terraform/1.13.0 terraform-provider-aws/6.0.0';

  test('who, with which tool, and when last, since the deletion', async () => {
    const clashes = [
      { caller: caller('before'), told: at(24 * 4) },
      { caller: caller('ci'), calls: at(2), told: at(30), userAgent },
      { caller: caller('foreign'), calls: at(1), told: [] },
    ].map((one) => ({ ...one, caller: { ...one.caller, key: one.caller.name } }));
    const foreign = clashes[2] && { ...clashes[2].caller, accountId: '444455556666' };
    const status = await statusOf([
      { ...example, clashes: [...clashes.slice(0, 2), { ...clashes[2], caller: foreign }] },
    ]);
    const lines = statusText(status, 200)
      .split('\n')
      .filter((line) => / role \S+ of|with Terraform/.test(line));
    expect(lines).toEqual([
      '  Blocks:     role foreign of account 444455556666, last on 2026-11-22 16:05 UTC',
      '              role ci, with Terraform or OpenTofu, last on 2026-11-22 15:05 UTC',
    ]);
    expect(statusJson(status).secrets).toMatchObject([
      { blocks: [{ name: 'role foreign' }, { caller: 'role ci', tool: 'terraform' }] },
    ]);
    expect(renderPage(status)).toContain('<dt>Blocks</dt><dd>role foreign of account');
  });

  test('only the last three, and how many more there are', async () => {
    const clashes = [5, 4, 3, 2, 1].map((hours) => ({ calls: at(hours), told: [] }));
    const text = statusText(await statusOf([{ ...example, clashes }]), 200);
    expect(text.match(/last on \S+ 1\d:05 UTC/g)).toHaveLength(3);
    expect(text).toContain('and 2 more');
  });

  test('nothing of a name that is not its own', async () => {
    const clashes = [{ calls: at(1), secret: identifySecret('ab', {}) }];
    expect(statusText(await statusOf([{ ...example, clashes }]), 200)).not.toContain('Blocks');
  });
});

test('what is gone and still read is shown with when it last was, but not what nobody reads, nor a drill', async () => {
  const gone = (name: string, newsAt: Date) =>
    incidentOn(name, {
      openedAt: addDays(NOW, -9),
      ended: 'gone',
      endedAt: addDays(NOW, -1),
      newsAt,
    });
  const status = await statusOf([], 0, [
    gone('quiet', addDays(NOW, -2)),
    gone('www.example.com', addDays(NOW, -0.5)),
    gone('b', NOW),
    gone('deleted-secret-notifier-drill-1', NOW),
    { ...gone('restored', NOW), ended: 'restored' },
  ]);
  const text = statusText(status, 200);
  expect(text).toContain(
    'Gone, and still read: b, last on 2026-11-22 17:05 UTC; www[.]example[.]com, last on 2026-11-22 05:05 UTC.',
  );
  expect(text).toContain(NOTE);
  expect(renderPage(status)).toContain('Gone, and still read: b, last on');
  expect(statusJson(status).goneIncidents).toMatchObject([
    { secret: 'b', endedAt: addDays(NOW, -1), lastReadAt: NOW },
    { secret: 'www.example.com' },
  ]);
});
