import type { STSClientConfig } from '@aws-sdk/client-sts';
import { loadSharedConfigFiles } from '@smithy/core/config';
import { NotifierError } from '../lib/errors.ts';

/** The configuration of the clients of the AWS SDK. */
export interface AwsSettings {
  readonly region: string;
  readonly profile?: string;
  /** How long a request may take. */
  readonly requestHandler?: STSClientConfig['requestHandler'];
}

/** In ms, for each of the attempts that the SDK makes: without them an endpoint that hangs would hang the command. */
const PATIENCE = {
  connectionTimeout: 5000,
  requestTimeout: 15_000,
  throwOnRequestTimeout: true,
  // Between two parts of an answer.
  socketTimeout: 15_000,
};

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The Region and the profile, by one rule for every command, for packaging and for deploying. The Region is that of
 * `--region`, `AWS_REGION`, `AWS_DEFAULT_REGION` or the profile, whichever is set first. (The SDK ignores
 * `AWS_DEFAULT_REGION`; Serverless ignores the profile's Region and would take us-east-1.)
 * https://docs.aws.amazon.com/sdkref/latest/guide/feature-region.html
 * @param given the options of the command.
 * @throws NotifierError `NO_PROFILE` for a profile that is not configured, `NO_REGION` if none is set; either for an
 * option with an empty value, which may be a shell's variable that is not set, and must not mean another account.
 */
export async function awsSettings(
  given: { readonly region?: string | null; readonly profile?: string | null },
  environment: Environment = process.env,
): Promise<AwsSettings> {
  refuseEmpty('NO_PROFILE', '--profile', given.profile, 'AWS_PROFILE');
  refuseEmpty('NO_REGION', '--region', given.region, 'AWS_REGION');
  const profile = given.profile || environment.AWS_PROFILE || undefined;
  const name = profile ?? 'default';
  const files = {
    configFilepath: environment.AWS_CONFIG_FILE || '~/.aws/config',
    filepath: environment.AWS_SHARED_CREDENTIALS_FILE || '~/.aws/credentials',
  };
  const { configFile, credentialsFile } = await loadSharedConfigFiles(files);
  if (profile && !configFile[profile] && !credentialsFile[profile]) {
    const where = `${files.configFilepath} or ${files.filepath}`;
    const next = 'Give another by --profile, or by AWS_PROFILE.';
    throw new NotifierError(
      'NO_PROFILE',
      `Expected the AWS profile ${profile} in ${where}, where it is not. ${next}`,
    );
  }
  const region =
    given.region ||
    environment.AWS_REGION ||
    environment.AWS_DEFAULT_REGION ||
    configFile[name]?.region ||
    credentialsFile[name]?.region;
  if (region) return { region, profile, requestHandler: PATIENCE };
  const what = `Expected a Region, got none; the AWS profile ${name} has none either.`;
  throw new NotifierError('NO_REGION', `${what} Give it by --region, or by AWS_REGION.`);
}

function refuseEmpty(
  code: 'NO_PROFILE' | 'NO_REGION',
  option: string,
  value: string | null | undefined,
  variable: string,
): void {
  // Serverless passes null for an option that is not given.
  if (value?.trim() !== '') return;
  const what = `Expected a value for ${option}, got an empty one.`;
  throw new NotifierError(code, `${what} Give it, or leave ${option} out to use ${variable}.`);
}
