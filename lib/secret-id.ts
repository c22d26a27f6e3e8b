/** What a record says of the secret that was asked for. */
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

const ARN = /^arn:([^:]+):secretsmanager:([^:]*):([^:]*):secret:(.+)$/s;
// Secrets Manager appends a hyphen and six characters to the name; it reads any ARN that ends so as complete.
// https://docs.aws.amazon.com/secretsmanager/latest/userguide/troubleshoot.html#ARN_secretnamehyphen
const SUFFIX = /-[A-Za-z0-9]{6}$/;

/** Reads whatever form of secret id a caller sent; `elsewhere` tells what only an ARN would say. */
export function identifySecret(sent: string | undefined, elsewhere: Whereabouts): SecretId {
  const { accountId, region } = elsewhere;
  const partition = elsewhere.partition ?? partitionOf(region);
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

/**
 * What to ask Secrets Manager for: an ARN wherever one can be told, because a bare name would be looked up in
 * the account of whoever asks, which need not be the owner's.
 */
export function lookupId(secret: SecretId): string | undefined {
  const { sent, partition, region, accountId } = secret;
  const bare = sent !== undefined && !ARN.test(sent);
  if (!bare || !region || !accountId || SUFFIX.test(sent)) return sent;
  return `arn:${partition}:secretsmanager:${region}:${accountId}:secret:${sent}`;
}

/** Whether two ids can be of one secret: nothing that both tell differs. */
export function isSameSecret(one: SecretId, other: SecretId): boolean {
  const keys = ['accountId', 'region', 'name', 'arn'] as const;
  return keys.every((key) => !one[key] || !other[key] || one[key] === other[key]);
}

/** `arn:aws-cn:iam::…` → `aws-cn`. */
export function partitionOfArn(arn: string | undefined): string | undefined {
  return /^arn:(aws[a-z-]*):/.exec(arn ?? '')?.[1];
}

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html */
function partitionOf(region = ''): string {
  if (region.startsWith('cn-')) return 'aws-cn';
  if (region.startsWith('us-gov-')) return 'aws-us-gov';
  return 'aws';
}
