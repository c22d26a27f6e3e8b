import { ACCOUNT, REGION } from '../emulators/client.ts';
import {
  cloudTrailRecord,
  type EventBridgeEvent,
  eventBridgeEvent,
  type RoleSession,
} from '../emulators/cloudtrail.ts';

export const ADMIN: RoleSession = {
  account: ACCOUNT,
  role: 'platform-admin',
  session: 'ada',
  sourceIPAddress: '198.51.100.7',
};

export const NOTIFIER: RoleSession = { ...ADMIN, role: 'notifier', session: 'notifier' };

/** What the ARN of each secret ends in. */
export const SUFFIX = 'AbCdEf';

export const secretName = (secret: number) => `storm/s${String(secret).padStart(4, '0')}`;
export const roleName = (caller: number) => `caller-${String(caller).padStart(4, '0')}`;

const MARKED_FOR_DELETION =
  "You can't perform this operation on the secret because it was marked for deletion.";

export interface AttemptFacts {
  readonly attempt: number;
  readonly secret: number;
  readonly caller: number;
  readonly time: Date;
}

/** The event of an attempt: the same in each delivery, with a user agent that tells its number. */
export function attemptEvent({ attempt, secret, caller, time }: AttemptFacts): EventBridgeEvent {
  const record = cloudTrailRecord({
    eventName: 'GetSecretValue',
    time,
    region: REGION,
    account: ACCOUNT,
    caller: {
      account: ACCOUNT,
      role: roleName(caller),
      session: `task-${attempt}`,
      sourceIPAddress: `10.0.${caller % 256}.${attempt % 256}`,
    },
    accessKeyId: 'ASIAEXAMPLE',
    userAgent: `attempt/${attempt}`,
    request: { SecretId: formOf(secret, attempt) },
    outcome: { error: { code: 'InvalidRequestException', message: MARKED_FOR_DELETION } },
  });
  const eventID = `00000000-0000-4000-8000-${String(attempt).padStart(12, '0')}` as const;
  return eventBridgeEvent({ ...record, eventID });
}

/** Callers name a secret by its name, its ARN, or its ARN without the suffix. */
function formOf(secret: number, attempt: number): string {
  const name = secretName(secret);
  const partial = `arn:aws:secretsmanager:${REGION}:${ACCOUNT}:secret:${name}`;
  return [name, partial, `${partial}-${SUFFIX}`][attempt % 3] ?? name;
}
