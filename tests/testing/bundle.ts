import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { build } from 'esbuild';
import { zipSync } from 'fflate';

const ROOT = join(import.meta.dirname, '../..');

/** A zip as Lambda takes it. */
export interface Bundle {
  /** Its path. */
  readonly code: string;
  remove(): Promise<void>;
}

/** Bundles the function as serverless.yml has it bundled, into a zip in a directory of its own. */
export async function bundleNotify(): Promise<Bundle> {
  const { outputFiles } = await build({
    entryPoints: [join(ROOT, 'functions/notify.ts')],
    platform: 'node',
    bundle: true,
    minify: true,
    format: 'esm',
    target: 'node24',
    mainFields: ['module', 'main'],
    write: false,
  });
  await mkdir(join(ROOT, '.build'), { recursive: true });
  const directory = await mkdtemp(join(ROOT, '.build/bundle-'));
  const code = join(directory, 'notify.zip');
  const files = outputFiles.map(({ contents }) => ['functions/notify.mjs', contents] as const);
  await writeFile(code, zipSync(Object.fromEntries(files)));
  return { code, remove: () => rm(directory, { recursive: true }) };
}
