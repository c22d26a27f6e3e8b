import type { SecretId } from '../cloudtrail/secret-id.ts';
import { readLedger } from '../deletion/ledger.ts';
import type { Recollection } from '../deletion/recall.ts';
import { assess, type Lookup, lookUp } from '../deletion/situation.ts';
import { lastAttemptOn, type SecretDigest } from './digest.ts';
import { type Fate, fateIn } from './fate.ts';

/** What tells of a secret's fate. */
export interface FatePorts {
  readonly now: () => Date;
  readonly getItems: (pk: string) => Promise<unknown[]>;
  /** Looks a secret up by name or ARN; does not throw. */
  readonly describeSecret: (secretId: string) => Promise<Lookup>;
}

/**
 * How a secret stands: by the ledger, or, where that does not know, by DescribeSecret.
 * @throws what `getItems` throws.
 */
export async function fateOf(digest: SecretDigest, ports: FatePorts): Promise<Fate> {
  const { secret } = digest;
  const time = lastAttemptOn(digest);
  const recollection = await recallChange(secret, time, ports);
  const { deletion, cancellation } = recollection;
  // A deletion since the last attempt may be the one that is pending now: that is for DescribeSecret to say.
  const isKnown = cancellation ?? (deletion && deletion.requestedAt <= time);
  const lookup = isKnown ? UNKNOWN : await lookUp(secret, ports.describeSecret);
  const situation = assess({ secret, time }, lookup, ports.now(), recollection);
  const arn = lookup.kind === 'found' ? lookup.secret.arn : (deletion ?? cancellation)?.secret.arn;
  return fateIn(situation, arn);
}

const UNKNOWN: Lookup = { kind: 'unavailable', reason: '' };

async function recallChange(secret: SecretId, time: Date, ports: FatePorts): Promise<Recollection> {
  const { change } = await readLedger(secret, ports.getItems);
  if (change?.kind === 'deletion') return { deletion: change };
  return change && change.requestedAt >= time ? { cancellation: change } : {};
}
