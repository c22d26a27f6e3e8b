import {
  DescribeSecretCommand,
  ResourceNotFoundException,
  type SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import { identifySecret, type SecretId } from '../../lib/cloudtrail/secret-id.ts';
import { type Secret, toSecret } from '../../lib/deletion/describe.ts';
import { NotifierError } from '../../lib/errors.ts';
import { oneLine } from '../../lib/text.ts';
import { collect, secretPages } from '../pages.ts';
import { inPool } from '../pool.ts';

/** A secret of the account and the Region that are asked. */
export interface Asked {
  readonly secret: Secret;
  readonly id: SecretId;
}

/** @throws NotifierError `NO_SECRET` if there is none of that name or ARN, and what the SDK throws. */
export async function describe(
  client: SecretsManagerClient,
  SecretId: string,
  region: string,
): Promise<Asked> {
  const answer = await client.send(new DescribeSecretCommand({ SecretId })).catch((error) => {
    if (!(error instanceof ResourceNotFoundException)) throw error;
    const next = 'Its Region is given by --region, its account by --profile; --all shows all.';
    throw new NotifierError(
      'NO_SECRET',
      `Expected --secret to be the name or the ARN of a secret in ${region}, got ${oneLine(SecretId, 600)}, which is none. ${next}`,
      { cause: error },
    );
  });
  return asked(toSecret(answer));
}

/** How many are described at a time: https://docs.aws.amazon.com/secretsmanager/latest/userguide/reference_limits.html takes far more. */
const WIDTH = 5;

/**
 * All secrets of the client's account and Region, those scheduled for deletion included. The list does not say which Regions
 * hold a replica, so each that has some is described.
 * https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_SecretListEntry.html
 * @throws what the SDK throws.
 */
export async function listAll(client: SecretsManagerClient, region: string): Promise<Asked[]> {
  const pages = secretPages(client, { IncludePlannedDeletion: true });
  const entries = await collect(pages, ({ SecretList }) => SecretList);
  const found = new Map(entries.map((entry) => [entry.ARN ?? '', asked(toSecret(entry))]));
  const primaries = entries.filter(({ PrimaryRegion }) => PrimaryRegion === region);
  await inPool(primaries, WIDTH, async ({ ARN = '' }) => {
    // One that has gone since stays as it was listed.
    const now = await describe(client, ARN, region).catch((error) => {
      if (error instanceof NotifierError) return undefined;
      throw error;
    });
    if (now) found.set(ARN, now);
  });
  return [...found.values()];
}

function asked(secret: Secret): Asked {
  return { secret, id: identifySecret(secret.arn, {}) };
}
