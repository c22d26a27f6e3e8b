import {
  type CloudTrailRecord,
  cloudTrailRecord,
  type EventBridgeEvent,
  eventBridgeEvent,
  type JsonObject,
  type Outcome,
  type RoleSession,
} from '../../emulators/cloudtrail.ts';

type Overrides = Readonly<Record<string, unknown>>;

export const APP_SERVER: RoleSession = {
  account: '111122223333',
  role: 'app-server',
  session: 'i-0abc1234def567890',
  sourceIPAddress: '203.0.113.24',
};

export const MARKED_FOR_DELETION =
  "You can't perform this operation on the secret because it was marked for deletion.";

/** The answer to a read of a secret that is gone, or never was. */
export const NOT_FOUND = "Secrets Manager can't find the specified secret.";

/**
 * The record of an attempt. It is constructed: no public record of a GetSecretValue that failed like this is
 * known. Its shape is that of the real record of a successful call, its error that of the API's answer.
 */
export function failedGetSecretValue(overrides: Overrides = {}): CloudTrailRecord {
  const error = { code: 'InvalidRequestException', message: MARKED_FOR_DELETION };
  return record('GetSecretValue', { SecretId: 'prod/db-password' }, { error }, overrides);
}

/** The record of a read of a secret that AWS does not find; constructed, as that of an attempt is. */
export function notFoundGetSecretValue(overrides: Overrides = {}): CloudTrailRecord {
  const error = { code: 'ResourceNotFoundException', message: NOT_FOUND };
  return record('GetSecretValue', { SecretId: 'prod/db-password' }, { error }, overrides);
}

/** The record of an ordinary read. */
export function getSecretValue(overrides: Overrides = {}): CloudTrailRecord {
  const response = { Name: 'prod/db-password', SecretString: 'hunter2' };
  return record('GetSecretValue', { SecretId: 'prod/db-password' }, { response }, overrides);
}

/** The record of a deletion that is scheduled for a week later. */
export function deleteSecret(overrides: Overrides = {}): CloudTrailRecord {
  const request = { SecretId: 'prod/db-password', RecoveryWindowInDays: 7 };
  const response = {
    ARN: 'arn:aws:secretsmanager:eu-west-1:111122223333:secret:prod/db-password-AbCdEf',
    Name: 'prod/db-password',
    DeletionDate: Date.parse('2026-11-29T14:03:00Z') / 1000,
  };
  return record('DeleteSecret', request, { response }, overrides);
}

/**
 * The record of the removal of replicas, constructed by what CloudTrail makes of other calls:
 * https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_RemoveRegionsFromReplication.html
 */
export function removeReplicas(regions: string[], overrides: Overrides = {}): CloudTrailRecord {
  const request = { SecretId: 'prod/db-password', RemoveReplicaRegions: regions };
  const response = {
    ARN: 'arn:aws:secretsmanager:eu-west-1:111122223333:secret:prod/db-password-AbCdEf',
    ReplicationStatus: [],
  };
  return record('RemoveRegionsFromReplication', request, { response }, overrides);
}

/** The record of a cancelled deletion. */
export function restoreSecret(overrides: Overrides = {}): CloudTrailRecord {
  const response = {
    ARN: 'arn:aws:secretsmanager:eu-west-1:111122223333:secret:prod/db-password-AbCdEf',
    Name: 'prod/db-password',
  };
  return record('RestoreSecret', { SecretId: 'prod/db-password' }, { response }, overrides);
}

export const NAME_TAKEN =
  "You can't create this secret because a secret with this name is already scheduled for deletion.";

/**
 * The record of a creation that the deleted secret of that name stands in the way of. It is constructed, as that of an attempt is:
 * that CloudTrail writes AWS's message into it is inferred.
 */
export function failedCreateSecret(overrides: Overrides = {}): CloudTrailRecord {
  const request = { Name: 'prod/db-password', ClientRequestToken: 'terraform-20261122140300' };
  const error = { code: 'InvalidRequestException', message: NAME_TAKEN };
  return record('CreateSecret', request, { error }, overrides);
}

/** The event that EventBridge makes of a record. */
export function asEvent(detail: CloudTrailRecord, overrides: Overrides = {}): EventBridgeEvent {
  const event = eventBridgeEvent(detail);
  return { ...event, id: '7bf73129-1428-4cd3-a780-95db273d1602', ...overrides };
}

function record(
  eventName: string,
  request: JsonObject,
  outcome: Outcome,
  overrides: Overrides,
): CloudTrailRecord {
  const built = cloudTrailRecord({
    eventName,
    time: new Date('2026-11-22T14:03:00Z'),
    caller: APP_SERVER,
    accessKeyId: 'ASIAIOSFODNN7EXAMPLE',
    userAgent: 'aws-sdk-js/3.1163.0 os/linux lang/js md/nodejs#24.21.0 api/secrets-manager',
    request,
    outcome,
  });
  return {
    ...built,
    requestID: '5f0a1f63-3a8e-4b9c-8e57-7d2f4c1b9a10',
    eventID: '0a6b1b57-9c0e-4f0d-9a35-2f1f6f0c7e21',
    ...overrides,
  };
}
