import {
  DescribeSecretCommand,
  type DescribeSecretCommandOutput,
  ResourceNotFoundException,
  RestoreSecretCommand,
  type SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import type { Place } from '../aws/spokes.ts';
import {
  identifySecret,
  isSameSecret,
  lookupId,
  readAsPartial,
  type SecretId,
  type Whereabouts,
} from '../cloudtrail/secret-id.ts';
import { errorName, NotifierError } from '../errors.ts';

/** DescribeSecret's answer, as far as this service reads it. */
export interface Secret {
  readonly arn: string;
  readonly name: string;
  /** Later than a read that failed for a secret made anew under the name. */
  readonly createdDate?: Date;
  /** Absent for a secret that is not scheduled for deletion. */
  readonly deletedDate?: Date;
  readonly tags: Readonly<Record<string, string>>;
  /** The AWS service that manages the secret, and that may refuse to have it restored. */
  readonly owningService?: string;
  /** The day in UTC on which the value was last read; absent if never. */
  readonly lastAccessedDate?: Date;
  /** The Regions that hold a replica of it; absent if none does. */
  readonly replicas?: readonly string[];
  /** Where the primary secret is, if this is a replica of it. */
  readonly replicaOf?: string;
}

/** What came of looking a secret up; `place`: where it is, if not where this stack is. */
export type Lookup =
  | { readonly kind: 'found'; readonly secret: Secret; readonly place?: Elsewhere }
  /** `anew`: when another secret was made under its name, if AWS finds one. */
  | { readonly kind: 'not-found'; readonly anew?: Date; readonly place?: Elsewhere }
  /** Nobody could look there. */
  | { readonly kind: 'elsewhere'; readonly place: Elsewhere }
  /** `reason`: why nothing could be found out, as a sentence. */
  | { readonly kind: 'unavailable'; readonly reason: string; readonly place?: Elsewhere };

/** Where a secret is that is not where this stack is. */
export interface Elsewhere {
  /** The owner's account, if it is not this stack's. */
  readonly accountId?: string;
  readonly region?: string;
  /** Why nobody could look there, as a sentence; absent where a spoke let this stack look, or nobody had to. */
  readonly notLookedUp?: string;
}

/** Where a secret is, if in an account or a Region that is not this stack's; what nobody knows differs in nothing. */
export function elsewhereOf(
  { accountId, region }: SecretId,
  home: Whereabouts,
): Elsewhere | undefined {
  const differs = (one?: string, other?: string) => one && other && one !== other;
  if (differs(accountId, home.accountId)) return { accountId, region };
  return differs(region, home.region) ? { region } : undefined;
}

/** What it takes to look secrets up. */
export interface LookUpPorts {
  /** The account and the Region of this stack. */
  readonly home: Whereabouts;
  /** Looks a secret up by name or ARN, at home or, by its spoke, in another place; does not throw. */
  readonly describeSecret: (secretId: string, place?: Place) => Promise<Lookup>;
  /** Whether other places are looked into by spokes. Default: no. */
  readonly hasSpokes?: boolean;
}

/** Trusts an answer only if it can be about this secret: its name may be another's elsewhere. */
export function about(asked: SecretId, lookup: Lookup): Lookup {
  if (lookup.kind !== 'found' || isSameSecret(asked, identifySecret(lookup.secret.arn, {}))) {
    return lookup;
  }
  const reason = 'DescribeSecret answered for another secret, of another account, Region or name.';
  return { kind: 'unavailable', reason, place: lookup.place };
}

/**
 * Looks up a secret. AWS might not find one by a partial ARN if its name ends like a suffix; by its name it does. Of one that it
 * finds no more by its ARN another may have taken the name.
 * Source: https://docs.aws.amazon.com/secretsmanager/latest/userguide/troubleshoot.html#ARN_secretnamehyphen
 */
export async function lookUp(asked: SecretId, ports: LookUpPorts): Promise<Lookup> {
  const lookup = about(asked, await describeBy(lookupId(asked), asked, ports));
  if (lookup.kind !== 'not-found' || !asked.arn) return lookup;
  const { name } = readAsPartial(asked) ?? {};
  const byName = name ? about(asked, await describeBy(name, asked, ports)) : lookup;
  return byName.kind === 'found' ? byName : { ...lookup, anew: await madeAnew(asked, ports) };
}

/** When another secret was made under the name of one that is found no more by its ARN, if there is one. */
async function madeAnew(
  { name, ...asked }: SecretId,
  ports: LookUpPorts,
): Promise<Date | undefined> {
  const named = { ...asked, sent: name, name, arn: undefined };
  const lookup = about(named, await describeBy(lookupId(named), named, ports));
  return lookup.kind === 'found' ? lookup.secret.createdDate : undefined;
}

/**
 * Asks DescribeSecret by an id, where the secret is: here alone is decided where this stack looks, and so where it finds a
 * deletion that it may cancel. Does not throw.
 */
export async function describeBy(
  id: string | undefined,
  secret: SecretId,
  { home, describeSecret, hasSpokes }: LookUpPorts,
): Promise<Lookup> {
  const elsewhere = elsewhereOf(secret, home);
  const place = elsewhere && hasSpokes ? placeOf(secret) : undefined;
  if (elsewhere && !place) return outOfSight(elsewhere);
  if (!id) {
    const reason = 'The record does not name the secret.';
    return { kind: 'unavailable', reason, place: elsewhere };
  }
  const lookup = await describeSecret(id, place);
  if (!elsewhere) return lookup;
  return { ...lookup, place: { ...elsewhere, notLookedUp: lookup.place?.notLookedUp } };
}

/** The place of a secret; `undefined` if nobody knows its account or Region. */
export function placeOf({ accountId, region }: SecretId): Place | undefined {
  return accountId && region ? { accountId, region } : undefined;
}

/** What is found out of a secret elsewhere by a stack that has no spokes. */
export function outOfSight(place: Elsewhere): Lookup {
  const { accountId, region } = place;
  const where = [accountId && `account ${accountId}`, region].filter(Boolean).join(', ');
  const notLookedUp = `It is in ${where}, which was not looked into.`;
  return { kind: 'elsewhere', place: { ...place, notLookedUp } };
}

/**
 * Asks DescribeSecret, which still answers for a pending secret, for name, ARN or partial ARN. Never throws:
 * what is refused is an answer too, and so is a client that is not to be had.
 */
export async function describeSecret(
  client: SecretsManagerClient | Promise<SecretsManagerClient>,
  secretId: string,
): Promise<Lookup> {
  try {
    return toLookup(await (await client).send(new DescribeSecretCommand({ SecretId: secretId })));
  } catch (error) {
    if (error instanceof ResourceNotFoundException) return { kind: 'not-found' };
    if (!(error instanceof NotifierError)) {
      return { kind: 'unavailable', reason: `DescribeSecret was refused (${errorName(error)}).` };
    }
    return error.code === 'NO_SPOKE'
      ? { kind: 'elsewhere', place: { notLookedUp: error.message } }
      : { kind: 'unavailable', reason: error.message };
  }
}

/** @throws whatever the SDK throws, such as InvalidRequestException for a managed secret. */
export async function restoreSecret(client: SecretsManagerClient, arn: string): Promise<void> {
  await client.send(new RestoreSecretCommand({ SecretId: arn }));
}

/** Reads an answer of DescribeSecret, of the SDK's shape. */
export function toLookup(answer: Described): Lookup {
  return { kind: 'found', secret: toSecret(answer) };
}

type Described = Omit<DescribeSecretCommandOutput, '$metadata'>;

/** The same, and an entry of ListSecrets, which does not tell the replicas. */
export function toSecret(answer: Described): Secret {
  const tags = (answer.Tags ?? []).map(({ Key = '', Value = '' }) => [Key, Value]);
  return {
    arn: answer.ARN ?? '',
    name: answer.Name ?? '',
    createdDate: answer.CreatedDate,
    deletedDate: answer.DeletedDate,
    owningService: answer.OwningService,
    lastAccessedDate: answer.LastAccessedDate,
    tags: Object.fromEntries(tags),
    replicas: answer.ReplicationStatus?.flatMap(({ Region }) => Region ?? []),
    replicaOf: isReplica(answer) ? answer.PrimaryRegion : undefined,
  };
}

/** Of a secret that has replicas `PrimaryRegion` is there too, and is its own Region. */
// https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_DescribeSecret.html
function isReplica({
  ARN,
  PrimaryRegion,
}: Pick<DescribeSecretCommandOutput, 'ARN' | 'PrimaryRegion'>): boolean {
  return PrimaryRegion !== undefined && PrimaryRegion !== identifySecret(ARN, {}).region;
}
