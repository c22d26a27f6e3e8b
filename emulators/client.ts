import type { Place } from '../lib/aws/spokes.ts';

/** The Region of everything local that is not said to be elsewhere. */
export const REGION = 'eu-west-1';

/** Its account, which AWS uses in its own examples. */
export const ACCOUNT = '111122223333';

/** Where the service is deployed. */
export const HOME: Place = { accountId: ACCOUNT, region: REGION };

/** Settings of an AWS SDK client that calls `endpoint` only, whatever the environment holds. */
export function clientSettings(endpoint: string, accessKeyId: string, region = REGION) {
  return {
    endpoint,
    region,
    credentials: { accessKeyId, secretAccessKey: 'local' },
    useFipsEndpoint: false,
    useDualstackEndpoint: false,
  };
}
