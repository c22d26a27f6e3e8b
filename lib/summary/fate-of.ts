import { readLedger } from '../ledger.ts';
import type { Recollection } from '../recall.ts';
import type { SecretId } from '../secret-id.ts';
import { assess, type Lookup, lookUp } from '../situation.ts';
import type { SecretDigest } from './digest.ts';
import type { Fate } from './fate.ts';

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
  const { secret, callers } = digest;
  const time = new Date(Math.max(...[...callers.values()].map(({ last }) => last.getTime())));
  const recollection = await recallChange(secret, time, ports);
  const call = recollection.deletion ?? recollection.cancellation;
  const lookup = call ? UNKNOWN : await lookUp(secret, ports.describeSecret);
  const situation = assess({ secret, time }, lookup, ports.now(), recollection);
  const arn = lookup.kind === 'found' ? lookup.secret.arn : call?.secret.arn;
  const fate = situation.state === 'pending' ? situation.schedule : { kind: situation.state };
  return { ...fate, arn };
}

const UNKNOWN: Lookup = { kind: 'unavailable', reason: '' };

async function recallChange(secret: SecretId, time: Date, ports: FatePorts): Promise<Recollection> {
  const { change } = await readLedger(secret, ports.getItems);
  if (change?.kind === 'deletion' && change.requestedAt <= time) return { deletion: change };
  if (change?.kind === 'cancellation' && change.requestedAt >= time)
    return { cancellation: change };
  return {};
}
