import type { Assumption } from '../../../emulators/sts.ts';
import { MINUTE_MS } from '../../../lib/time.ts';
import { countAssumedTooOften } from '../../../simulation/assumptions.ts';

const at = (minutes: number, others: Partial<Assumption> = {}): Assumption => ({
  roleArn: 'arn:aws:iam::444455556666:role/x',
  session: 'notify',
  time: new Date(minutes * MINUTE_MS),
  isRefused: false,
  process: '1',
  isLost: false,
  ...others,
});

test.each<[string, Assumption[], number]>([
  ['once', [at(0)], 0],
  ['once an hour', [at(0), at(60), at(120)], 0],
  ['an hour after the answer, or a moment less', [at(0.01), at(60)], 0],
  ['twice in an hour', [at(0), at(58)], 1],
  ['again and again', [at(0), at(5), at(10), at(15)], 3],
  ['in whatever order they are listed', [at(58), at(0)], 1],
  ['again, after a refusal', [at(0, { isRefused: true }), at(5, { isRefused: true })], 1],
  ['again, after an answer that got lost', [at(0, { isLost: true }), at(0)], 0],
  ['by two processes', [at(0), at(5, { process: '2' })], 0],
  ['of two roles', [at(0), at(5, { roleArn: 'arn:aws:iam::123456789012:role/x' })], 0],
])('a role that is assumed %s', (_, assumptions, expected) => {
  expect(countAssumedTooOften(assumptions)).toBe(expected);
});
