import { randomUUID } from 'node:crypto';
import { ListSecretsCommand, type SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { addDays } from '../../lib/time.ts';
import { OWNER, secretOf } from './secrets-manager.ts';

/** A Secrets Manager, on AWS or in its place, that may have other secrets too. */
export interface ContractTarget {
  readonly client: SecretsManagerClient;
  /** Its clock. */
  now(): Date;
}

/** Why a behaviour of the contract, by its name, is not that of a target. */
type KnownDifferences = Readonly<Record<string, string>>;

/**
 * Describes Secrets Manager as far as this project depends on it; to be called where tests are defined. A known
 * difference is tested as one: where a target behaves as AWS after all, its test fails.
 */
export function secretsManagerContract(
  target: () => ContractTarget,
  differences: KnownDifferences = {},
): void {
  const behaviours: string[] = [];

  function behaviour(name: string, check: (secret: Subject) => Promise<void>): void {
    behaviours.push(name);
    const run = () => check(subjectOf(target()));
    const reason = differences[name];
    if (reason === undefined) test(name, run);
    else test.failing(`${name} (known to differ: ${reason})`, run);
  }

  describeUsable(behaviour);
  describePending(behaviour);
  describeDeletion(behaviour);

  test('each known difference is one from this contract', () => {
    expect(behaviours).toEqual(expect.arrayContaining(Object.keys(differences)));
  });
}

/** A secret that is not marked for deletion. */
function describeUsable(behaviour: Behaviour): void {
  behaviour(
    'a secret is described with its tags and its version, not its value',
    async (secret) => {
      const { VersionId = '', ARN, Name } = await secret.create();
      expect({ ARN, Name }).toEqual({ ARN: secret.arn, Name: secret.name });
      const described = await secret.describe();
      expect(described).toMatchObject({
        ARN,
        Name,
        Tags: [OWNER],
        CreatedDate: expect.any(Date),
        VersionIdsToStages: { [VersionId]: ['AWSCURRENT'] },
      });
      expect(JSON.stringify(described)).not.toContain('hunter2');
      expect(described.DeletedDate).toBeUndefined();
    },
  );

  behaviour('a secret is found by its ARN, with and without the random end', async (secret) => {
    const { ARN = '' } = await secret.create();
    expect(await secret.describe(ARN)).toMatchObject({ Name: secret.name });
    expect(await secret.describe(ARN.slice(0, -7))).toMatchObject({ Name: secret.name });
  });

  behaviour('a secret gives its value', async (secret) => {
    await secret.create();
    expect(await secret.get()).toMatchObject({
      ARN: secret.arn,
      Name: secret.name,
      SecretString: 'hunter2',
      VersionStages: ['AWSCURRENT'],
    });
  });

  behaviour('the day of the last read is told as its midnight in UTC', async (secret) => {
    await secret.create();
    expect((await secret.describe()).LastAccessedDate).toBeUndefined();
    await secret.get();
    const { LastAccessedDate } = await secret.describe();
    expect(LastAccessedDate?.toISOString()).toMatch(/T00:00:00\.000Z$/);
  });

  behaviour('a tag is added, or gets another value', async (secret) => {
    await secret.create();
    await secret.tag({ Key: 'owner', Value: 'billing' }, { Key: 'team', Value: 'blue' });
    const { Tags = [] } = await secret.describe();
    expect(Tags.toSorted((one, other) => (one.Key ?? '').localeCompare(other.Key ?? ''))).toEqual([
      { Key: 'owner', Value: 'billing' },
      { Key: 'team', Value: 'blue' },
    ]);
  });

  behaviour('a name is taken once', async (secret) => {
    await secret.create();
    await expect(secret.create()).rejects.toMatchObject({
      name: 'ResourceExistsException',
      message: `The operation failed because the secret ${secret.name} already exists.`,
    });
  });

  behaviour('a version that is not there is not found', async (secret) => {
    await secret.create();
    const VersionId = 'ffffffff-ffff-4fff-8fff-ffffffffffff';
    await expect(secret.get({ VersionId })).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
      message: `Secrets Manager can't find the specified secret value for VersionId: ${VersionId}`,
    });
  });

  behaviour('a stage that is not there is not found', async (secret) => {
    await secret.create();
    await expect(secret.get({ VersionStage: 'AWSPENDING' })).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
      message:
        "Secrets Manager can't find the specified secret value for staging label: AWSPENDING",
    });
  });

  behaviour(
    'a stage without its version is refused with the code of a pending secret',
    async (secret) => {
      const { VersionId } = await secret.create();
      await expect(secret.get({ VersionId, VersionStage: 'AWSPENDING' })).rejects.toMatchObject({
        name: 'InvalidRequestException',
        message: 'You provided a VersionStage that is not associated to the provided VersionId.',
      });
    },
  );

  for (const operation of ['describe', 'get', 'restore', 'tag'] as const) {
    behaviour(`${operation} does not find a secret that is not there`, async (secret) => {
      const call = operation === 'tag' ? secret.tag(OWNER) : secret[operation]();
      await expect(call).rejects.toMatchObject(NOT_FOUND);
    });
  }
}

const MARKED = {
  name: 'InvalidRequestException',
  message: "You can't perform this operation on the secret because it was marked for deletion.",
  $metadata: { httpStatusCode: 400 },
};

/** A secret that is marked for deletion. */
function describePending(behaviour: Behaviour): void {
  for (const operation of ['get', 'tag'] as const) {
    behaviour(`${operation} is refused for a pending secret`, async (secret) => {
      await secret.create();
      await secret.delete(7);
      const call = operation === 'tag' ? secret.tag(OWNER) : secret.get();
      await expect(call).rejects.toMatchObject(MARKED);
    });
  }

  behaviour('a pending secret is not scheduled for deletion again', async (secret) => {
    await secret.create();
    await secret.delete(7);
    const { DeletedDate } = await secret.describe();
    // Its text is not documented, and seen in more than one form.
    await expect(secret.delete(30)).rejects.toMatchObject({ name: MARKED.name });
    expect((await secret.describe()).DeletedDate).toEqual(DeletedDate);
  });

  behaviour('a pending secret is still described, with tags and a date', async (secret) => {
    await secret.create();
    await secret.delete(7);
    const described = { ARN: secret.arn, Tags: [OWNER], DeletedDate: expect.any(Date) };
    expect(await secret.describe()).toMatchObject(described);
  });

  behaviour('the date of a pending secret is the time of the request', async (secret) => {
    await secret.create();
    await secret.delete(7);
    secret.expectInDays((await secret.describe()).DeletedDate, 0);
  });

  behaviour('a pending secret is listed only if asked for', async (secret) => {
    await secret.create();
    expect(await secret.isListed()).toBe(true);
    await secret.delete(7);
    expect([await secret.isListed(), await secret.isListed(true)]).toEqual([false, true]);
  });

  behaviour('the name of a pending secret is still taken', async (secret) => {
    await secret.create();
    await secret.delete(7);
    await expect(secret.create()).rejects.toMatchObject({
      name: 'InvalidRequestException',
      message:
        "You can't create this secret because a secret with this name is already scheduled for deletion.",
    });
  });

  behaviour('a pending secret is usable again once restored', async (secret) => {
    await secret.create();
    await secret.delete(7);
    expect(await secret.restore()).toMatchObject({ ARN: secret.arn, Name: secret.name });
    expect(await secret.get()).toMatchObject({ SecretString: 'hunter2' });
    expect((await secret.describe()).DeletedDate).toBeUndefined();
    expect(await secret.isListed()).toBe(true);
  });

  behaviour('a pending secret can be deleted at once', async (secret) => {
    await secret.create();
    await secret.delete(7);
    await secret.delete(undefined, true);
    await expect(secret.describe()).rejects.toMatchObject(NOT_FOUND);
  });
}

/** DeleteSecret and its windows. */
function describeDeletion(behaviour: Behaviour): void {
  for (const [days, expected] of [[undefined, 30] as const, [7, 7] as const, [30, 30] as const]) {
    behaviour(`a window of ${days ?? 'no given'} days ends in ${expected}`, async (secret) => {
      await secret.create();
      const { DeletionDate, ...answer } = await secret.delete(days);
      expect(answer).toMatchObject({ ARN: secret.arn, Name: secret.name });
      secret.expectInDays(DeletionDate, expected);
    });
  }

  for (const days of [6, 31]) {
    behaviour(`a window of ${days} days is refused`, async (secret) => {
      await secret.create();
      await expect(secret.delete(days)).rejects.toMatchObject({
        name: 'InvalidParameterException',
        message: 'The RecoveryWindowInDays value must be between 7 and 30 days (inclusive).',
      });
    });
  }

  behaviour('a window and no window at a time are refused', async (secret) => {
    await secret.create();
    await expect(secret.delete(7, true)).rejects.toMatchObject({
      name: 'InvalidParameterException',
      message: "You can't use ForceDeleteWithoutRecovery in conjunction with RecoveryWindowInDays.",
    });
  });

  behaviour('a secret that is not there cannot be scheduled for deletion', async (secret) => {
    await expect(secret.delete(7)).rejects.toMatchObject(NOT_FOUND);
  });

  behaviour('a secret that is not there can be deleted at once', async (secret) => {
    const { Name, DeletionDate } = await secret.delete(undefined, true);
    expect(Name).toBe(secret.name);
    secret.expectInDays(DeletionDate, 0);
  });
}

const NOT_FOUND = {
  name: 'ResourceNotFoundException',
  message: "Secrets Manager can't find the specified secret.",
};

/** Defines a behaviour by its name, and what shows it with a secret of its own. */
type Behaviour = (name: string, check: (secret: Subject) => Promise<void>) => void;

type Subject = ReturnType<typeof subjectOf>;

/** What a test does with a secret of its own. */
function subjectOf({ client, now }: ContractTarget) {
  const name = `contract/${randomUUID()}x`; // ends unlike an ARN
  return {
    name,
    arn: expect.stringMatching(
      new RegExp(`^arn:aws:secretsmanager:eu-west-1:111122223333:secret:${name}-[A-Za-z0-9]{6}$`),
    ),
    ...secretOf(client, name),
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
