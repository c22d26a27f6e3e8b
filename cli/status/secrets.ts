import {
  ListSecretsCommand,
  type ListSecretsCommandInput,
  type SecretListEntry,
  type SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import { toLookup } from '../../lib/aws/secrets-manager.ts';
import type { DatedSecret } from '../../lib/status/pending.ts';

/**
 * All secrets of the account and Region that are scheduled for deletion. AWS may be up to five minutes late:
 * https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_ListSecrets.html
 * @throws whatever the SDK throws.
 */
export async function listPending(client: SecretsManagerClient): Promise<DatedSecret[]> {
  const entries = await listSecrets(client, { IncludePlannedDeletion: true });
  return entries.flatMap((entry) => {
    const lookup = toLookup(entry);
    if (lookup.kind !== 'found' || !lookup.secret.deletedDate) return [];
    return [{ ...lookup.secret, deletedDate: lookup.secret.deletedDate }];
  });
}

/** The secrets that a request lists, of all pages. @throws whatever the SDK throws. */
async function listSecrets(
  client: SecretsManagerClient,
  request: ListSecretsCommandInput,
): Promise<SecretListEntry[]> {
  const entries: SecretListEntry[] = [];
  let NextToken: string | undefined;
  do {
    const page = await client.send(
      new ListSecretsCommand({ ...request, MaxResults: 100, NextToken }),
    );
    entries.push(...(page.SecretList ?? []));
    NextToken = page.NextToken;
  } while (NextToken);
  return entries;
}
