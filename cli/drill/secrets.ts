import { randomUUID } from 'node:crypto';
import {
  InvalidRequestException,
  ResourceExistsException,
  ResourceNotFoundException,
  type SecretsManager,
} from '@aws-sdk/client-secrets-manager';
import { MIN_WINDOW_DAYS } from '../../lib/deletion/schedule.ts';
import { DRILL_PREFIX, DRILL_TAG, isDrill } from '../../lib/drill.ts';
import { collect, secretPages } from '../pages.ts';

/** Creates a secret that nobody needs. Throws whatever the SDK throws, as every function here. */
export async function createDrillSecret(
  client: SecretsManager,
  Name: string,
  stage: string,
): Promise<void> {
  await client.createSecret({
    Name,
    Description: 'Made by `npm run drill`, which removes it',
    SecretString: randomUUID(),
    Tags: [{ Key: DRILL_TAG, Value: stage }],
  });
}

/** Schedules the deletion, with the shortest window. @returns DeletionDate. */
export async function scheduleDeletion(
  client: SecretsManager,
  SecretId: string,
): Promise<Date | undefined> {
  const request = { SecretId, RecoveryWindowInDays: MIN_WINDOW_DAYS };
  return (await client.deleteSecret(request)).DeletionDate;
}

/** @returns DescribeSecret's DeletedDate. */
export async function deletedDateOf(
  client: SecretsManager,
  SecretId: string,
): Promise<Date | undefined> {
  return (await client.describeSecret({ SecretId })).DeletedDate;
}

/** Tries to read the value. @returns whether AWS refused because the secret is marked for deletion. */
export async function isRefused(client: SecretsManager, SecretId: string): Promise<boolean> {
  try {
    await client.getSecretValue({ SecretId });
    return false;
  } catch (error) {
    if (error instanceof InvalidRequestException && /marked for deletion/.test(error.message)) {
      return true;
    }
    throw error;
  }
}

/** Tries to create another secret of the name. @returns whether AWS refused because the one that has it is scheduled for deletion. */
export async function isNameTaken(
  client: SecretsManager,
  name: string,
  stage: string,
): Promise<boolean> {
  try {
    await createDrillSecret(client, name, stage);
    return false;
  } catch (error) {
    if (error instanceof ResourceExistsException) return false;
    const isTaken = /already scheduled for deletion/;
    if (error instanceof InvalidRequestException && isTaken.test(error.message)) return true;
    throw error;
  }
}

/** The ARNs of the secrets that earlier drills of this stage have left. */
export async function leftovers(client: SecretsManager, stage: string): Promise<string[]> {
  const pages = secretPages(client, {
    IncludePlannedDeletion: true,
    Filters: [{ Key: 'name', Values: [DRILL_PREFIX] }],
  });
  const listed = await collect(pages, ({ SecretList }) => SecretList);
  return listed
    .filter(({ Name }) => isDrill(Name))
    .filter(({ Tags = [] }) => Tags.some(({ Key, Value }) => Key === DRILL_TAG && Value === stage))
    .flatMap(({ ARN }) => ARN ?? []);
}

/** How often a removal is tried; Secrets Manager is eventually consistent. */
const TRIES = 10;

/**
 * Deletes a secret without recovery; restores it first where it is scheduled for deletion, because AWS may refuse to
 * delete it then. One that is gone is no error.
 */
export async function removeSecret(
  client: SecretsManager,
  SecretId: string,
  sleep: (ms: number) => Promise<unknown>,
  tries = TRIES,
): Promise<void> {
  try {
    if (await deletedDateOf(client, SecretId)) {
      await client.restoreSecret({ SecretId });
    }
    await client.deleteSecret({ SecretId, ForceDeleteWithoutRecovery: true });
  } catch (error) {
    if (error instanceof ResourceNotFoundException) return;
    if (!(error instanceof InvalidRequestException) || tries <= 1) throw error;
    await sleep(1000);
    await removeSecret(client, SecretId, sleep, tries - 1);
  }
}
