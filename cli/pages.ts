import {
  type ListSecretsCommandInput,
  paginateListSecrets,
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
 * The pages of a list of secrets. AWS may be up to five minutes late:
 * https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_ListSecrets.html
 */
export const secretPages = (
  client: SecretsManagerClient,
  request: ListSecretsCommandInput,
  abortSignal?: AbortSignal,
) => paginateListSecrets({ client, pageSize: 100 }, request, { abortSignal });
