import { DAY_MS } from '../time.ts';

/** Whether a secret can be let go, as far as the attempts on it tell. */
export type Verdict =
  | { readonly kind: 'in-use' }
  /** Whole days since the last attempt. */
  | { readonly kind: 'quiet'; readonly days: number }
  | { readonly kind: 'never' };

/** A job that runs once a day, and is a little late, is not quiet. */
const QUIET_DAYS = 2;

/** @param last when the secret was last asked for since its deletion was scheduled */
export function verdictOn(last: Date | undefined, now: Date): Verdict {
  if (!last) return { kind: 'never' };
  const days = Math.floor((now.getTime() - last.getTime()) / DAY_MS);
  return days < QUIET_DAYS ? { kind: 'in-use' } : { kind: 'quiet', days };
}

/** `still in use`, `quiet for 3 days`, `never asked for since`. */
export function verdictText(verdict: Verdict): string {
  switch (verdict.kind) {
    case 'in-use':
      return 'still in use';
    case 'quiet':
      return `quiet for ${verdict.days} days`;
    case 'never':
      return 'never asked for since';
  }
}
