import { runServerless } from './serverless.ts';

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
  await runServerless(['package', '--package', directory], settings, { signal });
}
