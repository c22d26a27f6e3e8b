import type { Account } from '../../../../testing/account.ts';

// biome-ignore lint/suspicious/noExplicitAny: each call of AWS has an answer of its own.
export type Any = any;

/** A fault, and what the doctor is to find: the check that names it, and what mends it. */
export type Fault = readonly [
  check: string,
  verdict: 'warn' | 'fail' | 'unknown',
  message: RegExp,
  remedy: RegExp | undefined,
  change: (account: Account) => void,
];
