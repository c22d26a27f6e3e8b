/**
 * What the name of each secret begins with that `npm run drill` makes. The name alone tells, because it is all that
 * a record has. So a secret that somebody has named like this must not hide either: each caller's first attempt on it
 * is alerted (docs/decisions/0012-drills.md).
 */
export const DRILL_PREFIX = 'deleted-secret-notifier-drill-';

/** Whether a secret is one of a drill. */
export function isDrill(name: string | undefined): boolean {
  return name?.startsWith(DRILL_PREFIX) ?? false;
}

/** The tag of each such secret; its value is the stage. Nothing without it is removed. */
export const DRILL_TAG = 'deleted-secret-notifier:drill';
