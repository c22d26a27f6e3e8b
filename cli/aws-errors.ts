import { errorName, NotifierError } from '../lib/errors.ts';

/**
 * Turns what is no defect of this program into a {@link NotifierError}: a refusal of AWS, a service that cannot be reached,
 * missing or invalid credentials, an invalid endpoint. Returns anything else as it is.
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
  if (!('$metadata' in error)) return undefined;
  // The SDK's message is of its own code.
  if (name === 'TimeoutError') return 'AWS did not answer in time (TimeoutError). Try again.';
  return `${errorName(error)}: ${message}`;
}
