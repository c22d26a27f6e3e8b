import { splitModules, tallyCalls } from '../../../bench/modules/coverage.ts';

const CODE = `import { x } from "node:x";
// node_modules/a/index.js
function used() {}
function unused() {}
var init = __esm({
  // node_modules/b/b.js
  "b"() {}
});
// lib/c.ts
// a comment
function c() {}
`;

const functionAt = (text: string, count: number) => {
  const startOffset = CODE.indexOf(text);
  return { ranges: [{ startOffset, endOffset: startOffset + text.length, count }] };
};

test('a bundle is split into its modules, whose calls are counted', () => {
  const sections = splitModules(CODE);
  expect(sections.map(({ path }) => path)).toEqual([
    'node_modules/a/index.js',
    'node_modules/b/b.js',
    'lib/c.ts',
  ]);
  const whole = { ranges: [{ startOffset: 0, endOffset: CODE.length, count: 1 }] };
  const calls = tallyCalls(sections, [
    whole,
    functionAt('function used() {}', 3),
    functionAt('function unused() {}', 0),
    functionAt('function c() {}', 0),
  ]);
  expect(Object.fromEntries(calls)).toEqual({
    'node_modules/a/index.js': { functions: 2, called: 1 },
    'node_modules/b/b.js': { functions: 0, called: 0 },
    'lib/c.ts': { functions: 1, called: 0 },
  });
});
