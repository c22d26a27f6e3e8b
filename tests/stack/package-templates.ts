import { packageService } from '../../emulators/package.ts';
import { COMBINATIONS } from './combinations.ts';

/**
 * Packages the service under each combination of settings into .build/templates/, one after the
 * other because they share a work directory. Jest calls it once before the tests of the stack.
 */
export default async function packageTemplates(): Promise<void> {
  for (const [name, settings] of Object.entries(COMBINATIONS)) {
    const start = performance.now();
    const directory = `.build/templates/${name}`;
    await packageService(directory, settings, AbortSignal.timeout(60_000));
    const seconds = ((performance.now() - start) / 1000).toFixed(1);
    process.stderr.write(`packaged ${directory} in ${seconds} s\n`);
  }
}

if (import.meta.main) void packageTemplates();
