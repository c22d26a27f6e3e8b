import { type DigestNotice, digestNotice } from '../../../lib/notice/digest.ts';
import { renderDigest } from '../../../lib/notice/mail/digest.ts';
import { readMessage, roleName, secretName } from '../../../simulation/cast.ts';
import { NOW } from '../../testing/attempts.ts';
import { known, named, role } from '../../testing/digests.ts';

type Caller = Parameters<typeof role>[1] & { readonly caller: number };

/** What is read of the mail of secrets, each read by some callers. */
function read(secrets: readonly (readonly Caller[])[], kind: DigestNotice['kind'] = 'digest') {
  const news = secrets.map((callers, secret) =>
    known(
      callers.map(({ caller, ...attempts }) => role(roleName(caller), attempts)),
      { secret: named(secretName(secret)) },
    ),
  );
  const reading = readMessage(renderDigest(digestNotice(kind, news, NOW), 'dev').mail);
  if (reading.kind === 'alert') throw new Error('An alert');
  expect(reading.kind).toBe(kind);
  return new Map(reading.secrets.map(({ secret, ...one }) => [secret, one]));
}

const manyOf = (count: number, caller: Omit<Caller, 'caller'>) =>
  Array.from({ length: count }, (_, i) => ({ caller: i, ...caller }));

test('of an alert its attempt is read', () => {
  const body = 'An application asks.\n\nFrom:        10.0.0.1\nWith:        attempt/123\n';
  expect(readMessage({ subject: '', body, attributes: {} })).toEqual({
    kind: 'alert',
    attempt: 123,
  });
});

test('of a digest each secret is read: attempts, and who is named', () => {
  const sessions = new Set(['task-1', 'task-2', 'task-3', 'task-4']);
  const reading = read([
    [{ caller: 1, count: 1234, isNew: true, sessions }, { caller: 2 }],
    [{ caller: 1, count: 3, sessions }],
  ]);
  expect(reading.get(0)).toEqual({ attempts: 1235, callers: [1, 2], moreCallers: 0 });
  expect(reading.get(1)).toEqual({ attempts: 3, callers: [1], moreCallers: 0 });
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
  expect(onLine[0]).toEqual({ attempts: 230, callers: [1, 2], moreCallers: 0 });
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
