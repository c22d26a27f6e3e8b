import type { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { toLookup } from '../../lib/deletion/describe.ts';
import { secretPages } from '../pages.ts';
import type { DatedSecret } from './pending.ts';

/**
 * All secrets of the client's account and Region that are scheduled for deletion. Throws whatever the SDK throws, also when
 * the signal is aborted.
 */
export async function listPending(
  client: SecretsManagerClient,
  abortSignal?: AbortSignal,
): Promise<DatedSecret[]> {
  const found: DatedSecret[] = [];
  // Page by page: of many thousands there are but few that count.
  const pages = secretPages(client, { IncludePlannedDeletion: true }, abortSignal);
  for await (const { SecretList = [] } of pages) {
    for (const entry of SecretList) {
      const lookup = toLookup(entry);
      if (lookup.kind !== 'found' || !lookup.secret.deletedDate) continue;
      found.push({ ...lookup.secret, deletedDate: lookup.secret.deletedDate });
    }
  }
  return found;
}
