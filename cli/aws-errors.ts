import { errorName, NotifierError } from '../lib/errors.ts';

/**
 * What AWS refuses, a service that cannot be reached, and credentials or an endpoint that are missing or no good are no defects of this program: they become a {@link NotifierError}. Anything else is returned as it is.
 */
export function expected(error: unknown): unknown {
  const message = messageOf(error);
  return message ? new NotifierError('AWS_REFUSED', message, { cause: error }) : error;
}

function messageOf(error: unknown): string | undefined {
  const { code, input } = (error ?? {}) as { code?: unknown; input?: unknown };
  if (code === 'ERR_INVALID_URL') {
    return `Expected AWS_ENDPOINT_URL to be a URL such as http://127.0.0.1:4566, got ${input}.`;
  }
  if (!(error instanceof Error)) return undefined;
  const { name, message } = error;
  if (/Credentials/.test(name)) {
    return `${name}: ${message}. Sign in to AWS, or name a profile by --profile or AWS_PROFILE.`;
  }
  if (message.startsWith('Region ')) return `Expected the name of a Region. ${message}`;
  return '$metadata' in error ? `${errorName(error)}: ${message}` : undefined;
}
