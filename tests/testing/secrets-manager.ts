import {
  CreateSecretCommand,
  DeleteSecretCommand,
  DescribeSecretCommand,
  GetSecretValueCommand,
  type GetSecretValueRequest,
  ListSecretsCommand,
  RestoreSecretCommand,
  SecretsManagerClient,
  TagResourceCommand,
} from '@aws-sdk/client-secrets-manager';
import { clientSettings } from '../../emulators/client.ts';
import type { CloudTrailRecord } from '../../emulators/cloudtrail.ts';
import { startSecretsManager } from '../../emulators/secrets-manager.ts';
import { APP_SERVER } from './records.ts';

export const NOW = new Date('2026-11-22T14:03:00Z');
export const NAME = 'prod/db-password';
export const ARN_PREFIX = 'arn:aws:secretsmanager:eu-west-1:111122223333:secret:';
export const ARN = `${ARN_PREFIX}${NAME}-AbCdEf`;
export const OWNER = { Key: 'owner', Value: 'payments' };

/** The stand-in on a fixed clock, every ARN ending in `AbCdEf`, and the records of what is asked of it. */
export async function startSecrets() {
  const records: CloudTrailRecord[] = [];
  const service = await startSecretsManager({
    now: () => NOW,
    callers: { app: APP_SERVER },
    suffix: () => 'AbCdEf',
    onRecord: (record) => records.push(record),
  });
  return { ...service, ...secretsAt(service.endpoint, 'app'), records };
}

/** What a test asks of Secrets Manager about one secret, through the AWS SDK. */
export const secretOf = (client: SecretsManagerClient, name: string) => ({
  create: (Tags = [OWNER]) =>
    client.send(new CreateSecretCommand({ Name: name, SecretString: 'hunter2', Tags })),
  describe: (SecretId = name) => client.send(new DescribeSecretCommand({ SecretId })),
  get: (request: Partial<GetSecretValueRequest> = {}) =>
    client.send(new GetSecretValueCommand({ SecretId: name, ...request })),
  tag: (...Tags: { Key: string; Value: string }[]) =>
    client.send(new TagResourceCommand({ SecretId: name, Tags })),
  delete: (RecoveryWindowInDays?: number, ForceDeleteWithoutRecovery?: boolean) =>
    client.send(
      new DeleteSecretCommand({ SecretId: name, RecoveryWindowInDays, ForceDeleteWithoutRecovery }),
    ),
  restore: () => client.send(new RestoreSecretCommand({ SecretId: name })),
});

/** What a test asks about {@link NAME}. Nothing is tried twice. */
export function secretsAt(endpoint: string, accessKeyId: string) {
  const client = new SecretsManagerClient({
    ...clientSettings(endpoint, accessKeyId),
    maxAttempts: 1,
  });
  return {
    ...secretOf(client, NAME),
    create: (name = NAME, tags = [OWNER]) => secretOf(client, name).create(tags),
    /** The names of all, of those marked for deletion only if asked for. */
    async list(IncludePlannedDeletion?: boolean) {
      const { SecretList } = await client.send(new ListSecretsCommand({ IncludePlannedDeletion }));
      return SecretList?.map(({ Name }) => Name);
    },
  };
}
