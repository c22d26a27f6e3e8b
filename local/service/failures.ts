import type { ApiError } from '../cloudtrail.ts';

/** The failures that a stand-in is told to have. */
export interface Failures {
  /** Lets the next `times` calls of an operation, by default one, fail with an error whatever they ask for. */
  failNext(operation: string, error: ApiError, times?: number): void;
}

export interface PlannedFailures extends Failures {
  /** The failure of a call that is made now, if it is to fail. */
  take(operation: string): { readonly error: ApiError } | undefined;
}

export function planFailures(): PlannedFailures {
  const planned = new Map<string, { readonly error: ApiError; times: number }>();
  return {
    failNext: (operation, error, times = 1) => void planned.set(operation, { error, times }),
    take(operation) {
      const failure = planned.get(operation);
      return failure && failure.times-- > 0 ? failure : undefined;
    },
  };
}
