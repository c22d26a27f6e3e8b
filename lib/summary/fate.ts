import { type DeletionSchedule, type Severity, severityOf } from '../schedule.ts';
import type { SecretDigest } from './digest.ts';

/** How a secret stands: when it is lost, or that it has been restored or deleted for good since. */
export type Fate = (
  | DeletionSchedule
  | { readonly kind: 'restored' }
  | { readonly kind: 'gone' }
) & {
  /** The secret's complete ARN, where the ledger or DescribeSecret knows it. */
  readonly arn?: string;
};

export interface SummarizedSecret extends SecretDigest {
  readonly fate: Fate;
}

/** The time left in ms, by which secrets are sorted; what nothing can be done about comes last. */
export function urgency(fate: Fate, now: Date): number {
  switch (fate.kind) {
    case 'exact':
      return fate.date.getTime() - now.getTime();
    case 'estimated':
      return fate.earliest.getTime() - now.getTime();
    case 'unknown':
      return fate.latest.getTime() - now.getTime();
    case 'gone':
      return Number.MAX_SAFE_INTEGER - 1;
    case 'restored':
      return Number.MAX_SAFE_INTEGER;
  }
}

export function severityIn(fate: Fate, now: Date): Severity {
  return fate.kind === 'restored' || fate.kind === 'gone' ? 'notice' : severityOf(fate, now);
}
