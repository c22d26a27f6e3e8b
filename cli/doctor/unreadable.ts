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
