import { isDrill } from '../drill.ts';
import type { Lookup, Secret } from './describe.ts';
import { requestedFrom } from './schedule.ts';

/** Whose deletion the function may cancel: nobody's, that of tagged secrets, everybody's. */
export const AUTO_CANCEL_MODES = ['off', 'tagged', 'all'] as const;
export type AutoCancelMode = (typeof AUTO_CANCEL_MODES)[number];

/**
 * The tag by which an owner allows it. It must be on the secret before the deletion is scheduled: a pending
 * secret cannot be tagged.
 */
export const AUTO_CANCEL_TAG = 'deleted-secret-notifier:auto-cancel';

/**
 * What was done about a deletion. `reason`: why it could not be cancelled, or why it was left alone, as a sentence; `isDenied`:
 * a spoke does not allow it.
 */
export type Action =
  | { readonly kind: 'none'; readonly reason?: string }
  | { readonly kind: 'restored' }
  | { readonly kind: 'restore-failed'; readonly reason: string; readonly isDenied?: boolean };

/** Whether a deletion of this secret may be cancelled; that of a drill's never. */
export function isAllowed(mode: AutoCancelMode, secret: Secret): boolean {
  if (isDrill(secret.name)) return false;
  return mode === 'all' || (mode === 'tagged' && secret.tags[AUTO_CANCEL_TAG] === 'true');
}

/** The ARN of the secret whose deletion is to be cancelled, or, where that was left alone, perhaps why. */
type Decision =
  | { readonly restore: string; readonly reason?: undefined }
  | { readonly restore?: undefined; readonly reason?: string };

/**
 * Decides whether an attempt cancels the deletion of a secret, as it stands at `now`. It may cancel only the deletion
 * that it failed on: one from before, such as a replayed one, says nothing of the deletion that is pending.
 */
export function decide(
  mode: AutoCancelMode,
  lookup: Lookup,
  attemptTime: Date,
  now: Date,
): Decision {
  if (lookup.kind !== 'found') return {};
  const { arn, deletedDate } = lookup.secret;
  if (!deletedDate || !isAllowed(mode, lookup.secret)) return {};
  return attemptTime < requestedFrom(deletedDate, now) ? { reason: TOO_OLD } : { restore: arn };
}

const TOO_OLD = 'this attempt is from before the present deletion.';
