import { randomInt, randomUUID } from 'node:crypto';
import type {
  CreateSecretRequest,
  DeleteSecretRequest,
  DescribeSecretRequest,
  GetSecretValueRequest,
  ListSecretsRequest,
  RestoreSecretRequest,
  TagResourceRequest,
} from '@aws-sdk/client-secrets-manager';
import type { Place } from '../lib/aws/spokes.ts';
import { DAY_MS } from '../lib/time.ts';
import { authorize, type Callers, placeOf } from './access.ts';
import {
  type CloudTrailRecord,
  cloudTrailRecord,
  type JsonObject,
  type Outcome,
} from './cloudtrail.ts';
import { type Call, ServiceError, type StandIn, serve } from './service.ts';

export interface SecretsManagerOptions {
  readonly now: () => Date;
  readonly callers: Callers;
  /** Receives the record that CloudTrail would write of a call. */
  readonly onRecord?: (record: CloudTrailRecord) => void;
  /** The six characters at the end of a new secret's ARN. Default random. */
  readonly suffix?: () => string;
}

/**
 * Starts a fake of AWS Secrets Manager, in memory, with AWS's error codes and texts. A call goes to the secrets of its
 * caller's account in the Region of its signature.
 */
export function startSecretsManager(options: SecretsManagerOptions): Promise<StandIn> {
  const { now, callers, onRecord, suffix = randomSuffix } = options;
  const stores = new Map<string, Store>();

  function storeAt({ accountId, region }: Place): Store {
    const prefix = `arn:aws:secretsmanager:${region}:${accountId}:secret:`;
    const store: Store = stores.get(prefix) ?? {
      region,
      storeIn: (other) => storeAt({ accountId, region: other }),
      secrets: new Map(),
      newArn: (name) => `${prefix}${name}-${suffix()}`,
    };
    stores.set(prefix, store);
    return store;
  }

  function execute(call: Call): JsonObject {
    const caller = authorize(call, 'secretsmanager', callers, now());
    const perform = operations[call.operation];
    if (!perform) throw new ServiceError('UnknownOperationException', call.operation);
    return perform(call.request as never, { ...storeAt(placeOf(caller, call)), now: now() });
  }

  /** @returns the request id, which is in the record too. */
  function record(call: Call, outcome: Outcome): string {
    const { operation: eventName, accessKeyId } = call;
    const caller = callers[accessKeyId];
    if (!caller) return randomUUID();
    const record = cloudTrailRecord({
      place: placeOf(caller, call),
      caller,
      accessKeyId,
      time: now(),
      userAgent: caller.userAgent ?? call.userAgent,
      eventName,
      request: call.request,
      outcome,
    });
    onRecord?.(record);
    return record.requestID;
  }

  return serve(execute, record);
}

function randomSuffix(): string {
  const characters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';
  return Array.from({ length: 6 }, () => characters[randomInt(characters.length)]).join('');
}

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
  /** When the deletion was requested; set while the secret is marked for deletion. */
  deleted?: Date;
  /** Where the primary is, of a secret that is replicated. */
  readonly primaryRegion?: string;
  /** Of the primary. */
  readonly replicas?: readonly string[];
}

type Secrets = Map<string, Secret>;

/** One account in one Region. */
interface Store {
  readonly region: string;
  /** The same account in another Region. */
  readonly storeIn: (region: string) => Store;
  /** By name. */
  readonly secrets: Secrets;
  /** A new ARN for this name, with six random characters at its end. */
  readonly newArn: (name: string) => string;
}

/** The arguments of an operation. */
interface Service extends Store {
  readonly now: Date;
}

/** Answers a request or throws a ServiceError. Dates in the answer are seconds since 1970. */
type Operation<Request> = (request: Request, service: Service) => JsonObject;

const createSecret: Operation<CreateSecretRequest> = (request, service) => {
  const { secrets, now, newArn, region, storeIn } = service;
  const { Name: name = '', ClientRequestToken: versionId = randomUUID() } = request;
  refuseTaken(name, secrets.get(name));
  const replicas = (request.AddReplicaRegions ?? []).flatMap(({ Region }) => Region ?? []);
  const secret = {
    arn: newArn(name),
    name,
    value: request.SecretString ?? '',
    versionId,
    description: request.Description,
    created: now,
    tags: (request.Tags ?? []) as Tag[],
    ...(replicas.length > 0 && { primaryRegion: region }),
  };
  secrets.set(name, { ...secret, ...(replicas.length > 0 && { replicas }) });
  for (const replica of replicas) {
    // All of its ARN but the Region is the primary's.
    const arn = secret.arn.replace(`:${region}:`, `:${replica}:`);
    storeIn(replica).secrets.set(name, { ...secret, arn });
  }
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

const describeSecret: Operation<DescribeSecretRequest> = ({ SecretId }, { secrets }) => {
  const secret = find(secrets, SecretId);
  const VersionIdsToStages = { [secret.versionId]: ['AWSCURRENT'] };
  const ReplicationStatus = secret.replicas?.map((Region) => ({ Region, Status: 'InSync' }));
  return { ...description(secret), VersionIdsToStages, ReplicationStatus };
};

const getSecretValue: Operation<GetSecretValueRequest> = (request, { secrets, now }) => {
  const secret = findUsable(secrets, request.SecretId);
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

const listSecrets: Operation<ListSecretsRequest> = ({ IncludePlannedDeletion }, { secrets }) => {
  const all = [...secrets.values()];
  const listed = all.filter((secret) => IncludePlannedDeletion || !secret.deleted);
  return { SecretList: listed.map(description) };
};

const tagResource: Operation<TagResourceRequest> = ({ SecretId, Tags = [] }, { secrets }) => {
  const secret = findUsable(secrets, SecretId);
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
    PrimaryRegion: secret.primaryRegion,
  };
}

/**
 * AWS returns only the day of the last access, in UTC.
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
  const secret = lookUp(service.secrets, request.SecretId);
  if (secret) refuseReplicated(secret, service.region);
  return forced ? deleteNow(request, service) : scheduleDeletion(request, service);
};

const scheduleDeletion: Operation<DeleteSecretRequest> = (request, { secrets, now }) => {
  const secret = findUsable(secrets, request.SecretId);
  const scheduled = new Date(now.getTime() + (request.RecoveryWindowInDays ?? 30) * DAY_MS);
  secret.deleted = now;
  return { ARN: secret.arn, Name: secret.name, DeletionDate: seconds(scheduled) };
};

/**
 * Neither a replica nor a secret that has some can be deleted, with a window or without.
 * Source: https://github.com/gruntwork-io/cloud-nuke/issues/435
 */
function refuseReplicated({ arn, primaryRegion, replicas = [] }: Secret, region: string): void {
  if (replicas.length > 0) {
    throw invalidParameter(
      `You can't delete secret ${arn} that still has replica regions [${replicas.join(', ')}].`,
    );
  }
  if (primaryRegion !== undefined && primaryRegion !== region) {
    throw invalidParameter(
      "Operation not permitted on a replica secret. Call must be made in primary secret's region.",
    );
  }
}

/** AWS takes a moment, this does it at once. A secret that does not exist is no error. */
const deleteNow: Operation<DeleteSecretRequest> = ({ SecretId }, { secrets, now }) => {
  const secret = lookUp(secrets, SecretId);
  if (secret) secrets.delete(secret.name);
  return { ARN: secret?.arn, Name: secret?.name ?? SecretId, DeletionDate: seconds(now) };
};

/** AWS does not document its answer for a secret that is not marked for deletion, and emulators differ. */
const restoreSecret: Operation<RestoreSecretRequest> = ({ SecretId }, { secrets }) => {
  const secret = find(secrets, SecretId);
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
 * Finds a secret by name, ARN, or ARN without the hyphen and the six random characters. An ARN that ends in a hyphen
 * and six characters is treated as complete, so a secret whose own name ends like that is not found by a partial ARN.
 * Source: https://docs.aws.amazon.com/secretsmanager/latest/userguide/troubleshoot.html#ARN_secretnamehyphen
 */
function lookUp(secrets: Secrets, secretId = ''): Secret | undefined {
  const byName = secrets.get(secretId);
  if (byName) return byName;
  const complete = COMPLETE_ARN.test(secretId);
  return [...secrets.values()].find(({ arn }) => (complete ? arn : arn.slice(0, -7)) === secretId);
}

/**
 * As {@link lookUp}.
 * @throws ServiceError ResourceNotFoundException
 */
function find(secrets: Secrets, secretId?: string): Secret {
  const secret = lookUp(secrets, secretId);
  if (secret) return secret;
  throw notFound("Secrets Manager can't find the specified secret.");
}

/**
 * As {@link find}, for the many operations that refuse a secret marked for deletion.
 * @throws ServiceError ResourceNotFoundException, InvalidRequestException
 */
function findUsable(secrets: Secrets, secretId?: string): Secret {
  const secret = find(secrets, secretId);
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
