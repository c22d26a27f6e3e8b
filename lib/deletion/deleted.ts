import { expression, query, type Table } from '../aws/table.ts';
import { readAsPartial, type SecretId } from '../cloudtrail/secret-id.ts';
import { MINUTE_MS } from '../time.ts';
import type { Change } from './change.ts';
import { partitionKey } from './ledger.ts';

/**
 * The index on the `kind` and the `requestedAt` of the ledger's changes, which no other items have both. It holds their keys
 * alone, so that all secrets known as deleted are one page or a few.
 */
export const DELETIONS_INDEX = 'deletions';

const DELETION: Change['kind'] = 'deletion';

/** How long the list of deleted secrets is cached, in ms: less than a read waits in the queue before it is judged by it. */
const CACHED_MS = MINUTE_MS;

/**
 * The secrets of which the ledger's newest change is a deletion, done or to come. Reads the list of all when it is first asked for, and once a minute at most: reads of any number of names that never were
 * cost no more than that.
 */
export function createDeletedSecrets(table: Table) {
  let known: { readonly until: number; readonly keys: Promise<ReadonlySet<string>> } | undefined;

  function keysAt(now: Date): Promise<ReadonlySet<string>> {
    if (known && known.until > now.getTime()) return known.keys;
    const read = { until: now.getTime() + CACHED_MS, keys: readKeys(table) };
    known = read;
    read.keys.catch(() => {
      if (known === read) known = undefined;
    });
    return read.keys;
  }

  return {
    /**
     * Whether the ledger knows a secret as deleted, as it was a minute ago at the earliest; also one that is meant by an ARN
     * that looks like the complete one of another.
     * @throws whatever the SDK throws.
     */
    async isKnown(secret: SecretId, now: Date): Promise<boolean> {
      const keys = await keysAt(now);
      return [secret, readAsPartial(secret)].some((one) => {
        const key = one && partitionKey(one);
        return key !== undefined && keys.has(key);
      });
    },
  };
}

async function readKeys(table: Table): Promise<ReadonlySet<string>> {
  const keys = new Set<string>();
  const key = expression`kind = ${DELETION}`;
  const options = { IndexName: DELETIONS_INDEX, attributes: ['pk'] };
  for await (const { items } of query(table, key, options)) {
    for (const { pk } of items) keys.add(String(pk));
  }
  return keys;
}
