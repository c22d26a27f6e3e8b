import {
  ARN,
  ARN_PREFIX,
  NAME,
  NOW,
  OWNER,
  startSecrets,
} from '../../../testing/secrets-manager.ts';

let secrets: Awaited<ReturnType<typeof startSecrets>>;

beforeEach(async () => {
  secrets = await startSecrets();
});
afterEach(() => secrets.stop());

describe('a secret', () => {
  test('is described with its tags and its version, not its value', async () => {
    const { VersionId } = await secrets.create();
    expect(await secrets.describe()).toMatchObject({
      ARN,
      Name: NAME,
      Tags: [OWNER],
      CreatedDate: NOW,
      VersionIdsToStages: { [VersionId ?? '']: ['AWSCURRENT'] },
    });
    expect(await secrets.describe()).not.toHaveProperty('DeletedDate');
  });

  test('tells the day on which its value was last read, if ever', async () => {
    await secrets.create();
    expect(await secrets.describe()).not.toHaveProperty('LastAccessedDate');
    await secrets.get();
    expect(await secrets.describe()).toMatchObject({
      LastAccessedDate: new Date('2026-11-22T00:00:00Z'),
    });
  });

  test('gives its value', async () => {
    await secrets.create();
    expect(await secrets.get()).toMatchObject({ ARN, Name: NAME, SecretString: 'hunter2' });
  });

  test('gets a tag or another value of a tag', async () => {
    await secrets.create();
    await secrets.tag({ Key: 'owner', Value: 'billing' }, { Key: 'team', Value: 'blue' });
    const { Tags } = await secrets.describe();
    expect(Tags).toEqual([
      { Key: 'owner', Value: 'billing' },
      { Key: 'team', Value: 'blue' },
    ]);
  });

  test('does not take the name of another', async () => {
    await secrets.create();
    await expect(secrets.create()).rejects.toMatchObject({
      name: 'ResourceExistsException',
      message: `The operation failed because the secret ${NAME} already exists.`,
    });
  });

  test.each([
    [
      'a version that it does not have',
      { VersionId: 'ffffffff-ffff-4fff-8fff-ffffffffffff' },
      'ResourceNotFoundException',
      "Secrets Manager can't find the specified secret value for VersionId: ffffffff-ffff-4fff-8fff-ffffffffffff",
    ],
    [
      'a stage that it does not have',
      { VersionStage: 'AWSPENDING' },
      'ResourceNotFoundException',
      "Secrets Manager can't find the specified secret value for staging label: AWSPENDING",
    ],
  ])('refuses %s', async (_, version, name, message) => {
    await secrets.create();
    const call = secrets.get(version);
    await expect(call).rejects.toMatchObject({ name, message });
  });

  test('refuses a stage that its version is not in, with the code of a pending secret', async () => {
    const { VersionId } = await secrets.create();
    const call = secrets.get({ VersionId, VersionStage: 'AWSPENDING' });
    await expect(call).rejects.toMatchObject({
      name: 'InvalidRequestException',
      message: 'You provided a VersionStage that is not associated to the provided VersionId.',
    });
  });
});

test.each([
  ['its name', 'db', 'db', true],
  ['its ARN', 'db', `${ARN_PREFIX}db-AbCdEf`, true],
  ['a partial ARN', 'db', `${ARN_PREFIX}db`, true],
  ['a part of its name', 'db-prod', 'db', false],
  ['its name and suffix', 'db', 'db-AbCdEf', false],
  ['the ARN of a former one', 'db', `${ARN_PREFIX}db-ZyXwVu`, false],
  ['an ARN of another Region', 'db', `${ARN_PREFIX.replace('west', 'north')}db`, false],
  ['a name that ends like an ARN', 'db-passwd', 'db-passwd', true],
  ['a partial ARN that ends like a full one', 'db-passwd', `${ARN_PREFIX}db-passwd`, false],
])('a secret asked for by %s: %s, %s: %s', async (_, name, secretId, found) => {
  await secrets.create(name);
  const call = secrets.describe(secretId);
  await (found
    ? expect(call).resolves.toMatchObject({ Name: name })
    : expect(call).rejects.toMatchObject({
        name: 'ResourceNotFoundException',
        message: "Secrets Manager can't find the specified secret.",
        $metadata: { httpStatusCode: 400 },
      }));
});
