import type { Attempt } from '../../lib/attempt/attempt.ts';
import { pairKey, pairKeyAsSent, pairPartition } from '../../lib/attempt/item.ts';
import type { Key } from '../../lib/aws/table.ts';
import {
  identifySecret,
  isSameSecret,
  mistakenFor,
  type SecretId,
} from '../../lib/cloudtrail/secret-id.ts';
import type { Action } from '../../lib/deletion/auto-cancel.ts';
import { nextSeverityAt } from '../../lib/deletion/schedule.ts';
import type { SecretState } from '../../lib/deletion/secret-state.ts';
import { MINUTE_MS } from '../../lib/time.ts';
import { defaultOf } from '../../stack/settings.ts';

const QUIET_WINDOW_MS = defaultOf('quietWindowMinutes') * MINUTE_MS;

/** How soon an attempt on a secret that has been restored, or was to be, is news again, in ms. As lib/incident/notify.ts. */
const RESTORED_QUIET_MS = 5 * MINUTE_MS;

interface Window {
  /** In ms since 1970. */
  readonly until: number;
  /** The id by which its secret was read, and the complete ARN if the alert found it out. */
  readonly sent?: string;
  readonly arn?: string;
}

/** What an alert found out. `arn`: the secret's complete ARN. */
interface Alerted {
  readonly state: SecretState;
  readonly action: Action;
  readonly arn?: string;
}

/**
 * The quiet windows of pairs of secret and caller, by the rules of lib/incident: in memory, and at the times of the
 * records, which come in the order of their times.
 */
export function createQuietWindows() {
  const partitions = new Map<string, Map<string, Window>>();
  const windowOf = ({ pk, sk }: Key, { time }: Attempt): Window | undefined => {
    const window = partitions.get(pk)?.get(sk);
    return window && time.getTime() < window.until ? window : undefined;
  };
  return {
    /** The key under which an attempt is alerted; `undefined` if it is in the quiet window of its pair. */
    claim(attempt: Attempt): Key | undefined {
      const shared = pairKey(attempt);
      const window = windowOf(shared, attempt);
      if (!window) return shared;
      if (isOfSame(window, attempt)) return undefined;
      const own = pairKeyAsSent(attempt);
      return windowOf(own, attempt) ? undefined : own;
    },

    /** Begins the quiet window of an attempt that is alerted. */
    begin({ pk, sk }: Key, { secret, time }: Attempt, { state, action, arn }: Alerted): void {
      const until = Math.min(time.getTime() + QUIET_WINDOW_MS, renewalOf(state, action, time));
      const partition = partitions.get(pk) ?? new Map<string, Window>();
      partitions.set(pk, partition.set(sk, { until, sent: secret.sent, arn }));
    },

    /** Ends those of a secret that is deleted anew. */
    end(secret: SecretId): void {
      const looksLike = mistakenFor(secret);
      for (const one of looksLike ? [secret, looksLike] : [secret]) {
        partitions.delete(pairPartition(one));
      }
    },
  };
}

/** Ids that look like a complete ARN may be of several secrets, unless an alert found out of which. */
function isOfSame({ sent, arn }: Window, { secret }: Attempt): boolean {
  if (sent === secret.sent) return true;
  if (arn !== undefined) return isSameSecret(secret, identifySecret(arn, secret));
  return !secret.arn && !identifySecret(sent, secret).arn;
}

/** When another attempt of the pair is alerted even in the quiet window, in ms since 1970. */
function renewalOf(state: SecretState, action: Action, time: Date): number {
  if (state.state === 'restored' || action.kind !== 'none') {
    return time.getTime() + RESTORED_QUIET_MS;
  }
  const next = state.state === 'pending' ? nextSeverityAt(state.schedule, time) : undefined;
  return next?.getTime() ?? Number.POSITIVE_INFINITY;
}
