import { defaultProvider } from '../../../lib/aws/credentials.ts';

const LAMBDA = {
  AWS_ACCESS_KEY_ID: 'ASIAEXAMPLE',
  AWS_SECRET_ACCESS_KEY: 'secret',
  AWS_SESSION_TOKEN: 'token',
};
const OTHER_SOURCES = {
  AWS_PROFILE: 'admin',
  AWS_WEB_IDENTITY_TOKEN_FILE: '/var/run/token',
  AWS_CONTAINER_CREDENTIALS_FULL_URI: 'http://127.0.0.1:1/credentials',
};

const original = process.env;
afterEach(() => {
  process.env = original;
});

test.each([
  ['as Lambda sets them', LAMBDA],
  ['whatever else there is', { ...LAMBDA, ...OTHER_SOURCES }],
])('the credentials are those of the environment, %s, and need no refresh', async (_, env) => {
  process.env = env;
  const credentials = await defaultProvider()();
  expect(credentials).toMatchObject({
    accessKeyId: 'ASIAEXAMPLE',
    secretAccessKey: 'secret',
    sessionToken: 'token',
  });
  expect(credentials.expiration).toBeUndefined();
});

test('no other source of credentials is asked', async () => {
  process.env = OTHER_SOURCES;
  await expect(defaultProvider()()).rejects.toThrow('environment variable credentials');
});
