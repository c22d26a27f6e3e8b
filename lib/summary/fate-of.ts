import { partitionKey, readPage } from '../ledger.ts';
import type { Recollection } from '../recall.ts';
import { lookupId, type SecretId } from '../secret-id.ts';
import { about, assess, type Lookup } from '../situation.ts';
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
  const time = [...callers.values()].reduce(
    (latest, { last }) => (last > latest ? last : latest),
    new Date(0),
  );
  const recollection = await recallChange(secret, time, ports);
  const { deletion, cancellation } = recollection;
  // A deletion since the last attempt may be the one that is pending now: that is for DescribeSecret to say.
  const isKnown = cancellation ?? (deletion && deletion.requestedAt <= time);
  const lookup = isKnown ? UNKNOWN : await lookUp(secret, ports);
  const situation = assess({ secret, time }, lookup, ports.now(), recollection);
  switch (situation.state) {
    case 'pending':
      return situation.schedule;
    case 'restored':
      return { kind: 'restored' };
    case 'gone':
      return { kind: 'gone', forced: situation.deletion?.forced ?? false };
  }
}

const UNKNOWN: Lookup = { kind: 'unavailable', reason: '' };

async function recallChange(secret: SecretId, time: Date, ports: FatePorts): Promise<Recollection> {
  const pk = partitionKey(secret);
  const { change } = pk ? readPage(await ports.getItems(pk), secret) : {};
  if (change?.kind === 'deletion') return { deletion: change };
  return change && change.requestedAt >= time ? { cancellation: change } : {};
}

async function lookUp(secret: SecretId, ports: FatePorts): Promise<Lookup> {
  const id = lookupId(secret);
  return id ? about(secret, await ports.describeSecret(id)) : UNKNOWN;
}
