import { readdir } from 'node:fs/promises';
import { strFromU8, unzipSync } from 'fflate';
import { TEMPORARY } from './package-templates.ts';
import { packaged } from './template.ts';

/** Texts that minifying keeps, of what the AWS SDK has for other places than Lambda. */
const OF_NO_USE = {
  'the shared configuration files': 'credential_process',
  'single sign-on': 'sso_start_url',
  'AWS sign-in': 'login_session',
  'a web identity': 'AWS_WEB_IDENTITY_TOKEN_FILE',
  'a container': 'AWS_CONTAINER_CREDENTIALS_RELATIVE_URI',
  'the metadata of an instance': '/latest/meta-data/iam/security-credentials/',
  // Not `AssumeRole`, by which functions reach spokes.
  'the AWS STS of a web identity': 'AssumeRoleWithWebIdentityRequest',
  'the codec of event streams': ':event-type',
};

const bundle = (zip: string, file: string) => {
  const code = unzipSync(packaged('everything', zip))[`functions/${file}.mjs`];
  return strFromU8(code ?? new Uint8Array());
};

describe.each([
  ['notify', 'notify.zip', 138_000],
  ['track-deletion', 'trackDeletion.zip', 131_000],
  ['sift-reads', 'siftReads.zip', 113_000],
  ['summarize', 'summarize.zip', 139_000],
  ['read-trail', 'readTrail.zip', 100_000],
  ['chat', 'chat.zip', 109_000],
  ['bus', 'bus.zip', 97_000],
  ['buttons', 'buttons.zip', 110_000],
] as const)('the bundle of %s', (file, zip, size) => {
  test.each(Object.entries(OF_NO_USE))('lacks %s', (_, text) => {
    expect(bundle(zip, file)).not.toContain(text);
  });

  test('has credentials from the environment', () => {
    expect(bundle(zip, file)).toContain('Unable to find environment variable credentials.');
  });

  test('is an ES module, and alone in its zip', () => {
    expect(Object.keys(unzipSync(packaged('everything', zip)))).toEqual([`functions/${file}.mjs`]);
  });

  test(`makes a zip of at most ${size} bytes`, () => {
    expect(packaged('everything', zip).length).toBeLessThanOrEqual(size);
  });
});

test.each([
  ['notify', 'notify.zip', true],
  ['track-deletion', 'trackDeletion.zip', true],
  ['sift-reads', 'siftReads.zip', false],
  ['summarize', 'summarize.zip', true],
  ['read-trail', 'readTrail.zip', false],
  ['chat', 'chat.zip', false],
  ['bus', 'bus.zip', false],
  ['buttons', 'buttons.zip', true],
] as const)('the bundle of %s, %s, can assume roles: %s', (file, zip, canAssume) => {
  expect(bundle(zip, file).includes('AssumeRole')).toBe(canAssume);
});

test('packaging leaves nothing in the temporary folder of the system', async () => {
  expect(await readdir(TEMPORARY)).toEqual([]);
});
