import { isIgnored } from '../../lib/ignored.ts';

const ROLE = 'arn:aws:iam::111122223333:role/team/scanner';

test.each([
  [[], false],
  [[ROLE], true],
  [['arn:aws:iam::*:role/team/scanner'], true],
  [['arn:aws:iam::*:role/*scanner'], true],
  [['*scanner'], true],
  [['arn:*'], true],
  [['arn:aws:iam::*:role/scanner'], false],
  [['arn:aws:iam::111122223333:role/team/scan'], false],
  [['arn:aws:iam::111122223333:role/team/scanner*scanner'], false],
  [['ARN:*'], false],
  [['arn:aws:iam::111122223333:role/team.scanner'], false],
  [['arn:aws:iam::999999999999:*', '*:role/team/*'], true],
])('%j ignore the scanner: %s', (patterns, expected) => {
  expect(isIgnored(ROLE, patterns)).toBe(expected);
});

test('a pattern made to be slow is not', () => {
  const start = performance.now();
  expect(isIgnored('a'.repeat(2000), [`${'*a'.repeat(500)}*b`])).toBe(false);
  expect(performance.now() - start).toBeLessThan(1000);
});
