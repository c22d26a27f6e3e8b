import { readChange } from '../../lib/change.ts';
import { parseRecord } from '../../lib/record.ts';
import { deleteSecret, restoreSecret } from '../testing/records.ts';

const arn = 'arn:aws:secretsmanager:eu-west-1:111122223333:secret:prod/db-AbC123';

/** The record of a deletion asked for at 2026-11-22 14:03 UTC, with a window of 7 days unless overridden. */
function read(asked: object = {}, answer: object | null = {}, overrides: object = {}) {
  const record = deleteSecret();
  const change = readChange(
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
  if (change?.kind !== 'deletion') throw new Error(`not a deletion: ${change?.kind}`);
  return change;
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

test.each(['record', 'window'])('tells that the date is from the %s', (dateFrom) => {
  const deletionDate = dateFrom === 'record' ? 'Nov 29, 2026, 2:03:00 PM' : 'soon';
  expect(read({}, { deletionDate })).toMatchObject({ dateFrom });
});

test('a RestoreSecret tells who cancelled the deletion of what', () => {
  expect(readChange(parseRecord(restoreSecret()))).toMatchObject({
    kind: 'cancellation',
    secret: { name: 'prod/db-password' },
    requestedBy: { shortName: 'app-server' },
  });
});

test.each([{ errorCode: 'AccessDenied' }, { errorMessage: 'no' }])(
  'a call that failed with %j has changed nothing',
  (failure) => {
    expect(readChange(parseRecord(deleteSecret(failure)))).toBeUndefined();
  },
);

test.each([
  [
    { eventName: 'GetSecretValue' },
    'Expected the record of a DeleteSecret or a RestoreSecret, got one of GetSecretValue.',
  ],
  [{ eventTime: undefined }, 'Expected an eventTime such as 2026-11-22T14:03:00Z, got nothing.'],
])('refuses a record with %j', (overrides, message) => {
  expect(() => read({}, {}, overrides)).toThrow(message);
});
