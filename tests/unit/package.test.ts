import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../../emulators/serverless.ts';

const read = (file: string) => JSON.parse(readFileSync(join(ROOT, file), 'utf8'));
const { allowScripts, engines, optionalDependencies } = read('package.json');

test('of each package that has an install script it is said whether that may run', () => {
  const packages: [string, { hasInstallScript?: true }][] = Object.entries(
    read('package-lock.json').packages,
  );
  const names = packages
    .filter(([, { hasInstallScript }]) => hasInstallScript)
    .map(([path]) => path.replace(/^.*node_modules\//, ''));
  expect(Object.keys(allowScripts).sort()).toEqual([...new Set(names)].sort());
});

test('the Node.js that is brought is one version on every platform', () => {
  expect(new Set(Object.values(optionalDependencies)).size).toBe(1);
});

test('the Node.js that npm needs is that of the framework, and what the README says', () => {
  const { packages } = read('package-lock.json');
  expect(engines.node).toBe(packages['node_modules/serverless'].engines.node);
  const readme = readFileSync(join(ROOT, 'README.md'), 'utf8');
  const versions = engines.node.replaceAll('.0', '').match(/\d+(?:\.\d+)?/g);
  expect(versions).toHaveLength(3);
  for (const version of versions) expect(readme).toContain(` ${version}`);
});
