import { ARN_PREFIX, startSecrets } from '../../../testing/secrets-manager.ts';

let secrets: Awaited<ReturnType<typeof startSecrets>>;

beforeEach(async () => {
  secrets = await startSecrets();
});
afterEach(() => secrets.stop());

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
