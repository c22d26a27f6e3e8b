import { ListSecretsCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { HOME } from '../../emulators/client.ts';
import { DRILL_PREFIX } from '../../lib/drill.ts';
import { eventually } from './eventually.ts';
import { awsAt } from './world.ts';

/** The names of the secrets of drills; those scheduled for deletion only if asked. */
export async function drills(place = HOME, isPending = false): Promise<string[]> {
  const secretsManager = new SecretsManagerClient(awsAt(place));
  const request = { IncludePlannedDeletion: true, MaxResults: 100 };
  const { SecretList = [] } = await secretsManager.send(new ListSecretsCommand(request));
  return SecretList.filter(({ Name }) => Name?.startsWith(DRILL_PREFIX))
    .filter(({ DeletedDate }) => !isPending || DeletedDate)
    .map(({ Name = '' }) => Name);
}

/** Waits until the drill that is running there has scheduled the deletion of its secret. */
export async function pendingDrill(place = HOME): Promise<string> {
  const [name = ''] = await eventually(
    () => drills(place, true),
    (names) => names.length > 0,
  );
  return name;
}
