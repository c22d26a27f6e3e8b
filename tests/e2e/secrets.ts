import {
  CreateSecretCommand,
  DeleteSecretCommand,
  DescribeSecretCommand,
  GetSecretValueCommand,
  RestoreSecretCommand,
  SecretsManagerClient,
  type Tag,
} from '@aws-sdk/client-secrets-manager';
import { HOME } from '../../emulators/client.ts';
import {
  type CloudTrailRecord,
  cloudTrailRecord,
  type JsonObject,
  type Outcome,
  type RoleSession,
} from '../../emulators/cloudtrail.ts';
import type { Place } from '../../lib/aws/spokes.ts';
import { awsAt } from './world.ts';

const ADMIN = { role: 'platform-admin', session: 'ada', sourceIPAddress: '198.51.100.7' };
const APP = { role: 'app-server', session: 'i-0abc', sourceIPAddress: '10.0.3.7' };

export const VALUE = 'hunter2';

/** Someone who uses Secrets Manager in an account and Region, and the records that CloudTrail would write of it. */
function user(who: Omit<RoleSession, 'account'>, place: Place) {
  const caller = { ...who, account: place.accountId };
  const client = new SecretsManagerClient({ ...awsAt(place), maxAttempts: 1 });
  let latest: CloudTrailRecord | undefined;
  const note = (commandName: string | undefined, input: object, outcome: Outcome) => {
    latest = cloudTrailRecord({
      eventName: String(commandName).replace(/Command$/, ''),
      time: new Date(),
      caller,
      accessKeyId: 'ASIAIOSFODNN7EXAMPLE',
      userAgent: 'aws-sdk-js/3 e2e',
      request: { ...input },
      outcome,
      place,
    });
  };
  client.middlewareStack.add(
    (next, { commandName }) =>
      async (args) => {
        try {
          const result = await next(args);
          note(commandName, args.input, { response: asSent(result.output) });
          return result;
        } catch (error) {
          const { name: code, message } = error as Error;
          note(commandName, args.input, { error: { code, message } });
          throw error;
        }
      },
    { step: 'initialize', name: 'recordCalls' },
  );

  return {
    create: (Name: string, Tags?: Tag[]) =>
      client.send(new CreateSecretCommand({ Name, SecretString: VALUE, Tags })),
    /** With a window of 7 days. @returns the date. */
    async scheduleDeletion(SecretId: string): Promise<Date> {
      const command = new DeleteSecretCommand({ SecretId, RecoveryWindowInDays: 7 });
      const { DeletionDate } = await client.send(command);
      return DeletionDate ?? new Date(Number.NaN);
    },
    /** Without a window. */
    purge: (SecretId: string) =>
      client.send(new DeleteSecretCommand({ SecretId, ForceDeleteWithoutRecovery: true })),
    restore: (SecretId: string) => client.send(new RestoreSecretCommand({ SecretId })),
    describe: (SecretId: string) => client.send(new DescribeSecretCommand({ SecretId })),
    async read(SecretId: string, VersionStage?: string): Promise<string | undefined> {
      const command = new GetSecretValueCommand({ SecretId, VersionStage });
      return (await client.send(command)).SecretString;
    },
    /** The record of the last call. */
    lastRecord(): CloudTrailRecord {
      if (latest) return latest;
      throw new Error('Nothing has been recorded');
    },
  };
}

/** Dates come back as objects, and were sent as seconds since 1970. */
function asSent({ $metadata, ...output }: { $metadata?: unknown }): JsonObject {
  return Object.fromEntries(
    Object.entries(output).map(([key, value]: [string, unknown]) => [
      key,
      value instanceof Date ? value.getTime() / 1000 : value,
    ]),
  );
}

/** Who uses the secrets of an account and Region. */
export const usersAt = (place: Place) => ({
  admin: user(ADMIN, place),
  app: user(APP, place),
  batch: user({ ...APP, role: 'batch', session: 'b-1' }, place),
});

export const { admin, app, batch } = usersAt(HOME);

/** Makes a secret and schedules its deletion. @returns for when. */
export async function createPending(name: string, tags?: Tag[], by = admin): Promise<Date> {
  await by.create(name, tags);
  return by.scheduleDeletion(name);
}

/** Somebody tries to create a secret of the name of a pending one. @returns the record of the failure. */
export async function createInVain(name: string): Promise<CloudTrailRecord> {
  await expect(admin.create(name)).rejects.toMatchObject({
    name: 'InvalidRequestException',
    message:
      "You can't create this secret because a secret with this name is already scheduled for deletion.",
  });
  return admin.lastRecord();
}

/** An application reads a secret that is not there. @returns the record of its failure. */
export async function readInVain(name: string): Promise<CloudTrailRecord> {
  await expect(app.read(name)).rejects.toMatchObject({
    name: 'ResourceNotFoundException',
    message: "Secrets Manager can't find the specified secret.",
  });
  return app.lastRecord();
}

/** An application tries to read a pending secret. @returns the record of its failure. */
export async function attempt(name: string, reader = app): Promise<CloudTrailRecord> {
  await expect(reader.read(name)).rejects.toMatchObject({
    name: 'InvalidRequestException',
    message: "You can't perform this operation on the secret because it was marked for deletion.",
  });
  return reader.lastRecord();
}
