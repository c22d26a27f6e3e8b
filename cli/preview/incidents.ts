import type { Attempt } from '../../lib/attempt/attempt.ts';
import type { Key } from '../../lib/aws/table.ts';
import type { SecretId } from '../../lib/cloudtrail/secret-id.ts';
import { isOfSame, MAX_ALERTS } from '../../lib/incident/gate.ts';
import { pairKey, pairKeyAsSent, renewalsOf } from '../../lib/incident/pairs.ts';

/** A caller of an incident: the id by which it read the secret first, and the complete ARN that its alert found out. */
interface Pair {
  readonly sent?: string;
  readonly arn?: string;
  readonly isNamed: boolean;
}

/** What becomes of an attempt; `unnamed`: it is left to a digest to name its caller. */
export type Admission =
  | { readonly kind: 'alert'; readonly key: Key; readonly opens: boolean }
  | { readonly kind: 'known' | 'unnamed'; readonly key: Key };

/**
 * The incidents of secrets and their callers, by the rules of lib/incident: in memory, for records that come in the order of
 * their times, and as if there were always budget.
 */
export function createIncidents() {
  const incidents = new Map<string, { readonly pairs: Map<string, Pair>; alerts: number }>();
  const incidentOf = ({ pk }: Key) => {
    const incident = incidents.get(pk) ?? { pairs: new Map<string, Pair>(), alerts: 0 };
    incidents.set(pk, incident);
    return incident;
  };
  return {
    /** Whether an attempt is alerted: the first of its caller, as long as its incident has few. */
    admit(attempt: Attempt): Admission {
      const shared = pairKey(attempt);
      const incident = incidentOf(shared);
      const found = incident.pairs.get(shared.sk);
      const isOther = found && !isOfSame(found, attempt);
      const key = isOther ? pairKeyAsSent(shared, attempt.secret) : shared;
      const pair = incident.pairs.get(key.sk);
      if (pair) return { kind: pair.isNamed ? 'known' : 'unnamed', key };
      const opens = incident.alerts === 0;
      const isNamed = incident.alerts < MAX_ALERTS;
      incident.pairs.set(key.sk, { sent: attempt.secret.sent, isNamed });
      if (!isNamed) return { kind: 'unnamed', key };
      incident.alerts++;
      return { kind: 'alert', key, opens };
    },

    /** Notes the complete ARN that the alert of a pair has found out. */
    note(key: Key, arn: string | undefined): void {
      const { pairs } = incidentOf(key);
      const pair = pairs.get(key.sk);
      if (pair) pairs.set(key.sk, { ...pair, arn });
    },

    /** Begins anew with a secret that has been deleted again. */
    renew(secret: SecretId): void {
      for (const { pk, sent } of renewalsOf(secret)) {
        if (sent === undefined) incidents.delete(pk);
        const { pairs = new Map<string, Pair>() } = incidents.get(pk) ?? {};
        for (const [sk, pair] of pairs) if (pair.sent === sent) pairs.delete(sk);
      }
    },
  };
}
