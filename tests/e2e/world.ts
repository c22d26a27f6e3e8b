import { ACCOUNT, REGION } from '../../emulators/client.ts';
import {
  deploy,
  type EmulatorAddress,
  emulatorSettings,
  ORGANIZATION,
  type Outputs,
} from '../../emulators/emulator.ts';
import type { Place } from '../../lib/aws/spokes.ts';

/** The emulator that `npm run e2e` has started. */
export const emulator: EmulatorAddress = {
  endpoint: variable('AWS_ENDPOINT_URL'),
  certificate: variable('NODE_EXTRA_CA_CERTS'),
};

/** Settings of AWS SDK clients: the root of the account. */
export const aws = await emulatorSettings(emulator);

/** As {@link aws}, in another account and Region. */
export const awsAt = ({ accountId, region }: Place) => ({
  ...aws,
  region,
  credentials: { ...aws.credentials, accessKeyId: accountId },
});

export const STAGE = 'e2e';
export const EMAIL = 'oncall@example.com';
export const LOG_GROUP = 'CloudTrail/E2E';

/** What is deployed besides {@link DEFAULTS}. */
export type Settings = Readonly<Record<string, string>>;

const DEFAULTS: Settings = {
  alertEmails: EMAIL,
  cloudTrailLogGroup: LOG_GROUP,
  organizationId: ORGANIZATION.id,
  maxMailsPerHour: '200', // all scenarios are played within an hour
};

export const TAGGED = {
  alertEmails: `${EMAIL},second@example.com`,
  autoCancelDeletion: 'tagged',
  maxDigestPauseHours: '5',
};

/** Without spokes. */
export const ALL = {
  autoCancelDeletion: 'all',
  createTrail: 'true',
  cloudTrailLogGroup: '',
  organizationId: '',
};

/** With a chat and an event bus that are there already, beside the mail. */
export const CHANNELS = {
  chatTopicArn: `arn:aws:sns:${REGION}:${ACCOUNT}:our-chat`,
  eventBusName: 'our-bus',
  announceDeletions: 'true',
};

let latest: { readonly settings: Settings; readonly outputs: Outputs } | undefined;

/**
 * Deploys the service with these settings besides {@link DEFAULTS}; an empty one takes a default away. Does
 * nothing if it is deployed so.
 * @returns the stack's outputs.
 */
export async function deployed(changes: Settings = {}): Promise<Outputs> {
  const settings = { ...DEFAULTS, ...changes };
  if (JSON.stringify(settings) !== JSON.stringify(latest?.settings)) {
    latest = { settings, outputs: await deployStage(settings) };
  }
  return latest?.outputs ?? {};
}

/** @throws Error with what Serverless printed if it fails. */
export function deployStage(settings: Settings): Promise<Outputs> {
  const directory = variable('E2E_DIRECTORY');
  // Interrupted, the whole process group is killed.
  const { signal } = new AbortController();
  return deploy({ emulator, stage: STAGE, settings, directory, signal });
}

function variable(name: string): string {
  const value = process.env[name];
  if (value) return value;
  throw new Error(`Expected the variable ${name}: run this by npm run e2e`);
}
