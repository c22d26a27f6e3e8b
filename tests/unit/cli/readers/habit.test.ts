import { batchBy, readBy } from '../../../testing/history.ts';
import { hoursAgo, surveyOf } from '../../../testing/readers.ts';

/** The verdict on a secret that roles have read so many hours ago, each several times; `!` before an hour: it failed. */
function judge(calls: Readonly<Record<string, readonly (number | `!${number}`)[]>>, given = {}) {
  const records = Object.entries(calls).flatMap(([role, hours]) =>
    hours.map((hour) => {
      const error = typeof hour === 'string' ? 'AccessDenied' : undefined;
      return readBy(role, 'prod/db', hoursAgo(Number(String(hour).slice(error ? 1 : 0))), {
        error,
      });
    }),
  );
  return surveyOf({ secrets: [{ name: 'prod/db', ...given }], records }).secrets[0]?.verdict;
}

/** So many hours ago: so many times, from the last one on, so many days apart. */
const every = (days: number, times: number, last: number) =>
  Array.from({ length: times }, (_, i) => last + i * days * 24);

test.each([
  [
    'weekly, the last 60 hours ago',
    { job: every(7, 13, 60) },
    'in-use',
    'read regularly by role job, at least every 7 days, last 2 days ago: deleting it breaks it',
  ],
  [
    'weekly, until ten days ago',
    { job: every(7, 11, 240) },
    'in-use',
    /^read regularly .+ last 10 days/,
  ],
  [
    'weekly, until eleven days ago',
    { job: every(7, 11, 264) },
    'quiet',
    /^not read for 11 of 90 days:/,
  ],
  ['monthly, the last 20 days ago', { job: every(30, 3, 480) }, 'in-use', /at least every 30 days/],
  ['hourly, until 50 hours ago', { app: every(1 / 24, 500, 50) }, 'quiet', /^not read for 2 of/],
  [
    'on working days, at the end of a Monday off',
    { app: [...every(1, 5, 96), ...every(1, 5, 264)] },
    'in-use',
    /at least every 3 days/,
  ],
  ['only twice', { person: every(30, 2, 480) }, 'quiet', /^not read for 20 of 90 days/],
  [
    'seldom long ago, daily of late',
    { app: [2000, 1400, ...every(1, 12, 100)] },
    'quiet',
    /^not read for 4 of 90 days/,
  ],
  [
    'regularly by two, of whom one is late',
    { late: every(3, 5, 300), job: every(7, 5, 100), other: every(7, 5, 120) },
    'in-use',
    'read regularly by 2 callers, as by role job, at least every 7 days, last 4 days ago: deleting it breaks them',
  ],
])('a reader is expected again by its own habit: %s', (_, calls, kind, text) => {
  const verdict = judge(calls);
  expect(verdict).toMatchObject({ kind, windowDays: 30 });
  expect(verdict?.text).toMatch(text);
});

test('batches are part of a habit', () => {
  const records = every(7, 6, 100).map((hours, i) =>
    i % 2
      ? readBy('etl', 'prod/db', hoursAgo(hours))
      : batchBy('etl', { SecretIdList: ['prod/db'] }, hoursAgo(hours)),
  );
  const [found] = surveyOf({ secrets: [{ name: 'prod/db' }], records }).secrets;
  expect(found?.verdict.text).toMatch(
    /^read regularly by role etl, at least every 7 days, last 4 days/,
  );
});

const NEW = { createdDate: hoursAgo(5) };

test.each([
  [
    'one that nobody has read',
    judge({ etl: ['!1'] }),
    'failing',
    'not read in 90 days, but 1 role fails to read it (role etl, last 1 hour ago): look why before you delete it',
  ],
  [
    'one that was read long ago',
    judge({ app: [900, '!30'], b: ['!40'], c: ['!41'], d: ['!42'] }),
    'failing',
    'not read for 37 of 90 days, but 4 roles fail to read it (role app, role b, role c, 1 more, last 1 day ago): look why before you delete it',
  ],
  ['one that it reads since', judge({ app: ['!100', 99] }), 'quiet', /^not read for 4 of 90 days/],
  ['one in use by another', judge({ app: [1], b: ['!2'] }), 'in-use', /^read by 1 role in/],
  [
    'a new one',
    judge({ etl: ['!1'] }, NEW),
    'too-soon',
    /^made 5 hours ago and not read yet, but 1 role fails to read it \(role etl, last 1 hour ago\): too soon/,
  ],
])('who fails to read %s still needs it', (_, verdict, kind, text) => {
  expect(verdict?.kind).toBe(kind);
  expect(verdict?.text).toMatch(text);
  expect(verdict?.windowDays ?? 30).toBe(30);
});
