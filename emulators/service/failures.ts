import type { ApiError } from '../cloudtrail.ts';

/** The failures that a stand-in is told to have. */
export interface Failures {
  /**
   * Lets the next `times` calls of an operation, by default one, fail with an error whatever they ask for, after as
   * many that do not as `after` says, by default none.
   */
  failNext(operation: string, error: ApiError, times?: number, after?: number): void;
}

export interface PlannedFailures extends Failures {
  /** The failure of a call that is made now, if it is to fail. */
  take(operation: string): { readonly error: ApiError } | undefined;
}

export function planFailures(): PlannedFailures {
  const planned = new Map<string, { readonly error: ApiError; times: number; after: number }>();
  return {
    failNext: (operation, error, times = 1, after = 0) =>
      void planned.set(operation, { error, times, after }),
    take(operation) {
      const failure = planned.get(operation);
      if (!failure || failure.after-- > 0) return undefined;
      return failure.times-- > 0 ? failure : undefined;
    },
  };
}
