/** Where all that is local seems to be. */
export const REGION = 'eu-west-1';

/** Whose secrets they are: an account that AWS uses in its own examples. */
export const ACCOUNT = '111122223333';

/** Settings of an AWS SDK client that talks to `endpoint` and to nobody else, whatever the environment holds. */
export function clientSettings(endpoint: string, accessKeyId: string) {
  return {
    endpoint,
    region: REGION,
    credentials: { accessKeyId, secretAccessKey: 'local' },
    useFipsEndpoint: false,
    useDualstackEndpoint: false,
  };
}
