import type { Attempt } from '../../lib/attempt/attempt.ts';
import type { Key } from '../../lib/aws/table.ts';
import type { SecretId } from '../../lib/cloudtrail/secret-id.ts';
import { MAX_ALERTS } from '../../lib/incident/gate.ts';
import { pairKey, pairPartition } from '../../lib/incident/pairs.ts';

/** What becomes of an attempt; `unnamed`: it is left to a digest to name its caller. */
export type Admission =
  | { readonly kind: 'alert'; readonly key: Key; readonly opens: boolean }
  | { readonly kind: 'known' | 'unnamed'; readonly key: Key };

/**
 * The incidents of secrets and their callers, by the rules of lib/incident: in memory, for records that come in the order of
 * their times, and as if there were always budget.
 */
export function createIncidents() {
  // By partition: whether an alert has named the caller of each pair, and how many had one.
  const incidents = new Map<string, { readonly isNamed: Map<string, boolean>; alerts: number }>();
  return {
    /** Whether an attempt is alerted: the first of its caller, as long as its incident has few. */
    admit(attempt: Attempt): Admission {
      const key = pairKey(attempt);
      const incident = incidents.get(key.pk) ?? { isNamed: new Map<string, boolean>(), alerts: 0 };
      incidents.set(key.pk, incident);
      const isNamed = incident.isNamed.get(key.sk);
      if (isNamed !== undefined) return { kind: isNamed ? 'known' : 'unnamed', key };
      const isAlerted = incident.alerts < MAX_ALERTS;
      incident.isNamed.set(key.sk, isAlerted);
      if (!isAlerted) return { kind: 'unnamed', key };
      return { kind: 'alert', key, opens: incident.alerts++ === 0 };
    },

    /** Begins anew with a secret that has been deleted again. */
    renew(secret: SecretId): void {
      incidents.delete(pairPartition(secret));
    },
  };
}
