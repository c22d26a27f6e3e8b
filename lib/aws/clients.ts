/**
 * Settings of an AWS SDK client: `maxAttempts` attempts of `requestTimeout` ms each, so that a service that
 * hangs cannot use up the function's time.
 */
export function clientSettings(requestTimeout: number, maxAttempts = 3) {
  return {
    maxAttempts,
    requestHandler: { connectionTimeout: 1000, requestTimeout, throwOnRequestTimeout: true },
  };
}
