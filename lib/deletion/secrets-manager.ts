import {
  DescribeSecretCommand,
  type DescribeSecretCommandOutput,
  ResourceNotFoundException,
  RestoreSecretCommand,
  type SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import { errorName } from '../errors.ts';
import type { Lookup } from './situation.ts';

/**
 * Asks DescribeSecret, which still answers for a pending secret, for name, ARN or partial ARN. Never throws:
 * what is refused is an answer too.
 */
export async function describeSecret(
  client: SecretsManagerClient,
  secretId: string,
): Promise<Lookup> {
  try {
    return toLookup(await client.send(new DescribeSecretCommand({ SecretId: secretId })));
  } catch (error) {
    if (error instanceof ResourceNotFoundException) return { kind: 'not-found' };
    return { kind: 'unavailable', reason: `DescribeSecret was refused (${errorName(error)}).` };
  }
}

/** @throws whatever the SDK throws, such as InvalidRequestException for a managed secret. */
export async function restoreSecret(client: SecretsManagerClient, arn: string): Promise<void> {
  await client.send(new RestoreSecretCommand({ SecretId: arn }));
}

/** Reads an answer of DescribeSecret, of the SDK's shape. */
export function toLookup(answer: Omit<DescribeSecretCommandOutput, '$metadata'>): Lookup {
  const tags = (answer.Tags ?? []).map(({ Key = '', Value = '' }) => [Key, Value]);
  return {
    kind: 'found',
    secret: {
      arn: answer.ARN ?? '',
      name: answer.Name ?? '',
      deletedDate: answer.DeletedDate,
      owningService: answer.OwningService,
      lastAccessedDate: answer.LastAccessedDate,
      tags: Object.fromEntries(tags),
    },
  };
}
