import { randomUUID } from 'node:crypto';
import {
  CreateSecretCommand,
  DeleteSecretCommand,
  DescribeSecretCommand,
  GetSecretValueCommand,
  type GetSecretValueRequest,
  ListSecretsCommand,
  RestoreSecretCommand,
  type SecretsManagerClient,
  TagResourceCommand,
} from '@aws-sdk/client-secrets-manager';
import { addDays } from '../../../lib/time.ts';

/** A Secrets Manager, on AWS or in its place, that may have other secrets too. */
export interface ContractTarget {
  readonly client: SecretsManagerClient;
  /** Its clock. */
  now(): Date;
}

export const OWNER = { Key: 'owner', Value: 'payments' };
export const NOT_FOUND = {
  name: 'ResourceNotFoundException',
  message: "Secrets Manager can't find the specified secret.",
};

/** Defines a behaviour by its name, and what shows it with a secret of its own. */
export type Behaviour = (name: string, check: (secret: Subject) => Promise<void>) => void;

export type Subject = ReturnType<typeof subjectOf>;

/** What a test does with a secret of its own. */
export function subjectOf({ client, now }: ContractTarget) {
  const name = `contract/${randomUUID()}x`; // ends unlike an ARN
  return {
    name,
    arn: expect.stringMatching(
      new RegExp(`^arn:aws:secretsmanager:eu-west-1:111122223333:secret:${name}-[A-Za-z0-9]{6}$`),
    ),
    create: () =>
      client.send(new CreateSecretCommand({ Name: name, SecretString: 'hunter2', Tags: [OWNER] })),
    describe: (SecretId = name) => client.send(new DescribeSecretCommand({ SecretId })),
    get: (request: Partial<GetSecretValueRequest> = {}) =>
      client.send(new GetSecretValueCommand({ SecretId: name, ...request })),
    tag: (...Tags: { Key: string; Value: string }[]) =>
      client.send(new TagResourceCommand({ SecretId: name, Tags })),
    delete: (RecoveryWindowInDays?: number, ForceDeleteWithoutRecovery?: boolean) =>
      client.send(
        new DeleteSecretCommand({
          SecretId: name,
          RecoveryWindowInDays,
          ForceDeleteWithoutRecovery,
        }),
      ),
    restore: () => client.send(new RestoreSecretCommand({ SecretId: name })),
    /** Whether it is listed, among those not marked for deletion or among all. */
    async isListed(IncludePlannedDeletion?: boolean): Promise<boolean> {
      let NextToken: string | undefined;
      do {
        const page = await client.send(
          new ListSecretsCommand({ IncludePlannedDeletion, NextToken }),
        );
        if (page.SecretList?.some(({ Name }) => Name === name)) return true;
        ({ NextToken } = page);
      } while (NextToken);
      return false;
    },
    /** Expects a date in so many days, give or take a minute. */
    expectInDays(date: Date | undefined, days: number): void {
      const wanted = addDays(now(), days).getTime();
      expect(Math.abs((date?.getTime() ?? 0) - wanted)).toBeLessThan(60_000);
    },
  };
}
