import type { Key } from '../../../lib/aws/table.ts';
import { identifySecret, type Whereabouts } from '../../../lib/cloudtrail/secret-id.ts';
import { createProcessMemory } from '../../../lib/incident/process-memory.ts';
import { HOME } from '../../testing/attempts.ts';

test('pairs are remembered until their time, the oldest forgotten first', () => {
  const memory = createProcessMemory(2);
  const [a, b, c] = ['a', 'b', 'c'].map((sk) => ({ pk: 'pair', sk })) as [Key, Key, Key];
  memory.rememberKnown(a, { until: 100 });
  memory.rememberKnown(b, { until: 100 });
  const isKnown = (pair: Key, now: number) => memory.knownOf(pair, now) !== undefined;
  expect([isKnown(a, 99), isKnown(a, 100), isKnown(c, 0)]).toEqual([true, false, false]);
  memory.rememberKnown(a, { until: 200 });
  memory.rememberKnown(c, { until: 200 });
  expect([a, b, c].map((key) => isKnown(key, 0))).toEqual([true, false, true]);
});

test('a pair of which nothing is certain is not remembered', () => {
  const memory = createProcessMemory();
  const pair = { pk: 'pair', sk: 'a' };
  memory.rememberKnown(pair, {});
  expect(memory.knownOf(pair, 0)).toBeUndefined();
});

const asked = (sent: string, overrides: Whereabouts = {}) =>
  identifySecret(sent, { ...HOME, ...overrides });

test('what is meant by an id is remembered until its time, the oldest forgotten first', () => {
  const memory = createProcessMemory(1);
  const [a, b] = [asked('a'), asked('b')];
  memory.rememberMeant(a, { until: 100 });
  expect([memory.meantBy(a, 99), memory.meantBy(a, 100)]).toEqual([{ until: 100 }, undefined]);
  memory.rememberMeant(b, { until: 100, arn: 'arn' });
  expect([memory.meantBy(a, 0), memory.meantBy(b, 0)?.arn]).toEqual([undefined, 'arn']);
});

test.each(['app-config', 'arn:aws:secretsmanager:::secret:app-config'])(
  'what is meant by %s in one place says nothing of another',
  (sent) => {
    const memory = createProcessMemory();
    memory.rememberMeant(asked(sent), { until: 100, arn: 'arn' });
    const others = [{ accountId: '444455556666' }, { region: 'us-east-1' }];
    const meant = [{}, ...others].map((place) => memory.meantBy(asked(sent, place), 0)?.arn);
    expect(meant).toEqual(['arn', undefined, undefined]);
  },
);

test('an hour in which a share was used up is remembered until it is over, for that share alone', () => {
  const memory = createProcessMemory();
  const hour = Date.parse('2026-11-22T17:00:00Z');
  const times = [-1, 0, 3_599_999, 3_600_000].map((ms) => hour + ms);
  memory.rememberUsedUp('caller', hour + 500);
  expect(times.map((time) => memory.isUsedUp('caller', time))).toEqual([false, true, true, false]);
  expect(memory.isUsedUp('opened', hour)).toBe(false);
});
