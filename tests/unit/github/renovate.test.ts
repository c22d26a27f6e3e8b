import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { runInNewContext } from 'node:vm';

const ROOT = join(import.meta.dirname, '../../..');
const read = (file: string) => readFileSync(join(ROOT, file), 'utf8');

interface Rule {
  readonly groupName?: string;
  readonly matchPackageNames?: readonly string[];
  readonly enabled?: boolean;
}
/** JSON5 is an expression of JavaScript. */
const config = runInNewContext(`(${read('.github/renovate.json5')})`);
const rules: readonly Rule[] = config.packageRules;

const { dependencies, devDependencies, optionalDependencies } = JSON.parse(read('package.json'));
const names = Object.keys({ ...dependencies, ...devDependencies, ...optionalDependencies });

test('each group of packages has some of the project', () => {
  const groups = rules.flatMap(({ groupName, matchPackageNames }) =>
    groupName && matchPackageNames ? [[groupName, matchPackageNames] as const] : [],
  );
  expect(groups.map(([name]) => name)).toEqual([
    'AWS SDK',
    'Powertools for AWS Lambda',
    'Node.js of the project',
  ]);
  for (const pattern of groups.flatMap(([, patterns]) => patterns)) {
    const start = pattern.replace('**', '');
    expect(names.filter((name) => name.startsWith(start))).not.toEqual([]);
  }
});

test('the binaries of Node.js are raised together, within the version of the runtime', () => {
  const binaries = Object.keys(optionalDependencies);
  expect(new Set(Object.values(optionalDependencies)).size).toBe(1);
  const group = rules.find(({ groupName }) => groupName === 'Node.js of the project');
  expect(group?.matchPackageNames).toEqual(binaries);
  const held = rules.find(({ enabled }) => enabled === false)?.matchPackageNames;
  expect(held).toEqual(expect.arrayContaining([...binaries, '@types/node']));
});

test('the requirements of Python are found, each with its hash', () => {
  const files = ['.ci/cfn-lint.txt', 'emulators/emulator/requirements.txt'];
  const patterns: string[] = config.pip_requirements.managerFilePatterns;
  const found = (file: string) =>
    patterns.some((pattern) => new RegExp(pattern.slice(1, -1)).test(file));
  expect(files.filter(found)).toEqual(files);
  for (const file of files) {
    const packages = read(file).match(/^[\w.-]+==.*\\\n {4}--hash=sha256:/gm) ?? [];
    expect(packages.length).toBe(read(file).match(/^[\w.-]+==/gm)?.length);
  }
});
