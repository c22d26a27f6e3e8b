import type { ApiError, JsonObject, Outcome } from '../cloudtrail.ts';

/** What an operation throws to be answered with an error. */
export class ServiceError extends Error implements ApiError {
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

/** What comes of an operation. @throws whatever it throws but a ServiceError. */
export function outcomeOf(execute: () => JsonObject): Outcome {
  try {
    return { response: execute() };
  } catch (error) {
    if (error instanceof ServiceError) return { error };
    throw error;
  }
}
