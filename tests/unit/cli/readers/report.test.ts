import { readFileSync } from 'node:fs';
import { stripVTControlCharacters } from 'node:util';
import fc from 'fast-check';
import { renderReadersPage } from '../../../../cli/readers/page.ts';
import { readersJson, readersText } from '../../../../cli/readers/report.ts';
import type { Survey } from '../../../../cli/readers/survey.ts';
import { addDays } from '../../../../lib/time.ts';
import { batchBy, readBy } from '../../../testing/history.ts';
import { hoursAgo, NOW, surveyOf } from '../../../testing/readers.ts';

const ONE = surveyOf({
  secrets: [{ name: 'prod/db', lastAccessedDate: new Date('2026-11-22'), replicas: ['us-east-1'] }],
  records: [
    ...Array.from({ length: 40 }, (_, i) => readBy('app-server', 'prod/db', hoursAgo(1 + i * 30))),
    readBy('batch', 'prod/db', hoursAgo(1400)),
    readBy('intruder', 'prod/db', hoursAgo(5), { error: 'AccessDenied' }),
    batchBy('etl', { SecretIdList: ['prod/db'] }, hoursAgo(7)),
    batchBy('sync', { Filters: [{ Key: 'name' }] }, hoursAgo(7)),
  ],
  isOfAll: false,
});

test('docs/operations.md shows the beginning of what is said of one secret', () => {
  const [shown] = textOf(ONE).split('\nWhat this cannot know:');
  const page = readFileSync(new URL('../../../../docs/operations.md', import.meta.url), 'utf8');
  expect(page).toContain(`\n\`\`\`\n${shown}\`\`\`\n`);
});

const textOf = (survey: Survey) => stripVTControlCharacters(readersText(survey, 80));

test('a secret is shown with its verdict, who reads it, and the commands', () => {
  expect(textOf(ONE)).toMatchInlineSnapshot(`
"prod/db
Read by 2 roles in the last day: deleting it breaks them.

  Reads:      41 reads in 90 days, the last on 2026-11-22 16:05 UTC, and named
              in 1 call of BatchGetSecretValue
              1 read failed, by role intruder
  Last used:  on 2026-11-22 (UTC), as AWS tells
  Replicas:   in us-east-1: it cannot be deleted before they are removed, and
              they go at once
  Costs:      $0.80 a month, with its replicas, calls not counted
  Timeline:   2026-08-24 17:05 UTC to 2026-11-22 17:05 UTC, each mark 2 days, a
              full one 2 calls, on a logarithmic scale

  role app-server
    ····················▆██▆█▆██▆█▆██▆█▆██▆█▆██▆█
    40 reads, first on 2026-10-04 22:05 UTC, last on 2026-11-22 16:05 UTC, as
    role app-server, session i-0abc, account 111122223333
  role batch
    ···············▆·····························
    1 read, first on 2026-09-25 09:05 UTC, last on 2026-09-25 09:05 UTC, as role
    batch, session i-0abc, account 111122223333
  role etl
    ············································▆
    1 call of BatchGetSecretValue, first on 2026-11-22 10:05 UTC, last on
    2026-11-22 10:05 UTC, as role etl, session i-0abc, account 111122223333

First see who reads its replica in us-east-1:
  npm run -s readers -- --secret prod/db --region us-east-1

Once nothing reads it any more, remove the replicas, which go at once and for
good:
  aws secretsmanager remove-regions-from-replication --secret-id arn:aws:secretsmanager:eu-west-1:111122223333:secret:prod/db-AbCdEf --remove-replica-regions us-east-1 --region eu-west-1

Then schedule its deletion with 30 days:
  aws secretsmanager delete-secret --secret-id arn:aws:secretsmanager:eu-west-1:111122223333:secret:prod/db-AbCdEf --recovery-window-in-days 30 --region eu-west-1

What this cannot know:
  - Reads in other Regions than eu-west-1, of replicas too: ask there.
  - Reads of the last 15 minutes, or older than 90 days, as of a yearly job.
  - Uses of a value in a cache, such as the Lambda extension's: it reads seldom.
  - Reads by 1 filtered BatchGetSecretValue call of role sync, unless recorded."
`);
});

test('all are shown a line each', () => {
  const survey = surveyOf({
    secrets: [
      { name: 'prod/db', lastAccessedDate: new Date('2026-11-22') },
      { name: 'www.evil.example/x' },
      { name: 'old', deletedDate: addDays(NOW, -2) },
    ],
    records: [readBy('app-server', 'prod/db', hoursAgo(30))],
  });
  expect(textOf(survey)).toMatchInlineSnapshot(`
"3 secrets in account 111122223333, Region eu-west-1, by last read, of 90 days:

LAST READ   READERS  READS  A MONTH  VERDICT   SECRET
never       0        0      $0.00    pending   old
never       0        0      $0.40    not read  www[.]evil[.]example/x
2026-11-22  1        1      $0.40    in use    prod/db

All cost $0.80 a month by AWS's list price, calls not counted, $0.40 of it for 1
secret not read in 90 days.

One of them in full:
  npm run -s readers -- --secret NAME --region eu-west-1

What this cannot know:
  - Reads in other Regions than eu-west-1: ask there.
  - Reads of the last 15 minutes, or older than 90 days, as of a yearly job.
  - Uses of a value in a cache, such as the Lambda extension's: it reads seldom.

What looks like a link is written with [.] or [:], so that it is none."
`);
});

test('where none is unread, that is not said of those that nothing can be told of', () => {
  const text = textOf(
    surveyOf({
      secrets: [
        { name: 'managed', owningService: 'rds' },
        { name: 'new', createdDate: hoursAgo(5) },
        { name: 'old', deletedDate: addDays(NOW, -2) },
      ],
    }),
  );
  expect(text).toMatch(/^All cost \$0\.80 a month by AWS's list price[^$]*\.$/m);
  expect(text).not.toContain('has been read');
});

test('of one that is pending it is not said what has to come before its deletion', () => {
  const secrets = [{ name: 'old', deletedDate: addDays(NOW, -2), replicas: ['us-east-1'] }];
  const text = textOf(surveyOf({ secrets, isOfAll: false }));
  expect(text).toMatch(/^ {2}Replicas: +in us-east-1$/m);
  expect(text).not.toContain('cannot be deleted before');
});

test('an account without secrets says so', () => {
  expect(textOf(surveyOf({ secrets: [] }))).toMatch(
    /^No secret in account 111122223333, Region eu-west-1\./,
  );
  expect(renderReadersPage(surveyOf({ secrets: [] }))).toContain(
    'No secret in account 111122223333',
  );
});

test('the timeline says from when to when, and what its marks are', () => {
  const survey = surveyOf({
    secrets: [{ name: 'prod/db' }],
    records: [
      ...Array.from({ length: 9 }, () => readBy('app-server', 'prod/db', hoursAgo(2))),
      readBy('batch', 'prod/db', hoursAgo(23)),
    ],
    days: 1,
    isOfAll: false,
  });
  const text = textOf(survey).replace(/\s+/g, ' ');
  expect(text).toContain(
    'Timeline: 2026-11-21 17:05 UTC to 2026-11-22 17:05 UTC, each mark 32 minutes, a full one 9 calls, on a logarithmic scale',
  );
  // One scale for all: a call beside nine is no full mark.
  expect(text.match(/[▁-█]/gu)).toEqual(['█', '▃']);
  expect(textOf(surveyOf({ secrets: [{ name: 'a' }], isOfAll: false }))).not.toContain('Timeline');
});

test('one that is too new has no command that deletes it, in any form', () => {
  const survey = surveyOf({ secrets: [{ name: 'new', createdDate: hoursAgo(5) }], isOfAll: false });
  const json = JSON.stringify(readersJson(survey));
  for (const answer of [textOf(survey), json, renderReadersPage(survey)]) {
    expect(answer).toContain('ask again in a day');
    expect(answer).not.toMatch(/delete-secret|windowDays|How to go on/);
  }
});

test.each(['in-use', 'failing', 'quiet', 'not-read', 'too-soon', 'pending', 'managed'])(
  'the verdict has one name in text, page and JSON: %s',
  (kind) => {
    const survey = surveyOf({
      secrets: [
        { name: 'in-use' },
        { name: 'failing' },
        { name: 'quiet' },
        { name: 'not-read' },
        { name: 'too-soon', createdDate: hoursAgo(5) },
        { name: 'pending', deletedDate: hoursAgo(50) },
        { name: 'managed', owningService: 'rds' },
      ],
      records: [
        readBy('a', 'in-use', hoursAgo(1)),
        readBy('a', 'failing', hoursAgo(1), { error: 'AccessDenied' }),
        readBy('a', 'quiet', hoursAgo(100)),
      ],
    });
    const word = kind.replace('-', ' ');
    expect(readersJson(survey).secrets).toContainEqual(
      expect.objectContaining({ name: kind, verdict: expect.objectContaining({ kind }) }),
    );
    expect(textOf(survey)).toMatch(new RegExp(` ${word} +${kind}\n`));
    const [, card = ''] = renderReadersPage(survey).split(`<span class="name">${kind}</span>`);
    expect(card.split('<span class="mark"></span>')[1]?.split('<')[0]).toBe(word);
  },
);

test('a card labels the last read, and says only once that AWS tells of none', () => {
  const page = renderReadersPage(surveyOf({ secrets: [{ name: 'a' }] }));
  expect(page).toMatch(/Last read<\/p><p class="left"><strong>never, as far as AWS tells</);
  expect(page.split('never, as far as AWS tells')).toHaveLength(2);
});

test('what cannot be known is a line each, of what applies', () => {
  const limitsIn = (survey: Survey) => readersJson(survey).limits;
  expect(
    limitsIn(surveyOf({ secrets: [{ name: 'a', replicas: ['us-east-1'] }], days: 30 })),
  ).toMatchInlineSnapshot(`
[
  "Reads in other Regions than eu-west-1, of replicas too: ask there.",
  "Reads of the last 15 minutes, or older than 30 days; 90 can be searched.",
  "Uses of a value in a cache, such as the Lambda extension's: it reads seldom.",
]
`);
  expect(limitsIn(surveyOf({ secrets: [] }))).toEqual([]);
  for (const limit of limitsIn(ONE)) expect(limit.length).toBeLessThanOrEqual(76);
});

test('the document for machines', () => {
  expect(JSON.parse(JSON.stringify(readersJson(ONE)))).toMatchInlineSnapshot(`
{
  "accountId": "111122223333",
  "batchesByFilters": [
    {
      "caller": "arn:aws:iam::111122223333:role/sync",
      "count": 1,
      "first": "2026-11-22T10:05:00.000Z",
      "last": "2026-11-22T10:05:00.000Z",
      "name": "role sync",
    },
  ],
  "days": 90,
  "from": "2026-08-24T17:05:00.000Z",
  "limits": [
    "Reads in other Regions than eu-west-1, of replicas too: ask there.",
    "Reads of the last 15 minutes, or older than 90 days, as of a yearly job.",
    "Uses of a value in a cache, such as the Lambda extension's: it reads seldom.",
    "Reads by 1 filtered BatchGetSecretValue call of role sync, unless recorded.",
  ],
  "region": "eu-west-1",
  "secrets": [
    {
      "arn": "arn:aws:secretsmanager:eu-west-1:111122223333:secret:prod/db-AbCdEf",
      "batches": 1,
      "callers": [
        {
          "batches": 0,
          "caller": "arn:aws:iam::111122223333:role/app-server",
          "failedReads": 0,
          "first": "2026-10-04T22:05:00.000Z",
          "last": "2026-11-22T16:05:00.000Z",
          "lastSeenAs": "role app-server, session i-0abc, account 111122223333",
          "name": "role app-server",
          "reads": 40,
        },
        {
          "batches": 0,
          "caller": "arn:aws:iam::111122223333:role/batch",
          "failedReads": 0,
          "first": "2026-09-25T09:05:00.000Z",
          "last": "2026-09-25T09:05:00.000Z",
          "lastSeenAs": "role batch, session i-0abc, account 111122223333",
          "name": "role batch",
          "reads": 1,
        },
        {
          "batches": 1,
          "caller": "arn:aws:iam::111122223333:role/etl",
          "failedReads": 0,
          "first": "2026-11-22T10:05:00.000Z",
          "last": "2026-11-22T10:05:00.000Z",
          "lastSeenAs": "role etl, session i-0abc, account 111122223333",
          "name": "role etl",
          "reads": 0,
        },
        {
          "batches": 0,
          "caller": "arn:aws:iam::111122223333:role/intruder",
          "failedReads": 1,
          "first": "2026-11-22T12:05:00.000Z",
          "last": "2026-11-22T12:05:00.000Z",
          "lastSeenAs": "role intruder, session i-0abc, account 111122223333",
          "name": "role intruder",
          "reads": 0,
        },
      ],
      "costPerMonth": 0.8,
      "createdDate": "2025-11-22T17:05:00.000Z",
      "failedReads": 1,
      "lastAccessedDate": "2026-11-22",
      "name": "prod/db",
      "reads": 41,
      "replicas": [
        "us-east-1",
      ],
      "steps": [
        {
          "command": "npm run -s readers -- --secret prod/db --region us-east-1",
          "what": "First see who reads its replica in us-east-1",
        },
        {
          "command": "aws secretsmanager remove-regions-from-replication --secret-id arn:aws:secretsmanager:eu-west-1:111122223333:secret:prod/db-AbCdEf --remove-replica-regions us-east-1 --region eu-west-1",
          "what": "Once nothing reads it any more, remove the replicas, which go at once and for good",
        },
        {
          "command": "aws secretsmanager delete-secret --secret-id arn:aws:secretsmanager:eu-west-1:111122223333:secret:prod/db-AbCdEf --recovery-window-in-days 30 --region eu-west-1",
          "what": "Then schedule its deletion with 30 days",
        },
      ],
      "verdict": {
        "kind": "in-use",
        "lastRead": {
          "at": "2026-11-22T16:05:00.000Z",
          "by": "history",
        },
        "text": "read by 2 roles in the last day: deleting it breaks them",
        "windowDays": 30,
      },
    },
  ],
  "time": "2026-11-22T17:05:00.000Z",
}
`);
});

test('what strangers have written neither drives a terminal nor forges a line or markup', () => {
  const hostile = fc.oneof(
    fc.string({ unit: 'binary', minLength: 1, maxLength: 64 }),
    fc.constantFrom(
      '<img src=x onerror=alert(1)>',
      '\u202eevil',
      '\u001b[2J',
      'a\nRead by 0 roles',
      'https://evil.example/x',
      '"><script>',
    ),
  );
  fc.assert(
    fc.property(hostile, hostile, hostile, (role, service, region) => {
      const records = [
        readBy(role, 'prod/db', hoursAgo(1)),
        batchBy(role, {}, hoursAgo(1)),
        readBy(role, 'prod/db', hoursAgo(2), { error: 'AccessDenied' }),
      ];
      for (const isOfAll of [true, false]) {
        const survey = surveyOf({
          secrets: [
            { name: 'prod/db', replicas: [region] },
            { name: 'b', owningService: service },
            { name: 'c', replicaOf: region },
          ],
          records,
          isOfAll,
        });
        const text = textOf(survey);
        expect(text).not.toMatch(/[[\p{Cc}\p{Cf}]--\n]/v);
        expect(text).not.toMatch(/https?:\/\/evil\.example/);
        expect(text.split('\n')).not.toContain('Read by 0 roles');
        const page = renderReadersPage(survey);
        expect(page).not.toMatch(/<(img|script)/i);
        expect(page).not.toMatch(/[[\p{Cc}\p{Cf}]--\n]/v);
      }
    }),
  );
});
