import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { BUILD, ROOT } from '../../../emulators/serverless.ts';

mkdirSync(BUILD, { recursive: true });
const directory = mkdtempSync(join(BUILD, 'release-notes-'));
afterAll(() => rmSync(directory, { recursive: true }));

/** What `.ci/release-notes` prints of a tag in a checkout with these files, or how it fails. */
function notesOf(tag: string, version: string, changelog: string): string {
  mkdirSync(join(directory, '.ci'), { recursive: true });
  cpSync(join(ROOT, '.ci/release-notes'), join(directory, '.ci/release-notes'));
  writeFileSync(join(directory, 'package.json'), JSON.stringify({ version }));
  writeFileSync(join(directory, 'CHANGELOG.md'), changelog);
  try {
    return execFileSync(join(directory, '.ci/release-notes'), [tag], {
      encoding: 'utf8',
      stdio: 'pipe',
    });
  } catch (error) {
    return (error as { stderr: string }).stderr;
  }
}

const CHANGELOG = `# Changelog

## Unreleased
- soon

## 1.10.0 - 2026-12-01
### Added
- this

## 1.1.0 - 2026-11-30
- that
`;

test.each([
  ['the entry of its version alone', 'v1.10.0', '1.10.0', '### Added\n- this\n\n'],
  ['the last entry', 'v1.1.0', '1.1.0', '- that\n'],
])('the notes of a release are %s', (_which, tag, version, expected) => {
  expect(notesOf(tag, version, CHANGELOG).trim()).toBe(expected.trim());
});

test.each([
  [
    'a tag of another version',
    'v1.10.1',
    '1.10.0',
    'Expected the tag v1.10.0, that of the version in package.json, got v1.10.1. Tag the commit that sets the version.\n',
  ],
  [
    'a version without an entry',
    'v1.0.0',
    '1.0.0',
    'Expected an entry "## 1.0.0 - DATE" in CHANGELOG.md, with text, got none. Write what is new before you tag it.\n',
  ],
])('%s is not released', (_what, tag, version, expected) => {
  expect(notesOf(tag, version, CHANGELOG)).toBe(expected);
});

test('the changelog says something of the version in package.json', () => {
  const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
  const changelog = readFileSync(join(ROOT, 'CHANGELOG.md'), 'utf8');
  expect(notesOf(`v${version}`, version, changelog).split('\n').length).toBeGreaterThan(2);
  // They are shown outside of the repository, where a relative link leads nowhere.
  expect(notesOf(`v${version}`, version, changelog)).not.toMatch(/\]\((?!https:)/);
});
