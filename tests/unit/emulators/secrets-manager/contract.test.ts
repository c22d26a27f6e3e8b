import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { clientSettings } from '../../../../emulators/client.ts';
import { NOW, startSecrets } from '../../../testing/secrets-manager.ts';
import type { ContractTarget } from '../../../testing/secrets-manager-contract/subject.ts';
import { secretsManagerContract } from '../../../testing/secrets-manager-contract.ts';

let secrets: Awaited<ReturnType<typeof startSecrets>>;
let target: ContractTarget;

beforeEach(async () => {
  secrets = await startSecrets();
  const client = new SecretsManagerClient({
    ...clientSettings(secrets.endpoint, 'app'),
    maxAttempts: 1,
  });
  target = { client, now: () => NOW };
});
afterEach(async () => {
  target.client.destroy();
  await secrets.stop();
});

describe('The stand-in keeps the contract of Secrets Manager', () => {
  secretsManagerContract(() => target);
});
