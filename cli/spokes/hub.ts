import { STS } from '@aws-sdk/client-sts';
import {
  type AssumeRole,
  createSpokes,
  type Place,
  type Spokes,
  type SpokesOptions,
} from '../../lib/aws/spokes.ts';
import { errorName, NotifierError } from '../../lib/errors.ts';
import type { Settings } from '../../lib/settings.ts';
import { OPERATOR_SESSION } from '../../stack/names.ts';
import type { AwsSettings } from '../aws-settings.ts';
import type { Stack } from '../service.ts';

/** A stack that looks into other accounts and Regions, by two roles, of which the first alone may assume the second. */
export interface Hub {
  readonly home: Place;
  /** The role of the hub for operators. */
  readonly operatorRoleArn: string;
  /** The spokes' lookup roles, in which ACCOUNT and REGION stand for those of a spoke. */
  readonly lookupRoleArn: string;
}

/**
 * The hub that a stack is.
 * @param settings of its function `notify`
 * @throws NotifierError `NO_HUB` if it is none, `NO_STACK` if it is one of an incomplete deployment.
 */
export function hubOf(stack: Stack, { lookupRoleArn }: Pick<Settings, 'lookupRoleArn'>): Hub {
  const { name, accountId, region } = stack;
  if (!lookupRoleArn) {
    const what = `Expected the stack ${name} to be a hub, got one that looks into no other account or Region.`;
    const next = 'Deploy it with --param="organizationId=o-..." and its other settings.';
    throw new NotifierError('NO_HUB', `${what} ${next}`);
  }
  const home = { accountId, region };
  return { home, lookupRoleArn, operatorRoleArn: stack.output('OperatorRoleArn') };
}

/** How long AWS STS may take to lend a spoke's role, with all attempts, in ms. */
const ASSUME_MS = 30_000;

/**
 * The spokes of a hub, by the hub's role for operators, which is assumed at once.
 * @param clientsOf makes the clients of a place
 * @throws NotifierError `AWS_REFUSED` if AWS does not let the operator assume that role; whatever else the SDK throws.
 */
export async function reachSpokes<Clients>(
  { operatorRoleArn, lookupRoleArn: roleArn }: Hub,
  aws: AwsSettings,
  clientsOf: SpokesOptions<Clients>['clientsOf'],
): Promise<Spokes<Clients>> {
  const own = new STS(aws);
  const operator = new STS({
    region: aws.region,
    requestHandler: own.config.requestHandler,
    // Hundreds of accounts are asked one right after the other.
    maxAttempts: 10,
    // The SDK renews them before they end.
    credentials: () => becomeOperator(own, operatorRoleArn),
  });
  await operator.config.credentials();
  const assumeRole: AssumeRole = (input) =>
    operator.assumeRole(input, { abortSignal: AbortSignal.timeout(ASSUME_MS) });
  const now = () => new Date();
  return createSpokes({ roleArn, session: OPERATOR_SESSION, assumeRole, clientsOf, now });
}

async function becomeOperator(client: STS, RoleArn: string) {
  try {
    const { Credentials: lent } = await client.assumeRole({
      RoleArn,
      RoleSessionName: OPERATOR_SESSION,
    });
    return {
      accessKeyId: lent?.AccessKeyId ?? '',
      secretAccessKey: lent?.SecretAccessKey ?? '',
      sessionToken: lent?.SessionToken,
      expiration: lent?.Expiration,
    };
  } catch (error) {
    if (!/^AccessDenied/.test(errorName(error))) throw error;
    const what = `Expected to assume the role ${RoleArn}, by which spokes are reached, and may not.`;
    const next = 'It takes the permission sts:AssumeRole on it: docs/permissions.md.';
    throw new NotifierError('AWS_REFUSED', `${what} ${next}`, { cause: error });
  }
}
