import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { devNull, tmpdir } from 'node:os';
import { join } from 'node:path';
import { STS } from '@aws-sdk/client-sts';
import { expected } from '../../../cli/aws-errors.ts';
import { awsSettings } from '../../../cli/aws-settings.ts';
import { listen } from '../../../emulators/service.ts';

const folder = mkdtempSync(join(tmpdir(), 'aws-settings-'));
afterAll(() => rmSync(folder, { recursive: true }));

const AWS_CONFIG_FILE = join(folder, 'config');
const AWS_SHARED_CREDENTIALS_FILE = join(folder, 'credentials');
writeFileSync(
  AWS_CONFIG_FILE,
  '[default]\nregion = eu-west-1\n[profile work]\nregion = eu-west-2\n[profile bare]\noutput = json\n',
);
writeFileSync(
  AWS_SHARED_CREDENTIALS_FILE,
  '[keys]\naws_access_key_id = a\naws_secret_access_key = b\nregion = eu-west-3\n',
);
const files = { AWS_CONFIG_FILE, AWS_SHARED_CREDENTIALS_FILE };
const noFiles = { AWS_CONFIG_FILE: devNull, AWS_SHARED_CREDENTIALS_FILE: devNull };

const AWS_REGION = 'us-west-1';
const AWS_DEFAULT_REGION = 'us-west-2';

test.each([
  ['the option', { region: 'a', profile: 'work' }, { AWS_REGION }, 'a', 'work'],
  ['AWS_REGION', { profile: 'work' }, { AWS_REGION, AWS_DEFAULT_REGION }, 'us-west-1', 'work'],
  ['AWS_DEFAULT_REGION', {}, { AWS_REGION: '', AWS_DEFAULT_REGION }, 'us-west-2', undefined],
  ['the profile given', { profile: 'work' }, { AWS_PROFILE: 'keys' }, 'eu-west-2', 'work'],
  ['the profile of AWS_PROFILE', {}, { AWS_PROFILE: 'work' }, 'eu-west-2', 'work'],
  ["the profile's credentials", { profile: 'keys' }, {}, 'eu-west-3', 'keys'],
  ['the default profile', {}, { AWS_PROFILE: '' }, 'eu-west-1', undefined],
  ['AWS_REGION for null', { region: null, profile: null }, { AWS_REGION }, AWS_REGION, undefined],
])('the Region is that of %s', async (_, given, environment, region, profile) => {
  expect(await awsSettings(given, { ...files, ...environment })).toMatchObject({
    region,
    profile,
  });
});

test.each([
  [
    'no profile',
    {},
    noFiles,
    /^Expected a Region, got none; the AWS profile default has none either\. /,
  ],
  ['a profile without one', { profile: 'bare' }, files, /the AWS profile bare has none either\. /],
])('a Region that nobody names is never guessed: %s', async (_, given, environment, message) => {
  await expect(awsSettings(given, environment)).rejects.toMatchObject({
    code: 'NO_REGION',
    message: expect.stringMatching(message),
  });
});

test.each([
  ['the option', { profile: 'nope' }, { AWS_PROFILE: 'work' }],
  ['AWS_PROFILE', {}, { AWS_PROFILE: 'nope', AWS_REGION }],
])('a profile that is not configured is refused: %s', async (_, given, environment) => {
  await expect(awsSettings(given, { ...files, ...environment })).rejects.toMatchObject({
    code: 'NO_PROFILE',
    message: `Expected the AWS profile nope in ${AWS_CONFIG_FILE} or ${AWS_SHARED_CREDENTIALS_FILE}, where it is not. Give another by --profile, or by AWS_PROFILE.`,
  });
});

test.each([
  ['NO_REGION', '--region', 'AWS_REGION', { region: '' }],
  ['NO_PROFILE', '--profile', 'AWS_PROFILE', { profile: ' ' }],
])('an empty value is refused, not replaced by another: %s', async (code, option, name, given) => {
  const environment = { ...files, AWS_REGION, AWS_PROFILE: 'work' };
  await expect(awsSettings(given, environment)).rejects.toMatchObject({
    code,
    message: `Expected a value for ${option}, got an empty one. Give it, or leave ${option} out to use ${name}.`,
  });
});

test('a service that takes requests and never answers is given up', async () => {
  const { endpoint, stop } = await listen(createServer(() => undefined));
  import.meta.jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate'] });
  try {
    const aws = await awsSettings({ region: 'eu-west-1' }, noFiles);
    const credentials = { accessKeyId: 'a', secretAccessKey: 'b' };
    const sts = new STS({ ...aws, endpoint, credentials, maxAttempts: 1 });
    const start = Date.now();
    let answer: unknown;
    sts.getCallerIdentity({}).catch((error: unknown) => {
      answer = error;
    });
    while (!answer && Date.now() - start < 60_000) {
      await new Promise(setImmediate);
      import.meta.jest.advanceTimersByTime(100);
    }
    expect(expected(answer)).toMatchObject({
      code: 'AWS_REFUSED',
      message: 'AWS did not answer in time (TimeoutError). Try again.',
    });
  } finally {
    import.meta.jest.useRealTimers();
    await stop();
  }
});
