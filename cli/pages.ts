import {
  type ListSecretsCommandInput,
  paginateListSecrets,
  type SecretListEntry,
  type SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';

/** The items of all pages of an answer. Throws whatever the SDK throws, as every function here. */
export async function collect<Page, Item>(
  pages: AsyncIterable<Page>,
  itemsOf: (page: Page) => readonly Item[] | undefined,
): Promise<Item[]> {
  const items: Item[] = [];
  for await (const page of pages) items.push(...(itemsOf(page) ?? []));
  return items;
}

/**
 * The secrets on all pages of a list. AWS may be up to five minutes late:
 * https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_ListSecrets.html
 */
export const listSecrets = (
  client: SecretsManagerClient,
  request: ListSecretsCommandInput,
): Promise<SecretListEntry[]> =>
  collect(paginateListSecrets({ client, pageSize: 100 }, request), ({ SecretList }) => SecretList);
