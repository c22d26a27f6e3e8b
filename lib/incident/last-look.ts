import type { Change } from '../deletion/change.ts';
import { type LookUpPorts, lookUp } from '../deletion/describe.ts';
import { findTags, type TagKeys } from '../notice/tags.ts';

/**
 * A deletion with what only a look at its secret tells, which may be the last one: whose it is, what took its place, and where
 * the primary secret is of a replica. Best effort, and nothing of a cancellation. Does not throw.
 */
export async function lastLook(
  change: Change,
  { owner, replacement }: TagKeys,
  ports: LookUpPorts,
): Promise<Change> {
  if (change.kind !== 'deletion') return change;
  const lookup = await lookUp(change.secret, ports);
  if (lookup.kind !== 'found') return change;
  const found = findTags(lookup.secret.tags, [...owner, ...replacement]);
  const tags = Object.fromEntries(found.map(({ key, value }) => [key, value]));
  const { replicaOf } = lookup.secret;
  return {
    ...change,
    ...(found.length > 0 && { tags }),
    replicaOf: change.replicaOf ?? replicaOf,
  };
}
