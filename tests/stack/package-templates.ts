import { mkdir, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { CHAT_TOPIC_ARN } from '../../emulators/messaging.ts';
import { BUILD, packageService } from '../../emulators/serverless.ts';
import { COMBINATIONS, type Combination, combinations } from './template.ts';

const TEMPLATES = join(BUILD, 'templates');

/** Where the service is packaged for the tests that run it: with the default of each setting that has one. */
export const PACKAGE_DIRECTORY = join(TEMPLATES, 'example');

/** As {@link PACKAGE_DIRECTORY}, for the storms that are sabotaged, which may be played beside these tests. */
export const STORMS_DIRECTORY = join(BUILD, 'storms');

/** As {@link STORMS_DIRECTORY}, with a chat and an event bus beside the mail. */
export const CHANNELS_DIRECTORY = join(TEMPLATES, 'channels');

/** The system's temporary folder while the service was packaged, as that left it. */
export const TEMPORARY = join(TEMPLATES, 'temporary');

/** Jest sets up the tests of the stack and the integration tests in one process, and both need the example. */
const packaged = new Map<Combination, Promise<void>>();

/** Jest calls it once before the integration tests. */
export const packageExample = (): Promise<void> => packageOnce('example');

/** Jest calls it once before the storms that are sabotaged. */
export async function packageForStorms(): Promise<void> {
  const { example } = COMBINATIONS;
  await packageTemplate(STORMS_DIRECTORY, example);
  // The topic is the emulator's.
  const channels = { chatTopicArn: CHAT_TOPIC_ARN, eventBusName: 'default' };
  await packageTemplate(CHANNELS_DIRECTORY, { ...example, ...channels });
}

/**
 * Packages the service under each combination of settings, one after the other because they share a work directory.
 * Jest calls it once before the tests of the stack.
 */
export async function packageTemplates(): Promise<void> {
  for (const name of combinations) await packageOnce(name);
}

function packageOnce(name: Combination): Promise<void> {
  const before = packaged.get(name);
  if (before) return before;
  const done = packageFirst(name);
  packaged.set(name, done);
  return done;
}

async function packageFirst(name: Combination): Promise<void> {
  if (packaged.size === 0) await rm(TEMPORARY, { recursive: true, force: true });
  await mkdir(TEMPORARY, { recursive: true });
  await packageTemplate(join(TEMPLATES, name), COMBINATIONS[name], { TMPDIR: TEMPORARY });
}

async function packageTemplate(
  directory: string,
  settings: Readonly<Record<string, string>>,
  env?: Readonly<Record<string, string>>,
): Promise<void> {
  const start = performance.now();
  await packageService(directory, settings, AbortSignal.timeout(120_000), env);
  const seconds = ((performance.now() - start) / 1000).toFixed(1);
  process.stderr.write(`packaged ${basename(directory)} in ${seconds} s\n`);
}

if (import.meta.main) void packageTemplates();
