import { errorName, NotifierError } from '../lib/errors.ts';

/**
 * What AWS refuses, a service that cannot be reached, and missing credentials are no defects of this program: they
 * become a {@link NotifierError}. Anything else is returned as it is.
 */
export function expected(error: unknown): unknown {
  const isExpected =
    error instanceof Error &&
    ('$metadata' in error || /Credentials/.test(error.name) || /^Region /.test(error.message));
  if (!isExpected) return error;
  return new NotifierError('AWS_REFUSED', `${errorName(error)}: ${error.message}`, {
    cause: error,
  });
}
