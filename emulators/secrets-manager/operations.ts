import { randomUUID } from 'node:crypto';
import type {
  CreateSecretRequest,
  DescribeSecretRequest,
  GetSecretValueRequest,
  ListSecretsRequest,
  TagResourceRequest,
} from '@aws-sdk/client-secrets-manager';
import type { JsonObject, Outcome } from '../cloudtrail.ts';
import { outcomeOf, ServiceError } from '../service/error.ts';
import { deleteSecret, restoreSecret } from './deletion.ts';
import { invalidRequest, notFound } from './errors.ts';
import {
  find,
  findUsable,
  type Operation,
  type Secret,
  type Service,
  seconds,
  type Tag,
} from './store.ts';

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

const operations: Readonly<Record<string, Operation<never>>> = {
  CreateSecret: createSecret,
  DeleteSecret: deleteSecret,
  DescribeSecret: describeSecret,
  GetSecretValue: getSecretValue,
  ListSecrets: listSecrets,
  RestoreSecret: restoreSecret,
  TagResource: tagResource,
};
