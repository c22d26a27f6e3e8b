import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../../emulators/serverless.ts';

const read = (file: string) => JSON.parse(readFileSync(join(ROOT, file), 'utf8'));
const { allowScripts, optionalDependencies } = read('package.json');

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
