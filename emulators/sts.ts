import { randomUUID } from 'node:crypto';
import type { AssumeRoleRequest } from '@aws-sdk/client-sts';
import { callerOf, sessionArn, timeOf } from './access.ts';
import type { JsonObject, Permissions, RoleSession } from './cloudtrail.ts';
import { FAULT_HEADER, PROCESS_HEADER } from './faults.ts';
import { AWS_QUERY, type Call, ServiceError, type StandIn, serve } from './service.ts';

/** A call of AssumeRole. */
export interface Assumption {
  readonly roleArn: string;
  readonly session: string;
  readonly time: Date;
  readonly isRefused: boolean;
  /** The simulated function's environment that has called. */
  readonly process?: string;
  /** The answer got lost. */
  readonly isLost: boolean;
}

export interface Sts extends StandIn {
  /** All so far, those refused included, the oldest first. */
  readonly assumptions: readonly Assumption[];
}

/** What each role that may be assumed may do, by its ARN. */
export type Roles = ReadonlyMap<string, Permissions>;

/**
 * Starts a fake of AWS STS: AssumeRole, by anybody, of these roles and no others, and GetCallerIdentity.
 * Sources: https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html, API_GetCallerIdentity.html
 * @param callers gets each session of a role, by its new access key
 * @param roles may change
 */
export async function startSts(
  now: () => Date,
  callers: Record<string, RoleSession>,
  roles: Roles,
): Promise<Sts> {
  const assumptions: Assumption[] = [];

  function assumeRole(call: Call, caller: RoleSession): JsonObject {
    const { RoleArn: roleArn = '', RoleSessionName: session = '' } =
      call.request as Partial<AssumeRoleRequest>;
    const time = timeOf(call, now());
    const permissions = roles.get(roleArn);
    const process = call.headers[PROCESS_HEADER]?.toString();
    const isLost = FAULT_HEADER in call.headers;
    assumptions.push({ roleArn, session, time, isRefused: !permissions, process, isLost });
    const [, account = '', role = ''] =
      /^arn:aws:iam::(\d{12}):role\/(?:.*\/)?(.+)$/.exec(roleArn) ?? [];
    if (!permissions) {
      const message = `User: ${sessionArn(caller)} is not authorized to perform: sts:AssumeRole on resource: ${roleArn}`;
      throw new ServiceError('AccessDenied', message);
    }
    const { DurationSeconds = 3600 } = call.request;
    const expires = new Date(time.getTime() + Number(DurationSeconds) * 1000);
    const AccessKeyId = `ASIA${randomUUID().replaceAll('-', '').slice(0, 16).toUpperCase()}`;
    const { sourceIPAddress } = caller;
    const assumed = { account, role, session, sourceIPAddress, permissions, expires };
    callers[AccessKeyId] = assumed;
    return {
      Credentials: {
        AccessKeyId,
        SecretAccessKey: 'local',
        SessionToken: 'local',
        Expiration: expires.toISOString(),
      },
      AssumedRoleUser: {
        AssumedRoleId: `AROAEXAMPLEROLEID1234:${session}`,
        Arn: sessionArn(assumed),
      },
    };
  }

  function execute(call: Call): JsonObject {
    const caller = callerOf(call, callers, now());
    if (call.operation === 'AssumeRole') return assumeRole(call, caller);
    if (call.operation === 'GetCallerIdentity') {
      const { account: Account, session } = caller;
      return { Account, UserId: `AROAEXAMPLEROLEID1234:${session}`, Arn: sessionArn(caller) };
    }
    throw new ServiceError('InvalidAction', `Could not find operation ${call.operation}`);
  }

  return { ...(await serve(execute, undefined, AWS_QUERY)), assumptions };
}
