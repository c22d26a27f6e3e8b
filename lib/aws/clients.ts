/**
 * Settings of an AWS SDK client: three attempts of `requestTimeout` ms each, so that a service that hangs
 * cannot use up the function's time.
 */
export function clientSettings(requestTimeout: number) {
  return {
    maxAttempts: 3,
    requestHandler: { connectionTimeout: 1000, requestTimeout, throwOnRequestTimeout: true },
  };
}
