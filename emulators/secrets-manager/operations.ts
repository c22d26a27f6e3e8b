import { randomUUID } from 'node:crypto';
import type {
  CreateSecretRequest,
  DeleteSecretRequest,
  DescribeSecretRequest,
  GetSecretValueRequest,
  ListSecretsRequest,
  RestoreSecretRequest,
  TagResourceRequest,
} from '@aws-sdk/client-secrets-manager';
import type { JsonObject, Outcome } from '../cloudtrail.ts';
import { outcomeOf, ServiceError } from '../service.ts';

const DAY_MS = 24 * 60 * 60 * 1000;

interface Tag {
  readonly Key: string;
  readonly Value: string;
}

interface Secret {
  readonly arn: string;
  readonly name: string;
  readonly value: string;
  readonly versionId: string;
  readonly description?: string;
  readonly created: Date;
  tags: readonly Tag[];
  /** When the value was last read; absent if never. */
  lastAccessed?: Date;
  /** When the deletion was requested; set as long as the secret is marked for it. */
  deleted?: Date;
}

/** The secrets of one account in one Region, by name. */
export type Store = Map<string, Secret>;

/** What an operation works with. */
export interface Service {
  readonly store: Store;
  readonly now: Date;
  /** The ARN of a secret of this name, with six random characters at its end. */
  readonly newArn: (name: string) => string;
}

/** Answers a request or throws a ServiceError. Dates in the answer are seconds since 1970. */
type Operation<Request> = (request: Request, service: Service) => JsonObject;

/** Performs an operation as AWS would, with its error codes and texts. */
export function perform(operation: string, request: JsonObject, service: Service): Outcome {
  const execute = operations[operation];
  if (!execute) return { error: { code: 'UnknownOperationException', message: operation } };
  return outcomeOf(() => execute(request as never, service));
}

const createSecret: Operation<CreateSecretRequest> = (request, { store, now, newArn }) => {
  const { Name: name = '', ClientRequestToken: versionId = randomUUID() } = request;
  refuseTaken(name, store.get(name));
  const secret = {
    arn: newArn(name),
    name,
    value: request.SecretString ?? '',
    versionId,
    description: request.Description,
    created: now,
    tags: (request.Tags ?? []) as Tag[],
  };
  store.set(name, secret);
  return { ARN: secret.arn, Name: name, VersionId: versionId };
};

function refuseTaken(name: string, taken?: Secret): void {
  if (taken?.deleted) {
    throw invalidRequest(
      "You can't create this secret because a secret with this name is already scheduled for deletion.",
    );
  }
  if (taken) {
    throw new ServiceError(
      'ResourceExistsException',
      `The operation failed because the secret ${name} already exists.`,
    );
  }
}

const describeSecret: Operation<DescribeSecretRequest> = ({ SecretId }, { store }) => {
  const secret = find(store, SecretId);
  const VersionIdsToStages = { [secret.versionId]: ['AWSCURRENT'] };
  return { ...description(secret), VersionIdsToStages };
};

const getSecretValue: Operation<GetSecretValueRequest> = (request, { store, now }) => {
  const secret = findUsable(store, request.SecretId);
  refuseOtherVersion(secret, request);
  secret.lastAccessed = now;
  return {
    ARN: secret.arn,
    Name: secret.name,
    VersionId: secret.versionId,
    SecretString: secret.value,
    VersionStages: ['AWSCURRENT'],
    CreatedDate: seconds(secret.created),
  };
};

/** A secret here has one version only, the current one. */
function refuseOtherVersion(secret: Secret, request: GetSecretValueRequest): void {
  const { VersionId: id, VersionStage: stage = 'AWSCURRENT' } = request;
  const noValue = "Secrets Manager can't find the specified secret value for";
  if (id !== undefined && id !== secret.versionId) throw notFound(`${noValue} VersionId: ${id}`);
  if (stage === 'AWSCURRENT') return;
  if (id === undefined) throw notFound(`${noValue} staging label: ${stage}`);
  throw invalidRequest(
    'You provided a VersionStage that is not associated to the provided VersionId.',
  );
}

const listSecrets: Operation<ListSecretsRequest> = ({ IncludePlannedDeletion }, { store }) => {
  const all = [...store.values()];
  const listed = all.filter((secret) => IncludePlannedDeletion || !secret.deleted);
  return { SecretList: listed.map(description) };
};

const tagResource: Operation<TagResourceRequest> = ({ SecretId, Tags = [] }, { store }) => {
  const secret = findUsable(store, SecretId);
  const kept = secret.tags.filter(({ Key }) => !Tags.some((tag) => tag.Key === Key));
  secret.tags = [...kept, ...(Tags as Tag[])];
  return {};
};

function description(secret: Secret): JsonObject {
  return {
    ARN: secret.arn,
    Name: secret.name,
    Description: secret.description,
    Tags: secret.tags.length > 0 ? secret.tags : undefined,
    CreatedDate: seconds(secret.created),
    LastAccessedDate: secret.lastAccessed && seconds(startOfDay(secret.lastAccessed)),
    // The time of the request: docs/decisions/0005-deletion-date.md.
    DeletedDate: secret.deleted && seconds(secret.deleted),
  };
}

/**
 * AWS tells of the last access only the day, in UTC.
 * Source: https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_SecretVersionsListEntry.html
 */
function startOfDay(date: Date): Date {
  return new Date(date.toISOString().slice(0, 10));
}

/** Source: https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_DeleteSecret.html */
const deleteSecret: Operation<DeleteSecretRequest> = (request, service) => {
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
const restoreSecret: Operation<RestoreSecretRequest> = ({ SecretId }, { store }) => {
  const secret = find(store, SecretId);
  secret.deleted = undefined;
  return { ARN: secret.arn, Name: secret.name };
};

const operations: Readonly<Record<string, Operation<never>>> = {
  CreateSecret: createSecret,
  DeleteSecret: deleteSecret,
  DescribeSecret: describeSecret,
  GetSecretValue: getSecretValue,
  ListSecrets: listSecrets,
  RestoreSecret: restoreSecret,
  TagResource: tagResource,
};

const COMPLETE_ARN = /-[A-Za-z0-9]{6}$/;

/**
 * Finds a secret by its name, its ARN, or its ARN without the hyphen and the six random characters. An ARN
 * that ends in a hyphen and six characters is taken for a complete one, so a secret whose own name ends so
 * is not found by a partial ARN.
 * Source: https://docs.aws.amazon.com/secretsmanager/latest/userguide/troubleshoot.html#ARN_secretnamehyphen
 */
function lookUp(store: Store, secretId = ''): Secret | undefined {
  const byName = store.get(secretId);
  if (byName) return byName;
  const complete = COMPLETE_ARN.test(secretId);
  return [...store.values()].find(({ arn }) => (complete ? arn : arn.slice(0, -7)) === secretId);
}

/**
 * As {@link lookUp}.
 * @throws ServiceError ResourceNotFoundException
 */
function find(store: Store, secretId?: string): Secret {
  const secret = lookUp(store, secretId);
  if (secret) return secret;
  throw notFound("Secrets Manager can't find the specified secret.");
}

/**
 * As {@link find}, for the many operations that refuse a secret marked for deletion.
 * @throws ServiceError ResourceNotFoundException, InvalidRequestException
 */
function findUsable(store: Store, secretId?: string): Secret {
  const secret = find(store, secretId);
  if (!secret.deleted) return secret;
  throw invalidRequest(
    "You can't perform this operation on the secret because it was marked for deletion.",
  );
}

function seconds(date: Date): number {
  return date.getTime() / 1000;
}

function notFound(message: string): ServiceError {
  return new ServiceError('ResourceNotFoundException', message);
}

function invalidRequest(message: string): ServiceError {
  return new ServiceError('InvalidRequestException', message);
}

function invalidParameter(message: string): ServiceError {
  return new ServiceError('InvalidParameterException', message);
}
