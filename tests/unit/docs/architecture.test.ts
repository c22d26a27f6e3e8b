import { readFileSync } from 'node:fs';
import { ARCHITECTURE, renderArchitecture } from '../../page/architecture.ts';

test('the picture of the architecture is what docs/architecture.dot describes (else: npm run pictures)', async () => {
  expect(readFileSync(ARCHITECTURE, 'utf8')).toBe(await renderArchitecture());
});
