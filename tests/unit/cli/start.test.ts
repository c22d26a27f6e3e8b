import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { COMMANDS, requireNode, TYPESCRIPT } from '../../../cli/node.js';
import { ROOT } from '../../../emulators/serverless.ts';

/** Has a process take itself for one of this Node.js. */
const taken = (version: string) =>
  `data:text/javascript,Object.defineProperty(process,"versions",{value:{...process.versions,node:"${version}"}})`;

const start = (options: string[], ...args: string[]) => {
  const { status, stdout, stderr } = spawnSync(process.execPath, [...options, ...args], {
    cwd: ROOT,
    encoding: 'utf8',
  });
  return { status, stdout, stderr };
};

test.each([
  [TYPESCRIPT, '22.18.0'],
  [TYPESCRIPT, '22.23.3'],
  [TYPESCRIPT, '24.0.0'],
  [TYPESCRIPT, '100.1.0'],
  [COMMANDS, '24.0.0'],
  [COMMANDS, '26.1.0'],
])('where %s is needed, Node.js %s will do', (least, version) => {
  expect(() => requireNode(least, version)).not.toThrow();
});

test.each([
  [TYPESCRIPT, '9.11.2'],
  [TYPESCRIPT, '20.20.2'],
  [TYPESCRIPT, '22.9.0'],
  [TYPESCRIPT, '22.17.1'],
  [COMMANDS, '22.23.3'],
  [COMMANDS, '23.11.1'],
])('where %s is needed, Node.js %s is refused', (least, version) => {
  expect(() => requireNode(least, version)).toThrow(
    `Expected Node.js ${least} or later, got ${version}. `,
  );
});

test('on an older Node.js a command prints one line, with what is needed and what brings it', () => {
  const { stderr, ...rest } = start(
    ['--import', taken('20.20.2')],
    'cli/start.js',
    'cli/main.ts',
    'status',
  );
  expect(rest).toEqual({ status: 2, stdout: '' });
  expect(stderr).toMatchInlineSnapshot(`
"error: Expected Node.js 24.0 or later, got 20.20.2. In the checkout npm ci brings Node.js 24 (on macOS install it), and npx serverless and npm run use it.
"
`);
});

test('on an older Node.js the plugin fails with that line, and no stack', () => {
  const load = `import('./stack/plugin.js').catch((error) => console.log(error.stack))`;
  expect(start(['--import', taken('20.20.2')], '--eval', load).stdout).toMatchInlineSnapshot(`
"Expected Node.js 22.18 or later, got 20.20.2. In the checkout npm ci brings Node.js 24 (on macOS install it), and npx serverless and npm run use it.
"
`);
});

test('on an older Node.js the file that gives the Region leaves that to the plugin, which comes next', () => {
  const load = `import('./stack/region.js').then(({ region }) => region({ options: {} })).then(console.log)`;
  expect(start(['--import', taken('20.20.2')], '--eval', load).stdout).toBe('unknown\n');
});

test('what an older Node.js reads first imports no TypeScript by itself', () => {
  const files = ['cli/node.js', 'cli/start.js', 'stack/plugin.js', 'stack/region.js'];
  const imports = files.flatMap((file) => [
    ...readFileSync(join(ROOT, file), 'utf8').matchAll(/^(?:import|export)\b.* from '(.+)'/gm),
  ]);
  expect(imports.map(([, from]) => from).filter((from) => !from?.startsWith('node:'))).toEqual(
    Array(3).fill(expect.stringMatching(/\.\/(cli\/)?node\.js$/)),
  );
});

test('a command that is started so is as if it were started by itself', () => {
  const args = ['cli/main.ts', 'status', '--no-such-option'];
  const result = start([], ...args);
  expect(result).toMatchObject({ status: 2, stderr: expect.stringContaining('--no-such-option') });
  expect(start([], 'cli/start.js', ...args)).toEqual(result);
});
