import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { installMinistack } from '../../../emulators/emulator.ts';

const BUILD = join(import.meta.dirname, '../../../.build');
const { PATH } = process.env;

let directory: string;

beforeEach(async () => {
  await mkdir(BUILD, { recursive: true });
  directory = await mkdtemp(join(BUILD, 'programs-'));
});
afterEach(async () => {
  process.env.PATH = PATH;
  await rm(directory, { recursive: true });
});

const OPENSSL = { openssl: 'exit 0' };

test.each([
  ['no OpenSSL', {}, 'Expected OpenSSL, as openssl, got nothing. Install it and try again.'],
  ['no Python', OPENSSL, 'got nothing. Install it and try again.'],
  ['an old Python', { ...OPENSSL, python3: 'echo 3.9.2; exit 1' }, 'got 3.9.2. Install'],
])('with %s it says what to install', async (_, programs: Record<string, string>, message) => {
  for (const [name, script] of Object.entries(programs)) {
    const file = join(directory, name);
    await writeFile(file, `#!/bin/sh\n${script}\n`);
    await chmod(file, 0o755);
  }
  process.env.PATH = directory;
  const { signal } = new AbortController();
  await expect(installMinistack(join(directory, 'log'), signal)).rejects.toMatchObject({
    name: 'NotifierError',
    code: 'MISSING_PROGRAM',
    message: expect.stringContaining(message),
  });
});
