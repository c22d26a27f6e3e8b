import type { Place } from '../lib/aws/spokes.ts';
import type { RoleSession } from './cloudtrail.ts';
import { TIME_HEADER } from './faults.ts';
import { type Call, ServiceError } from './service.ts';

/** The callers, by the access key that signs a request. */
export type Callers = Readonly<Record<string, RoleSession>>;

/** Where a call goes: to its caller's account, in the Region of its signature. */
export function placeOf({ account: accountId }: RoleSession, { region }: Call): Place {
  return { accountId, region };
}

/** When a call was made: at its simulated time if it has one. */
export function timeOf({ headers }: Call, now: Date): Date {
  const time = headers[TIME_HEADER];
  return time === undefined ? now : new Date(Number(time));
}

/**
 * Finds who makes a call.
 * @throws ServiceError as AWS answers somebody unknown, or with expired credentials
 */
export function callerOf(call: Call, callers: Callers, now: Date): RoleSession {
  const caller = callers[call.accessKeyId];
  if (!caller) {
    const message = 'The security token included in the request is invalid.';
    throw new ServiceError('UnrecognizedClientException', message);
  }
  const { expires } = caller;
  if (expires && expires <= timeOf(call, now)) {
    const message = 'The security token included in the request is expired';
    throw new ServiceError('ExpiredTokenException', message);
  }
  return caller;
}

/**
 * As {@link callerOf}, for a call to a service, such as `secretsmanager`.
 * @throws ServiceError as AWS answers who lacks the permission too
 */
export function authorize(call: Call, service: string, callers: Callers, now: Date): RoleSession {
  const caller = callerOf(call, callers, now);
  const { operation, region } = call;
  const { permissions } = caller;
  const isAllowed = permissions?.region === region && permissions.operations.includes(operation);
  if (permissions && !isAllowed) {
    const action = `${service}:${operation}`;
    const message = `User: ${sessionArn(caller)} is not authorized to perform: ${action} because no identity-based policy allows the ${action} action`;
    throw new ServiceError('AccessDeniedException', message);
  }
  return caller;
}

/** The ARN of a session of a role, which names the role without its path. */
export function sessionArn({ account, role, session }: RoleSession): string {
  return `arn:aws:sts::${account}:assumed-role/${role}/${session}`;
}
