import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { type BuildOptions, build, type Plugin } from 'esbuild';
import { readPackage } from '../../bench/measure/bundles.ts';
import { ROOT } from '../../emulators/serverless.ts';
import { functionIds } from '../../emulators/template.ts';
import { STAGE } from '../../simulation/cloud.ts';
import type { Report } from '../../simulation/report.ts';
import { runStorm, type StormOptions } from '../../simulation/run.ts';
import { lookupRoleArn } from '../../stack/names.ts';
import { CHANNELS_DIRECTORY, PACKAGE_DIRECTORY } from '../stack/package-templates.ts';

/** A change of one file of the product, after which it breaks a promise. */
interface Sabotage {
  /** From the project's root. */
  readonly file: string;
  /** @throws Error if the text is not one that it can change. */
  readonly change: (source: string) => string;
}

/** Replaces a text that the file has exactly once. */
export const replaced = (file: string, text: string, by: string): Sabotage => ({
  file,
  change(source) {
    const parts = source.split(text);
    if (parts.length === 2) return parts.join(by);
    throw new Error(`Expected ${file} to have "${text}" once, got ${parts.length - 1} times`);
  },
});

/** Does something else than an exported function, which `code` may call by the name `real`. */
export const instead = (file: string, name: string, code: string): Sabotage => ({
  file,
  change(source) {
    const declaration = new RegExp(`^export ((?:async )?function|const) ${name}\\b`, 'm');
    if (!declaration.test(source)) throw new Error(`Expected ${file} to export ${name}`);
    return `${source.replace(declaration, '$1 real')}\nexport const ${name} = ${code};\n`;
  },
});

const CALM = {
  accounts: 1,
  regions: 1,
  duplicates: 0.02,
  losses: 0,
  failures: 0,
  crashes: 0,
  gone: 0,
  probes: 0,
  clashes: 0,
  seed: 7,
};

/** What a package made with an organization tells the functions beside. */
const HUB = {
  LOOKUP_ROLE_ARN: lookupRoleArn(STAGE, {
    partition: 'aws',
    accountId: 'ACCOUNT',
    region: 'REGION',
  }),
};

/** Something takes nothing for eight hours; the chat has room for less than is mailed. */
export const DOWN = {
  packageDirectory: CHANNELS_DIRECTORY,
  environment: { MAX_CHAT_MESSAGES_PER_HOUR: '6' },
  ...{ attempts: 40, secrets: 9, callers: 2, minutes: 30, interval: 8 },
  downHours: 8,
} as const;

/** Of few attempts, on what is gone too, among probes of names and tools that find one taken. */
export const IN_VAIN = {
  ...{ attempts: 40, secrets: 8, callers: 2, minutes: 20, interval: 4 },
  ...{ gone: 3, probes: 120, clashes: 2 },
} as const;

/** By default over {@link PACKAGE_DIRECTORY}. */
type Storm = Omit<StormOptions, keyof typeof CALM | 'packageDirectory'> &
  Partial<typeof CALM & Pick<StormOptions, 'packageDirectory'>>;

/**
 * Tests that a storm's report finds nothing broken in the service, and finds by the right counter whatever is.
 * @param sabotages a name, the counters that must show it, and how the service is broken
 */
export function testStorm(
  name: string,
  { packageDirectory = PACKAGE_DIRECTORY, ...storm }: Storm,
  sabotages: [
    name: string,
    counters: keyof Report | readonly (keyof Report)[],
    sabotage: Sabotage,
  ][],
): void {
  const options = { ...CALM, ...storm, environment: { ...HUB, ...storm.environment } };
  const brokenIn = async (directory: string) =>
    (await runStorm({ ...options, packageDirectory: directory })).broken;

  describe(`a storm ${name}`, () => {
    test('is clean where nothing is broken', async () => {
      expect(await brokenIn(packageDirectory)).toEqual([]);
    });

    test.each(sabotages)('notices %s', async (broken, counters, sabotage) => {
      const directory = await packageSabotaged(
        packageDirectory,
        broken.replaceAll(/\W/g, '-'),
        sabotage,
      );
      try {
        const found = await brokenIn(directory);
        for (const counter of [counters].flat()) {
          expect(found).toContainEqual(expect.stringMatching(`^Expected ${counter} to be`));
        }
      } finally {
        await rm(directory, { recursive: true });
      }
    });
  });
}

/**
 * Bundles the functions with a sabotage, as Serverless did without.
 * @returns where. @throws Error if none of the functions has the file.
 */
async function packageSabotaged(
  packageDirectory: string,
  name: string,
  sabotage: Sabotage,
): Promise<string> {
  const directory = join(packageDirectory, `sabotaged-${name}`);
  await mkdir(directory, { recursive: true });
  const { template, options } = await readPackage(packageDirectory);
  await writeFile(
    join(directory, 'cloudformation-template-update-stack.json'),
    JSON.stringify(template),
  );
  let changed = 0;
  for (const id of functionIds(template)) {
    const { Handler, Code } = template.Resources[id]?.Properties ?? {};
    const source = Handler.replace(/\.handler$/, '');
    const bundle = await bundleOf(`${source}.ts`, options, sabotage, () => changed++);
    const file = join(directory, basename(Code.S3Key, '.zip'), `${source}.mjs`);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, bundle);
  }
  if (changed === 0) throw new Error(`No function has ${sabotage.file}`);
  return directory;
}

/** As serverless.yml tells esbuild, but for what makes it small. */
async function bundleOf(
  entry: string,
  options: BuildOptions,
  { file, change }: Sabotage,
  onChange: () => void,
) {
  const plugin: Plugin = {
    name: 'sabotage',
    setup({ onLoad }) {
      onLoad({ filter: /\.ts$/ }, async ({ path }) => {
        if (path !== join(ROOT, file)) return undefined;
        onChange();
        return { contents: change(await readFile(path, 'utf8')), loader: 'ts' };
      });
    },
  };
  const { outputFiles } = await build({
    ...options,
    absWorkingDir: ROOT,
    entryPoints: [entry],
    plugins: [plugin],
    platform: 'node',
    minify: false,
    write: false,
  });
  return outputFiles[0]?.contents ?? new Uint8Array();
}
