import type { CloudTrailClient } from '@aws-sdk/client-cloudtrail';
import type { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import type { STSClient } from '@aws-sdk/client-sts';
import { clientSettings } from './clients.ts';
import { functionSpokes, type Place } from './spokes.ts';

/** The SDK's clients. They come from the entry file, because a bundle is smaller by kilobytes where all are imported there, side by side. */
interface Sdk {
  readonly CloudTrailClient: typeof CloudTrailClient;
  readonly SecretsManagerClient: typeof SecretsManagerClient;
  readonly STSClient: typeof STSClient;
}

/**
 * The clients by which a function looks secrets and their deletions up: at home, and by spokes where there are any.
 * @param roleArn the ARN of the spokes' lookup roles, in which ACCOUNT and REGION stand for those of a spoke; absent without spokes
 * @param session the name of the function's sessions there
 */
export function lookUpClients(sdk: Sdk, roleArn: string | undefined, session: string) {
  const settings = clientSettings(2000);
  const own = {
    secretsManager: new sdk.SecretsManagerClient(settings),
    cloudTrail: new sdk.CloudTrailClient(settings),
  };
  const spokes = functionSpokes(roleArn, session, {
    settings,
    own: own.secretsManager,
    newSts: () => new sdk.STSClient(clientSettings(2000, 2)),
    clientsOf: (there, watch) => ({
      secretsManager: watch(new sdk.SecretsManagerClient(there)),
      cloudTrail: watch(new sdk.CloudTrailClient(there)),
    }),
  });
  const at = async (place?: Place) => (place && spokes ? spokes.at(place) : own);
  return {
    hasSpokes: spokes !== undefined,
    secretsManagerAt: async (place?: Place) => (await at(place)).secretsManager,
    cloudTrailAt: async (place?: Place) => (await at(place)).cloudTrail,
  };
}
