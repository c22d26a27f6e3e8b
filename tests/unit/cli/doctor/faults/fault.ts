import type { Change } from '../../../../testing/account.ts';
import { CHANNEL_FAULTS } from './channels.ts';
import { CLASSIC_FAULTS } from './classic.ts';
import { DUPLICATES } from './duplicates.ts';
import { FUNCTION_FAULTS } from './functions.ts';
import { HUB_FAULTS } from './hub.ts';
import { READS_FAULTS } from './reads.ts';
import { STACK_FAULTS } from './stack.ts';
import { STORAGE_FAULTS } from './storage.ts';
import { TOPIC_FAULTS } from './topic.ts';
import { TRAIL_FAULTS } from './trail.ts';
import { TRAIL_PATH_FAULTS } from './trail-path.ts';

// biome-ignore lint/suspicious/noExplicitAny: each call of AWS has an answer of its own.
export type Any = any;

/** A fault, and what the check that names it is to find: how bad it is, what it says, what fixes it. */
type Fault = readonly [
  verdict: 'warn' | 'fail' | 'unknown',
  message: RegExp,
  remedy: RegExp | undefined,
  change: Change,
];

/** Faults, by the check that names them. */
export type Faults = Readonly<Record<string, readonly Fault[]>>;

/** All of them, each with its check, in the order of an event's way. */
export const faults = (): (readonly [check: string, ...Fault])[] =>
  [
    STACK_FAULTS,
    TRAIL_FAULTS,
    FUNCTION_FAULTS,
    READS_FAULTS,
    HUB_FAULTS,
    TRAIL_PATH_FAULTS,
    CLASSIC_FAULTS,
    TOPIC_FAULTS,
    CHANNEL_FAULTS,
    STORAGE_FAULTS,
    DUPLICATES,
  ].flatMap((group) =>
    Object.entries(group).flatMap(([check, list]) =>
      list.map((fault) => [check, ...fault] as const),
    ),
  );
