import { readDeletion } from '../../lib/deletion.ts';
import { parseRecord } from '../../lib/record.ts';
import { deleteSecret } from '../testing/records.ts';

const arn = 'arn:aws:secretsmanager:eu-west-1:111122223333:secret:prod/db-AbC123';

/** The record of a deletion asked for at 2026-11-22 14:03 UTC, with a window of 7 days unless overridden. */
function read(asked: object = {}, answer: object | null = {}, overrides: object = {}) {
  const record = deleteSecret();
  return readDeletion(
    parseRecord({
      ...record,
      eventTime: '2026-11-22T14:03:00Z',
      requestParameters: { secretId: 'prod/db', recoveryWindowInDays: 7, ...asked },
      responseElements: answer && {
        arn,
        name: 'prod/db',
        deletionDate: 'Nov 29, 2026, 2:03:00 PM',
        ...answer,
      },
      ...overrides,
    }),
  );
}

test('tells who scheduled what for when', () => {
  expect(read()).toMatchObject({
    secret: { name: 'prod/db', arn },
    requestedAt: new Date('2026-11-22T14:03:00Z'),
    date: new Date('2026-11-29T14:03:00Z'),
    windowDays: 7,
    forced: false,
  });
});

test.each([
  ['the key aRN of 2023', {}, { arn: undefined, aRN: arn }],
  ['no answer, but the ARN in the request', { secretId: arn }, null],
])('finds the ARN under %s', (_, asked, answer) => {
  expect(read(asked, answer).secret.arn).toBe(arn);
});

test.each([
  [
    'cannot be read',
    { recoveryWindowInDays: 14 },
    { deletionDate: 'in two weeks' },
    '2026-12-06',
    14,
  ],
  ['is missing, as is the window', { recoveryWindowInDays: undefined }, null, '2026-12-22', 30],
])('counts the window from the request where the date %s', (_, asked, answer, day, days) => {
  const { date, windowDays } = read(asked, answer);
  expect(date.toISOString()).toBe(`${day}T14:03:00.000Z`);
  expect(windowDays).toBe(days);
});

test('a forced deletion has no window', () => {
  const asked = { recoveryWindowInDays: undefined, forceDeleteWithoutRecovery: true };
  const answer = { deletionDate: 'Nov 22, 2026, 2:03:00 PM' };
  expect(read(asked, answer)).toMatchObject({
    forced: true,
    windowDays: 0,
    date: new Date('2026-11-22T14:03:00Z'),
  });
});

test.each([
  [{ errorCode: 'AccessDenied' }, 'got one that failed with AccessDenied'],
  [{ eventName: 'RestoreSecret' }, 'got one of RestoreSecret'],
  [{ eventTime: undefined }, 'Expected an eventTime such as 2026-11-22T14:03:00Z, got nothing.'],
])('refuses a record with %j', (overrides, message) => {
  expect(() => read({}, {}, overrides)).toThrow(message);
});
