import type { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { toLookup } from '../../lib/deletion/describe.ts';
import { listSecrets } from '../pages.ts';
import type { DatedSecret } from './pending.ts';

/** All secrets of the account and Region that are scheduled for deletion. @throws whatever the SDK throws. */
export async function listPending(client: SecretsManagerClient): Promise<DatedSecret[]> {
  const entries = await listSecrets(client, { IncludePlannedDeletion: true });
  return entries.flatMap((entry) => {
    const lookup = toLookup(entry);
    if (lookup.kind !== 'found' || !lookup.secret.deletedDate) return [];
    return [{ ...lookup.secret, deletedDate: lookup.secret.deletedDate }];
  });
}
