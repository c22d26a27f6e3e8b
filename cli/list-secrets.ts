import {
  ListSecretsCommand,
  type ListSecretsCommandInput,
  type SecretListEntry,
  type SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';

/**
 * The secrets that a request lists, of all pages. AWS may be up to five minutes late:
 * https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_ListSecrets.html
 * @throws whatever the SDK throws.
 */
export async function listSecrets(
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
