import { identifier, oneLine } from '../text.ts';
import type { UserIdentity } from './record.ts';

/** Who tried to read a secret. All texts but `key` and `issuerArn` are harmless to print. */
export interface Caller {
  /**
   * The same for every session of a role: the role's ARN. A person is a caller of his own: a federated user, and each
   * session of a role of IAM Identity Center. Else the identity's ARN, else whatever else identifies it. As the record
   * has it, not cleaned.
   */
  readonly key: string;
  /** Two or three words that can stand in a sentence: `role app-server`. */
  readonly name: string;
  /** The name alone, for the subject: `app-server`. */
  readonly shortName: string;
  /** One plain line: `role app-server, session i-0abc, account 111122223333`. */
  readonly description: string;
  /** What tells apart those who share this caller: `i-0abc`, `fn-orders (alice@example.com)`. */
  readonly session?: string;
  readonly accountId?: string;
  /** Who issued a person's session, where that is not the key: the role, or the user. */
  readonly issuerArn?: string;
}

interface Naming {
  readonly kind: string;
  readonly name?: string;
  /** If not the name. */
  readonly shortName?: string;
  readonly details?: readonly string[];
  readonly session?: string;
}

/** What CloudTrail writes for a service that is not named; it is documented, and no name that anybody chose. */
const AWS_INTERNAL = 'AWS Internal';

/** Roles whose sessions are people: https://docs.aws.amazon.com/singlesignon/latest/userguide/referencingpermissionsets.html */
const SSO_ROLE = /^AWSReservedSSO_/;
// From the start: what stands in the path of a user or a role is anybody's choice, colons included.
const SSO_ROLE_ARN = /^arn:[^:]*:iam::[^:]*:role\/aws-reserved\/sso\.amazonaws\.com\//;

/**
 * Names the identity of a record. AWS promises no field but `type`, and some services leave out even that.
 * Source: https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-user-identity.html
 */
export function identifyCaller(identity: UserIdentity = {} as UserIdentity): Caller {
  const { kind, name, shortName, details = [], session } = nameOf(identity);
  const accountId = identity.accountId ?? accountOfArn(identity.arn) ?? issuer(identity)?.accountId;
  const plain = name === AWS_INTERNAL ? name : name && identifier(name, 128);
  const title = plain ? `${kind} ${plain}` : kind;
  const account = accountId && !title.includes(accountId) ? [`account ${accountId}`] : [];
  const key = callerKey(identity, accountId);
  const issuerArn = issuer(identity)?.arn;
  return {
    key,
    name: title,
    shortName: shortName || plain || kind,
    description: [title, ...details, ...account].map((part) => oneLine(part)).join(', '),
    session,
    accountId,
    issuerArn: issuerArn === key ? undefined : issuerArn,
  };
}

/** The name, with the caller's account unless that is the owner's of the secret: `role app-server of account 444455556666`. */
export function nameBeside(ownerId: string | undefined, { name, accountId }: Caller): string {
  return name + ofAccount(ownerId, name, accountId);
}

/** As {@link nameBeside}, for the subject: `app-server of account 444455556666`. */
export function shortNameBeside(ownerId: string | undefined, caller: Caller): string {
  const { shortName, accountId } = caller;
  return shortName + ofAccount(ownerId, shortName, accountId);
}

function ofAccount(
  ownerId: string | undefined,
  name: string,
  accountId: string | undefined,
): string {
  const isForeign = ownerId && accountId && accountId !== ownerId;
  return isForeign && !name.includes(accountId) ? ` of account ${identifier(accountId, 64)}` : '';
}

/**
 * A caller's key without what not every record has: a role's ARN without its path, which a session's ARN does not tell.
 * Names of roles are unique in an account whatever their paths, so that no two roles share one.
 */
export function callerIdentity(key: string): string {
  const role = /^(arn:[^:]*):(?:iam::(\d*):role|sts::(\d*):assumed-role)\/(?:.*\/)?([^/]+)$/s;
  const [, partition, iam, sts, name] = PERSON.test(key) ? [] : (role.exec(key) ?? []);
  return name === undefined ? key : `${partition}:iam::${iam ?? sts}:role/${name}`;
}

/** The key of a person with a session of IAM Identity Center. */
const PERSON = /^arn:[^:]*:sts::[^:]*:assumed-role\/AWSReservedSSO_[^/]*\/[^/]+$/;

function nameOf(identity: UserIdentity): Naming {
  const { arn, userName, principalId, identityProvider, invokedBy } = identity;
  switch (identity.type) {
    case 'Root':
      return { kind: 'root user' };
    case 'IAMUser':
      return { kind: 'user', name: userName ?? lastOfArn(arn) ?? principalId };
    case 'AssumedRole':
    case 'Role':
      return assumedRole(identity);
    case 'FederatedUser':
      return {
        kind: 'federated user',
        name: lastOfArn(arn) ?? principalId,
        details: issuer(identity)?.arn ? [`issued by ${issuer(identity)?.arn}`] : [],
      };
    case 'WebIdentityUser':
    case 'SAMLUser':
      return {
        kind: identity.type === 'SAMLUser' ? 'SAML user' : 'web identity user',
        name: userName ?? principalId,
        details: identityProvider ? [`identity provider ${identityProvider}`] : [],
      };
    case 'IdentityCenterUser':
      return {
        kind: 'IAM Identity Center user',
        name: identity.onBehalfOf?.userId ?? principalId,
        details: identity.onBehalfOf?.identityStoreArn
          ? [`identity store ${lastOfArn(identity.onBehalfOf.identityStoreArn)}`]
          : [],
      };
    case 'Directory':
      return { kind: 'directory user', name: userName ?? principalId };
    case 'AWSAccount':
      return foreignPrincipal(identity);
    case 'AWSService':
      return { kind: 'AWS service', name: invokedBy };
    default:
      return isService(identity) ? { kind: 'AWS service', name: invokedBy } : unknown(identity);
  }
}

/** An assumed role has no `userName`; the role is its session's issuer, the session the end of its ARN. */
function assumedRole(identity: UserIdentity): Naming {
  const role = roleName(identity);
  const session = sessionName(identity);
  const behind = behindRole(identity);
  if (isPerson(identity)) {
    return {
      kind: 'IAM Identity Center user',
      name: session,
      details: [`role ${role}`, ...behind],
    };
  }
  return {
    kind: 'role',
    name: role,
    details: session ? [`session ${session}`, ...behind] : behind,
    session: sessionText(session, identity),
  };
}

/** Of a caller of another account no more is known than an id, the same in each session of a role. */
function foreignPrincipal(identity: UserIdentity): Naming {
  const [id, session] = partsOf(identity.principalId);
  const account = identity.accountId && `account ${identifier(identity.accountId, 64)}`;
  return {
    kind: [account || 'another AWS account', ...(id ? ['principal'] : [])].join(', '),
    name: id,
    shortName: account,
    details: [...(session ? [`session ${session}`] : []), ...behindRole(identity)],
    session: sessionText(session, identity),
  };
}

function unknown({ type, arn, userName, principalId }: UserIdentity): Naming {
  return {
    kind: 'unknown identity',
    name: userName ?? lastOfArn(arn) ?? principalId,
    details: [type ? `of type ${oneLine(type, 64)}` : 'of a type that the record does not name'],
  };
}

/** Some services leave out even their type. */
function isService({ type, arn, userName, principalId, invokedBy }: UserIdentity): boolean {
  return Boolean(invokedBy) && (type === 'AWSService' || !(type || arn || userName || principalId));
}

/** A role of that name can be made by anybody, but only AWS makes one with that path; a session's own ARN tells no path. */
function isPerson(identity: UserIdentity): boolean {
  const issued = issuer(identity)?.arn;
  const isReserved = !issued || SSO_ROLE_ARN.test(issued);
  return (
    isReserved && SSO_ROLE.test(roleName(identity) ?? '') && sessionName(identity) !== undefined
  );
}

/** The function that got a session's credentials, and the identity that no chain of roles changes. */
function behindRole({ inScopeOf, sessionContext }: UserIdentity): string[] {
  const issuedTo = inScopeOf?.credentialsIssuedTo;
  const source = sessionContext?.sourceIdentity;
  return [
    ...(issuedTo
      ? [`${issuedTo.includes(':lambda:') ? 'Lambda function' : 'for'} ${lastOfArn(issuedTo)}`]
      : []),
    ...(source ? [`source identity ${source}`] : []),
  ];
}

/** What tells a session from others of its role, in a word or two. */
function sessionText(session: string | undefined, { inScopeOf, sessionContext }: UserIdentity) {
  const issuedTo = lastOfArn(inScopeOf?.credentialsIssuedTo);
  const behind = [issuedTo === session ? undefined : issuedTo, sessionContext?.sourceIdentity];
  const names = behind.flatMap((name) => (name ? [identifier(name, 64)] : []));
  const parts = [session && identifier(session, 64), names.length > 0 && `(${names.join(', ')})`];
  return parts.filter(Boolean).join(' ') || undefined;
}

function callerKey(identity: UserIdentity, accountId?: string): string {
  const { type, arn, principalId, invokedBy } = identity;
  const role = roleArn(identity);
  if (role && isPerson(identity)) {
    const session = callerIdentity(role)
      .replace(':iam:', ':sts:')
      .replace(':role/', ':assumed-role/');
    return `${session}/${sessionName(identity)}`;
  }
  // A federated user's session was issued by somebody else.
  const identityArn = type === 'FederatedUser' ? arn : role || issuer(identity)?.arn || arn;
  const [id] = partsOf(principalId);
  const local = identity.userName || id;
  // Not `??`: an empty text names nobody.
  return (
    identityArn ||
    identity.onBehalfOf?.userId ||
    (isService(identity) && invokedBy) ||
    (local && (accountId ? `${accountId}/${local}` : local)) ||
    accountId ||
    invokedBy ||
    'unknown'
  );
}

/** The ARN of a session's role: its issuer's, else what the session's own says of it. */
function roleArn(identity: UserIdentity): string | undefined {
  const issued = issuer(identity)?.arn;
  if (issued && /^arn:[^:]*:iam::[^:]*:role\//.test(issued)) return issued;
  const [role] = assumedRoleOfArn(identity.arn);
  return role ? callerIdentity(identity.arn?.replace(/\/[^/]*$/, '') ?? '') : undefined;
}

function roleName(identity: UserIdentity): string | undefined {
  const issued = issuer(identity);
  const [role] = assumedRoleOfArn(identity.arn);
  return issued?.userName ?? lastOfArn(issued?.arn) ?? role ?? lastOfArn(identity.arn);
}

function sessionName(identity: UserIdentity): string | undefined {
  const [, session] = assumedRoleOfArn(identity.arn);
  return session ?? partsOf(identity.principalId)[1];
}

/** `AROAEXAMPLE:i-0abc` → `['AROAEXAMPLE', 'i-0abc']`; a colon in anything but a role's session parts nothing. */
function partsOf(principalId = ''): [id?: string, session?: string] {
  const match = /^(AROA\w*):(.+)$/s.exec(principalId);
  return match ? [match[1], match[2]] : [principalId || undefined];
}

function issuer(identity: UserIdentity) {
  return identity.sessionContext?.sessionIssuer;
}

/** `arn:aws:sts::111122223333:assumed-role/app-server/i-0abc` → `['app-server', 'i-0abc']`. */
function assumedRoleOfArn(arn = ''): [role?: string, session?: string] {
  const match = /^arn:[^:]*:sts::[^:]*:assumed-role\/(?:.+\/)?([^/]+)\/([^/]+)$/s.exec(arn);
  return match ? [match[1], match[2]] : [];
}

function lastOfArn(arn: string | undefined): string | undefined {
  return arn?.split(/[/:]/).at(-1) || undefined;
}

function accountOfArn(arn: string | undefined): string | undefined {
  return arn?.split(':')[4] || undefined;
}
