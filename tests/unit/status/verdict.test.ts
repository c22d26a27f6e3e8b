import { type Verdict, verdictOn, verdictText } from '../../../lib/status/verdict.ts';
import { addDays } from '../../../lib/time.ts';
import { NOW } from '../../testing/attempts.ts';

test.each<[string, number | undefined, Verdict, string]>([
  ['no attempt', undefined, { kind: 'never' }, 'never asked for since'],
  ['one just now', 0, { kind: 'in-use' }, 'still in use'],
  ['one by a daily job that is late', -1.9, { kind: 'in-use' }, 'still in use'],
  ['one two days ago', -2, { kind: 'quiet', days: 2 }, 'quiet for 2 days'],
  ['one by a weekly job', -6.99, { kind: 'quiet', days: 6 }, 'quiet for 6 days'],
])('after %s', (_, days, expected, text) => {
  const verdict = verdictOn(days === undefined ? undefined : addDays(NOW, days), NOW);
  expect(verdict).toEqual(expected);
  expect(verdictText(verdict)).toBe(text);
});
