import type { Key } from '../deletion/ledger.ts';

/** Who claims a pair's alert, and on which terms; times and spans in ms. */
export interface ClaimTerms {
  /** Of this run of the function alone: a write repeated by the SDK passes again, another run does not. */
  readonly token: string;
  readonly now: number;
  /** When this run will have ended: until then no other run may claim the pair. */
  readonly leaseUntil: number;
  readonly quietWindow: number;
  /** The secret's id as it was sent. */
  readonly sent: string | undefined;
}

/** A claimed pair. */
export interface Claim {
  readonly key: Key;
  readonly token: string;
  /** In ms since 1970; the quiet window begins here. */
  readonly claimedAt: number;
}

/** The pair is quiet, as far as the table told. */
export interface Quiet {
  /** For how long at the least, in ms since 1970. */
  readonly until?: number;
  /** The id by which the secret of its claim was read, and the complete ARN that was found out by its alert. */
  readonly sent?: string;
  readonly arn?: string;
}

/** What an alert found out, for the time after it. */
export interface Confirmation {
  /** From when on the pair is claimed again even in its quiet window, in ms since 1970. */
  readonly renewAt?: number;
  /** The secret's complete ARN. */
  readonly arn?: string;
}

/** Whose run of the function alerts an attempt, and until when it will have ended, in ms. */
export interface Lease {
  readonly token: string;
  readonly now: number;
  readonly leaseUntil: number;
}
