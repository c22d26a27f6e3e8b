/** What is wrong, by a code that never changes. The message says what was expected, what came and what to do. */
export type ErrorCode = 'INVALID_EVENT' | 'INVALID_ENVIRONMENT' | 'INVALID_FILE';

/** The one error class of this project: expected faults, told in a sentence that a person can act on. */
export class NotifierError extends Error {
  readonly code: ErrorCode;

  constructor(code: ErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'NotifierError';
    this.code = code;
  }
}

/** The name of whatever was thrown, such as `AccessDeniedException`. */
export function errorName(error: unknown): string {
  return error instanceof Error ? error.name : typeof error;
}
