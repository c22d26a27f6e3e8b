import type { Attempt } from '../../lib/attempt/attempt.ts';
import type { Key } from '../../lib/aws/table.ts';
import type { SecretId } from '../../lib/cloudtrail/secret-id.ts';
import type { Action } from '../../lib/deletion/auto-cancel.ts';
import type { SecretState } from '../../lib/deletion/secret-state.ts';
import { isOfSame } from '../../lib/incident/gate.ts';
import { renewalOf } from '../../lib/incident/notify.ts';
import { endingsOf, pairKey, pairKeyAsSent, type Quiet } from '../../lib/incident/pairs.ts';
import { MINUTE_MS } from '../../lib/time.ts';
import { defaultOf } from '../../stack/settings.ts';

const QUIET_WINDOW_MS = defaultOf('quietWindowMinutes') * MINUTE_MS;

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
  const partitions = new Map<string, Map<string, Quiet>>();
  const windowOf = ({ pk, sk }: Key, { time }: Attempt): Quiet | undefined => {
    const window = partitions.get(pk)?.get(sk);
    return window && time.getTime() < (window.until ?? 0) ? window : undefined;
  };
  return {
    /** The key under which an attempt is alerted; `undefined` if it is in the quiet window of its pair. */
    claim(attempt: Attempt): Key | undefined {
      const shared = pairKey(attempt);
      const window = windowOf(shared, attempt);
      if (!window) return shared;
      if (isOfSame(window, attempt)) return undefined;
      const own = pairKeyAsSent(shared, attempt.secret);
      return windowOf(own, attempt) ? undefined : own;
    },

    /** Begins the quiet window of an attempt that is alerted. */
    begin({ pk, sk }: Key, { secret, time }: Attempt, { state, action, arn }: Alerted): void {
      const renewal = renewalOf(state, action, time)?.getTime() ?? Number.POSITIVE_INFINITY;
      const until = Math.min(time.getTime() + QUIET_WINDOW_MS, renewal);
      const partition = partitions.get(pk) ?? new Map<string, Quiet>();
      partitions.set(pk, partition.set(sk, { until, sent: secret.sent, arn }));
    },

    /** Ends those of a secret that is deleted anew. */
    end(secret: SecretId): void {
      for (const { pk, sent } of endingsOf(secret)) {
        for (const [sk, window] of partitions.get(pk) ?? []) {
          if (sent === undefined || window.sent === sent) partitions.get(pk)?.delete(sk);
        }
      }
    },
  };
}
