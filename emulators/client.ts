/** The Region of everything local. */
export const REGION = 'eu-west-1';

/** The account of everything local, which AWS uses in its own examples. */
export const ACCOUNT = '111122223333';

/** Settings of an AWS SDK client that calls `endpoint` only, whatever the environment holds. */
export function clientSettings(endpoint: string, accessKeyId: string) {
  return {
    endpoint,
    region: REGION,
    credentials: { accessKeyId, secretAccessKey: 'local' },
    useFipsEndpoint: false,
    useDualstackEndpoint: false,
  };
}
