import type { Attempt } from '../../attempt/attempt.ts';
import type { Action } from '../../deletion/auto-cancel.ts';
import type { Secret, Situation } from '../../deletion/situation.ts';
import type { Target } from './commands.ts';
import type { Hint } from './hints.ts';

/** All that the text of an alert tells of. */
export interface MessageFacts {
  readonly attempt: Attempt;
  readonly situation: Situation;
  readonly action: Action;
  /** What DescribeSecret told, if it told anything. */
  readonly secret?: Secret;
  readonly target: Target;
  readonly owners: readonly Hint[];
  readonly replacements: readonly Hint[];
  /** A secret that is not pending any more may have been restored by a try of this alert that failed later. */
  readonly perhapsByUs: boolean;
  readonly now: Date;
}
