import { isDrill } from './drill.ts';
import type { Secret } from './situation.ts';

/** Whose deletion the function may cancel: nobody's, that of tagged secrets, everybody's. */
export const AUTO_CANCEL_MODES = ['off', 'tagged', 'all'] as const;
export type AutoCancelMode = (typeof AUTO_CANCEL_MODES)[number];

/**
 * The tag by which an owner allows it. It must be on the secret before the deletion is scheduled: a pending
 * secret cannot be tagged.
 */
const AUTO_CANCEL_TAG = 'deleted-secret-notifier:auto-cancel';

/** What was done about a deletion. `reason`: why it could not be cancelled, as a sentence. */
export type Action =
  | { readonly kind: 'none' }
  | { readonly kind: 'restored' }
  | { readonly kind: 'restore-failed'; readonly reason: string };

/** Whether a deletion of this secret may be cancelled; that of a drill's never. */
export function isAllowed(mode: AutoCancelMode, secret: Secret): boolean {
  if (isDrill(secret.name)) return false;
  return mode === 'all' || (mode === 'tagged' && secret.tags[AUTO_CANCEL_TAG] === 'true');
}

/** Whether the deletion of this secret, as it stands, is to be cancelled. */
export function mayRestore(mode: AutoCancelMode, secret: Secret): boolean {
  return secret.deletedDate !== undefined && isAllowed(mode, secret);
}
