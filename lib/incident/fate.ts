import { completedBy } from '../cloudtrail/secret-id.ts';
import { type DeletionSchedule, type Severity, severityOf } from '../deletion/schedule.ts';
import type { Situation } from '../deletion/situation.ts';
import { joinDigests, type SecretDigest } from './digest.ts';

/** How a secret stands: when it is lost, or that it has been restored or deleted for good since. */
export type Fate = (
  | DeletionSchedule
  /** `not-looked-up`: there was no time to find out. */
  | { readonly kind: 'restored' | 'not-looked-up' }
  /** `forced`: it is known that it had no recovery window; else the window may simply have ended. */
  | { readonly kind: 'gone'; readonly forced: boolean }
) & {
  /** The secret's complete ARN, where the ledger or DescribeSecret knows it. */
  readonly arn?: string;
};

/** What a summary says of a situation. @param arn the secret's complete ARN, where it is known */
export function fateIn(situation: Situation, arn?: string): Fate {
  switch (situation.state) {
    case 'pending':
      return { ...situation.schedule, arn };
    case 'restored':
      return { kind: 'restored', arn };
    case 'gone':
      return { kind: 'gone', forced: situation.deletion?.forced ?? false, arn };
  }
}

export interface SummarizedSecret extends SecretDigest {
  readonly fate: Fate;
}

/** Each secret once, by its complete ARN where that is known, in the order in which they first come. */
export function joinForms(secrets: readonly SummarizedSecret[]): SummarizedSecret[] {
  const joined = new Map<unknown, SummarizedSecret>();
  for (const one of secrets) {
    const secret = { ...one, secret: completedBy(one.secret, one.fate.arn) };
    const id = secret.secret.arn ?? secret;
    const same = joined.get(id);
    joined.set(id, same ? joinDigests(same, secret) : secret);
  }
  return [...joined.values()];
}

/** The time left in ms, by which secrets are sorted; what is not known, or nothing can be done about, comes last. */
export function urgency(fate: Fate, now: Date): number {
  switch (fate.kind) {
    case 'exact':
      return fate.date.getTime() - now.getTime();
    case 'estimated':
      return fate.earliest.getTime() - now.getTime();
    case 'unknown':
      return fate.latest.getTime() - now.getTime();
    case 'not-looked-up':
      return Number.MAX_SAFE_INTEGER - 2;
    case 'gone':
      return Number.MAX_SAFE_INTEGER - 1;
    case 'restored':
      return Number.MAX_SAFE_INTEGER;
  }
}

export function severityIn(fate: Fate, now: Date): Severity {
  switch (fate.kind) {
    case 'not-looked-up':
      return 'warning';
    case 'restored':
    case 'gone':
      return 'notice';
    default:
      return severityOf(fate, now);
  }
}
