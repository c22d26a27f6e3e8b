import type { DeleteSecretRequest, RestoreSecretRequest } from '@aws-sdk/client-secrets-manager';
import { invalidParameter } from './errors.ts';
import { find, findUsable, lookUp, type Operation, seconds } from './store.ts';

const DAY_MS = 24 * 60 * 60 * 1000;

/** Source: https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_DeleteSecret.html */
export const deleteSecret: Operation<DeleteSecretRequest> = (request, service) => {
  const { RecoveryWindowInDays: days, ForceDeleteWithoutRecovery: forced } = request;
  if (forced && days !== undefined) {
    throw invalidParameter(
      "You can't use ForceDeleteWithoutRecovery in conjunction with RecoveryWindowInDays.",
    );
  }
  if (days !== undefined && (days < 7 || days > 30)) {
    throw invalidParameter(
      'The RecoveryWindowInDays value must be between 7 and 30 days (inclusive).',
    );
  }
  return forced ? deleteNow(request, service) : scheduleDeletion(request, service);
};

const scheduleDeletion: Operation<DeleteSecretRequest> = (request, { store, now }) => {
  const secret = findUsable(store, request.SecretId);
  const scheduled = new Date(now.getTime() + (request.RecoveryWindowInDays ?? 30) * DAY_MS);
  secret.deleted = now;
  return { ARN: secret.arn, Name: secret.name, DeletionDate: seconds(scheduled) };
};

/** AWS takes a moment for it, here it is done at once. A secret that is not there is no error. */
const deleteNow: Operation<DeleteSecretRequest> = ({ SecretId }, { store, now }) => {
  const secret = lookUp(store, SecretId);
  if (secret) store.delete(secret.name);
  return { ARN: secret?.arn, Name: secret?.name ?? SecretId, DeletionDate: seconds(now) };
};

/** What AWS answers if the secret is not marked for deletion is not documented, and its emulators differ. */
export const restoreSecret: Operation<RestoreSecretRequest> = ({ SecretId }, { store }) => {
  const secret = find(store, SecretId);
  secret.deleted = undefined;
  return { ARN: secret.arn, Name: secret.name };
};
