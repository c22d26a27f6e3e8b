import { createHash } from 'node:crypto';

/** What a record says of the secret that was to be read. */
export interface SecretId {
  /** As the caller sent it: a name, a complete ARN or a partial one (without its suffix). */
  readonly sent?: string;
  /** The name alone: the same for each of the forms, so that it can tell secrets apart. */
  readonly name?: string;
  /** The complete ARN, if the caller sent it. */
  readonly arn?: string;
  readonly partition: string;
  /** The owner's account. */
  readonly accountId?: string;
  readonly region?: string;
}

export interface Whereabouts {
  readonly accountId?: string;
  readonly region?: string;
  readonly partition?: string;
}

// What AWS allows in an ARN's partition, Region and account. An ARN may leave the last two empty.
const PARTITION = 'aws(?:-[a-z]+)*';
const REGION = '[a-z]{2,8}(?:-[a-z0-9]+){1,4}';
const ACCOUNT = String.raw`\d{12}`;
const ARN = new RegExp(
  `^arn:(${PARTITION}):secretsmanager:(${REGION}|):(${ACCOUNT}|):secret:(.+)$`,
  's',
);
// Secrets Manager appends a hyphen and six characters to the name; it reads any ARN that ends so as complete.
// https://docs.aws.amazon.com/secretsmanager/latest/userguide/troubleshoot.html#ARN_secretnamehyphen
const SUFFIX = /-[A-Za-z0-9]{6}$/;
// What AWS's six random characters look like one time in nine, and the end of a name nearly always: one word, of letters of
// which at most one is a capital, or of digits and letters of one case.
const WORD = /-(?=.{6}$)(?:[a-z]*[A-Z]?[a-z]*|[a-z\d]*|[A-Z\d]*)$/;
/** What AWS allows in a secret's name; `!` is in those of managed secrets. */
// https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_CreateSecret.html
export const NAME = /^[\w/+=.@!-]{1,512}$/;

/**
 * Reads whatever form of secret id a caller sent; `elsewhere` tells what only an ARN would say. What merely looks like an
 * ARN, such as one of no possible account, is read as a name. An account or Region that cannot exist counts as unknown.
 */
export function identifySecret(sent: string | undefined, elsewhere: Whereabouts): SecretId {
  const accountId = valid(elsewhere.accountId, ACCOUNT);
  const region = valid(elsewhere.region, REGION);
  const partition = valid(elsewhere.partition, PARTITION) ?? partitionOf(region);
  const match = ARN.exec(sent ?? '');
  if (!match) return { sent, name: sent, partition, accountId, region };
  const [, arnPartition = partition, arnRegion, arnAccount, resource = ''] = match;
  return {
    sent,
    name: resource.replace(SUFFIX, ''),
    arn: SUFFIX.test(resource) ? sent : undefined,
    partition: arnPartition,
    accountId: arnAccount || accountId,
    region: arnRegion || region,
  };
}

function valid(value: string | undefined, pattern: string): string | undefined {
  return value !== undefined && new RegExp(`^(?:${pattern})$`).test(value) ? value : undefined;
}

/**
 * The same secret by a complete ARN that is known of it, such as DescribeSecret's; the secret as it is if that is of
 * another one.
 */
export function completedBy(secret: SecretId, arn: string | undefined): SecretId {
  const complete = identifySecret(arn, secret);
  return complete.arn && isSameSecret(secret, complete)
    ? { ...complete, sent: secret.sent }
    : secret;
}

/**
 * What else an ARN that ends like a complete one can be: the partial ARN of a secret whose name ends in a hyphen and six
 * characters. `undefined` for every other id.
 */
export function readAsPartial(secret: SecretId): SecretId | undefined {
  const name = secret.arn === secret.sent ? ARN.exec(secret.sent ?? '')?.[4] : undefined;
  return name === undefined ? undefined : { ...secret, name, arn: undefined };
}

/** Whether an ARN that ends like a complete one may well be a partial one: it ends in a word, as of `app-config`. */
export function isAmbiguous(secret: SecretId): boolean {
  return readAsPartial(secret) !== undefined && WORD.test(secret.sent ?? '');
}

/**
 * The secret for which the partial ARN of this one passes, if its name ends like a suffix: `app` for `app-config`.
 * Nothing in such an ARN, which is its `sent`, tells it from a complete one.
 */
export function mistakenFor(secret: SecretId): SecretId | undefined {
  const { name = '', partition, region, accountId } = secret;
  if (!SUFFIX.test(name)) return undefined;
  const sent = `arn:${partition}:secretsmanager:${region}:${accountId}:secret:${name}`;
  return { ...secret, sent, name: name.replace(SUFFIX, ''), arn: undefined };
}

/**
 * The id to look up in Secrets Manager: an ARN wherever one is known, because a bare name would be looked up in
 * the account of whoever asks, which need not be the owner's.
 */
export function lookupId(secret: SecretId): string | undefined {
  const { sent, arn, partition, region, accountId } = secret;
  if (arn) return arn;
  const bare = sent !== undefined && !ARN.test(sent);
  if (!bare || !region || !accountId || !NAME.test(sent) || SUFFIX.test(sent)) return sent;
  return `arn:${partition}:secretsmanager:${region}:${accountId}:secret:${sent}`;
}

/**
 * Account, Region and name, parted by `#`, which none of them can hold: the same for each form in which a caller may
 * send the secret's id. What is unknown, or cannot be AWS's, begins with a `?`, which none of AWS's can.
 */
export function secretKey({ accountId, region, name }: SecretId): string {
  const parts = [valid(accountId, ACCOUNT), valid(region, REGION), name && nameKey(name)];
  return parts.map((part) => part || '?').join('#');
}

function nameKey(name: string): string {
  return NAME.test(name) ? name : `?${createHash('sha256').update(name).digest('hex')}`;
}

/** Whether two ids can be of one secret: nothing that both tell differs, or one is the other without its suffix. */
export function isSameSecret(one: SecretId, other: SecretId): boolean {
  return agree(one, other) || isPartial(one, other) || isPartial(other, one);
}

function agree(one: SecretId, other: SecretId): boolean {
  const keys = ['accountId', 'region', 'name', 'arn'] as const;
  return keys.every((key) => !one[key] || !other[key] || one[key] === other[key]);
}

function isPartial(one: SecretId, other: SecretId): boolean {
  const partial = readAsPartial(one);
  return partial !== undefined && other.arn !== undefined && agree(partial, other);
}

/** A secret of the same name in another Region, such as a replica, whose ARN ends in the same six characters. */
export function inRegion(secret: SecretId, region: string): SecretId {
  const { arn, name, accountId, partition } = secret;
  const there = arn?.replace(/^((?:[^:]*:){3})[^:]*/, (_, before: string) => `${before}${region}`);
  return identifySecret(there ?? name, { accountId, region, partition });
}

/** `arn:aws-cn:iam::…` → `aws-cn`. */
export function partitionOfArn(arn: string | undefined): string | undefined {
  return /^arn:(aws[a-z-]*):/.exec(arn ?? '')?.[1];
}

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html; as the SDKs' table of partitions has it. */
const PARTITIONS: readonly (readonly [regions: RegExp, partition: string])[] = [
  [/^cn-/, 'aws-cn'],
  [/^us-gov-/, 'aws-us-gov'],
  [/^eusc-/, 'aws-eusc'],
  [/^us-iso-/, 'aws-iso'],
  [/^us-isob-/, 'aws-iso-b'],
  [/^eu-isoe-/, 'aws-iso-e'],
  [/^us-isof-/, 'aws-iso-f'],
];

/** `cn-north-1` → `aws-cn`. */
export function partitionOf(region = ''): string {
  return PARTITIONS.find(([regions]) => regions.test(region))?.[1] ?? 'aws';
}
