import { passes } from '../../../emulators/filter-pattern.ts';

const EVENT = { name: 'Get "x"', code: 'InvalidRequest', none: null, caller: { type: 'Role' } };

test.each<[string, boolean]>([
  ['{ $.code = "InvalidRequest" }', true],
  ['{ $.code = InvalidRequest }', true],
  ['{ $.code = "*Request" }', true],
  ['{ $.code = "Request" }', false],
  ['{ $.name = "Get \\"x\\"" }', true],
  ['{ $.caller.type = "R*" }', true],
  ['{ $.caller.type.more = "*" }', false],
  ['{ $.toString EXISTS }', false],
  ['{ $.code EXISTS }', true],
  ['{ $.none EXISTS }', true],
  ['{ $.message NOT EXISTS }', true],
  ['{ $.code = "a" && $.code = "b" || $.code = "InvalidRequest" }', true],
  ['{ $.code = "a" && ($.code = "b" || $.code = "InvalidRequest") }', false],
  ['{($.code EXISTS)&&($.name="Get*")}', true],
])('%s: %s', (pattern, expected) => {
  expect(passes(pattern, JSON.stringify(EVENT))).toBe(expected);
});

test('what is no JSON never passes', () => {
  expect(passes('{ $.code NOT EXISTS }', 'no JSON')).toBe(false);
});

test.each([
  '"InvalidRequest"',
  '{ $.code != "a" }',
  '{ $.code IS NULL }',
  '{ $.codes[0] = "a" }',
  '{ $.code = %Invalid.*% }',
  '{ ($.code = "a" }',
  '{ $.code = "a" } more',
  '{ $.code = "a',
  '',
])('what is not known throws instead of passing, or not: %s', (pattern) => {
  expect(() => passes(pattern, JSON.stringify(EVENT))).toThrow('Unknown filter pattern');
});
