import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { Command } from 'commander';
import { interruption } from '../cli/interruption.ts';
import { printJson, printNote } from '../cli/print.ts';
import { runCommand } from '../cli/run-command.ts';
import { stepRunner } from '../demo/steps.ts';
import { BUILD, packageService, ROOT } from '../emulators/serverless.ts';
import { SERVICE } from '../stack/names.ts';
import { spokeTemplate } from '../stack/spoke.ts';
import { readme } from './readme.ts';
import { sbom } from './sbom.ts';
import { plainTemplate } from './template.ts';
import { repacked } from './zip.ts';

/** Settings with which there is every function. */
const EVERY_FUNCTION = {
  alertEmails: 'you@example.com',
  cloudTrailLogGroup: 'CloudTrail/MyCloudWatchLogGroup',
  slackWorkspaceId: 'T012ABCDEFG',
  slackChannelId: 'C012ABCDEFG',
  eventBusName: 'default',
};

/** The files of a release, by name. */
type Files = Record<string, string | Uint8Array>;

const command = new Command('release')
  .description(
    'Makes what installs the service without the Serverless Framework, in dist/: zips, templates, checksums, a list of components.',
  )
  .option('--print', 'print the template alone, as JSON; packages nothing')
  .addHelpText('after', '\nExit code: 0, or 2 for wrong use.')
  .action(async ({ print: isPrinted }: { print?: boolean }) => {
    if (isPrinted) return printJson(plainTemplate());
    const signal = interruption();
    try {
      await release(signal);
    } catch (error) {
      if (!signal.aborted) throw error;
      printNote('Interrupted. What dist/ held is as it was, or incomplete: make it again.');
    }
  });

/** The same bytes whenever and wherever it is made of the same commit. */
async function release(signal: AbortSignal): Promise<void> {
  const step = stepRunner(signal);
  const { version } = JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8'));
  const zips = await step('Package the functions', () => packageFunctions(signal));
  const components = await step('List what they are made of', () => sbom(signal));
  const files: Files = {
    ...zips,
    LICENSE: await readFile(join(ROOT, 'LICENSE')),
    'README.md': readme(version),
    'sbom.cdx.json': json(components),
    'spoke.json': json(spokeTemplate()),
    'template.json': json(plainTemplate()),
  };
  const directory = join(ROOT, 'dist', `${SERVICE}-${version}`);
  await step(`Write ${relative(ROOT, directory)}`, async () => {
    await rm(directory, { recursive: true, force: true });
    await mkdir(directory, { recursive: true });
    for (const [name, content] of Object.entries({ ...files, SHA256SUMS: sumsOf(files) })) {
      await writeFile(join(directory, name), content);
    }
  });
}

const json = (value: unknown) => `${JSON.stringify(value, null, 2)}\n`;

/** @returns the zip of each function */
async function packageFunctions(signal: AbortSignal): Promise<Files> {
  const directory = join(BUILD, 'release');
  await rm(directory, { recursive: true, force: true });
  await packageService(directory, EVERY_FUNCTION, signal);
  const names = (await readdir(directory)).filter((name) => name.endsWith('.zip'));
  const read = async (name: string) => [name, repacked(await readFile(join(directory, name)))];
  return Object.fromEntries(await Promise.all(names.map(read)));
}

/** As `sha256sum` writes them, and checks them with `--check`. */
const sumsOf = (files: Files): string =>
  Object.entries(files)
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([name, content]) => `${createHash('sha256').update(content).digest('hex')}  ${name}\n`)
    .join('');

await runCommand(command, process.argv);
