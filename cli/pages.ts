import {
  type ListSecretsCommandInput,
  paginateListSecrets,
  type SecretListEntry,
  type SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';

/** What all pages of an answer hold together. @throws whatever the SDK throws. */
export async function collect<Page, Item>(
  pages: AsyncIterable<Page>,
  itemsOf: (page: Page) => readonly Item[] | undefined,
): Promise<Item[]> {
  const items: Item[] = [];
  for await (const page of pages) items.push(...(itemsOf(page) ?? []));
  return items;
}

/**
 * The secrets that a request lists, of all pages. AWS may be up to five minutes late:
 * https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_ListSecrets.html
 * @throws whatever the SDK throws.
 */
export const listSecrets = (
  client: SecretsManagerClient,
  request: ListSecretsCommandInput,
): Promise<SecretListEntry[]> =>
  collect(paginateListSecrets({ client, pageSize: 100 }, request), ({ SecretList }) => SecretList);
