import type { RecordedAttempt } from '../../../lib/attempt/item.ts';
import { identifySecret } from '../../../lib/cloudtrail/secret-id.ts';
import { addAttempt, emptyDigest } from '../../../lib/incident/digest.ts';
import { renderSummary } from '../../../lib/notice/mail/summary.ts';
import { summaryNotice } from '../../../lib/notice/summary.ts';
import { readMessage, roleName, secretName } from '../../../simulation/cast.ts';
import { NOW } from '../../testing/attempts.ts';

function recorded(secret: number, caller: number): RecordedAttempt {
  const name = roleName(caller);
  return {
    key: { pk: 'attempt', sk: '1' },
    secret: identifySecret(secretName(secret), { accountId: '111122223333', region: 'eu-west-1' }),
    callerKey: `arn:aws:iam::111122223333:role/${name}`,
    callerName: `role ${name}`,
    sourceAddress: '10.0.3.7',
    time: NOW,
    deferred: 'budget',
  };
}

/** What is read of the summary of attempts, each by its secret and its caller. */
function readSummary(attempts: readonly (readonly [secret: number, caller: number])[]) {
  const digest = emptyDigest();
  for (const [secret, caller] of attempts) addAttempt(digest, recorded(secret, caller));
  const secrets = [...digest.secrets.values()].map((secret) => ({
    ...secret,
    state: { state: 'restored' } as const,
  }));
  const reading = readMessage(renderSummary(summaryNotice(digest, secrets, NOW)));
  if (reading.kind === 'alert') throw new Error('An alert');
  return reading;
}

test('of an alert its attempt is read', () => {
  const body = 'An application asks.\n\nFrom:        10.0.0.1\nWith:        attempt/123\n';
  expect(readMessage({ subject: '', body, attributes: {} })).toEqual({
    kind: 'alert',
    attempt: 123,
  });
});

test('of a summary the counts are read', () => {
  expect(
    readSummary([
      [0, 1],
      [0, 2],
      [7, 1],
      [0, 1],
    ]),
  ).toEqual({
    kind: 'summary',
    counts: [
      { secret: 0, caller: 1, count: 2 },
      { secret: 0, caller: 2, count: 1 },
      { secret: 7, caller: 1, count: 1 },
    ],
    rest: 0,
  });
});

test('of a summary without room for all, what is left out is read too', () => {
  const attempts = Array.from({ length: 5000 }, (_, i) => [i % 100, Math.floor(i / 100)] as const);
  const { counts, rest } = readSummary(attempts);
  expect(rest).toBeGreaterThan(0);
  expect(counts.reduce((sum, { count }) => sum + count, rest)).toBe(5000);
});

test.each([
  ['of another kind', { subject: 'Hello', body: 'With: a friend', attributes: {} }],
  ['that sums up nothing', { subject: '', body: 'Hello', attributes: { action: 'summary' } }],
])('a message %s is refused', (_, message) => {
  expect(() => readMessage(message)).toThrow();
});
