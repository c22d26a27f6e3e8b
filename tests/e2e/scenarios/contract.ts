import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { secretsManagerContract } from '../../testing/secrets-manager-contract.ts';
import { aws } from '../world.ts';

const WORDING = 'another wording; the product reads none of it';

/** Where ministack does not behave as AWS, and why that is of no consequence here. */
const DIFFERENCES = {
  'the day of the last read is told as its midnight in UTC':
    'ministack returns the time; the product shows the day only',
  'a version that is not there is not found': WORDING,
  'a stage that is not there is not found': WORDING,
  'a window of 6 days is refused': WORDING,
  'a window of 31 days is refused': WORDING,
  'a stage without its version is refused with the code of a pending secret':
    'ministack does not look at the stage if a version is given; no scenario gives both',
  'the date of a pending secret is the time of the request':
    'ministack returns the end of the window, as moto and LocalStack do; the product treats a date a day ahead as that',
  'a secret that is not there can be deleted at once':
    'ministack does not find it; no scenario deletes without a window',
};

describe('The emulator keeps the contract of Secrets Manager', () => {
  const client = new SecretsManagerClient({ ...aws, maxAttempts: 1 });
  secretsManagerContract(() => ({ client, now: () => new Date() }), DIFFERENCES);
});
