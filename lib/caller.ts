import type { UserIdentity } from './record.ts';
import { identifier, oneLine } from './text.ts';

/** Who asked for a secret. All texts are harmless to print. */
export interface Caller {
  /**
   * The same for every session of a role: the session issuer's ARN, else the identity's, else whatever else
   * identifies it. As the record has it, not cleaned.
   */
  readonly key: string;
  /** Two or three words that can stand in a sentence: `role app-server`. */
  readonly name: string;
  /** The name alone, for the subject: `app-server`. */
  readonly shortName: string;
  /** One plain line: `role app-server, session i-0abc, account 111122223333`. */
  readonly description: string;
  readonly accountId?: string;
}

interface Naming {
  readonly kind: string;
  readonly name?: string;
  readonly details?: readonly string[];
}

/**
 * Names the identity of a record. AWS promises no field but `type`, and some services leave out even that.
 * Source: https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-user-identity.html
 */
export function identifyCaller(identity: UserIdentity = {} as UserIdentity): Caller {
  const { kind, name, details = [] } = nameOf(identity);
  const accountId = identity.accountId ?? accountOfArn(identity.arn) ?? issuer(identity)?.accountId;
  const title = name ? `${kind} ${identifier(name, 128)}` : kind;
  const account = accountId ? [`account ${accountId}`] : [];
  return {
    key: callerKey(identity, accountId),
    name: title,
    shortName: name ? identifier(name, 128) : kind,
    description: [title, ...details, ...account].map((part) => oneLine(part)).join(', '),
    accountId,
  };
}

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
      return {
        kind: 'another AWS account',
        details: principalId ? [`principal ${principalId}`] : [],
      };
    case 'AWSService':
      return { kind: 'AWS service', name: invokedBy };
    default:
      return unknown(identity);
  }
}

/** An assumed role has no `userName`; the role is its session's issuer, the session the end of its ARN. */
function assumedRole(identity: UserIdentity): Naming {
  const [role, session] = assumedRoleOfArn(identity.arn);
  const sessionName = session ?? /:(.+)$/s.exec(identity.principalId ?? '')?.[1];
  const issued = issuer(identity);
  return {
    kind: 'role',
    name: issued?.userName ?? lastOfArn(issued?.arn) ?? role ?? lastOfArn(identity.arn),
    details: sessionName ? [`session ${sessionName}`] : [],
  };
}

function unknown({ type, arn, userName, principalId, invokedBy }: UserIdentity): Naming {
  const known = userName ?? lastOfArn(arn) ?? principalId;
  if (!known && invokedBy) return { kind: 'AWS service', name: invokedBy };
  return {
    kind: 'unknown identity',
    name: known,
    details: [type ? `of type ${oneLine(type, 64)}` : 'of a type that the record does not name'],
  };
}

function callerKey(identity: UserIdentity, accountId?: string): string {
  const [role] = assumedRoleOfArn(identity.arn);
  // Not `??`: an empty text names nobody.
  return (
    issuer(identity)?.arn ||
    // An STS ARN ends in the session's name, which must not make each session another caller.
    (role ? identity.arn?.replace(/\/[^/]*$/, '') : identity.arn) ||
    identity.onBehalfOf?.userId ||
    identity.userName ||
    accountId ||
    identity.invokedBy ||
    identity.principalId ||
    'unknown'
  );
}

function issuer(identity: UserIdentity) {
  return identity.sessionContext?.sessionIssuer;
}

/** `arn:aws:sts::111122223333:assumed-role/app-server/i-0abc` → `['app-server', 'i-0abc']`. */
function assumedRoleOfArn(arn = ''): [role?: string, session?: string] {
  const match = /:assumed-role\/(?:.+\/)?([^/]+)\/([^/]+)$/s.exec(arn);
  return match ? [match[1], match[2]] : [];
}

function lastOfArn(arn: string | undefined): string | undefined {
  return arn?.split(/[/:]/).at(-1) || undefined;
}

function accountOfArn(arn: string | undefined): string | undefined {
  return arn?.split(':')[4] || undefined;
}
