import { ended, runCli, startCli } from '../testing/cli.ts';

const REGION = { AWS_REGION: 'eu-west-1' };
const CREDENTIALS = { AWS_ACCESS_KEY_ID: 'operator', AWS_SECRET_ACCESS_KEY: 'local' };
const NOBODY = { AWS_ENDPOINT_URL: 'http://127.0.0.1:1' };

test.each<[string, string[], Record<string, string>, RegExp]>([
  ['an unknown option', ['--regoin', 'eu-west-1'], {}, /unknown option '--regoin'/],
  ['no stage', ['--stage', 'a b'], {}, /Expected letters, digits and hyphens, such as dev/],
  ['no credentials', ['--region', 'eu-west-1'], {}, /^error: CredentialsProviderError: /],
  [
    'no credentials for a spoke',
    ['--spoke', '--region', 'eu-west-1'],
    {},
    /^error: CredentialsProviderError: /,
  ],
  ['no Region', [], CREDENTIALS, /^error: Expected a Region, got none/],
  ['no such profile', ['--profile', 'nope'], REGION, /^error: Expected the AWS profile nope in/],
])(
  'doctor ends with exit code 2 and one line on stderr for %s',
  async (_, args, variables, why) => {
    const { code, stdout, stderr } = await runCli('doctor', args, variables);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr.trim().split('\n')).toEqual([expect.stringMatching(why)]);
  },
);

// In a process of its own: within Jest the errors of Node's own modules are of another realm.
test('so it does for no answer', async () => {
  const environment = { ...REGION, ...CREDENTIALS, ...NOBODY };
  const { code, stdout, stderr } = await ended(startCli('doctor', [], environment));
  expect([code, stdout]).toEqual([2, '']);
  expect(stderr.trim().split('\n')).toEqual([expect.stringMatching(/^error: ECONNREFUSED: /)]);
});
