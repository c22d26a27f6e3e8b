import { type Severity, severityOf } from '../../lib/deletion/schedule.ts';
import { DAY_MS } from '../../lib/time.ts';
import type { PendingSecret } from './pending.ts';

/** Whether a secret can be let go, as far as the attempts on it show. */
export type Verdict =
  | { readonly kind: 'in-use' }
  /** Whole days since the last attempt. */
  | { readonly kind: 'quiet'; readonly days: number }
  | { readonly kind: 'never' }
  /** No attempt, but attempts have been watched for less than a day. */
  | { readonly kind: 'too-soon' };

/** More than a day, so that a daily job that is a little late is not quiet. */
const QUIET_DAYS = 2;

/** A daily job has run by then. */
const MIN_WATCHED_MS = DAY_MS;

/**
 * @param last the time of the last attempt since the deletion was scheduled
 * @param watchedSince the time since when the deletion has been scheduled and attempts are known
 */
export function verdictOn(last: Date | undefined, watchedSince: Date, now: Date): Verdict {
  if (!last) {
    const watched = now.getTime() - watchedSince.getTime();
    return { kind: watched < MIN_WATCHED_MS ? 'too-soon' : 'never' };
  }
  const days = Math.floor((now.getTime() - last.getTime()) / DAY_MS);
  return days < QUIET_DAYS ? { kind: 'in-use' } : { kind: 'quiet', days };
}

/** `still in use`, `quiet for 3 days`, `no attempts since`, `too soon to tell`. */
export function verdictText(verdict: Verdict): string {
  switch (verdict.kind) {
    case 'in-use':
      return 'still in use';
    case 'quiet':
      return `quiet for ${verdict.days} days`;
    case 'never':
      return 'no attempts since';
    case 'too-soon':
      return 'too soon to tell';
  }
}

/** How urgent the time left is: `calm` for a secret that nobody reads. */
export type Tone = Severity | 'calm';

/** The tone of the time left. It follows the verdict, so that nothing urgent stands beside a green badge. */
export function toneOf(
  { verdict, schedule }: Pick<PendingSecret, 'schedule'> & { readonly verdict: Verdict },
  now: Date,
): Tone {
  switch (verdict.kind) {
    case 'never':
      return 'calm';
    case 'too-soon':
      return 'notice';
    default:
      return severityOf(schedule, now);
  }
}
