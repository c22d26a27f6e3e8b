import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { devNull } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { REGION } from './client.ts';
import { type RunOptions, run } from './process.ts';

/** The service's directory. What `serverless deploy` packages is left in `.serverless` there. */
export const ROOT = join(import.meta.dirname, '..');

/** For all that is built here, and nobody keeps. */
export const BUILD = join(ROOT, '.build');

const SERVERLESS = fileURLToPath(import.meta.resolve('serverless/bin/serverless.js'));

interface ServerlessOptions extends Pick<RunOptions, 'signal' | 'log'> {
  /** Variables besides those that it always has. */
  readonly env?: RunOptions['env'];
  /** Where its temporary files are while it runs. */
  readonly temporary?: string;
}

/**
 * Runs what `npx serverless` runs, without the user's configuration of AWS. Not to be run twice at a time: the
 * bundler's work directory is shared.
 * @param settings As in serverless.yml's `params`.
 * @returns what Serverless printed. @throws as {@link run}.
 */
export async function runServerless(
  args: readonly string[],
  settings: Readonly<Record<string, string>>,
  { temporary = BUILD, ...options }: ServerlessOptions,
): Promise<string> {
  const params = Object.entries(settings).map(([name, value]) => `--param=${name}=${value}`);
  // A directory of its own, because what is stopped by `signal` leaves its temporary files behind.
  await mkdir(temporary, { recursive: true });
  const directory = await mkdtemp(join(temporary, 'serverless-'));
  try {
    return await run(process.execPath, [SERVERLESS, ...args, ...params], {
      cwd: ROOT,
      ...options,
      env: { ...ENVIRONMENT, HOME: directory, TMPDIR: directory, ...options.env },
    });
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

const ENVIRONMENT = {
  PATH: dirname(process.execPath),
  AWS_REGION: REGION,
  AWS_CONFIG_FILE: devNull,
  AWS_SHARED_CREDENTIALS_FILE: devNull,
  SLS_NOTIFICATIONS_MODE: 'off',
};
