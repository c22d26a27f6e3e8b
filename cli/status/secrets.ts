import type { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { toLookup } from '../../lib/deletion/describe.ts';
import { secretPages } from '../pages.ts';
import type { DatedSecret } from './pending.ts';

/** All secrets of the client's account and Region that are scheduled for deletion. Throws whatever the SDK throws. */
export async function listPending(client: SecretsManagerClient): Promise<DatedSecret[]> {
  const found: DatedSecret[] = [];
  // Page by page: of many thousands there are but few that count.
  for await (const { SecretList = [] } of secretPages(client, { IncludePlannedDeletion: true })) {
    for (const entry of SecretList) {
      const lookup = toLookup(entry);
      if (lookup.kind !== 'found' || !lookup.secret.deletedDate) continue;
      found.push({ ...lookup.secret, deletedDate: lookup.secret.deletedDate });
    }
  }
  return found;
}
