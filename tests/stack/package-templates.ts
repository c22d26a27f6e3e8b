import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { BUILD, runServerless } from '../../emulators/serverless.ts';
import { COMBINATIONS } from './template.ts';

/** The system's temporary folder of those runs, as they left it. */
export const TEMPORARY = join(BUILD, 'templates/temporary');

/**
 * Packages the service under each combination of settings into .build/templates/, one after the
 * other because they share a work directory. Jest calls it once before the tests of the stack.
 */
export default async function packageTemplates(): Promise<void> {
  await rm(TEMPORARY, { recursive: true, force: true });
  await mkdir(TEMPORARY, { recursive: true });
  for (const [name, settings] of Object.entries(COMBINATIONS)) {
    const start = performance.now();
    const directory = `.build/templates/${name}`;
    await runServerless(['package', '--package', directory], settings, {
      env: { TMPDIR: TEMPORARY },
      signal: AbortSignal.timeout(60_000),
    });
    const seconds = ((performance.now() - start) / 1000).toFixed(1);
    process.stderr.write(`packaged ${directory} in ${seconds} s\n`);
  }
}

if (import.meta.main) void packageTemplates();
