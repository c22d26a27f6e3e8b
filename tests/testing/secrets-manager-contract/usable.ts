import { type Behaviour, NOT_FOUND, OWNER } from './subject.ts';

/** A secret that is not marked for deletion. */
export function describeUsable(behaviour: Behaviour): void {
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
