/**
 * Where the AWS SDK's clients find their credentials on Lambda: in the function's environment, and nowhere else.
 * In a bundle this takes the place of `@aws-sdk/credential-provider-node` (`alias` in serverless.yml).
 */
export { fromEnv as defaultProvider } from '@aws-sdk/credential-provider-env';
