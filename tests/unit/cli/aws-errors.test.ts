import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { expected } from '../../../cli/aws-errors.ts';

const named = (name: string, message: string) => Object.assign(new Error(message), { name });

test.each([
  [
    named('CredentialsProviderError', 'Could not load credentials from any providers'),
    /^CredentialsProviderError: Could not load credentials.+AWS_PROFILE/,
  ],
  [
    Object.assign(named('AccessDeniedException', 'not authorized'), { $metadata: {} }),
    /^AccessDeniedException: not authorized$/,
  ],
  [
    named('Error', 'Region not accepted: region="eu_west" is not a valid hostname component.'),
    /^Expected the name of a Region\. Region not accepted: region="eu_west"/,
  ],
])('%s is reported in a sentence', (error, message) => {
  expect(expected(error)).toMatchObject({
    code: 'AWS_REFUSED',
    message: expect.stringMatching(message),
  });
});

test('an endpoint that is no URL is wrong use', async () => {
  const client = new SecretsManagerClient({ region: 'eu-west-1', endpoint: 'localhost' });
  const error = await client.config.endpoint?.().catch((thrown: unknown) => thrown);
  expect(expected(error)).toMatchObject({
    code: 'AWS_REFUSED',
    message: expect.stringMatching(/^Expected AWS_ENDPOINT_URL.+such as http:/),
  });
});

test('a defect stays what it is', () => {
  const defect = new TypeError('x is undefined');
  expect(expected(defect)).toBe(defect);
});
