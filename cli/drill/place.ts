import type { STS } from '@aws-sdk/client-sts';
import { InvalidArgumentError } from 'commander';
import type { Place } from '../../lib/aws/spokes.ts';
import { NotifierError } from '../../lib/errors.ts';
import { type AwsSettings, awsSettings } from '../aws-settings.ts';
import type { Stack } from '../service.ts';

/** With `account` the others say how to get there; without, how to get to the stack. */
interface Given {
  readonly account?: string;
  readonly region?: string;
  readonly profile?: string;
}

/** With what the stack is read, and with what the secret is made: the same, unless an account is given. */
interface Sides {
  readonly hub: AwsSettings;
  readonly there: AwsSettings;
}

/**
 * An account is drilled with the options, and its hub read with the environment alone.
 * @throws NotifierError `NO_REGION`, also for an account without a Region; as {@link awsSettings}.
 */
export async function sidesOf({ account, ...options }: Given): Promise<Sides> {
  if (account === undefined) {
    const aws = await awsSettings(options);
    return { hub: aws, there: aws };
  }
  if (options.region === undefined) {
    const what =
      'Expected --region with --account, got none: it says in which Region to drill there.';
    throw new NotifierError('NO_REGION', `${what} The hub's own is that of AWS_REGION.`);
  }
  return { hub: await hubSettings(), there: await awsSettings(options) };
}

/** What to do if the hub is not found: the options mean another place. */
export const NEXT_AT_HUB =
  'With --account the hub is found by --stage and the environment: AWS_PROFILE, AWS_REGION.';

async function hubSettings(): Promise<AwsSettings> {
  try {
    return await awsSettings({});
  } catch (cause) {
    if (!(cause instanceof NotifierError && cause.code === 'NO_REGION')) throw cause;
    const what = "Expected the hub's Region in AWS_REGION, got none.";
    throw new NotifierError('NO_REGION', `${what} ${NEXT_AT_HUB}`, { cause });
  }
}

/**
 * The place elsewhere that was asked for.
 * @param sts with the credentials there
 * @throws NotifierError `INVALID_OPTIONS` if it is the stack's own place, or the credentials are of another account.
 */
export async function placeElsewhere(place: Place, hub: Stack, sts: STS): Promise<Place> {
  const { accountId, region } = place;
  if (accountId === hub.accountId && region === hub.region) {
    const what = `Expected an account and Region other than the hub's, got ${accountId} and ${region} for both`;
    const next =
      'The environment (AWS_PROFILE, AWS_REGION) means the hub; --account, --region and --profile mean where to drill. To drill at the hub, leave --account out.';
    throw new NotifierError('INVALID_OPTIONS', `${what}. ${next}`);
  }
  const { Account, Arn } = await sts.getCallerIdentity({});
  if (Account === accountId) return place;
  const what = `Expected credentials of account ${accountId}, got those of ${Account} (${Arn}); nothing was made`;
  const next = `Name a profile of account ${accountId} by --profile; AWS_PROFILE means the hub.`;
  throw new NotifierError('INVALID_OPTIONS', `${what}. ${next}`);
}

export function toAccount(value: string): string {
  if (/^\d{12}$/.test(value)) return value;
  throw new InvalidArgumentError('Expected the 12 digits of an account, such as 444455556666.');
}
