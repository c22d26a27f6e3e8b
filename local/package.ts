import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { devNull } from 'node:os';
import { dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { REGION } from './client.ts';

const ROOT = join(import.meta.dirname, '..');
const SERVERLESS = fileURLToPath(import.meta.resolve('serverless/bin/serverless.js'));

/**
 * Packages the service as `serverless package` does for a deployment; needs no AWS account and asks for none.
 * Not to be run twice at a time: the bundler's work directory is shared.
 * @param settings As in serverless.yml's `params`.
 * @throws Error with what Serverless printed if it fails, or the reason of `signal` once all is stopped.
 */
export async function packageService(
  directory: string,
  settings: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<void> {
  const params = Object.entries(settings).map(([name, value]) => `--param=${name}=${value}`);
  const child = spawn(
    process.execPath,
    [SERVERLESS, 'package', '--package', directory, ...params],
    { cwd: ROOT, env: environment(), stdio: ['ignore', 'pipe', 'pipe'] },
  );
  const stop = () => child.kill('SIGKILL');
  signal.addEventListener('abort', stop);
  // `close`, not `exit`: the bundler's own process holds these streams a little longer.
  const [[code], ...output] = await Promise.all([
    once(child, 'close'),
    text(child.stdout),
    text(child.stderr),
  ]);
  signal.removeEventListener('abort', stop);
  signal.throwIfAborted();
  if (code !== 0) throw new Error(`serverless package failed: ${output.join('')}`);
}

function environment() {
  return {
    PATH: dirname(process.execPath),
    HOME: join(ROOT, '.build/home'),
    AWS_REGION: REGION,
    AWS_CONFIG_FILE: devNull,
    AWS_SHARED_CREDENTIALS_FILE: devNull,
    SLS_NOTIFICATIONS_MODE: 'off',
  };
}
