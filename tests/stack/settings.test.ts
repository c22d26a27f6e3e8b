import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { BUILD, packageService, runServerless } from '../../emulators/serverless.ts';
import { COMBINATIONS } from './template.ts';

test('packaging without any setting lists all that is missing and an example, which was packaged', async () => {
  const params = Object.entries(COMBINATIONS.example).map(
    ([name, value]) => `--param="${name}=${value}"`,
  );
  const packaging = packageService('.build/templates/none', {}, AbortSignal.timeout(180_000));
  const error: Error = await packaging.then(
    () => new Error('packaged'),
    (thrown) => thrown,
  );
  expect(error.message).toContain(`
- Expected exactly one of \`alertEmails\` and \`alertTopicArn\` to be set, got neither
- Expected exactly one of \`cloudTrailLogGroup\` and \`createTrail=true\` to be set, got neither. Which of these?
    cloudTrailLogGroup=NAME: a trail delivers to a log group of this account and Region
    createTrail=true: there is no trail yet; beside another it is a second one, which AWS bills
    trailPath=off with classicAlarm=false: the only trail is an organization's, its log group in another account; the rule then hears this account and Region only
    docs/deploy.md#which-deployment says what each of them hears
An example that works:
  npx serverless package ${params.join(' ')}
`);
}, 180_000);

describe('where the service is deployed', () => {
  let folder: string;
  beforeAll(async () => {
    await mkdir(BUILD, { recursive: true });
    folder = await mkdtemp(join(BUILD, 'region-'));
    await writeFile(join(folder, 'config'), '[profile work]\nregion = eu-north-1\n');
  });
  afterAll(() => rm(folder, { recursive: true }));

  /** Prints the configuration, as somebody who has set no Region by a variable. */
  const configuration = (...args: string[]) =>
    runServerless(['print', ...args], COMBINATIONS.example, {
      env: { AWS_REGION: '', AWS_CONFIG_FILE: join(folder, 'config') },
      signal: AbortSignal.timeout(180_000),
    });

  test('is that of the profile', async () => {
    expect(await configuration('--aws-profile', 'work')).toContain('\n  region: eu-north-1\n');
  }, 180_000);

  test.each([
    ['missing', [], 'Expected a Region, got none'],
    ['that of no profile', ['--aws-profile', 'nope'], 'Expected the AWS profile nope in '],
  ])(
    'is refused, not us-east-1, if it is %s',
    async (_, args, message) => {
      await expect(configuration(...args)).rejects.toThrow(message);
    },
    180_000,
  );
});
