import { HOME } from '../../../emulators/client.ts';
import { readAttempt } from '../../../lib/attempt/attempt.ts';
import { parseEvent } from '../../../lib/cloudtrail/record.ts';
import { attemptEvent, secretName } from '../../../simulation/cast.ts';
import { AT_HOME, makePlaces, placeOf, secretIn } from '../../../simulation/places.ts';
import { createRandom } from '../../../simulation/traffic.ts';

const NOW = new Date('2026-11-22T14:03:00Z');
const places = makePlaces({ accounts: 20, regions: 4 }, createRandom(1));

test('one account and Region is that of the service', () => {
  expect(makePlaces({ accounts: 1, regions: 1 }, createRandom(1))).toEqual(AT_HOME);
});

test('the first place is that of the service, all are different, and some have no spoke', () => {
  expect(places[0]).toEqual({ ...HOME, hasSpoke: true });
  expect(new Set(places.map(({ accountId, region }) => `${accountId} ${region}`)).size).toBe(80);
  expect(new Set(places.map(({ accountId }) => accountId)).size).toBe(20);
  const without = places.filter(({ hasSpoke }) => !hasSpoke).length;
  expect(without).toBeGreaterThan(8);
  expect(without).toBeLessThan(24);
});

test('secrets go around the places, and have the same name in each', () => {
  const secrets = [0, 1, 79, 80].map((secret) => [
    secretName(secret, places),
    placeOf(secret, places),
  ]);
  expect(secrets).toEqual([
    ['storm/s0000', places[0]],
    ['storm/s0000', places[1]],
    ['storm/s0000', places[79]],
    ['storm/s0001', places[0]],
  ]);
  expect(secretIn(1, placeOf(7, places), places)).toBe(87);
});

test('a place that the storm does not have is refused', () => {
  expect(() => secretIn(1, { ...HOME, region: 'us-gov-west-1' }, places)).toThrow(
    'Expected a place of the storm, got 111122223333 us-gov-west-1',
  );
});

test.each([0, 1, 2, 3])(
  'the event of an attempt is of the place of its secret (caller %d)',
  (caller) => {
    const event = attemptEvent({ attempt: 7, secret: 85, caller, time: NOW }, places);
    const { accountId, region } = placeOf(85, places);
    expect(event).toMatchObject({ account: accountId, region });
    const { attempt } = readAttempt(parseEvent(event), NOW);
    expect(attempt?.secret).toMatchObject({ name: 'storm/s0001', accountId, region });
    expect(attempt?.caller.accountId === accountId).toBe(caller !== 3);
  },
);
