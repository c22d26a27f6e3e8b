import type { Account } from '../../../../testing/account.ts';
import { CLASSIC_FAULTS } from './classic.ts';
import { DUPLICATES } from './duplicates.ts';
import { FUNCTION_FAULTS } from './functions.ts';
import { RULE_FAULTS } from './rules.ts';
import { STACK_FAULTS } from './stack.ts';
import { STORAGE_FAULTS } from './storage.ts';
import { TARGET_FAULTS } from './targets.ts';
import { TOPIC_FAULTS } from './topic.ts';
import { TRAIL_FAULTS } from './trail.ts';

// biome-ignore lint/suspicious/noExplicitAny: each call of AWS has an answer of its own.
export type Any = any;

/** A fault, and what the doctor is to find: the check that names it, and what fixes it. */
export type Fault = readonly [
  check: string,
  verdict: 'warn' | 'fail' | 'unknown',
  message: RegExp,
  remedy: RegExp | undefined,
  change: (account: Account) => void,
];

/** All of them, in the order of an event's way. */
export const faults = (): readonly Fault[] => [
  ...STACK_FAULTS,
  ...TRAIL_FAULTS,
  ...RULE_FAULTS,
  ...TARGET_FAULTS,
  ...FUNCTION_FAULTS,
  ...CLASSIC_FAULTS,
  ...TOPIC_FAULTS,
  ...STORAGE_FAULTS,
  ...DUPLICATES,
];
