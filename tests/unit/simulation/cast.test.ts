import { identifySecret } from '../../../lib/cloudtrail/secret-id.ts';
import { type DigestNotice, digestNotice } from '../../../lib/notice/digest.ts';
import { renderDigest } from '../../../lib/notice/mail/digest.ts';
import { readMessage, roleName, secretName } from '../../../simulation/cast.ts';
import { makePlaces, placeOf } from '../../../simulation/places.ts';
import { createRandom } from '../../../simulation/traffic.ts';
import { NOW } from '../../testing/attempts.ts';
import { known, named, role } from '../../testing/digests.ts';

/** The own account and another, each in one Region. */
const PLACES = makePlaces({ accounts: 2, regions: 1 }, createRandom(1));

type Caller = Parameters<typeof role>[1] & { readonly caller: number };

/** What is read of the mail of secrets, each read by some callers. */
function read(secrets: readonly (readonly Caller[])[], kind: DigestNotice['kind'] = 'digest') {
  const news = secrets.map((callers, secret) =>
    known(
      callers.map(({ caller, ...attempts }) => role(roleName(caller), attempts)),
      { secret: named(secretName(secret)) },
    ),
  );
  const reading = readMessage(renderDigest(digestNotice(kind, news, NOW), {}).mail);
  if (!('secrets' in reading)) throw new Error('Of no secrets');
  expect(reading.kind).toBe(kind);
  return new Map(reading.secrets.map(({ secret, ...one }) => [secret, one]));
}

const manyOf = (count: number, caller: Omit<Caller, 'caller'>) =>
  Array.from({ length: count }, (_, i) => ({ caller: i, ...caller }));

test('of an alert its attempt and its secret are read', () => {
  const body = `An application asks.

Secret:      storm/s0001
Account:     444455556666, the caller's is 111122223333
Region:      eu-west-1
With:        attempt/123
`;
  expect(readMessage({ subject: '', body, attributes: {} }, PLACES)).toEqual({
    kind: 'alert',
    attempt: 123,
    secret: 3,
  });
});

test('of a digest each secret is read: attempts, and who is named', () => {
  const sessions = new Set(['task-1', 'task-2', 'task-3', 'task-4']);
  const reading = read([
    [{ caller: 1, count: 1234, isNew: true, sessions }, { caller: 2 }],
    [{ caller: 1, count: 3, sessions }],
  ]);
  const named = [1, 2, 3];
  expect(reading.get(0)).toEqual({ attempts: 1235, callers: [1, 2], moreCallers: 0, named });
  expect(reading.get(1)).toEqual({ attempts: 3, callers: [1], moreCallers: 0, named });
});

test.each([1, 30])('secrets of one name are told apart by their places, %d of each', (count) => {
  const secrets = Array.from({ length: 2 * count }, (_, secret) => secret);
  const news = secrets.map((secret) =>
    known([role(roleName(1), { count: secret + 1, isNew: true })], {
      secret: identifySecret(secretName(secret, PLACES), placeOf(secret, PLACES)),
      ...(secret % 2 === 1 && { elsewhere: { accountId: '444455556666', region: 'eu-west-1' } }),
    }),
  );
  const reading = readMessage(renderDigest(digestNotice('digest', news, NOW), {}).mail, PLACES);
  if (!('secrets' in reading)) throw new Error('Of no secrets');
  const counts = new Map(reading.secrets.map(({ secret, attempts }) => [secret, attempts]));
  expect(counts).toEqual(new Map(secrets.map((secret) => [secret, secret + 1])));
});

test('of a secret on a line, known callers are counted', () => {
  const reading = read(
    Array.from({ length: 30 }, () => [
      { caller: 1, count: 12, isNew: true },
      { caller: 2, count: 3, isNew: true },
      { caller: 3, count: 200 },
      { caller: 4, count: 15 },
    ]),
  );
  expect(reading.size).toBe(30);
  for (const one of reading.values()) expect(one.attempts).toBe(230);
  const onLine = [...reading.values()].filter(({ callers }) => callers.length === 2);
  expect(onLine).toHaveLength(18);
  expect(onLine[0]).toEqual({ attempts: 230, callers: [1, 2], moreCallers: 0, named: [] });
});

test.each([true, false])('callers that are only counted are read (new: %s)', (isNew) => {
  const { attempts, callers, moreCallers } = read([manyOf(250, { count: 2, isNew })]).get(0) ?? {};
  expect(attempts).toBe(500);
  expect(callers?.length).toBeGreaterThan(0);
  expect((callers?.length ?? 0) + (moreCallers ?? 0)).toBe(isNew ? 250 : callers?.length);
});

test.each(['last-call', 'over', 'resolved', 'gone'] as const)(
  'of a %s only the news count',
  (kind) => {
    const one = [
      { caller: 1, count: 487, news: 12 },
      { caller: 2, count: 9, news: 0 },
    ];
    const reading = read(
      Array.from({ length: 20 }, () => one),
      kind,
    );
    expect(reading.size).toBe(20);
    for (const { attempts, callers } of reading.values()) {
      expect(attempts).toBe(12);
      expect(callers).toEqual([1, 2]);
    }
  },
);

test.each([
  ['of another kind', { subject: 'Hello', body: 'With: a friend', attributes: {} }],
  ['that names no secret', { subject: '', body: 'Hello', attributes: { action: 'digest' } }],
])('a message %s is refused', (_, message) => {
  expect(() => readMessage(message)).toThrow();
});
