import { addAsking, type Tally } from '../../../../cli/status/tally.ts';
import {
  type Tone,
  toneOf,
  type Verdict,
  verdictOn,
  verdictText,
} from '../../../../cli/status/verdict.ts';
import { addDays } from '../../../../lib/time.ts';
import { NOW } from '../../../testing/attempts.ts';

test.each<[string, number | undefined, Verdict, string]>([
  ['no attempt', undefined, { kind: 'never' }, 'no attempts since'],
  ['one just now', 0, { kind: 'in-use' }, 'still in use'],
  ['one by a daily job that is late', -1.9, { kind: 'in-use' }, 'still in use'],
  ['one two days ago', -2, { kind: 'quiet', days: 2 }, 'quiet for 2 days'],
  ['one by a weekly job', -6.99, { kind: 'quiet', days: 6 }, 'quiet for 6 days'],
])('after %s', (_, days, expected, text) => {
  const last = days === undefined ? undefined : addDays(NOW, days);
  const verdict = verdictOn(last, addDays(NOW, -10), NOW);
  expect(verdict).toEqual(expected);
  expect(verdictText(verdict)).toBe(text);
});

test.each<[number, Verdict['kind']]>([
  [0, 'too-soon'],
  [0.99, 'too-soon'],
  [1, 'never'],
])('%d days without an attempt are "%s"', (days, kind) => {
  expect(verdictOn(undefined, addDays(NOW, -days), NOW)).toEqual({ kind });
});

test.each<[Verdict, number, Tone]>([
  [{ kind: 'never' }, 1, 'calm'],
  [{ kind: 'too-soon' }, 6.9, 'notice'],
  [{ kind: 'quiet', days: 3 }, 6, 'warning'],
  [{ kind: 'in-use' }, 20, 'notice'],
  [{ kind: 'in-use' }, 6, 'warning'],
  [{ kind: 'in-use' }, 1, 'critical'],
])('%j with %d days left is shown as %s', (verdict, days, tone) => {
  const schedule = { kind: 'exact', date: addDays(NOW, days) } as const;
  expect(toneOf({ verdict, schedule }, NOW)).toBe(tone);
});

test('a role is one caller, whether or not its records have its path', () => {
  const tally: Tally = new Map();
  for (const role of ['team/app-server', 'app-server']) {
    const callerKey = `arn:aws:iam::111122223333:role/${role}`;
    addAsking(tally, { callerKey, callerName: 'role app-server', time: NOW }, 1000);
  }
  expect([...tally.values()].map(({ count }) => count)).toEqual([2]);
});
