import { assess, type Situation } from '../../../lib/deletion/situation.ts';
import { addDays } from '../../../lib/time.ts';
import { attempt, cancellation, deletion, found, NOW } from '../../testing/attempts.ts';

type Pending = Extract<Situation, { state: 'pending' }>;

const refused = { kind: 'unavailable', reason: 'DescribeSecret was refused (X).' } as const;

describe('assess', () => {
  test('takes a future DeletedDate for the exact date', () => {
    expect(assess(attempt(), found(), NOW)).toEqual({
      state: 'pending',
      schedule: { kind: 'exact', date: new Date('2026-11-29T14:03:00Z') },
    });
  });

  test.each([
    ['the scheduled date', new Date('2026-11-29T14:03:02Z')],
    ['the time of the request', new Date('2026-11-22T14:03:01Z')],
  ])('names the recorded deletion where DeletedDate is %s', (_, deletedDate) => {
    const recorded = deletion();
    expect(assess(attempt(), found({ deletedDate }), NOW, { deletion: recorded })).toEqual({
      state: 'pending',
      schedule: { kind: 'exact', date: recorded.date },
      deletion: recorded,
    });
  });

  test('does not believe the record of an earlier deletion', () => {
    const deletedDate = new Date('2026-12-10T00:00:00Z');
    expect(assess(attempt(), found({ deletedDate }), NOW, { deletion: deletion() })).toEqual({
      state: 'pending',
      schedule: { kind: 'exact', date: deletedDate },
    });
  });

  test('does not take a deletion for the one that was requested as it would have ended', () => {
    const earlier = deletion({ requestedAt: addDays(NOW, -7), date: NOW });
    const lookup = found({ deletedDate: NOW });
    expect(assess(attempt(), lookup, NOW, { deletion: earlier })).toMatchObject({
      schedule: { kind: 'estimated', earliest: addDays(NOW, 7), latest: addDays(NOW, 30) },
    });
  });

  test('believes the record where DescribeSecret was refused', () => {
    const recorded = deletion();
    expect(assess(attempt(), refused, NOW, { deletion: recorded })).toMatchObject({
      schedule: { kind: 'exact', date: recorded.date },
    });
  });

  test('knows only the latest date where nothing else is known', () => {
    expect(assess(attempt(), refused, NOW)).toEqual({
      state: 'pending',
      schedule: { kind: 'unknown', latest: addDays(attempt().time, 30), reason: refused.reason },
    });
  });

  test('sees that the secret has been restored, whatever the record says', () => {
    expect(
      assess(attempt(), found({ deletedDate: undefined }), NOW, { deletion: deletion() }),
    ).toEqual({
      state: 'restored',
    });
  });

  test('names who has restored the secret', () => {
    const recalled = { cancellation: cancellation() };
    const restored = { state: 'restored', cancellation: cancellation() };
    expect(assess(attempt(), found({ deletedDate: undefined }), NOW, recalled)).toEqual(restored);
    expect(assess(attempt(), refused, NOW, recalled)).toEqual(restored);
  });

  test('says everything that could not be found out', () => {
    const { schedule } = assess(attempt(), refused, NOW, { missing: 'Nobody knows.' }) as Pending;
    expect(schedule).toMatchObject({ reason: 'DescribeSecret was refused (X). Nobody knows.' });
  });

  test('sees that the secret is gone', () => {
    expect(assess(attempt(), { kind: 'not-found' }, NOW)).toEqual({ state: 'gone' });
  });

  test('takes a secret deleted by force for gone while AWS still says that it is marked', () => {
    const forced = deletion({
      forced: true,
      windowDays: 0,
      date: new Date('2026-11-22T14:03:00Z'),
    });
    const lookup = found({ deletedDate: new Date('2026-11-22T14:03:00Z') });
    expect(assess(attempt(), lookup, NOW, { deletion: forced })).toEqual({
      state: 'gone',
      deletion: forced,
    });
  });
});
