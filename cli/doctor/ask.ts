import { type Finding, unknown } from './verdict.ts';

/** Something that a check needs cannot be read; the message says why. */
export class UnreadableError extends Error {
  /** The IAM action that is missing, such as `events:DescribeRule`, if that is the reason. */
  readonly permission: string | undefined;

  constructor(message: string, permission?: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'UnreadableError';
    this.permission = permission;
  }
}

/** The finding of a check that could not run. @param about opens the sentence */
export function notRead({ message, permission }: UnreadableError, about = ''): Finding {
  const sentence = `${about}${message}.`;
  return unknown(
    `${sentence.charAt(0).toUpperCase()}${sentence.slice(1)}`,
    permission && `docs/permissions.md#doctor (${permission})`,
  );
}

// The services name these errors differently.
const DENIED = /^(AccessDenied|AuthorizationError|NotAuthorized|Unauthorized)/;
const MISSING = /(NotFound|NotExist|NonExistent|NoSuchEntity)/;
/** Invalid credentials are wrong use, not a missing permission. */
const CREDENTIALS =
  /^(InvalidClientTokenId|UnrecognizedClient|ExpiredToken|SignatureDoesNotMatch|InvalidSignature|IncompleteSignature|MissingAuthenticationToken|InvalidAccessKeyId|OptInRequired)/;

/**
 * The answer of AWS to a call. Every read of a check goes through this, and throws as this does.
 * @param permission the IAM action that the call needs
 * @throws UnreadableError if AWS answers with an error such as AccessDenied; whatever the SDK throws without an answer, or
 * with invalid credentials.
 */
export async function ask<Answer>(permission: string, answer: Promise<Answer>): Promise<Answer> {
  try {
    return await answer;
  } catch (error) {
    const name = nameOfRefusal(error);
    if (!name || CREDENTIALS.test(name)) throw error;
    const cause = { cause: error };
    if (DENIED.test(name))
      throw new UnreadableError(`no permission ${permission}`, permission, cause);
    const message = `AWS answered ${permission} with ${name}: ${(error as Error).message}`;
    throw new UnreadableError(message, undefined, cause);
  }
}

/** As {@link ask}; `undefined` if AWS answers that the resource does not exist. */
export async function find<Answer>(
  permission: string,
  answer: Promise<Answer>,
): Promise<Answer | undefined> {
  return ask(
    permission,
    answer.catch((error: unknown) => {
      if (MISSING.test(nameOfRefusal(error) ?? '')) return undefined;
      throw error;
    }),
  );
}

/** The name of an error that AWS answered with; `undefined` for any other. */
function nameOfRefusal(error: unknown): string | undefined {
  const metadata = (error as { $metadata?: { httpStatusCode?: number } } | undefined)?.$metadata;
  return metadata?.httpStatusCode === undefined ? undefined : (error as Error).name;
}
