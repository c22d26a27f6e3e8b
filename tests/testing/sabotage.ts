import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join, relative } from 'node:path';
import { type BuildOptions, build, type Plugin } from 'esbuild';
import { readPackage } from '../../bench/measure/bundles.ts';
import { ROOT } from '../../emulators/serverless.ts';
import { functionIds, resourceOf, type Template } from '../../emulators/template.ts';
import { STAGE } from '../../simulation/cloud.ts';
import type { Report } from '../../simulation/report.ts';
import { runStorm, type StormOptions } from '../../simulation/run.ts';
import { lookupRoleArn } from '../../stack/names.ts';
import { CHANNELS_DIRECTORY, STORMS_DIRECTORY } from '../stack/package-templates.ts';

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

/** The schedule is most of the work: half as often as the service has it, nothing of nine secrets is late. */
export const FEW = { attempts: 60, secrets: 9, callers: 1, minutes: 120, interval: 4 };

/** So long that a last call has come too late before it ends. */
export const LATE = { ...FEW, minutes: 180 };

export const MANY = { attempts: 100, secrets: 30, callers: 4, minutes: 60, interval: 3 };

/** Of several accounts and Regions. */
export const PLACES = {
  accounts: 2,
  regions: 2,
  secrets: 8,
  callers: 2,
  attempts: 60,
  minutes: 60,
  interval: 4,
};

/** By default over {@link STORMS_DIRECTORY}. */
type Storm = Omit<StormOptions, keyof typeof CALM | 'packageDirectory'> &
  Partial<typeof CALM & Pick<StormOptions, 'packageDirectory'>>;

/**
 * Tests that a storm's report finds nothing broken in the service, and finds by the right counter whatever is.
 * @param sabotages a name, the counters that must show it, and how the service is broken
 */
export function testStorm(
  name: string,
  { packageDirectory = STORMS_DIRECTORY, ...storm }: Storm,
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
  const bundles = await bundleAll(
    functionIds(template).map((id) => sourceOf(template, id)),
    options,
    sabotage,
  );
  for (const id of functionIds(template)) {
    const source = sourceOf(template, id);
    const { Code } = resourceOf(template, id).Properties;
    const file = join(directory, basename(Code.S3Key, '.zip'), `${source}.mjs`);
    await mkdir(dirname(file), { recursive: true });
    const bundle = bundles.get(source);
    if (!bundle) throw new Error(`Expected a bundle of ${source}, got ${[...bundles.keys()]}`);
    await writeFile(file, bundle);
  }
  return directory;
}

/** Where a function's handler is, from the project's root, without the extension. */
const sourceOf = (template: Template, id: string): string =>
  resourceOf(template, id).Properties.Handler.replace(/\.handler$/, '');

/**
 * As serverless.yml tells esbuild, but for what makes it small; all at once, because each would read the AWS SDK again.
 * @returns the bundles, by their sources.
 */
async function bundleAll(
  sources: readonly string[],
  options: BuildOptions,
  { file, change }: Sabotage,
): Promise<Map<string, Uint8Array>> {
  let isChanged = false;
  const plugin: Plugin = {
    name: 'sabotage',
    setup({ onLoad }) {
      onLoad({ filter: /\.ts$/ }, async ({ path }) => {
        if (path !== join(ROOT, file)) return undefined;
        isChanged = true;
        return { contents: change(await readFile(path, 'utf8')), loader: 'ts' };
      });
    },
  };
  const { outputFiles } = await build({
    ...options,
    absWorkingDir: ROOT,
    entryPoints: sources.map((source) => ({ in: `${source}.ts`, out: source })),
    outdir: ROOT, // nothing is written there
    plugins: [plugin],
    platform: 'node',
    minify: false,
    write: false,
  });
  if (!isChanged) throw new Error(`No function has ${file}`);
  return new Map(
    outputFiles.map(({ path, contents }) => [relative(ROOT, path).replace(/\.js$/, ''), contents]),
  );
}
