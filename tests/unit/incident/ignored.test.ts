import { isIgnored } from '../../../lib/incident/ignored.ts';

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
  expect(isIgnored({ key: ROLE }, patterns)).toBe(expected);
});

test('a person is ignored by the session, or by the role that issued it', () => {
  const bob = {
    key: 'arn:aws:sts::111122223333:assumed-role/AWSReservedSSO_Admin_0/bob',
    issuerArn: 'arn:aws:iam::111122223333:role/aws-reserved/AWSReservedSSO_Admin_0',
  };
  expect(isIgnored(bob, ['arn:aws:sts::*:assumed-role/AWSReservedSSO_Admin_0/bob'])).toBe(true);
  expect(isIgnored(bob, ['arn:aws:iam::*:role/*/AWSReservedSSO_Admin_*'])).toBe(true);
  expect(isIgnored(bob, ['arn:aws:sts::*:assumed-role/AWSReservedSSO_Admin_0/alice'])).toBe(false);
});

test('a pattern made to be slow is not', () => {
  const start = performance.now();
  expect(isIgnored({ key: 'a'.repeat(2000) }, [`${'*a'.repeat(500)}*b`])).toBe(false);
  expect(performance.now() - start).toBeLessThan(1000);
});
