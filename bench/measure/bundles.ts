import { mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { deflateRawSync } from 'node:zlib';
import { type BuildOptions, build } from 'esbuild';
import { ACCOUNT, REGION } from '../../emulators/client.ts';
import { environmentOf } from '../../emulators/lambda.ts';
import { ROOT } from '../../emulators/serverless.ts';
import {
  type FunctionConfig,
  packagedFunction,
  readTemplate,
  type Template,
} from '../../emulators/template.ts';

/** What can be measured of a function. */
export interface Bundle {
  /** The file of the handler. */
  readonly file: string;
  /** Of the zip, without source maps. */
  readonly zipBytes: number;
}

export const FUNCTIONS = {
  notify: 'NotifyLambdaFunction',
  'track-deletion': 'TrackDeletionLambdaFunction',
  summarize: 'SummarizeLambdaFunction',
  'read-trail': 'ReadTrailLambdaFunction',
  'sift-reads': 'SiftReadsLambdaFunction',
} as const;

export type FunctionName = keyof typeof FUNCTIONS;

/** A packaged service, and directories beside it for what is measured of it. */
export interface Packaged {
  readonly directory: string;
  readonly template: Template;
  /** The options of esbuild in serverless.yml. */
  readonly options: BuildOptions;
}

/** Reads what `serverless package` has written into a directory. */
export async function readPackage(directory: string): Promise<Packaged> {
  const state = JSON.parse(await readFile(join(directory, 'serverless-state.json'), 'utf8'));
  // The rest of the options is of the plugin, not of esbuild.
  const { bundle, minify, format, target, mainFields, alias, external } =
    state.service.custom.esbuild;
  const options = { bundle, minify, format, target, mainFields, alias, external };
  return { directory, options, template: await readTemplate(directory) };
}

function configOf({ directory, template }: Packaged, name: FunctionName): FunctionConfig {
  const topic = (topicName: string) => `arn:aws:sns:${REGION}:${ACCOUNT}:${topicName}`;
  const deadLetterQueueArn = `arn:aws:sqs:${REGION}:${ACCOUNT}:dead-letters`;
  const locals = {
    tableName: 'table',
    topicArn: topic('alerts'),
    noticeTopicArn: topic('notices'),
    chatTopicArn: topic('chat'),
    deadLetterQueueArn,
  };
  return packagedFunction(template, FUNCTIONS[name], directory, locals);
}

/** A packaged function as it is deployed. */
export async function unpackedBundle(packaged: Packaged, name: FunctionName): Promise<Bundle> {
  const { taskRoot } = configOf(packaged, name);
  const zipBytes = (await stat(`${taskRoot}.zip`)).size;
  return { file: join(taskRoot, 'functions', `${name}.mjs`), zipBytes };
}

/** How long a packaged function may run, in s. */
export const timeoutOf = (packaged: Packaged, name: FunctionName) =>
  configOf(packaged, name).timeout;

/** The environment of a packaged function, with the `variables` that point its AWS SDK somewhere. */
export function variablesOf(
  packaged: Packaged,
  name: FunctionName,
  endpoints: Readonly<Record<string, string>>,
): Record<string, string> {
  return environmentOf(configOf(packaged, name), { accessKeyId: 'ASIAEXAMPLE', endpoints });
}

/**
 * The same function as serverless-esbuild bundles it by default: CommonJS, not minified, the target by the runtime.
 * Source: https://github.com/floydspace/serverless-esbuild#options
 */
export function buildDefault(packaged: Packaged, name: FunctionName): Promise<Bundle> {
  return bundleByDefault(packaged, join(ROOT, 'functions', `${name}.ts`));
}

/** A function that publishes each event as it is, bundled by default too. */
export function buildPlain(packaged: Packaged): Promise<Bundle> {
  return bundleByDefault(packaged, fileURLToPath(new URL('../plain-lambda.ts', import.meta.url)));
}

async function bundleByDefault(
  { directory, options: { target } }: Packaged,
  source: string,
): Promise<Bundle> {
  const name = basename(source, '.ts');
  const file = join(directory, 'default', name, `${name}.js`);
  await build({
    absWorkingDir: ROOT,
    entryPoints: [source],
    bundle: true,
    platform: 'node',
    target,
    external: ['aws-sdk'],
    outfile: file,
  });
  await writeFile(join(dirname(file), 'package.json'), '{}'); // else .js would be an ES module, as it is here
  return { file, zipBytes: zippedBytes(await readFile(file)) };
}

/** A handler that does nothing, which measures Node.js alone. */
export async function writeEmpty({ directory }: Packaged): Promise<Bundle> {
  const file = join(directory, 'empty', 'empty.mjs');
  const source = 'export const handler = async () => {};\n';
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, source);
  return { file, zipBytes: zippedBytes(Buffer.from(source)) };
}

/** The packager compresses at the fastest level, 1; only the file's name comes on top. */
function zippedBytes(code: Buffer): number {
  return deflateRawSync(code, { level: 1 }).length + 150;
}
