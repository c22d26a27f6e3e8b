import { type Finding, unknown } from './verdict.ts';

/** A fact that a check needs and that cannot be read; its message says why, and what would let it be read. */
export class UnreadableError extends Error {
  /** The IAM action that is missing, such as `events:DescribeRule`, where that is the reason. */
  readonly permission: string | undefined;

  constructor(message: string, permission?: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'UnreadableError';
    this.permission = permission;
  }
}

/** What a check comes to that could not be made. @param about opens the sentence */
export function notRead({ message, permission }: UnreadableError, about = ''): Finding {
  const sentence = `${about}${message}.`;
  return unknown(
    `${sentence.charAt(0).toUpperCase()}${sentence.slice(1)}`,
    permission && `docs/permissions.md#doctor (${permission})`,
  );
}

// Each service has a name of its own for each of these.
const DENIED = /^(AccessDenied|AuthorizationError|NotAuthorized|Unauthorized)/;
const MISSING = /(NotFound|NotExist|NonExistent|NoSuchEntity)/;
/** Credentials that are no good are wrong use, not a permission that is missing. */
const CREDENTIALS =
  /^(InvalidClientTokenId|UnrecognizedClient|ExpiredToken|SignatureDoesNotMatch|InvalidSignature|IncompleteSignature|MissingAuthenticationToken|InvalidAccessKeyId|OptInRequired)/;

/**
 * The answer of AWS to a call. All that reads a fact for a check asks by this, and throws as this does.
 * @param permission the IAM action that the call needs
 * @throws UnreadableError if AWS answers with an error, an AccessDenied above all; whatever the SDK throws if there is
 * no answer at all, or the credentials are no good.
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

/** As {@link ask}; `undefined` if AWS says that what is asked for does not exist. */
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

/** The name of an error that AWS answered with; `undefined` for all that is no answer of AWS. */
function nameOfRefusal(error: unknown): string | undefined {
  const metadata = (error as { $metadata?: { httpStatusCode?: number } } | undefined)?.$metadata;
  return metadata?.httpStatusCode === undefined ? undefined : (error as Error).name;
}
