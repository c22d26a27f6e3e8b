/** What is wrong, by a code that never changes. The message says what was expected, what came and what to do. */
export type ErrorCode =
  | 'AWS_REFUSED'
  | 'BUSY'
  | 'FOREIGN_QUEUE'
  | 'INVALID_ENVIRONMENT'
  | 'INVALID_EVENT'
  | 'INVALID_FILE'
  | 'INVALID_OPTIONS'
  | 'MISSING_PROGRAM'
  | 'NO_BUDGET'
  | 'NO_HUB'
  | 'NO_MUTE'
  | 'NO_PROFILE'
  | 'NO_REGION'
  | 'NO_SECRET'
  | 'NO_SPOKE'
  | 'NO_STACK'
  | 'NOT_HANDED_ON'
  | 'NOT_PENDING'
  | 'NOT_SETTLED'
  | 'OUT_OF_TIME'
  | 'SWALLOWED_OPTION'
  | 'TIME_UP'
  | 'TOO_MANY_MUTES';

/** The one error class of this project: expected faults, in a sentence that a person can act on. */
export class NotifierError extends Error {
  readonly code: ErrorCode;

  constructor(code: ErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'NotifierError';
    this.code = code;
  }
}

/** What names whatever was thrown best, such as `AccessDeniedException` or `ECONNREFUSED`. */
export function errorName(error: unknown): string {
  if (!(error instanceof Error)) return typeof error;
  const code = 'code' in error && typeof error.code === 'string' ? error.code : error.name;
  return error.name === 'Error' ? code : error.name;
}
