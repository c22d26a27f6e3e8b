import fc from 'fast-check';
import { parseRecord } from '../../../lib/cloudtrail/record.ts';
import { type Deletion, fits, readChanges } from '../../../lib/deletion/change.ts';
import { CLOCK_TOLERANCE_MS } from '../../../lib/deletion/schedule.ts';
import { addDays, DAY_MS } from '../../../lib/time.ts';
import { deletion, NOW } from '../../testing/attempts.ts';
import { deleteSecret, removeReplicas, restoreSecret } from '../../testing/records.ts';

const arn = 'arn:aws:secretsmanager:eu-west-1:111122223333:secret:prod/db-AbC123';

/** The record of a deletion asked for at 2026-11-22 14:03 UTC, with a window of 7 days unless overridden. */
function read(asked: object = {}, answer: object | null = {}, overrides: object = {}) {
  const record = deleteSecret();
  const [change] = readChanges(
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
  ['is in ms', {}, { deletionDate: Date.parse('2026-11-29T14:03:00Z') }, '2026-11-29', 7],
  ['is before the request', {}, { deletionDate: 'Nov 22, 2026, 2:01:00 PM' }, '2026-11-29', 7],
  ['is past 30 days', {}, { deletionDate: '2026-12-22T14:05:00Z' }, '2026-11-29', 7],
  ['is of another window', {}, { deletionDate: '2026-12-06T14:03:00Z' }, '2026-11-29', 7],
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
  expect(readChanges(parseRecord(restoreSecret()))).toMatchObject([
    {
      kind: 'cancellation',
      secret: { name: 'prod/db-password' },
      requestedBy: { shortName: 'app-server' },
    },
  ]);
});

describe('the deletion that DescribeSecret dates', () => {
  const isIt = (deletedDate: Date | undefined, overrides: Partial<Deletion> = {}) =>
    fits(deletion(overrides), deletedDate, NOW);
  const { requestedAt, date } = deletion();
  const later = (from: Date, ms: number) => new Date(from.getTime() + ms);

  test.each([
    ['requested at that time', requestedAt, true],
    ['requested at that time, by another clock', later(requestedAt, 60_000), true],
    ['requested a little earlier', later(requestedAt, 60_001), false],
    ['requested a little later', later(requestedAt, -60_001), false],
    ['of which nothing is dated', undefined, true],
    ['that ends then, as emulators date it', date, true],
    ['that ends a little later than an emulator dates it', later(date, -60_001), false],
  ])('is the one %s', (_, deletedDate, expected) => {
    expect(isIt(deletedDate)).toBe(expected);
  });

  test('is not one that ended when another was requested', () => {
    const [requested, ended] = [addDays(NOW, -30), addDays(NOW, -0.5)];
    expect(isIt(ended, { requestedAt: requested, date: ended, windowDays: 29.5 })).toBe(false);
  });

  test('is none any more once the secret was deleted by force', () => {
    const forced = { forced: true, date: requestedAt, windowDays: 0 };
    expect(isIt(addDays(requestedAt, -3), forced)).toBe(true);
    expect(isIt(later(requestedAt, 60_001), forced)).toBe(false);
  });

  const gap = fc.integer({ min: CLOCK_TOLERANCE_MS + 1, max: 40 * DAY_MS });
  const window = fc.integer({ min: 7, max: 30 });
  const skew = fc.integer({ min: -CLOCK_TOLERANCE_MS / 2, max: CLOCK_TOLERANCE_MS / 2 });

  /** Deletions, each restored before the next, and a time while the last is pending. */
  const history = fc
    .record({
      steps: fc.array(fc.tuple(gap, window), { minLength: 1, maxLength: 6 }),
      since: fc.integer({ min: 0, max: 7 * DAY_MS }),
      skew,
    })
    .map(({ steps, since, skew }) => {
      let at = Date.parse('2026-01-01T00:00:00Z');
      const deletions = steps.map(([gap, windowDays], i) => {
        at += gap;
        const requestedAt = new Date(at);
        const date = addDays(requestedAt, windowDays);
        return deletion({ id: `deletion-${i}`, requestedAt, windowDays, date });
      });
      return { deletions, now: new Date(at + since), skew };
    });

  test('is never another one of its history, whatever the windows', () => {
    fc.assert(
      fc.property(history, ({ deletions, now, skew }) => {
        const last = deletions.at(-1) as Deletion;
        const deletedDate = later(last.requestedAt, skew);
        // Two requests as close to each other as the clocks' tolerance cannot be told apart.
        const told = deletions.filter(
          (one) => one === last || +last.requestedAt - +one.requestedAt > 2 * CLOCK_TOLERANCE_MS,
        );
        expect(told.filter((one) => fits(one, deletedDate, now))).toEqual([last]);
      }),
    );
  });
});

describe('the removal of replicas', () => {
  const read = (overrides: object = {}) =>
    readChanges(parseRecord(removeReplicas(['eu-west-3', 'us-east-1'], { ...overrides })));

  test('is a deletion at once in each Region, of the secret of that name there', () => {
    const at = new Date('2026-11-22T14:03:00Z');
    const there = (region: string) => ({
      kind: 'deletion',
      forced: true,
      windowDays: 0,
      requestedAt: at,
      date: at,
      replicaOf: 'eu-west-1',
      secret: {
        name: 'prod/db-password',
        accountId: '111122223333',
        region,
        arn: `arn:aws:secretsmanager:${region}:111122223333:secret:prod/db-password-AbCdEf`,
      },
    });
    const changes = read();
    expect(changes).toMatchObject([there('eu-west-3'), there('us-east-1')]);
    expect(new Set(changes.map(({ id }) => id)).size).toBe(2);
  });

  test.each([
    ['its answer', { responseElements: null }],
    ['a complete ARN', { responseElements: { arn: arn.slice(0, -7) } }],
  ])('without %s is told by the name', (_, overrides) => {
    const [one] = read(overrides);
    expect(one?.secret.region).toBe('eu-west-3');
    expect(one?.secret.arn).toBeUndefined();
    expect(one?.secret.name).toMatch(/^prod\/db/);
  });

  test.each([
    ['that failed', { errorCode: 'InvalidParameterException' }],
    ['of no Region', { requestParameters: { secretId: 'prod/db' } }],
    ['of what is no list', { requestParameters: { removeReplicaRegions: 'eu-west-3' } }],
  ])('%s changes nothing', (_, overrides) => {
    expect(read(overrides)).toEqual([]);
  });
});

test.each([{ errorCode: 'AccessDenied' }, { errorMessage: 'no' }])(
  'a call that failed with %j has changed nothing',
  (failure) => {
    expect(readChanges(parseRecord(deleteSecret(failure)))).toEqual([]);
  },
);

test.each([
  [
    { eventName: 'GetSecretValue' },
    'Expected the record of one of DeleteSecret, RestoreSecret, RemoveRegionsFromReplication, got one of GetSecretValue.',
  ],
  [{ eventTime: undefined }, 'Expected an eventTime such as 2026-11-22T14:03:00Z, got nothing.'],
])('refuses a record with %j', (overrides, message) => {
  expect(() => read({}, {}, overrides)).toThrow(message);
});
