import { join } from 'node:path';
import { packageService } from '../../emulators/serverless.ts';

/** Where the service is packaged for the tests that deploy it. */
export const PACKAGE_DIRECTORY = join(import.meta.dirname, '../../.build/integration');

/** Packages the service with the default of each setting that has one. Jest calls it once before these tests. */
export default function packageOnce(): Promise<void> {
  const settings = { alertEmails: 'oncall@example.com', cloudTrailLogGroup: 'CloudTrail/Test' };
  return packageService(PACKAGE_DIRECTORY, settings, AbortSignal.timeout(60_000));
}
